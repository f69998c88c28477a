import { type GradientEstimate, grad, nthDerivative, pathwiseGradient, scoreGradient } from "@ansatz/autodiff";
import { add, div, exp, expm1, log, mul, neg, normal, square, sub, type Tensor, vmap } from "@ansatz/tensor";

/** A normal law by its mean and standard deviation. */
export interface NormalLaw {
  readonly mu: Tensor;
  readonly sigma: Tensor;
}

/** z = μ + σ ε, ε ~ N(0, 1): a draw that is differentiable in the law. */
export const reparameterised = ({ mu, sigma }: NormalLaw, key: Tensor): Tensor =>
  add(mu, mul(sigma, normal(key, [], { dtype: "float64" })));

const normalLogProb = (x: Tensor, { mu, sigma }: NormalLaw): Tensor =>
  sub(mul(-0.5, square(div(sub(x, mu), sigma))), log(sigma));

/** Both estimators of ∇_{μ,σ} E[f(z)], z ~ N(μ, σ²), from so many samples; the score function's without a baseline, as the text has it. */
export const gradientEstimators = (
  f: (z: Tensor) => Tensor,
  law: NormalLaw,
  key: Tensor,
  samples: number,
): { readonly pathwise: GradientEstimate<NormalLaw>; readonly score: GradientEstimate<NormalLaw> } => ({
  pathwise: pathwiseGradient(reparameterised, (z: Tensor) => f(z), { samples })(key, law),
  score: scoreGradient(reparameterised, normalLogProb, (z: Tensor) => f(z), { samples, baseline: null })(key, law),
});

/** The score ∇_x log p(x) = -∇_x E(x) of p ∝ e^(-E), for a batch x [B, d]: the normalisation does not enter. */
export const scoreOfEnergy =
  (energy: (x: Tensor) => Tensor): ((x: Tensor) => Tensor) =>
  (x) =>
    vmap((one: Tensor) => neg(grad(energy)(one)))(x);

/** Moment generating functions M(t) = E[e^(tX)] of Example 5.1.3, each near t = 0. */
export const momentGenerating = {
  bernoulli:
    (rho: number) =>
    (t: Tensor): Tensor =>
      add(1 - rho, mul(rho, exp(t))),
  poisson:
    (lambda: number) =>
    (t: Tensor): Tensor =>
      exp(mul(lambda, expm1(t))),
  normal:
    (mu: number, sigma: number) =>
    (t: Tensor): Tensor =>
      exp(add(mul(mu, t), mul(sigma ** 2 / 2, square(t)))),
  exponential: (t: Tensor): Tensor => div(1, sub(1, t)),
  laplace: (t: Tensor): Tensor => div(1, sub(1, square(t))),
} as const;

/** E[X], E[X²], …, E[Xⁿ] from a moment generating function: its derivatives at 0, in one Taylor pass each. */
export const momentsOf = (generating: (t: Tensor) => Tensor, n: number): number[] =>
  Array.from({ length: n }, (_, k) => nthDerivative(generating, 0, k + 1).item() as number);
