import { add, eye, mul } from "@ansatz/tensor";
import { expect, test } from "vitest";
import { populationCovariance, speciationTimes } from "./speciation";

test("9.3.2-spectral-diagnostic: the 9-grid has two equal eigenvalues 24 + σ²", () => {
  const centres = [-6, 0, 6].flatMap((x) => [-6, 0, 6].map((y) => [x, y]));
  for (const [sigma, time] of [
    [0.5, 0.56107],
    [1.5, 0.56807],
  ]) {
    const { eigenvalues, times } = speciationTimes(add(populationCovariance(centres), mul(sigma ** 2, eye(2))));
    expect(eigenvalues).toHaveLength(2);
    for (const l of eigenvalues) expect(Math.abs(l - (24 + sigma ** 2))).toBeLessThan(1e-12);
    // the clock of the schedule β = 0.1 + 19.9 t, ∫β = 0.1 t + 9.95 t²
    for (const b of times) expect((-0.1 + Math.sqrt(0.01 + 4 * 9.95 * b)) / (2 * 9.95)).toBeCloseTo(time, 5);
  }
  // directions below 1 never speciate
  const { eigenvalues, directions } = speciationTimes([
    [0.5, 0],
    [0, 3],
  ]);
  expect(eigenvalues.map((l) => l.toFixed(12))).toEqual(["3.000000000000"]);
  expect((directions.toArray() as number[][])[0].map(Math.abs)).toEqual([0, 1]);
});
