import { DomainError } from "@ansatz/backend";
import { isTensor, mean, mul, reshape, split, sub, sum, type Tensor, tree, variance, vmap } from "@ansatz/tensor";
import { customJvp, stopGradient } from "./custom";
import { grad } from "./grad";
import { jvp } from "./maps";
import type { Tensors } from "./types";

/**
 * A step that does not differentiate, with the derivative of something that does: the value is hard(x), the derivative that of soft(x), by default 1.
 *
 *   y = hard(x),   dy = D soft(x) dx
 *
 * Biased: it is the gradient of another function. Useful where there is none (rounding, thresholds, argmax), and only as good as `soft` is near `hard`.
 *
 * @see Bengio, Léonard & Courville 2013, arXiv:1308.3432
 * @example grad((x) => square(straightThrough(round)(x)))(1.3) // 2·1: the slope of y² at y = 1
 */
export const straightThrough = (
  hard: (x: Tensor) => Tensor,
  soft: (x: Tensor) => Tensor = (x) => x,
): ((x: Tensor) => Tensor) => {
  const through: (x: Tensor) => Tensor = customJvp(
    (x: Tensor) => hard(stopGradient(x)),
    ([x], [dx]) => ({ value: through(x), tangent: jvp(soft, [x], [dx]).tangent }),
  ) as (x: Tensor) => Tensor;
  return through;
};

/** An estimate of ∇E[f], with how much its samples scatter. */
export interface GradientEstimate<P> {
  /** The mean of f over the samples. */
  readonly value: Tensor;
  /** The mean over the samples: unbiased. */
  readonly grad: Tensors<P>;
  /** The variance of one sample, entry by entry; that of `grad` is this over the number of samples. NaN for one sample. */
  readonly variance: Tensors<P>;
}

export interface SampleCount {
  /** How many samples; 1 unless told. */
  readonly samples?: number;
}

/**
 * The pathwise (reparameterised) estimator of the gradient of an expectation: with x = sample(θ, key) differentiable in θ,
 *
 *   ∇_θ E[f(x, θ)] = E[∇_θ f(sample(θ, key), θ)]
 *
 * For f = x² and x ~ N(μ, σ²) at μ = σ = 1 one sample of ∂/∂μ has variance 4σ² = 4, against 30 of the score function's. Wrong, and silently so, where
 * `sample` has jumps in θ (discrete laws, rejection): there use scoreGradient.
 *
 * @param sample (θ, key) ↦ x, one sample   @param f (x, θ) ↦ a scalar
 * @returns (key, θ) ↦ { value, grad, variance }
 * @see Kingma & Welling 2014, arXiv:1312.6114; Mohamed et al. 2020, "Monte Carlo gradient estimation in machine learning", JMLR 21
 * @example
 * const draw = ({ mu, sigma }, k) => add(mu, mul(sigma, normal(k)));
 * const { grad: g, variance } = pathwiseGradient(draw, square, { samples: 1000 })(key(0), { mu: 1, sigma: 1 });
 * g.mu // 2 ± 0.06; variance.mu 4 ± 0.2
 */
export const pathwiseGradient = <P, X>(
  sample: (params: Tensors<P>, key: Tensor) => X,
  f: (x: Tensors<X>, params: Tensors<P>) => Tensor,
  options: SampleCount = {},
): ((key: Tensor, params: P) => GradientEstimate<P>) => {
  const samples = countOf("pathwiseGradient", options);
  const one = (params: unknown, k: Tensor): Tensor =>
    f(sample(params as Tensors<P>, k) as Tensors<X>, params as Tensors<P>);
  return (key, params) => {
    const keys = reshape(split(key, samples), [samples]);
    const value = mapped((k: Tensor) => one(params, k))(keys) as Tensor;
    return summary(value, mapped((k: Tensor) => gradient((p) => one(p, k))(params))(keys)) as GradientEstimate<P>;
  };
};

export interface ScoreOptions extends SampleCount {
  /**
   * Subtracted from f, which changes the variance and not the mean: a number, or (the default, from two samples on) for each sample the mean of f over
   * the others; null for none.
   */
  readonly baseline?: number | "others" | null;
}

/**
 * The score-function estimator (REINFORCE) of the gradient of an expectation: only the log-density is differentiated, so x may be discrete and f anything,
 *
 *   ∇_θ E[f(x)] = E[(f(x) - b) ∇_θ log p(x; θ)]
 *
 * @param sample (θ, key) ↦ x, one sample   @param logProb (x, θ) ↦ log p(x; θ)   @param f x ↦ a scalar
 * @returns (key, θ) ↦ { value, grad, variance }
 * @see Williams 1992; the mean of the others as baseline: Kool, van Hoof & Welling 2019
 * @example
 * const coin = (p, k) => astype(bernoulli(k, p), "float64");
 * const logProb = (x, p) => add(xlogy(x, p), xlogy(sub(1, x), sub(1, p)));
 * scoreGradient(coin, logProb, (x) => mul(3, x), { samples: 1000 })(key(0), tensor(0.4)).grad // 3 ± 0.1
 */
export const scoreGradient = <P, X>(
  sample: (params: Tensors<P>, key: Tensor) => X,
  logProb: (x: Tensors<X>, params: Tensors<P>) => Tensor,
  f: (x: Tensors<X>) => Tensor,
  options: ScoreOptions = {},
): ((key: Tensor, params: P) => GradientEstimate<P>) => {
  const samples = countOf("scoreGradient", options);
  const { baseline = samples > 1 ? "others" : null } = options;
  if (baseline === "others" && samples < 2)
    throw new DomainError("scoreGradient", "the mean of the others needs two samples", { samples });
  return (key, params) => {
    const keys = reshape(split(key, samples), [samples]);
    const xs = mapped((k: Tensor) => stopGradient(sample(stopGradient(params) as never, k)))(keys);
    const value = mapped((x: Tensors<X>) => stopGradient(f(x)))(xs) as Tensor;
    const others = (): Tensor => mul(1 / (samples - 1), sub(sum(value), value));
    const weight = baseline === null ? value : sub(value, baseline === "others" ? others() : baseline);
    const each = mapped((x: Tensors<X>, w: Tensor) => gradient((p) => mul(w, logProb(x, p as Tensors<P>)))(params));
    return summary(value, each(xs, weight)) as GradientEstimate<P>;
  };
};

// Of trees whose types are the user's.
const mapped = vmap as unknown as (f: (...args: never[]) => unknown) => (...args: unknown[]) => unknown;
const gradient = grad as unknown as (f: (p: unknown) => Tensor) => (p: unknown) => unknown;

const countOf = (caller: string, { samples = 1 }: SampleCount): number => {
  if (!Number.isInteger(samples) || samples < 1)
    throw new DomainError(caller, "samples is a whole number ≥ 1", { samples });
  return samples;
};

/** Over the leading axis of the samples. */
const summary = (value: Tensor, each: unknown): GradientEstimate<unknown> => {
  const over = (f: (t: Tensor) => Tensor): unknown =>
    isTensor(each) ? f(each) : (tree.map as (f: (t: Tensor) => Tensor, t: unknown) => unknown)(f, each);
  return {
    value: mean(value),
    grad: over((t) => mean(t, 0)),
    variance: over((t) => variance(t, 0, { ddof: 1 })),
  } as GradientEstimate<unknown>;
};
