import {
  abs,
  add,
  erfc,
  exp,
  expm1,
  greater,
  log1p,
  maximum,
  minimum,
  mul,
  neg,
  sigmoid,
  type Tensor,
  type TensorLike,
  tanh,
  where,
} from "@ansatz/tensor";

export type Activation = (x: TensorLike) => Tensor;

/** max(x, 0), with derivative 0 at 0. */
export const relu: Activation = (x) => where(greater(x, 0), x, 0);

/** x for x > 0, αx below. */
export const leakyRelu =
  (alpha = 0.01): Activation =>
  (x) =>
    where(greater(x, 0), x, mul(alpha, x));

/** x for x > 0, α(eˣ − 1) below; the exponential only sees x ≤ 0, so neither it nor its gradient overflows. */
export const elu =
  (alpha = 1): Activation =>
  (x) =>
    where(greater(x, 0), x, mul(alpha, expm1(minimum(x, 0))));

/** x σ(x), also called swish. */
export const silu: Activation = (x) => mul(x, sigmoid(x));

/** log(1 + eˣ) = max(x, 0) + log1p(e^−|x|). */
export const softplus: Activation = (x) => add(maximum(x, 0), log1p(exp(neg(abs(x)))));

/** x Φ(x), exactly: x/2 erfc(−x/√2), which keeps its relative accuracy in the left tail. Hendrycks & Gimpel 2016, arXiv:1606.08415 */
export const gelu: Activation = (x) => mul(mul(0.5, x), erfc(mul(-Math.SQRT1_2, x)));

/** The tanh approximation of gelu: x/2 (1 + tanh(√(2/π)(x + 0.044715x³))). */
export const geluTanh: Activation = (x) =>
  mul(mul(0.5, x), add(1, tanh(mul(Math.sqrt(2 / Math.PI), add(x, mul(0.044715, mul(x, mul(x, x))))))));
