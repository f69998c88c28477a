import type { CoreOp } from "@ansatz/backend";
import * as core from "../core/core-ops";
import { jvp, type TensorOp, withCalculus } from "../core/op";
import type { Tensor } from "../core/tensor";
import { bind1 } from "../core/trace";
import { div, mul, neg, oneMinus, onePlus, square, sub } from "./arithmetic";
import { fill, onesLike, scale } from "./fill";

type None = Record<never, never>;
/** An elementwise function by its differential: dx, x and y = f(x) to dy. */
const smooth = /* @__NO_SIDE_EFFECTS__ */ (
  op: CoreOp<None>,
  d: (dx: Tensor, x: Tensor, y: Tensor) => Tensor,
): TensorOp<None> =>
  withCalculus(op, { derivative: jvp(([x], [dx], _, [y]) => [dx && d(dx, x, y)]), batch: "elementwise" });

// (1 - x)(1 + x) keeps the digits of 1 - x² near ±1.
const oneMinusSquare = (x: Tensor): Tensor => mul(oneMinus(x), onePlus(x));

// d√x = dx / (2√x); ∞ at 0, as the one-sided derivative is
export const sqrtOp = smooth(core.sqrt, (dx, _, y) => mul(dx, div(fill(0.5, y), y)));
export const sqrt = (x: Tensor): Tensor => bind1(sqrtOp, [x], {});
// d x^(-1/2) = -½ x^(-1/2) / x dx
export const rsqrtOp = smooth(core.rsqrt, (dx, x, y) => mul(dx, scale(div(y, x), -0.5)));
export const rsqrt = (x: Tensor): Tensor => bind1(rsqrtOp, [x], {});
// d x^(1/3) = dx / (3 x^(2/3)); ∞ at 0
export const cbrtOp = smooth(core.cbrt, (dx, _, y) => div(dx, scale(square(y), 3)));
export const cbrt = (x: Tensor): Tensor => bind1(cbrtOp, [x], {});

// d e^x = e^x dx
export const expOp = smooth(core.exp, (dx, _, y) => mul(dx, y));
export const exp = (x: Tensor): Tensor => bind1(expOp, [x], {});
// d(e^x - 1) = e^x dx, and e^x = y + 1
export const expm1Op = smooth(core.expm1, (dx, _, y) => mul(dx, onePlus(y)));
export const expm1 = (x: Tensor): Tensor => bind1(expm1Op, [x], {});
// d log x = dx / x
export const logOp = smooth(core.log, (dx, x) => div(dx, x));
export const log = (x: Tensor): Tensor => bind1(logOp, [x], {});
// d log(1 + x) = dx / (1 + x)
export const log1pOp = smooth(core.log1p, (dx, x) => div(dx, onePlus(x)));
export const log1p = (x: Tensor): Tensor => bind1(log1pOp, [x], {});

// d sin x = cos x dx
export const sinOp = smooth(core.sin, (dx, x) => mul(dx, cos(x)));
export const sin = (x: Tensor): Tensor => bind1(sinOp, [x], {});
// d cos x = -sin x dx
export const cosOp = smooth(core.cos, (dx, x) => neg(mul(dx, sin(x))));
export const cos = (x: Tensor): Tensor => bind1(cosOp, [x], {});
// d tan x = (1 + tan² x) dx
export const tanOp = smooth(core.tan, (dx, _, y) => mul(dx, onePlus(square(y))));
export const tan = (x: Tensor): Tensor => bind1(tanOp, [x], {});
// d asin x = dx / √(1 - x²); ∞ at ±1
export const asinOp = smooth(core.asin, (dx, x) => mul(dx, rsqrt(oneMinusSquare(x))));
export const asin = (x: Tensor): Tensor => bind1(asinOp, [x], {});
// d acos x = -dx / √(1 - x²)
export const acosOp = smooth(core.acos, (dx, x) => neg(mul(dx, rsqrt(oneMinusSquare(x)))));
export const acos = (x: Tensor): Tensor => bind1(acosOp, [x], {});
// d atan x = dx / (1 + x²)
export const atanOp = smooth(core.atan, (dx, x) => div(dx, onePlus(square(x))));
export const atan = (x: Tensor): Tensor => bind1(atanOp, [x], {});

// d sinh x = cosh x dx
export const sinhOp = smooth(core.sinh, (dx, x) => mul(dx, cosh(x)));
export const sinh = (x: Tensor): Tensor => bind1(sinhOp, [x], {});
// d cosh x = sinh x dx
export const coshOp = smooth(core.cosh, (dx, x) => mul(dx, sinh(x)));
export const cosh = (x: Tensor): Tensor => bind1(coshOp, [x], {});
// d tanh x = (1 - tanh² x) dx
export const tanhOp = smooth(core.tanh, (dx, _, y) => mul(dx, oneMinusSquare(y)));
export const tanh = (x: Tensor): Tensor => bind1(tanhOp, [x], {});
// d asinh x = dx / √(x² + 1)
export const asinhOp = smooth(core.asinh, (dx, x) => mul(dx, rsqrt(onePlus(square(x)))));
export const asinh = (x: Tensor): Tensor => bind1(asinhOp, [x], {});
// d acosh x = dx / √((x - 1)(x + 1)); ∞ at 1
export const acoshOp = smooth(core.acosh, (dx, x) => mul(dx, rsqrt(mul(sub(x, onesLike(x)), onePlus(x)))));
export const acosh = (x: Tensor): Tensor => bind1(acoshOp, [x], {});
// d atanh x = dx / (1 - x²); ∞ at ±1
export const atanhOp = smooth(core.atanh, (dx, x) => div(dx, oneMinusSquare(x)));
export const atanh = (x: Tensor): Tensor => bind1(atanhOp, [x], {});

const twoOverSqrtPi = 2 / Math.sqrt(Math.PI);
const gaussian = (x: Tensor): Tensor => exp(neg(square(x)));
// d erf x = 2/√π e^(-x²) dx
export const erfOp = smooth(core.erf, (dx, x) => mul(dx, scale(gaussian(x), twoOverSqrtPi)));
export const erf = (x: Tensor): Tensor => bind1(erfOp, [x], {});
// d erfc x = -2/√π e^(-x²) dx
export const erfcOp = smooth(core.erfc, (dx, x) => mul(dx, scale(gaussian(x), -twoOverSqrtPi)));
export const erfc = (x: Tensor): Tensor => bind1(erfcOp, [x], {});
