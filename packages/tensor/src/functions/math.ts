import { isFloat } from "@ansatz/backend";
import type { Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import * as rounding from "../ops/comparison";
import { scale } from "../ops/fill";
import * as raw from "../ops/transcendental";
import { operand } from "./promotion";

/** Elementary functions, element by element. Integers and bools become the weak default float. */

/** √x; NaN below 0, derivative ∞ at 0. */
export const sqrt = (x: TensorLike): Tensor => raw.sqrt(operand("sqrt", x, "float"));
/** 1/√x. */
export const rsqrt = (x: TensorLike): Tensor => raw.rsqrt(operand("rsqrt", x, "float"));
/** The real cube root. */
export const cbrt = (x: TensorLike): Tensor => raw.cbrt(operand("cbrt", x, "float"));
/** e^x. */
export const exp = (x: TensorLike): Tensor => raw.exp(operand("exp", x, "float"));
/** e^x - 1, accurate near 0. */
export const expm1 = (x: TensorLike): Tensor => raw.expm1(operand("expm1", x, "float"));
/** The natural logarithm; -∞ at 0, NaN below. */
export const log = (x: TensorLike): Tensor => raw.log(operand("log", x, "float"));
/** log(1 + x), accurate near 0. */
export const log1p = (x: TensorLike): Tensor => raw.log1p(operand("log1p", x, "float"));
/** The sine of an angle in radians. */
export const sin = (x: TensorLike): Tensor => raw.sin(operand("sin", x, "float"));
/** The cosine of an angle in radians. */
export const cos = (x: TensorLike): Tensor => raw.cos(operand("cos", x, "float"));
/** The tangent of an angle in radians. */
export const tan = (x: TensorLike): Tensor => raw.tan(operand("tan", x, "float"));
/** The arc sine, in [-π/2, π/2]. */
export const asin = (x: TensorLike): Tensor => raw.asin(operand("asin", x, "float"));
/** The arc cosine, in [0, π]. */
export const acos = (x: TensorLike): Tensor => raw.acos(operand("acos", x, "float"));
/** The arc tangent, in [-π/2, π/2]. */
export const atan = (x: TensorLike): Tensor => raw.atan(operand("atan", x, "float"));
/** The hyperbolic sine. */
export const sinh = (x: TensorLike): Tensor => raw.sinh(operand("sinh", x, "float"));
/** The hyperbolic cosine. */
export const cosh = (x: TensorLike): Tensor => raw.cosh(operand("cosh", x, "float"));
/** The hyperbolic tangent. */
export const tanh = (x: TensorLike): Tensor => raw.tanh(operand("tanh", x, "float"));
/** The inverse hyperbolic sine. */
export const asinh = (x: TensorLike): Tensor => raw.asinh(operand("asinh", x, "float"));
/** The inverse hyperbolic cosine; NaN below 1. */
export const acosh = (x: TensorLike): Tensor => raw.acosh(operand("acosh", x, "float"));
/** The inverse hyperbolic tangent; ±∞ at ±1. */
export const atanh = (x: TensorLike): Tensor => raw.atanh(operand("atanh", x, "float"));
/** 2/√π ∫₀ˣ e^(-t²) dt. */
export const erf = (x: TensorLike): Tensor => raw.erf(operand("erf", x, "float"));
/** 1 - erf(x), accurate in the right tail. */
export const erfc = (x: TensorLike): Tensor => raw.erfc(operand("erfc", x, "float"));

/** log₂ x. */
export const log2 = (x: TensorLike): Tensor => scale(log(x), Math.LOG2E);
/** log₁₀ x. */
export const log10 = (x: TensorLike): Tensor => scale(log(x), Math.LOG10E);
/** 2^x. */
export const exp2 = (x: TensorLike): Tensor => raw.exp(scale(operand("exp2", x, "float"), Math.LN2));

/** The largest integer ≤ x; integers stay. Derivative 0. */
export const floor = (x: TensorLike): Tensor => rounded("floor", rounding.floor, x);
/** The smallest integer ≥ x; integers stay. Derivative 0. */
export const ceil = (x: TensorLike): Tensor => rounded("ceil", rounding.ceil, x);
/** The nearest integer, ties to even; integers stay. Derivative 0. */
export const round = (x: TensorLike): Tensor => rounded("round", rounding.round, x);
/** The integer part, toward zero; integers stay. Derivative 0. */
export const trunc = (x: TensorLike): Tensor => rounded("trunc", rounding.trunc, x);
const rounded = (caller: string, op: (x: Tensor) => Tensor, x: TensorLike): Tensor => {
  const t = operand(caller, x, "numeric");
  return isFloat(t.dtype) ? op(t) : t;
};

/** x from degrees to radians. */
export const degToRad = (x: TensorLike): Tensor => scale(operand("degToRad", x, "float"), Math.PI / 180);
/** x from radians to degrees. */
export const radToDeg = (x: TensorLike): Tensor => scale(operand("radToDeg", x, "float"), 180 / Math.PI);
