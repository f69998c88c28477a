import { ShapeError } from "@ansatz/backend";
import type { Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import { abs, add, div, max, mul, neg, sub } from "../ops/arithmetic";
import { select } from "../ops/choice";
import { and, eq, lt } from "../ops/comparison";
import { fill } from "../ops/fill";
import { reduceMax, reduceSum } from "../ops/reductions";
import { reshape } from "../ops/shape";
import { stopGradient } from "../ops/stop-gradient";
import { exp, log, log1p } from "../ops/transcendental";
import { type AxisArgument, kept, normalAxes } from "./axes";
import { operand, stretch, unify } from "./promotion";
import type { ReduceOptions } from "./reduce";

/** Exponential families of numbers without overflow: everything is taken relative to the largest entry, a constant to derivatives. */

/** The largest entry along the axes where it is finite, else 0, over x's shape. */
const pivot = (caller: string, t: Tensor, axes: readonly number[]): Tensor => {
  if (axes.some((k) => t.shape[k] === 0))
    throw new ShapeError(caller, "has no value over an empty axis", { shape: t.shape, axes });
  const m = axes.length === 0 ? t : reduceMax(t, axes);
  const finite = and(lt(m, fill(Number.POSITIVE_INFINITY, m)), lt(fill(Number.NEGATIVE_INFINITY, m), m));
  return reshape(stopGradient(select(finite, m, fill(0, m))), kept(t.shape, axes));
};

/**
 * log Σ e^x over the axes. Entries of -∞ count as absent, with derivative 0; if all are, the result is -∞.
 *
 * @example logsumexp([1000, 1000]) // 1000.6931…
 */
export const logsumexp = (x: TensorLike, axis?: AxisArgument, { keepDims = false }: ReduceOptions = {}): Tensor => {
  const t = operand("logsumexp", x, "float");
  const axes = normalAxes("logsumexp", axis, t.shape.length);
  const m = pivot("logsumexp", t, axes);
  const total = reshape(reduceSum(exp(sub(t, stretch(m, t.shape))), axes), m.shape);
  // log has slope ∞ at 0: where nothing is there, take the log of 1 and put -∞ from a constant
  const none = eq(total, fill(0, total));
  const logged = add(log(select(none, fill(1, total), total)), m);
  const out = select(none, fill(Number.NEGATIVE_INFINITY, logged), logged);
  return keepDims
    ? out
    : reshape(
        out,
        t.shape.filter((_, i) => !axes.includes(i)),
      );
};

/** e^x / Σ e^x along the axes (the last unless told). An entry of -∞ gets weight 0; if all are, NaN. */
export const softmax = (x: TensorLike, axis: AxisArgument = -1): Tensor => {
  const t = operand("softmax", x, "float");
  const axes = normalAxes("softmax", axis, t.shape.length);
  const e = exp(sub(t, stretch(pivot("softmax", t, axes), t.shape)));
  // one quotient a line: a product costs a fraction of a quotient, and half an ulp
  const total = reduceSum(e, axes);
  return mul(e, stretch(reshape(div(fill(1, total), total), kept(t.shape, axes)), t.shape));
};

/** x - log Σ e^x along the axes (the last unless told): the logarithm of softmax, also where softmax underflows. */
export const logSoftmax = (x: TensorLike, axis: AxisArgument = -1): Tensor => {
  const t = operand("logSoftmax", x, "float");
  const axes = normalAxes("logSoftmax", axis, t.shape.length);
  const shifted = sub(t, stretch(pivot("logSoftmax", t, axes), t.shape));
  return sub(shifted, stretch(reshape(log(reduceSum(exp(shifted), axes)), kept(t.shape, axes)), t.shape));
};

/** log(e^x + e^y) = max + log(1 + e^-|x - y|). logaddexp(x, 0) is softplus. */
export const logaddexp = (x: TensorLike, y: TensorLike): Tensor => {
  const [a, b] = unify("logaddexp", [x, y], "float");
  // equal operands, infinities among them, differ by 0
  const difference = select(eq(a, b), fill(0, a), sub(a, b));
  return add(max(a, b), log1p(exp(neg(abs(difference)))));
};
