import { type DType, DTypeError, type FloatDType, isFloat, type Shape } from "@ansatz/backend";
import { scalar, type Tensor, withWeak } from "../core/tensor";
import { type TensorLike, weakFloat } from "../core/tensor-like";
import { broadcastShapes, cast, operand, stretch } from "../functions/promotion";
import { abs, add, max, mul, neg, sign, sub } from "../ops/arithmetic";
import { clamp, convert } from "../ops/choice";
import { lt, shiftRightLogical } from "../ops/comparison";
import { fill, scale } from "../ops/fill";
import { randomBits, randomBits64 } from "../ops/random";
import { erf, log, log1p, tan } from "../ops/transcendental";
import { erfinv } from "../special/normal";
import { asKey } from "./keys";

/** What samplers of floats take. Without dtype the sample is weak: the backend's own float, adapting to its neighbours. */
export interface SampleOptions {
  readonly dtype?: DType;
}
const floatOf = (caller: string, dtype: DType | undefined): { dtype: FloatDType; weak: boolean } => {
  if (dtype === undefined) return { dtype: weakFloat(), weak: true };
  if (!isFloat(dtype)) throw new DTypeError(caller, "samples floats", { dtype }, "use randint for integers");
  return { dtype, weak: false };
};

const shifted = (x: Tensor, by: number): Tensor => shiftRightLogical(x, fill(by, x));

/**
 * Uniform in [0, width): all mantissa bits random, 23 of them in float32, 52 in float64; JAX's numbers. The width is a power of two, which
 * rounds nothing.
 */
const unit = (k: Tensor, shape: Shape, dtype: FloatDType, width = 1): Tensor => {
  if (dtype === "float32") return scale(convert(shifted(randomBits(k, shape), 9), dtype), width * 2 ** -23);
  // the upper 52 of 64 bits: 32 of the high word, 20 of the low one; their sum is exact
  const { high, low } = randomBits64(k, shape);
  return add(scale(convert(high, dtype), width * 2 ** -32), scale(convert(shifted(low, 12), dtype), width * 2 ** -52));
};

/** u (max - min) + min, kept from rounding below min (which it cannot where max is no less). */
const between = (caller: string, u: Tensor, low: TensorLike, high: TensorLike): Tensor => {
  if (low === 0 && high === 1) return u;
  const [a, b] = [low, high].map((v) => stretch(cast(caller, v, u), u.shape));
  const v = add(mul(u, sub(b, a)), a);
  return typeof low === "number" && typeof high === "number" && low <= high ? v : max(a, v);
};

export interface UniformOptions extends SampleOptions {
  readonly min?: TensorLike;
  readonly max?: TensorLike;
}
/** Uniform in [min, max), [0, 1) unless told. @example uniform(key(0), [1], { dtype: "float32" }) // [0.947667…] */
export const uniform = (
  k: Tensor,
  shape: Shape = [],
  { dtype, min = 0, max: high = 1 }: UniformOptions = {},
): Tensor => {
  const type = floatOf("uniform", dtype);
  const u = unit(asKey("uniform", k), shape, type.dtype);
  return withWeak(between("uniform", u, min, high), type.weak);
};

// The open interval (-1, 1): from the float after -1 up, as JAX.
const afterMinusOne = (dtype: FloatDType): number => (dtype === "float64" ? -1 + 2 ** -53 : -1 + 2 ** -24);

/** Standard normal: √2 erf⁻¹(u) with u uniform in (-1, 1). For mean m and deviation s, m + s·normal(…). */
export const normal = (k: Tensor, shape: Shape = [], { dtype }: SampleOptions = {}): Tensor => {
  const type = floatOf("normal", dtype);
  // 1 less that end rounds to 2
  const u = unit(asKey("normal", k), shape, type.dtype, 2);
  const v = add(u, fill(afterMinusOne(type.dtype), u));
  return withWeak(scale(erfinv(v), Math.SQRT2), type.weak);
};

/** Truncated to [low, high]: √2 erf⁻¹(u), u uniform in [erf(low/√2), erf(high/√2)]. */
export const truncatedNormal = (
  k: Tensor,
  low: number,
  high: number,
  shape: Shape = [],
  { dtype }: SampleOptions = {},
): Tensor => {
  const type = floatOf("truncatedNormal", dtype);
  const u = unit(asKey("truncatedNormal", k), shape, type.dtype);
  const end = (v: number): Tensor => erf(fill(v * Math.SQRT1_2, u));
  const [a, b] = [end(low), end(high)];
  const x = scale(erfinv(max(a, add(mul(u, sub(b, a)), a))), Math.SQRT2);
  return withWeak(clamp(scalar(low, type.dtype), x, scalar(high, type.dtype)), type.weak);
};

/** Exponential with rate 1: -log(1 - u). */
export const exponential = (k: Tensor, shape: Shape = [], { dtype }: SampleOptions = {}): Tensor => {
  const type = floatOf("exponential", dtype);
  const u = unit(asKey("exponential", k), shape, type.dtype);
  return withWeak(neg(log1p(neg(u))), type.weak);
};

const tiny = { float64: 2 ** -1022, float32: 2 ** -126 } as const;
/** Standard Gumbel: -log(-log u), u uniform in (0, 1). The largest of logits + gumbel is a categorical draw. */
export const gumbel = (k: Tensor, shape: Shape = [], { dtype }: SampleOptions = {}): Tensor => {
  const type = floatOf("gumbel", dtype);
  const u = between("gumbel", unit(asKey("gumbel", k), shape, type.dtype), tiny[type.dtype], 1);
  return withWeak(neg(log(neg(log(u)))), type.weak);
};

/** Logistic: log(u / (1 - u)). */
export const logistic = (k: Tensor, shape: Shape = [], { dtype }: SampleOptions = {}): Tensor => {
  const type = floatOf("logistic", dtype);
  const u = between("logistic", unit(asKey("logistic", k), shape, type.dtype), tiny[type.dtype], 1);
  return withWeak(sub(log(u), log1p(neg(u))), type.weak);
};
/** Laplace with scale 1: sign(u) · -log(1 - |u|), u uniform in (-1, 1). */
export const laplace = (k: Tensor, shape: Shape = [], { dtype }: SampleOptions = {}): Tensor => {
  const type = floatOf("laplace", dtype);
  const u = between("laplace", unit(asKey("laplace", k), shape, type.dtype), afterMinusOne(type.dtype), 1);
  return withWeak(neg(mul(sign(u), log1p(neg(abs(u))))), type.weak);
};
/** Standard Cauchy: tan(π(u - ½)). */
export const cauchy = (k: Tensor, shape: Shape = [], { dtype }: SampleOptions = {}): Tensor => {
  const type = floatOf("cauchy", dtype);
  const eps = type.dtype === "float64" ? 2 ** -52 : 2 ** -23;
  const u = between("cauchy", unit(asKey("cauchy", k), shape, type.dtype), eps, 1);
  return withWeak(tan(scale(sub(u, fill(0.5, u)), Math.PI)), type.weak);
};
/** ±1 with equal probability. */
export const rademacher = (k: Tensor, shape: Shape = [], { dtype }: SampleOptions = {}): Tensor => {
  const type = floatOf("rademacher", dtype);
  const coin = convert(bernoulli(k, 0.5, shape), type.dtype);
  return withWeak(sub(scale(coin, 2), fill(1, coin)), type.weak);
};

/** true with probability p: u < p, u in p's float. Its shape is p's unless told. */
export const bernoulli = (k: Tensor, p: TensorLike = 0.5, shape?: Shape): Tensor => {
  const t = operand("bernoulli", p, "float");
  const s = shape ?? t.shape;
  broadcastShapes("bernoulli", s, t.shape);
  return lt(unit(asKey("bernoulli", k), s, t.dtype as FloatDType), stretch(t, s));
};
