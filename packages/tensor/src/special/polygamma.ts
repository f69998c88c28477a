import { DomainError } from "@ansatz/backend";
import { jvp, type TensorOp } from "../core/op";
import type { Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import { bind1 } from "../core/trace";
import { defineOp } from "../define-op";
import { operand } from "../functions/promotion";
import { add, div, mul, oneMinus, reciprocal, square, sub } from "../ops/arithmetic";
import { select } from "../ops/choice";
import { lt, round } from "../ops/comparison";
import { fill, scale } from "../ops/fill";
import { sin } from "../ops/transcendental";
import { eulerMaclaurin } from "./coefficients";
import { digamma } from "./gamma";

const power = (x: Tensor, n: number): Tensor => {
  if (n === 1) return x;
  const half = power(x, n >> 1);
  const even = mul(half, half);
  return n % 2 ? mul(even, x) : even;
};

/** ζ(s, x) = Σ_{k ≥ 0} (x + k)^-s: ten terms, and Euler and Maclaurin's formula for the rest. */
const hurwitz = (s: number, x: Tensor): Tensor => {
  const terms = 10;
  let sum = reciprocal(power(x, s));
  for (let k = 1; k < terms; k++) sum = add(sum, reciprocal(power(add(x, fill(k, x)), s)));
  const r = reciprocal(add(x, fill(terms, x)));
  // r^(s-1)/(s-1) + r^s/2 + Σ B₂ⱼ/(2j)! s(s+1)…(s+2j-2) r^(s+2j-1)
  const tail: number[] = [1 / (s - 1), 0.5];
  let rising = s;
  eulerMaclaurin.forEach((b, i) => {
    if (i > 0) rising *= (s + 2 * i - 1) * (s + 2 * i);
    tail.push(b * rising, 0);
  });
  let y = fill(tail[tail.length - 1], r);
  for (let k = tail.length - 2; k >= 0; k--) y = add(mul(y, r), fill(tail[k], r));
  return add(sum, mul(s === 2 ? r : power(r, s - 1), y));
};

const polygammaOp: TensorOp<{ readonly n: number }> = defineOp<{ readonly n: number }>({
  name: "polygamma",
  abstract: ([x]) => [x],
  compose: ([x], { n }) => {
    let factorial = 1;
    for (let k = 2; k <= n; k++) factorial *= k;
    // ψ⁽ⁿ⁾(x) = (-1)ⁿ⁺¹ n! ζ(n + 1, x)
    const of = (z: Tensor): Tensor => scale(hurwitz(n + 1, z), n % 2 ? factorial : -factorial);
    const below = lt(x, fill(0, x));
    if (n !== 1) return [select(below, fill(Number.NaN, x), of(x))];
    // ψ⁽¹⁾(x) = π²/sin² πx - ψ⁽¹⁾(1 - x)
    const s = sin(scale(sub(x, round(x)), Math.PI));
    const value = of(select(below, oneMinus(x), x));
    return [select(below, sub(div(fill(Math.PI ** 2, x), square(s)), value), value)];
  },
  // dψ⁽ⁿ⁾(x) = ψ⁽ⁿ⁺¹⁾(x) dx
  derivative: jvp(([x], [dx], { n }) => [dx && mul(dx, polygammaOf(n + 1, x))]),
  batch: "elementwise",
});
/** On a float tensor. */
export const polygammaOf = (n: number, x: Tensor): Tensor => bind1(polygammaOp, [x], { n });

/** The n-th derivative of ψ; n = 0 is digamma. Below 0 only n ≤ 1 is computed, NaN otherwise. Relative error below 1e-13. */
export const polygamma = (n: number, x: TensorLike): Tensor => {
  if (!Number.isInteger(n) || n < 0) throw new DomainError("polygamma", "the order is a nonnegative integer", { n });
  return n === 0 ? digamma(x) : polygammaOf(n, operand("polygamma", x, "float"));
};
