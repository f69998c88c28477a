import type { Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import { operand } from "../functions/promotion";
import { abs, add, div, min, mul, neg, oneMinus, onePlus, reciprocal, sign, square, sub } from "../ops/arithmetic";
import { select } from "../ops/choice";
import { eq, gt, le, lt } from "../ops/comparison";
import { fill, scale } from "../ops/fill";
import { erfc, exp, log, log1p, sqrt } from "../ops/transcendental";
import { applied, smoothOp } from "./elementwise";
import { erfinvLowering } from "./erfinv";
import { pieces, polynomial } from "./polynomial";

/** The normal law: its quantiles, and the inverses of erf and erfc. */

// Wichura 1988, Algorithm AS 241 (PPND16): relative accuracy 1e-16 for the tail probability down to 1e-316.
const central = {
  over: [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
    33430.57558358813, 2509.0809287301227,
  ],
  under: [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852854,
  ],
};
const middle = {
  over: [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  under: [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
};
const far = {
  over: [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
  ],
  under: [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
    1.421511758316446e-7, 2.0442631033899397e-15,
  ],
};

/** The normal quantile at p = ½ + q, given q and the smaller tail min(p, 1 - p) to full accuracy. */
const quantile = (q: Tensor, tail: Tensor): Tensor => {
  const inside = le(abs(q), fill(0.425, q));
  const r = sqrt(neg(log(tail)));
  const near = le(r, fill(5, r));
  const t = select(inside, sub(fill(0.180625, q), square(q)), sub(r, select(near, fill(1.6, r), fill(5, r))));
  const ratio = div(
    pieces(t, [inside, near], [central.over, middle.over, far.over]),
    pieces(t, [inside, near], [central.under, middle.under, far.under]),
  );
  const edge = eq(tail, fill(0, tail));
  const size = select(edge, fill(Number.POSITIVE_INFINITY, ratio), ratio);
  return select(inside, mul(q, ratio), mul(sign(q), size));
};

// Giles 2012, "Approximating the erfinv function", single precision: 3 ulp in float32.
const gilesNear = [
  1.50140941, 0.246640727, -0.00417768164, -0.00125372503, 0.00021858087, -4.39150654e-6, -3.5233877e-6, 3.43273939e-7,
  2.81022636e-8,
];
const gilesFar = [
  2.83297682, 1.00167406, 0.00943887047, -0.0076224613, 0.00573950773, -0.00367342844, 0.00134934322, 0.000100950558,
  -0.000200214257,
];
const erfinv32 = (x: Tensor): Tensor => {
  const w = neg(log(mul(oneMinus(x), onePlus(x))));
  const near = lt(w, fill(5, w));
  const t = select(near, sub(w, fill(2.5, w)), sub(sqrt(w), fill(3, w)));
  const edge = eq(abs(x), fill(1, x));
  const slope = select(edge, fill(Number.POSITIVE_INFINITY, x), pieces(t, [near], [gilesNear, gilesFar]));
  return mul(slope, x);
};

const halfSqrtPi = Math.sqrt(Math.PI) / 2;
const gaussian = (y: Tensor): Tensor => exp(square(y));

const erfinvOp = smoothOp(
  "erfinv",
  // erf⁻¹(x) = Φ⁻¹((1 + x)/2) / √2, whose smaller tail is (1 - |x|)/2, exactly
  (x) =>
    x.dtype === "float32" ? erfinv32(x) : scale(quantile(scale(x, 0.5), scale(oneMinus(abs(x)), 0.5)), Math.SQRT1_2),
  // d erf⁻¹(x) = √π/2 e^(y²) dx
  (dx, _, y) => mul(dx, scale(gaussian(y), halfSqrtPi)),
  undefined,
  erfinvLowering,
);
/** The inverse of erf on [-1, 1]: ±∞ at ±1, NaN outside. Relative error below 1e-15 in float64. */
export const erfinv: (x: TensorLike) => Tensor = applied("erfinv", () => erfinvOp);

const erfcinvOp = smoothOp(
  "erfcinv",
  // erfc⁻¹(x) = -Φ⁻¹(x/2) / √2
  (x) => {
    const p = scale(x, 0.5);
    return scale(quantile(sub(p, fill(0.5, p)), min(p, oneMinus(p))), -Math.SQRT1_2);
  },
  // d erfc⁻¹(x) = -√π/2 e^(y²) dx
  (dx, _, y) => mul(dx, scale(gaussian(y), -halfSqrtPi)),
);
/** The inverse of erfc on [0, 2], accurate for the smallest x. */
export const erfcinv: (x: TensorLike) => Tensor = applied("erfcinv", () => erfcinvOp);

const ndtriOp = smoothOp(
  "ndtri",
  (p) => quantile(sub(p, fill(0.5, p)), min(p, oneMinus(p))),
  // dΦ⁻¹(p) = √2π e^(z²/2) dp
  (dp, _, z) => mul(dp, scale(exp(scale(square(z), 0.5)), Math.sqrt(2 * Math.PI))),
);
/** The normal quantile Φ⁻¹(p): -∞ at 0, ∞ at 1, NaN outside [0, 1]. */
export const ndtri: (p: TensorLike) => Tensor = applied("ndtri", () => ndtriOp);

const ndtrOp = smoothOp(
  "ndtr",
  (x) => scale(erfc(scale(x, -Math.SQRT1_2)), 0.5),
  // dΦ(x) = e^(-x²/2) / √2π dx
  (dx, x) => mul(dx, scale(exp(scale(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI))),
);
/** The normal distribution function Φ(x) = ½ erfc(-x/√2), accurate in the left tail. */
export const ndtr: (x: TensorLike) => Tensor = applied("ndtr", () => ndtrOp);

/** Mills' ratio's series: Φ(x) = φ(x)/|x| (1 - 1/x² + 3/x⁴ - 15/x⁶ + …), for x far below 0. */
const tailSeries = [1, -1, 3, -15, 105, -945, 10395, -135135, 2027025, -34459425, 654729075];
const logNdtrOp = smoothOp(
  "logNdtr",
  (x) => {
    // where Φ itself loses its digits (or vanishes) the series has converged to machine precision
    const far = lt(x, fill(x.dtype === "float64" ? -20 : -10, x));
    const right = gt(x, fill(0, x));
    const z = select(far, x, fill(-20, x));
    const r = reciprocal(square(z));
    const tail = add(
      sub(scale(square(z), -0.5), log(neg(z))),
      add(fill(-0.5 * Math.log(2 * Math.PI), x), log(polynomial(r, tailSeries))),
    );
    // log Φ(x) = log(1 - Φ(-x)) on the right
    const other = scale(erfc(scale(abs(x), Math.SQRT1_2)), 0.5);
    const near = select(right, log1p(neg(other)), log(other));
    return select(far, tail, near);
  },
  // d log Φ(x) = φ(x)/Φ(x) dx, the quotient in logarithms
  (dx, x, y) => mul(dx, exp(sub(scale(square(x), -0.5), add(y, fill(0.5 * Math.log(2 * Math.PI), x))))),
);
/** log Φ(x), accurate in both tails (log Φ(-100) = -5005.52…). */
export const logNdtr: (x: TensorLike) => Tensor = applied("logNdtr", () => logNdtrOp);

/** log erfc(x) = log 2 + log Φ(-√2 x), also where erfc underflows. */
export const logErfc = (x: TensorLike): Tensor => {
  const t = operand("logErfc", x, "float");
  return add(fill(Math.LN2, t), logNdtr(scale(t, -Math.SQRT2)));
};
