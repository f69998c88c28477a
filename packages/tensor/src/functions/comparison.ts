import type { Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import { abs, add, mul, sub } from "../ops/arithmetic";
import * as choice from "../ops/choice";
import * as raw from "../ops/comparison";
import { fill } from "../ops/fill";
import { agree, broadcastShapes, meet, operand, promote, stretch, unify } from "./promotion";

/** Comparisons and logic: bool results; operands promote and broadcast. NaN is unequal to everything, itself too. */

const compare = (caller: string, op: (x: Tensor, y: Tensor) => Tensor, x: TensorLike, y: TensorLike): Tensor => {
  if (agree(x, y) && (x as Tensor).dtype !== "key") return op(x as Tensor, y as Tensor);
  const [a, b] = meet(caller, [x, y], "plain");
  return op(a, b);
};

/** x = y. */
export const equal = (x: TensorLike, y: TensorLike): Tensor => compare("equal", raw.eq, x, y);
/** x ≠ y. */
export const notEqual = (x: TensorLike, y: TensorLike): Tensor => compare("notEqual", raw.ne, x, y);
/** x < y. */
export const less = (x: TensorLike, y: TensorLike): Tensor => compare("less", raw.lt, x, y);
/** x ≤ y. */
export const lessEqual = (x: TensorLike, y: TensorLike): Tensor => compare("lessEqual", raw.le, x, y);
/** x > y. */
export const greater = (x: TensorLike, y: TensorLike): Tensor => compare("greater", raw.gt, x, y);
/** x ≥ y. */
export const greaterEqual = (x: TensorLike, y: TensorLike): Tensor => compare("greaterEqual", raw.ge, x, y);

/** As a bool tensor: x ≠ 0 (NaN counts as true). */
export const asBool = (x: TensorLike, caller: string): Tensor => choice.convert(operand(caller, x, "plain"), "bool");
const logic = (caller: string, op: (x: Tensor, y: Tensor) => Tensor, x: TensorLike, y: TensorLike): Tensor => {
  const [a, b] = [asBool(x, caller), asBool(y, caller)];
  const shape = broadcastShapes(caller, a.shape, b.shape);
  return op(stretch(a, shape), stretch(b, shape));
};
/** Both, as bools. */
export const logicalAnd = (x: TensorLike, y: TensorLike): Tensor => logic("logicalAnd", raw.and, x, y);
/** Either, as bools. */
export const logicalOr = (x: TensorLike, y: TensorLike): Tensor => logic("logicalOr", raw.or, x, y);
/** One but not both, as bools. */
export const logicalXor = (x: TensorLike, y: TensorLike): Tensor => logic("logicalXor", raw.xor, x, y);
/** Not, as a bool. */
export const logicalNot = (x: TensorLike): Tensor => raw.not(asBool(x, "logicalNot"));

const bits = (caller: string, op: (x: Tensor, y: Tensor) => Tensor, x: TensorLike, y: TensorLike): Tensor => {
  const [a, b] = meet(caller, [x, y], "bits");
  return op(a, b);
};
/** Bit by bit on integers, logical on bools. */
export const bitwiseAnd = (x: TensorLike, y: TensorLike): Tensor => bits("bitwiseAnd", raw.and, x, y);
/** Bit by bit on integers, logical on bools. */
export const bitwiseOr = (x: TensorLike, y: TensorLike): Tensor => bits("bitwiseOr", raw.or, x, y);
/** Bit by bit on integers, logical on bools. */
export const bitwiseXor = (x: TensorLike, y: TensorLike): Tensor => bits("bitwiseXor", raw.xor, x, y);
/** All bits flipped; not on bools. */
export const bitwiseNot = (x: TensorLike): Tensor => raw.not(promote("bitwiseNot", [x], "bits")[0]);
/** x·2^y modulo 2³²; shifts of 32 or more give 0. */
export const leftShift = (x: TensorLike, y: TensorLike): Tensor => bits("leftShift", raw.shiftLeft, x, y);
/** ⌊x / 2^y⌋: the sign bit enters for int32, zeros for uint32. */
export const rightShift = (x: TensorLike, y: TensorLike): Tensor =>
  bits("rightShift", (a, b) => (a.dtype === "uint32" ? raw.shiftRightLogical : raw.shiftRightArithmetic)(a, b), x, y);

/** Where x is NaN. */
const isNaNOf = (x: TensorLike): Tensor => {
  const t = operand("isNaN", x, "float");
  return raw.ne(t, t);
};
/** Where x is neither NaN nor infinite. */
const isFiniteOf = (x: TensorLike): Tensor => {
  const t = operand("isFinite", x, "float");
  return raw.lt(abs(t), fill(Number.POSITIVE_INFINITY, t));
};
/** Where x is ∞ or -∞. */
const isInfOf = (x: TensorLike): Tensor => {
  const t = operand("isInf", x, "float");
  return raw.eq(abs(t), fill(Number.POSITIVE_INFINITY, t));
};

/**
 * x where the condition holds, else y; all three broadcast. Both branches are computed: keep arguments of, say, log inside its domain in
 * the branch not taken as well, or its derivative is NaN there (0 · ∞).
 */
export const where = (condition: TensorLike, x: TensorLike, y: TensorLike): Tensor => {
  const p = asBool(condition, "where");
  const [a, b] = promote("where", [x, y], "any");
  const shape = broadcastShapes("where", p.shape, a.shape, b.shape);
  return choice.select(p.shape.length === 0 ? p : stretch(p, shape), stretch(a, shape), stretch(b, shape));
};

export interface Tolerance {
  readonly rtol?: number;
  readonly atol?: number;
  /** Whether NaN equals NaN. */
  readonly equalNaN?: boolean;
}
/** |x - y| ≤ atol + rtol·|y|, element by element; infinities are close when equal. */
export const isClose = (
  x: TensorLike,
  y: TensorLike,
  { rtol = 1e-5, atol = 1e-8, equalNaN = false }: Tolerance = {},
): Tensor => {
  const [a, b] = unify("isClose", [x, y], "float");
  const bound = add(fill(atol, b), mul(fill(rtol, b), abs(b)));
  const near = raw.and(raw.le(abs(sub(a, b)), bound), isFiniteOf(b));
  const same = raw.or(near, raw.eq(a, b));
  return equalNaN ? raw.or(same, raw.and(isNaNOf(a), isNaNOf(b))) : same;
};
export { isFiniteOf as isFinite, isInfOf as isInf, isNaNOf as isNaN };
