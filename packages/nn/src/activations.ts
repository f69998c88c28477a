import {
  add,
  erfc,
  expm1,
  greater,
  lessEqual,
  maximum,
  mul,
  sigmoid,
  type Tensor,
  type TensorLike,
  tanh,
  where,
} from "@ansatz/tensor";

/** Acts entry by entry. `sigmoid`, `softplus` and `tanh` of @ansatz/tensor are activations, too. */
export type Activation = (x: TensorLike) => Tensor;

/**
 * max(x, 0), with derivative 0 at 0; NaN stays NaN.
 *
 * @example relu([-1, 0, 2]) // [0, 0, 2]
 */
export const relu: Activation = (x) => where(lessEqual(x, 0), 0, x);

/**
 * x for x > 0, αx below, with derivative α at 0.
 *
 * @see Maas, Hannun & Ng 2013
 * @example leakyRelu(0.1)([-2, 3]) // [-0.2, 3]
 */
export const leakyRelu =
  (alpha = 0.01): Activation =>
  (x) =>
    where(greater(x, 0), x, mul(alpha, x));

/**
 * x for x > 0, α(eˣ − 1) below, with derivative α at 0.
 *
 * @see Clevert, Unterthiner & Hochreiter 2016, arXiv:1511.07289
 * @example elu()([-1, 2]) // [-0.6321…, 2]
 */
export const elu =
  (alpha = 1): Activation =>
  (x) => {
    const positive = greater(x, 0);
    // the exponential only sees x ≤ 0, so neither it nor its gradient overflows
    return where(positive, x, mul(alpha, expm1(where(positive, 0, x))));
  };

/**
 * x σ(x), also called swish.
 *
 * @see Elfwing, Uchibe & Doya 2018, arXiv:1702.03118
 * @example silu([-1, 0, 1]) // [-0.2689…, 0, 0.7310…]
 */
export const silu: Activation = (x) => mul(x, sigmoid(x));

// beyond, Φ is 0 in float64 already; the bound keeps −∞ · 0 away
const left = -40;

/**
 * x Φ(x), exactly: x/2 erfc(−x/√2), which keeps its relative accuracy in the left tail. The minimum is −0.16997 at x = −0.75179.
 * PyTorch's default `GELU`; not its tanh approximation, which is `geluTanh`.
 *
 * @see Hendrycks & Gimpel 2016, arXiv:1606.08415
 * @example gelu([-1, 0, 1]) // [-0.1586…, 0, 0.8413…]
 */
export const gelu: Activation = (x) => {
  const z = maximum(x, left);
  return mul(mul(0.5, z), erfc(mul(-Math.SQRT1_2, z)));
};

/**
 * The tanh approximation of gelu, x/2 (1 + tanh(√(2/π)(x + 0.044715x³))): off by up to 4·10⁻⁴.
 *
 * @see Hendrycks & Gimpel 2016, arXiv:1606.08415
 * @example geluTanh([-1, 0, 1]) // [-0.1588…, 0, 0.8411…]
 */
export const geluTanh: Activation = (x) =>
  mul(mul(0.5, x), add(1, tanh(mul(Math.sqrt(2 / Math.PI), add(x, mul(0.044715, mul(x, mul(x, x))))))));
