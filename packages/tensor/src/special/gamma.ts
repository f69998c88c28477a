import type { Tensor } from "../core/tensor";
import { scalar } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import { abs, add, div, mul, neg, oneMinus, reciprocal, square, sub } from "../ops/arithmetic";
import { clamp, select } from "../ops/choice";
import { eq, floor, ge, le, lt, round } from "../ops/comparison";
import { fill, scale } from "../ops/fill";
import { log, sin, tan } from "../ops/transcendental";
import { digammaAtRoot, digammaRoot, digammaSeries, logGammaAtTwo, stirling } from "./coefficients";
import { applied, smoothOp } from "./elementwise";
import { polygammaOf } from "./polygamma";
import { polynomial } from "./polynomial";

const infinity = (like: Tensor): Tensor => fill(Number.POSITIVE_INFINITY, like);

/** Stirling's correction log Γ(x) - [(x - ½) log x - x + ½ log 2π] for x ≥ 7: Σ B₂ₖ / (2k(2k - 1) x^(2k - 1)). */
export const stirlingCorrection = (x: Tensor): Tensor => {
  const r = reciprocal(x);
  return mul(r, polynomial(square(r), stirling));
};
const halfLogTwoPi = 0.5 * Math.log(2 * Math.PI);

/**
 * log Γ(x) for x > 0. Below 7.5: x is brought into [1.5, 2.5) by Γ(x) = (x - 1) Γ(x - 1), where log Γ(2 + y) = y P(y) vanishes exactly at 2;
 * the steps are the logarithm of one product. Above: Stirling. Relative accuracy holds at both zeros, 1 and 2.
 */
const positive = (x: Tensor): Tensor => {
  const n = clamp(scalar(-2, x.dtype), floor(sub(x, fill(1.5, x))), scalar(5, x.dtype));
  const y = sub(sub(x, fill(2, x)), n);
  const one = fill(1, x);
  let down = one; // (x - 1)(x - 2) … for n > 0
  for (let k = 1; k <= 5; k++) down = mul(down, select(ge(n, fill(k, x)), sub(x, fill(k, x)), one));
  let up = one; // x (x + 1) for n < 0
  for (let k = 0; k < 2; k++) up = mul(up, select(le(n, fill(-1 - k, x)), add(x, fill(k, x)), one));
  const near = add(mul(y, polynomial(y, logGammaAtTwo)), sub(log(down), log(up)));
  const big = clamp(scalar(7, x.dtype), x, scalar(Number.MAX_VALUE, x.dtype));
  const far = add(add(sub(mul(sub(big, fill(0.5, x)), log(big)), big), fill(halfLogTwoPi, x)), stirlingCorrection(big));
  const value = select(lt(x, fill(7.5, x)), near, far);
  return select(eq(x, infinity(x)), x, value);
};

const lgammaOp = smoothOp(
  "lgamma",
  (x) => {
    // reflection: log |Γ(x)| = log π - log |sin πx| - log Γ(1 - x); ∞ at 0, -1, -2, …
    const reflect = le(x, fill(0, x));
    const p = positive(select(reflect, oneMinus(x), x));
    const off = abs(sub(x, round(x)));
    const mirrored = sub(sub(fill(Math.log(Math.PI), x), log(sin(scale(off, Math.PI)))), p);
    const pole = eq(x, neg(infinity(x)));
    return select(pole, infinity(x), select(reflect, mirrored, p));
  },
  // d log |Γ(x)| = ψ(x) dx
  (dx, x) => mul(dx, digamma(x)),
  "Lgamma",
);
/**
 * log |Γ(x)|: ∞ at 0, -1, -2, …. Relative error below 1e-14 in float64 for x > 0, also beside the zeros 1 and 2; below 0 the error is of that
 * size relative to the larger term of the reflection formula.
 */
export const lgamma: (x: TensorLike) => Tensor = applied("lgamma", () => lgammaOp);
/** SciPy's name of lgamma. */
export const gammaln = lgamma;

/** ψ(x) for x > 0: x + 1 for x < 1; around the zero in [1, 2) a fit that vanishes exactly there; else shifted to 6 and beyond. */
const positiveDigamma = (x: Tensor): Tensor => {
  const one = fill(1, x);
  const small = lt(x, one);
  const z = select(small, add(x, one), x);
  const fromRoot = sub(sub(z, fill(digammaRoot.high, x)), fill(digammaRoot.low, x));
  const near = mul(fromRoot, polynomial(sub(z, fill(1.5, x)), digammaAtRoot));
  // ψ(z) = ψ(z + 4) - Σ 1/(z + k)
  const shift = lt(z, fill(6, x));
  let lost = fill(0, x);
  for (let k = 0; k < 4; k++) lost = add(lost, reciprocal(add(z, fill(k, x))));
  const w = select(shift, add(z, fill(4, x)), z);
  const r = reciprocal(square(w));
  const series = mul(r, polynomial(r, digammaSeries));
  const far = sub(sub(log(w), scale(reciprocal(w), 0.5)), series);
  const value = select(lt(z, fill(2, x)), near, sub(far, select(shift, lost, fill(0, x))));
  return select(small, sub(value, reciprocal(x)), value);
};

const digammaOp = smoothOp(
  "digamma",
  (x) => {
    // ψ(x) = ψ(1 - x) - π / tan πx; at 0 -∞ from the right, NaN at -1, -2, …
    const reflect = lt(x, fill(0, x));
    const p = positiveDigamma(select(reflect, oneMinus(x), x));
    const off = sub(x, round(x));
    const turned = sub(p, div(fill(Math.PI, x), tan(scale(off, Math.PI))));
    const pole = eq(off, fill(0, x));
    return select(reflect, select(pole, fill(Number.NaN, x), turned), p);
  },
  // dψ(x) = ψ⁽¹⁾(x) dx
  (dx, x) => mul(dx, polygammaOf(1, x)),
  "Digamma",
);
/** ψ(x) = d/dx log Γ(x). Relative error below 1e-14 in float64 for x > 0, beside the zero 1.4616… too. */
export const digamma: (x: TensorLike) => Tensor = applied("digamma", () => digammaOp);
