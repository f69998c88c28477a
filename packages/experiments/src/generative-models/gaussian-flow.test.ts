import {
  empiricalVelocity,
  flowMatchingLoss,
  flowTrajectory,
  gaussianVelocity,
  sampleFlow,
  straightPath,
} from "@ansatz/generative-models";
import {
  add,
  full,
  key,
  mean,
  mul,
  normal,
  reshape,
  split,
  square,
  sub,
  type Tensor,
  tensor,
  uniform,
  variance,
} from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { lossFloor, lossFloorByQuadrature, pathVariance, transported } from "./gaussian-flow";

const pair = { m: 1.5, s: 0.5 };
const column = (x: readonly number[]): Tensor => tensor(Float64Array.from(x), { shape: [x.length, 1] });

describe("L1-flow-matching", () => {
  test("the flow of the marginal field is x ↦ m + s x", () => {
    // Heun with h = 1/2000 on a smooth field: global error well below 1e-6
    assertClose(transported([-1, 0, 2], pair, 2000), [[1], [1.5], [2.5]], { atol: 1e-6 });
  });
  test("the path and its velocity: u = (x₁ − (1 − σ)x)/(1 − (1 − σ)t) = x₁ − (1 − σ)x₀", () => {
    const [x0, x1] = [column([0.3, -2]), column([1, 5])];
    for (const sigmaMin of [0, 0.1]) {
      const { x, velocity } = straightPath({ sigmaMin }).at(x0, x1, tensor([0.4, 0.4]));
      assertClose(velocity, mul(1 / (1 - (1 - sigmaMin) * 0.4), sub(x1, mul(1 - sigmaMin, x))), { rtol: 1e-13 });
    }
  });
  test("the variance of x_t dips to 0.2 at t = 1/(1 + s²) = 0.8", () => {
    assertClose(pathVariance(0.8, pair), 0.2, { rtol: 1e-14 });
    assertClose(Math.sqrt(pathVariance(0.8, pair)), 0.4472136, { rtol: 1e-7 });
    for (const t of [0.7, 0.79, 0.81, 0.9]) expect(pathVariance(t, pair)).toBeGreaterThan(0.2);
    // and that is the variance of points on their way
    const [k0, k1] = split(key(2));
    const n = 100_000;
    const [x0, z] = [k0, k1].map((k) => normal(k, [n, 1], { dtype: "float64" }));
    const { x } = straightPath().at(x0, add(1.5, mul(0.5, z)), full([n], 0.8, { dtype: "float64" }));
    assertClose(variance(x), 0.2, { atol: 5 * 0.2 * Math.sqrt(2 / n) });
  });
  test("the loss of the exact field is πs/2 = 0.7853982, not 0", () => {
    assertClose(lossFloorByQuadrature(pair), 0.7853981633974483, { rtol: 1e-10 });
    // the summand has standard deviation of about 1.2: five standard errors are 0.014
    assertClose(lossFloor(pair, key(7), 200_000), Math.PI / 4, { atol: 0.014 });
  });
  test("matching the path's velocity and matching the marginal field differ by that constant, for any field", () => {
    const [k0, k1, k2] = split(key(11), 3);
    const n = 100_000;
    const x0 = normal(k0, [n, 1], { dtype: "float64" });
    const x1 = add(1.5, mul(0.5, normal(k1, [n, 1], { dtype: "float64" })));
    const t = uniform(k2, [n], { dtype: "float64" });
    const { x } = straightPath().at(x0, x1, t);
    const exact = gaussianVelocity(1.5, 0.5);
    const other = (y: Tensor, s: Tensor): Tensor => add(mul(0.7, y), reshape(s, [-1, 1]));
    const conditional = flowMatchingLoss(other, x1, key(0), { x0, t });
    const marginal = mean(square(sub(other(x, t), exact(x, t))));
    assertClose(sub(conditional, marginal), Math.PI / 4, { atol: 0.03 });
  });
});

describe("P0-12-flow-matching", () => {
  test("between Gaussians the field is m + gain (x − tm), and its flow m + s x₀", () => {
    const x0 = [-2, -1, 0, 0.5, 2];
    assertClose(transported(x0, pair, 2000), [[0.5], [1], [1.5], [1.75], [2.5]], { atol: 1e-6 });
    const v = gaussianVelocity(1.5, 0.5)(column([0.7]), tensor([0.4]));
    assertClose(v, [[1.5 + ((0.4 * 0.25 - 0.6) / (0.36 + 0.04)) * (0.7 - 0.6)]], { rtol: 1e-14 });
  });

  test("for points ±1 it is (tanh(tx/(1 − t)²) − x)/(1 − t), and the flow sends x to its sign: it memorises", () => {
    const field = empiricalVelocity([[-1], [1]]);
    const xs = [-1.3, -0.2, 0.05, 0.9];
    for (const t of [0, 0.3, 0.7])
      assertClose(
        field(column(xs), tensor(Float64Array.from(xs, () => t))),
        xs.map((v) => [(Math.tanh((t * v) / (1 - t) ** 2) - v) / (1 - t)]),
        { rtol: 1e-12, atol: 1e-13 },
      );
    const end = sampleFlow(field, column(xs), { steps: 400, solver: "heun", to: 0.999 });
    assertClose(
      end,
      xs.map((v) => [Math.sign(v)]),
      { atol: 0.01 },
    );
  });

  test("no field has a smaller loss than the conditional mean: on the points ±1 the loss of others is larger by their distance", () => {
    const data = column(Array.from({ length: 40_000 }, (_, i) => (i % 2 ? 1 : -1)));
    const exact = empiricalVelocity([[-1], [1]]);
    // away from t = 1, where the field is singular
    const t = mul(0.9, uniform(key(5), [40_000], { dtype: "float64" }));
    const at = (shift: number): number =>
      flowMatchingLoss((x, s) => add(exact(x, s), shift), data, key(6), { t }).item() as number;
    expect(at(0)).toBeLessThan(at(0.1));
    expect(at(0)).toBeLessThan(at(-0.1));
    assertClose(at(0.5) - at(0), 0.25, { atol: 0.02 });
  });
});

describe("P0-12-fm-loss", () => {
  test("is bounded below by the conditional variance πs/2, which the exact field attains", () => {
    const data = add(1.5, mul(0.5, normal(key(1), [100_000, 1], { dtype: "float64" })));
    const at = (f: (x: Tensor, t: Tensor) => Tensor): Tensor => flowMatchingLoss(f, data, key(3));
    assertClose(at(gaussianVelocity(1.5, 0.5)), 0.7853981634, { atol: 0.02 });
    for (const s of [0.5, 1, 2])
      assertClose(lossFloorByQuadrature({ m: 0, s }, 2000), (Math.PI / 2) * s, { rtol: 1e-9 });
    expect(at((x) => mul(0, x)).item()).toBeGreaterThan(2);
  });
});

describe("P0-10-flow-generator", () => {
  test("carries N(0, 1) to N(m, s²), in law", () => {
    const n = 50_000;
    const x = sampleFlow(gaussianVelocity(1.5, 0.5), normal(key(4), [n, 1], { dtype: "float64" }), { steps: 50 });
    assertClose(mean(x), 1.5, { atol: 5 * 0.5 * Math.sqrt(1 / n) + 1e-3 });
    assertClose(variance(x), 0.25, { atol: 5 * 0.25 * Math.sqrt(2 / n) + 1e-3 });
  });
  test("stops short of t = 1 where the target is made of points", () => {
    const path = flowTrajectory(empiricalVelocity([[-1], [1]]), column([-0.4, 0.4]), { steps: 400, to: 0.999 });
    expect(path.shape).toEqual([401, 2, 1]);
    assertClose([...path][400], [[-1], [1]], { atol: 0.01 });
  });
  test("Heun converges with order 2 and Euler with order 1", () => {
    const x0 = column([-2]);
    const order = (solver: "euler" | "heun"): number => {
      const error = (steps: number): number =>
        Math.abs((sampleFlow(gaussianVelocity(1.5, 0.5), x0, { steps, solver }).item() as number) - 0.5);
      return Math.log2(error(200) / error(400));
    };
    expect(Math.abs(order("heun") - 2)).toBeLessThan(0.1);
    expect(Math.abs(order("euler") - 1)).toBeLessThan(0.1);
  });
});
