import { jvp } from "../core/op";
import type { Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import { bind1 } from "../core/trace";
import { defineOp } from "../define-op";
import { unify } from "../functions/promotion";
import { add, div, mul, neg, onePlus, sub } from "../ops/arithmetic";
import { select } from "../ops/choice";
import { and, eq, gt, lt } from "../ops/comparison";
import { fill, onesLike, plus, zerosLike } from "../ops/fill";
import { log, log1p } from "../ops/transcendental";
import { applied, smoothOp } from "./elementwise";

/** Products with logarithms where 0 · log 0 is 0. */

/** x · f(y), 0 where x = 0 unless y is NaN; f is not evaluated outside its domain there. */
const product = /* @__NO_SIDE_EFFECTS__ */ (
  name: string,
  f: (y: Tensor) => Tensor,
  at: number,
  slope: (x: Tensor, y: Tensor) => Tensor,
) =>
  defineOp({
    name,
    abstract: ([x]) => [x],
    compose: ([x, y]) => {
      const zero = and(eq(x, zerosLike(x)), eq(y, y));
      const value = mul(x, f(select(zero, fill(at, y), y)));
      return [select(zero, zerosLike(x), value)];
    },
    // d(x f(y)) = f(y) dx + x f′(y) dy; the second is 0 where x is
    derivative: jvp(([x, y], [dx, dy]) => {
      const zero = and(eq(x, zerosLike(x)), eq(y, y));
      const b = dy && mul(dy, select(zero, zerosLike(x), slope(x, y)));
      return [plus(add, dx && mul(dx, f(y)), b)];
    }),
    batch: "elementwise",
  });
const xlogyOp = product("xlogy", log, 1, (x, y) => div(x, y));
const xlog1pyOp = product("xlog1py", log1p, 0, (x, y) => div(x, onePlus(y)));

/** x log y, and 0 where x = 0 (unless y is NaN). */
export const xlogy = (x: TensorLike, y: TensorLike): Tensor => {
  const [a, b] = unify("xlogy", [x, y], "float");
  return bind1(xlogyOp, [a, b], {});
};
/** x log(1 + y), and 0 where x = 0 (unless y is NaN). */
export const xlog1py = (x: TensorLike, y: TensorLike): Tensor => {
  const [a, b] = unify("xlog1py", [x, y], "float");
  return bind1(xlog1pyOp, [a, b], {});
};

const entrOp = smoothOp(
  "entr",
  (x) => {
    const zero = zerosLike(x);
    const safe = select(gt(x, zero), x, onesLike(x));
    const inside = neg(mul(x, log(safe)));
    const value = select(eq(x, zero), zero, inside);
    return select(lt(x, zero), fill(Number.NEGATIVE_INFINITY, x), value);
  },
  // d(-x log x) = -(log x + 1) dx; ∞ at 0
  (dx, x) => neg(mul(dx, onePlus(log(x)))),
);
/** -x log x: the entropy of a probability; 0 at 0, -∞ below. */
export const entr: (x: TensorLike) => Tensor = applied("entr", () => entrOp);

/** x log(x / y), the terms of the relative entropy: 0 where x = 0 ≤ y, ∞ where x > 0 = y or either is negative. */
export const relEntr = (x: TensorLike, y: TensorLike): Tensor => {
  const [a, b] = unify("relEntr", [x, y], "float");
  const zero = zerosLike(a);
  const inside = and(gt(a, zero), gt(b, zero));
  const one = onesLike(a);
  const value = mul(a, sub(log(select(inside, a, one)), log(select(inside, b, one))));
  const nothing = and(eq(a, zero), eq(b, b));
  const outside = select(and(nothing, lt(neg(b), onesLike(a))), zero, fill(Number.POSITIVE_INFINITY, a));
  const missing = eq(add(a, b), add(a, b));
  return select(inside, value, select(missing, outside, fill(Number.NaN, a)));
};
