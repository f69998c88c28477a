import type { Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import { mul, neg, oneMinus, onePlus, reciprocal } from "../ops/arithmetic";
import { exp } from "../ops/transcendental";
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
