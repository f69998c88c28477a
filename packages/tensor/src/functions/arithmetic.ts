import { type DType, isFloat } from "@ansatz/backend";
import { isTensor, type Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import * as raw from "../ops/arithmetic";
import { clamp, select } from "../ops/choice";
import { eq, or } from "../ops/comparison";
import { fill, onesLike, zerosLike } from "../ops/fill";
import { sqrt } from "../ops/transcendental";
import { agree, meet, type Need, operand, promote, unify } from "./promotion";

/** Arithmetic with NumPy's meaning: operands promote (see promotion.ts) and broadcast. */

const numeric = (d: DType): boolean => d !== "bool" && d !== "key";

const binary = (
  caller: string,
  op: (x: Tensor, y: Tensor) => Tensor,
  x: TensorLike,
  y: TensorLike,
  need: Need,
): Tensor => {
  if (agree(x, y) && (need === "float" ? isFloat : numeric)((x as Tensor).dtype)) return op(x as Tensor, y as Tensor);
  const [a, b] = meet(caller, [x, y], need);
  return op(a, b);
};

/** x + y. @example add([1, 2], 3) // [4, 5] */
export const add = (x: TensorLike, y: TensorLike): Tensor => binary("add", raw.add, x, y, "numeric");
/** x - y. */
export const sub = (x: TensorLike, y: TensorLike): Tensor => binary("sub", raw.sub, x, y, "numeric");
/** x · y, element by element. */
export const mul = (x: TensorLike, y: TensorLike): Tensor => binary("mul", raw.mul, x, y, "numeric");
/** x / y; integers give the default float. */
export const div = (x: TensorLike, y: TensorLike): Tensor => binary("div", raw.div, x, y, "float");
/** ⌊x / y⌋; integers divided by 0 give 0. */
export const floorDiv = (x: TensorLike, y: TensorLike): Tensor => binary("floorDiv", raw.floorDiv, x, y, "numeric");
/** x - y·⌊x / y⌋, with the sign of y; integers modulo 0 give 0. */
export const mod = (x: TensorLike, y: TensorLike): Tensor => binary("mod", raw.mod, x, y, "numeric");
/** ⌊x / y⌋ and what is left. */
export const divmod = (x: TensorLike, y: TensorLike): { quotient: Tensor; remainder: Tensor } => ({
  quotient: floorDiv(x, y),
  remainder: mod(x, y),
});
/** The angle of the point (x, y) in (-π, π]; operands y then x. */
export const atan2 = (y: TensorLike, x: TensorLike): Tensor => binary("atan2", raw.atan2, y, x, "float");
/** The larger of x and y; NaN if either is. On ties the derivative is shared equally. */
export const maximum = (x: TensorLike, y: TensorLike): Tensor => binary("maximum", raw.max, x, y, "plain");
/** The smaller of x and y; NaN if either is. */
export const minimum = (x: TensorLike, y: TensorLike): Tensor => binary("minimum", raw.min, x, y, "plain");

/** √(x² + y²) without overflow; ∞ if either is infinite, whatever the other (as C99). Derivative 0 at the origin. */
export const hypot = (x: TensorLike, y: TensorLike): Tensor => {
  const [a, b] = unify("hypot", [x, y], "float").map(raw.abs);
  const big = raw.max(a, b);
  const zero = zerosLike(big);
  const flat = eq(big, zero);
  const ratio = raw.div(raw.min(a, b), select(flat, onesLike(big), big));
  const value = raw.mul(big, sqrt(raw.onePlus(raw.square(ratio))));
  const infinite = fill(Number.POSITIVE_INFINITY, big);
  return select(or(eq(a, infinite), eq(b, infinite)), infinite, select(flat, zero, value));
};

/**
 * x^y. An integer exponent given as a JS number, |y| ≤ 32, is repeated multiplication (exact for integers, smooth at 0); otherwise floats:
 * pow(x, 0) = 1, a negative base with a fractional exponent is NaN.
 */
export const pow = (x: TensorLike, y: TensorLike): Tensor => {
  if (typeof y === "number" && Number.isInteger(y) && Math.abs(y) <= 32) {
    const base = operand("pow", x, y < 0 ? "float" : "numeric");
    return y < 0 ? raw.reciprocal(power(base, -y)) : power(base, y);
  }
  return binary("pow", raw.pow, x, y, "float");
};
const power = (x: Tensor, n: number): Tensor => {
  if (n === 0) return onesLike(x);
  const half = n === 1 ? null : power(x, n >> 1);
  if (half === null) return x;
  const even = raw.mul(half, half);
  return n % 2 ? raw.mul(even, x) : even;
};

/** -x. */
export const neg = (x: TensorLike): Tensor => raw.neg(operand("neg", x, "numeric"));
/** |x|; derivative 0 at 0. */
export const abs = (x: TensorLike): Tensor => raw.abs(operand("abs", x, "numeric"));
/** -1, 0 or 1. */
export const sign = (x: TensorLike): Tensor => raw.sign(operand("sign", x, "numeric"));
/** x². */
export const square = (x: TensorLike): Tensor => raw.square(operand("square", x, "numeric"));
/** 1 / x. */
export const reciprocal = (x: TensorLike): Tensor => raw.reciprocal(operand("reciprocal", x, "float"));

/** x limited to [low, high]; a bound left out (null) does not limit. Derivative 1 strictly inside, 0 on the bounds and outside. */
export const clip = (x: TensorLike, low: TensorLike | null, high: TensorLike | null = null): Tensor => {
  if (low === null && high === null) return operand("clip", x, "numeric");
  if (low === null) return minimum(x, high as TensorLike);
  if (high === null) return maximum(x, low);
  const scalars = typeof low === "number" && typeof high === "number";
  if (scalars && isTensor(x) && numeric(x.dtype)) {
    const [l, t, h] = promote("clip", [low, x, high], "numeric");
    return clamp(l, t, h);
  }
  const [l, t, h] = unify("clip", [low, x, high], "numeric");
  return clamp(l, t, h);
};
