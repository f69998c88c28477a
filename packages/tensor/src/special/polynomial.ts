import type { Tensor } from "../core/tensor";
import { add, mul } from "../ops/arithmetic";
import { select } from "../ops/choice";
import { fill } from "../ops/fill";

/** Σ c_k x^k by Horner's scheme, coefficients from the constant term up. */
export const polynomial = (x: Tensor, c: readonly number[]): Tensor => {
  let y = fill(c[c.length - 1], x);
  for (let k = c.length - 2; k >= 0; k--) y = add(mul(y, x), fill(c[k], x));
  return y;
};

/** A polynomial whose coefficients depend on where x lies: one Horner scheme, each coefficient selected. */
export const pieces = (x: Tensor, where: readonly Tensor[], cs: readonly (readonly number[])[]): Tensor => {
  const coefficient = (k: number): Tensor => {
    let c = fill(cs[cs.length - 1][k] ?? 0, x);
    for (let i = where.length - 1; i >= 0; i--) c = select(where[i], fill(cs[i][k] ?? 0, x), c);
    return c;
  };
  const degree = Math.max(...cs.map((c) => c.length)) - 1;
  let y = coefficient(degree);
  for (let k = degree - 1; k >= 0; k--) y = add(mul(y, x), coefficient(k));
  return y;
};
