import { gaussianVelocity, sampleFlow, straightPath } from "@ansatz/generative-models";
import { add, mean, mul, normal, split, square, sub, type Tensor, tensor, uniform } from "@ansatz/tensor";

/** The pair of laws of which everything is known: N(0, 1) → N(m, s²), straight paths, independent ends (chapter 9, L1; P0-12). */
export interface GaussianPair {
  readonly m: number;
  readonly s: number;
}

/** Where the flow takes x0: the map is m + s x₀. */
export const transported = (x0: readonly number[], { m, s }: GaussianPair, steps = 200): Tensor =>
  sampleFlow(gaussianVelocity(m, s), tensor(Float64Array.from(x0), { shape: [x0.length, 1] }), {
    steps,
    solver: "heun",
  });

/** Variance of x_t: (1 − t)² + t² s², smallest at t = 1/(1 + s²). */
export const pathVariance = (t: number, { s }: GaussianPair): number => (1 - t) ** 2 + t ** 2 * s ** 2;

/**
 * A Monte Carlo estimate of the flow-matching loss of the exact field: what no network can go below, πs/2.
 */
export const lossFloor = (pair: GaussianPair, key: Tensor, samples: number): Tensor => {
  const [k0, k1, k2] = split(key, 3);
  const x0 = normal(k0, [samples, 1], { dtype: "float64" });
  const x1 = add(pair.m, mul(pair.s, normal(k1, [samples, 1], { dtype: "float64" })));
  const t = uniform(k2, [samples], { dtype: "float64" });
  const { x, velocity } = straightPath().at(x0, x1, t);
  return mean(square(sub(gaussianVelocity(pair.m, pair.s)(x, t), velocity)));
};

/** The same by Simpson's rule: ∫₀¹ s²/((1 − t)² + t²s²) dt, the conditional variance of the velocity along the path. */
export const lossFloorByQuadrature = (pair: GaussianPair, intervals = 400): number => {
  const at = (i: number): number => pair.s ** 2 / pathVariance(i / intervals, pair);
  const inner = Array.from({ length: intervals - 1 }, (_, k) => (k % 2 === 0 ? 4 : 2) * at(k + 1));
  return inner.reduce((a, b) => a + b, at(0) + at(intervals)) / (3 * intervals);
};
