import { flowMatchingLoss, sampleFlow } from "@ansatz/generative-models";
import { key, mul, normal, ones, tensor, zerosLike } from "@ansatz/tensor";
import { expect, test, vi } from "vitest";
import { gaussianResidual } from "./gaussian-residual";

vi.setConfig({ testTimeout: 60_000 });

const s = Float64Array.of(2, 0.5, 0.01);
const variance = tensor(s.map((v) => v * v));

test("with no residual the flow is that of the Gaussian: x ↦ s x", async () => {
  const field = gaussianResidual((x) => zerosLike(x), variance);
  const x0 = normal(key(0), [20, 3], { dtype: "float64" });
  const got = await sampleFlow(field, x0, { steps: 400 }).data();
  const expected = await mul(x0, tensor(s)).data();
  got.forEach((v, i) => expect(Math.abs(v - Number(expected[i]))).toBeLessThan(2e-4));
});

test("on Gaussian data the error that is left has variance σ², and a residual of size 1 adds exactly that", async () => {
  const x1 = mul(normal(key(1), [200_000, 3], { dtype: "float64" }), tensor(s));
  const none = gaussianResidual((x) => zerosLike(x), variance);
  // ∫ s² / (t² s² + (1 − t)²) dt over [0, 1] is s π/2.
  const expected = ((2 + 0.5 + 0.01) * Math.PI) / 2;
  const base = flowMatchingLoss(none, x1, key(2)).item() as number;
  expect(Math.abs(base / expected - 1)).toBeLessThan(0.02);
  // The target has mean 0 given x, so a constant 1 adds its own square: σ² once more.
  const one = gaussianResidual((x) => ones(x.shape, { dtype: "float64" }), variance);
  expect(Math.abs((flowMatchingLoss(one, x1, key(2)).item() as number) / (2 * expected) - 1)).toBeLessThan(0.02);
});

test("what the network sees has mean square 1 over the coordinates, at every time", async () => {
  const n = 50_000;
  const x1 = mul(normal(key(3), [n, 3], { dtype: "float64" }), tensor(s));
  for (const time of [0, 0.3, 0.9, 1]) {
    let seen = Number.NaN;
    const watch = gaussianResidual((x) => {
      const data = x.dataSync() as Float64Array;
      seen = data.reduce((sum, v) => sum + v * v, 0) / data.length;
      return zerosLike(x);
    }, variance);
    flowMatchingLoss(watch, x1, key(4), { t: tensor(new Float64Array(n).fill(time)) });
    expect(Math.abs(seen - 1)).toBeLessThan(0.03);
  }
});
