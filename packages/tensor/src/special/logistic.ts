import type { Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import { operand } from "../functions/promotion";
import { abs, add, div, max, mul, neg, oneMinus, onePlus, reciprocal, sub } from "../ops/arithmetic";
import { select } from "../ops/choice";
import { lt } from "../ops/comparison";
import { fill, scale, zerosLike } from "../ops/fill";
import { atanh, exp, log, log1p } from "../ops/transcendental";
import { applied, smoothOp } from "./elementwise";

/** 1/(1 + e^-x): in the left tail e^-x overflows to ∞ and the quotient is the right 0. */
const sigmoidOp = smoothOp(
  "sigmoid",
  (x) => reciprocal(onePlus(exp(neg(x)))),
  // y' = y(1 - y), which unlike the derivative of the formula is never 0 · ∞
  (dx, _, y) => mul(dx, mul(y, oneMinus(y))),
);
/** The logistic function 1 / (1 + e^-x), the inverse of logit. @example sigmoid(0) // 0.5 */
export const sigmoid: (x: TensorLike) => Tensor = applied("sigmoid", () => sigmoidOp);
/** SciPy's name of sigmoid. */
export const expit = sigmoid;

const logitOp = smoothOp(
  "logit",
  (p) => {
    // 2 artanh(2p - 1) around ½, where 2p - 1 is exact; elsewhere the logarithms do not cancel
    const t = sub(scale(p, 2), fill(1, p));
    const middle = lt(abs(t), fill(0.5, t));
    const inner = scale(atanh(select(middle, t, zerosLike(t))), 2);
    return select(middle, inner, sub(log(p), log1p(neg(p))));
  },
  // d log(p/(1 - p)) = dp / (p(1 - p))
  (dp, p) => div(dp, mul(p, oneMinus(p))),
);
/** log(p / (1 - p)): -∞ at 0, ∞ at 1, NaN outside [0, 1]. */
export const logit: (p: TensorLike) => Tensor = applied("logit", () => logitOp);

const softplusOp = smoothOp(
  "softplus",
  (x) => add(max(x, zerosLike(x)), log1p(exp(neg(abs(x))))),
  // d log(1 + e^x) = σ(x) dx
  (dx, x) => mul(dx, sigmoid(x)),
);
/** log(1 + e^x) = max(x, 0) + log(1 + e^-|x|). */
export const softplus: (x: TensorLike) => Tensor = applied("softplus", () => softplusOp);
/** log σ(x) = -softplus(-x). */
export const logSigmoid = (x: TensorLike): Tensor => neg(softplus(negated(x)));
const negated = (x: TensorLike): Tensor => neg(operand("logSigmoid", x, "float"));
