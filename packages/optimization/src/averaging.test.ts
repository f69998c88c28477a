import { tensor } from "@ansatz/tensor";
import { expect, test } from "vitest";
import { movingAverage } from "./averaging";

test("the average is the weighted mean with weights (1 − β) βᵗ⁻ⁱ scaled to 1", () => {
  const average = movingAverage(0.9);
  const xs = [3, -1, 4, 1, -5, 9];
  let state = average.init({ a: tensor(0, { dtype: "float64" }) });
  for (const [t, x] of xs.entries()) {
    state = average.update(state, { a: tensor(x, { dtype: "float64" }) });
    const weights = xs.slice(0, t + 1).map((_, i) => 0.9 ** (t - i));
    const total = weights.reduce((a, b) => a + b);
    const mean = weights.reduce((s, w, i) => s + w * xs[i], 0) / total;
    // the weight is kept in float32
    expect(Math.abs(Number(average.value(state).a.item()) - mean)).toBeLessThan(1e-5);
  }
});

test("an average of equal iterates is that iterate, and beta outside [0, 1) is refused", () => {
  const average = movingAverage(0.99);
  let state = average.init(tensor([2, 3]));
  for (let i = 0; i < 3; i++) state = average.update(state, tensor([2, 3]));
  const [a, b] = average.value(state).toArray() as number[];
  expect(Math.abs(a - 2) + Math.abs(b - 3)).toBeLessThan(1e-5);
  expect(() => movingAverage(1)).toThrow("beta must lie in [0, 1)");
});
