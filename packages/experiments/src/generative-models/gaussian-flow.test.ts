import { empiricalVelocity, gaussianVelocity, sampleFlow } from "@ansatz/generative-models";
import { key, tensor } from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import { lossFloor, pathVariance, transported } from "./gaussian-flow";

const pair = { m: 1.5, s: 0.5 };

describe("flow matching between Gaussians", () => {
  test("the flow of the marginal field is x ↦ m + s x", async () => {
    const x0 = [-2, -1, 0, 0.5, 2];
    const got = await transported(x0, pair, 2000).data();
    // Heun with h = 1/2000 on a smooth field: global error well below 1e-6
    for (const [i, x] of x0.entries()) expect(Math.abs(Number(got[i]) - (1.5 + 0.5 * x))).toBeLessThan(1e-6);
  });

  test("Heun converges with order 2 and Euler with order 1", async () => {
    const x0 = tensor(Float64Array.of(-2), { shape: [1, 1] });
    const order = async (solver: "euler" | "heun"): Promise<number> => {
      const error = async (steps: number) =>
        Math.abs(Number((await sampleFlow(gaussianVelocity(1.5, 0.5), x0, { steps, solver }).data())[0]) - 0.5);
      return Math.log2((await error(200)) / (await error(400)));
    };
    expect(Math.abs((await order("heun")) - 2)).toBeLessThan(0.1);
    expect(Math.abs((await order("euler")) - 1)).toBeLessThan(0.1);
  });

  test("the loss of the exact field is πs/2, not 0", async () => {
    const n = 200_000;
    const floor = Number((await lossFloor(pair, key(7), n).data())[0]);
    // the summand has standard deviation of about 1.2: five standard errors are 0.014
    expect(Math.abs(floor - Math.PI / 4)).toBeLessThan(0.014);
  });

  test("the variance dips to 0.2 at t = 0.8", () => {
    expect(pathVariance(0.8, pair)).toBeCloseTo(0.2, 14);
    for (const t of [0.7, 0.79, 0.81, 0.9]) expect(pathVariance(t, pair)).toBeGreaterThan(0.2);
  });
});

describe("flow matching on finite data", () => {
  test("for points ±1 the field is (tanh(tx/(1−t)²) − x)/(1−t), and the flow sends x to its sign: it memorises", async () => {
    const field = empiricalVelocity(tensor(Float64Array.of(-1, 1), { shape: [2, 1] }));
    const xs = [-1.3, -0.2, 0.05, 0.9];
    const x = tensor(Float64Array.from(xs), { shape: [4, 1] });
    for (const t of [0, 0.3, 0.7]) {
      const got = await field(x, tensor(Float64Array.from(xs, () => t))).data();
      for (const [i, v] of xs.entries())
        expect(Math.abs(Number(got[i]) - (Math.tanh((t * v) / (1 - t) ** 2) - v) / (1 - t))).toBeLessThan(1e-12);
    }
    const end = await sampleFlow(field, x, { steps: 400, solver: "heun", to: 0.999 }).data();
    for (const [i, v] of xs.entries()) expect(Math.abs(Number(end[i]) - Math.sign(v))).toBeLessThan(0.01);
  });
});
