import { det } from "@ansatz/linalg";
import { expect, test } from "vitest";
import { ellipticMap, ellipticOrbit, ellipticPoint, largestGap } from "./elliptic-orbit";

test("the map and its first points are those of the text", () => {
  const m = ellipticMap().toArray() as number[][];
  expect(m[0][1]).toBeCloseTo(-1.682941969615793, 15);
  expect(m[1][0]).toBeCloseTo(0.42073549240394825, 15);
  expect(m[0][0] + m[1][1]).toBeCloseTo(1.0806046117362795, 15);
  expect(det(m).item()).toBeCloseTo(1, 14);
  const orbit = ellipticOrbit(2).toArray() as number[][];
  expect(orbit[1][0]).toBeCloseTo(1.080604611736, 12);
  expect(orbit[1][1]).toBeCloseTo(0.841470984808, 12);
  expect(orbit[2][0]).toBeCloseTo(-0.832293673094, 12);
  expect(orbit[2][1]).toBeCloseTo(0.909297426826, 12);
  expect(() => ellipticMap({ a: 0 })).toThrow(/positive/);
});
test("ten thousand products stay on the ellipse", () => {
  const [x, y] = ellipticPoint(10_000).toArray() as number[];
  expect(Math.abs((x / 2) ** 2 + y ** 2 - 1)).toBeLessThan(5e-12);
});
test("the golden rotation fills the ellipse as 1/N", () => {
  const golden = Math.PI * (Math.sqrt(5) - 1);
  for (const [n, gap] of [
    [10, 0.9167],
    [100, 0.08266],
    [1000, 0.007453],
    [10000, 0.0010874],
  ])
    expect(Math.abs(largestGap(n, golden) / gap - 1)).toBeLessThan(1e-3);
  // a rational turn visits q points
  const seventh = ellipticOrbit(14, { theta: (2 * Math.PI * 3) / 7 }).toArray() as number[][];
  for (let t = 0; t < 7; t++) expect(Math.abs(seventh[t][0] - seventh[t + 7][0])).toBeLessThan(1e-13);
});
