import {
  add,
  arange,
  div,
  expandDims,
  mean,
  mul,
  normal,
  split,
  sqrt,
  square,
  sub,
  type Tensor,
  uniform,
} from "@ansatz/tensor";

/**
 * Conditional flow matching along straight paths in coordinates of mean 0 and known variances s².
 *
 *   xₜ = (1 − t) x₀ + t x₁,  x₀ ~ N(0, I),  x₁ a data point,  target uₜ = x₁ − x₀
 *
 * If the coordinates were independent Gaussians, the field would be E[uₜ | xₜ] = k xₜ, with an error of variance σ²:
 *
 *   k = (t s² − (1 − t)) / (t² s² + (1 − t)²),   σ² = s² / (t² s² + (1 − t)²).
 *
 * The model is v = k x + σ f(x / m, t, class), with m² the mean of t² s² + (1 − t)²: the network f learns what is not Gaussian, on a
 * scale near 1, and f = 0 already gives the data's mean and covariance.
 *
 * @see Lipman et al. 2023, arXiv:2210.02747; Karras et al. 2022, arXiv:2206.00364, §5 (preconditioning)
 */
export type Residual = (x: Tensor, t: Tensor, labels: Tensor) => Tensor;
export type Field = (x: Tensor, t: Tensor, labels: Tensor) => Tensor;

/** v(x, t, class) for points x [n, d], times t [n], classes [n]; s² is `variance` [d]. */
export const preconditioned =
  (residual: Residual, variance: Tensor): Field =>
  (x, t, labels) => {
    const time = expandDims(t, 1);
    const rest = sub(1, time);
    const spread = add(mul(square(time), variance), square(rest));
    const k = div(sub(mul(time, variance), rest), spread);
    const sigma = sqrt(div(variance, spread));
    const m = sqrt(add(mul(square(time), mean(variance)), square(rest)));
    return add(mul(k, x), mul(sigma, residual(div(x, m), t, labels)));
  };

/** The mean squared error of the field at random times and noises: its minimum over all fields is the one that carries noise to data. */
export const flowMatchingLoss = (field: Field, key: Tensor, x1: Tensor, labels: Tensor): Tensor => {
  const [k1, k2] = split(key);
  const n = x1.shape[0];
  const x0 = normal(k1, x1.shape, { dtype: "float32" });
  // One time in each n-th of [0, 1): still uniform, and the mean over the batch varies less than with independent times.
  const t = div(add(arange(n, { dtype: "float32" }), uniform(k2, [n], { dtype: "float32" })), n);
  const time = expandDims(t, 1);
  const xt = add(mul(sub(1, time), x0), mul(time, x1));
  return mean(square(sub(field(xt, t, labels), sub(x1, x0))));
};

/** One step of length dt along the field, by Euler's first-order or Heun's second-order method. */
export const flowStep = (
  field: Field,
  solver: "euler" | "heun",
  x: Tensor,
  labels: Tensor,
  t0: Tensor,
  t1: Tensor,
): Tensor => {
  const dt = expandDims(sub(t1, t0), 1);
  const v0 = field(x, t0, labels);
  const predicted = add(x, mul(dt, v0));
  return solver === "euler" ? predicted : add(x, mul(mul(0.5, dt), add(v0, field(predicted, t1, labels))));
};
