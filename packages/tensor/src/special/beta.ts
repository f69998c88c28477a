import { jvp } from "../core/op";
import type { Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import { bind1 } from "../core/trace";
import { defineOp } from "../define-op";
import { unify } from "../functions/promotion";
import { add, div, max, min, mul, neg, sub } from "../ops/arithmetic";
import { select } from "../ops/choice";
import { ge } from "../ops/comparison";
import { fill, plus } from "../ops/fill";
import { log, log1p } from "../ops/transcendental";
import { digamma, lgamma, stirlingCorrection } from "./gamma";

const halfLogTwoPi = 0.5 * Math.log(2 * Math.PI);

/**
 * log B(a, b) = log Γ(a) + log Γ(b) - log Γ(a + b). Where an argument is 10 or more the difference of large logarithms is taken by hand
 * between Stirling's formulas (as R's lbeta), so that nothing cancels.
 */
const betalnOp = defineOp({
  name: "betaln",
  abstract: ([a]) => [a],
  compose: ([a, b]) => {
    const p = min(a, b);
    const q = max(a, b);
    const total = add(p, q);
    const ten = fill(10, p);
    const [p10, q10, t10] = [max(p, ten), max(q, ten), max(total, ten)];
    const correction = sub(stirlingCorrection(q10), stirlingCorrection(t10));
    const share = div(p, total);
    const shrink = log1p(neg(share));
    const plain = add(lgamma(p), sub(lgamma(q), lgamma(total)));
    const oneLarge = add(
      add(lgamma(p), correction),
      add(sub(p, mul(p, log(total))), mul(sub(q, fill(0.5, q)), shrink)),
    );
    const bothLarge = add(
      add(add(mul(fill(-0.5, q), log(q)), fill(halfLogTwoPi, q)), add(stirlingCorrection(p10), correction)),
      add(mul(sub(p, fill(0.5, p)), log(share)), mul(q, shrink)),
    );
    return [select(ge(p, ten), bothLarge, select(ge(q, ten), oneLarge, plain))];
  },
  // d log B = (ψ(a) - ψ(a + b)) da + (ψ(b) - ψ(a + b)) db
  derivative: jvp(([a, b], [da, db]) => {
    const common = digamma(add(a, b));
    const part = (x: Tensor, dx: Tensor | null): Tensor | null => dx && mul(dx, sub(digamma(x), common));
    return [plus(add, part(a, da), part(b, db))];
  }),
  batch: "elementwise",
});
/** log B(a, b) for a, b > 0. @example betaln(1, 2) // log ½ */
export const betaln = (a: TensorLike, b: TensorLike): Tensor => {
  const [x, y] = unify("betaln", [a, b], "float");
  return bind1(betalnOp, [x, y], {});
};
