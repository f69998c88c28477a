import { customJvp } from "@ansatz/autodiff";
import { epsOf } from "@ansatz/backend";
import {
  abs,
  add,
  any,
  cond,
  diagonal,
  div,
  equal,
  expandDims,
  eye,
  less,
  lessEqual,
  log,
  logicalOr,
  matmul,
  matrixTranspose,
  max,
  min,
  mod,
  mul,
  prod,
  sign,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  triu,
  where,
} from "@ansatz/tensor";
import { stop } from "@ansatz/tensor/transforms";
import { factor } from "./lu";
import { solve } from "./solve";
import { rows, square } from "./support";
import { svd } from "./svd";

export interface SignedLogDet {
  /** -1, 0 or 1. */
  readonly sign: Tensor;
  /** log |det A|, -∞ for a singular matrix. */
  readonly logabsdet: Tensor;
}
/**
 * The determinant as a sign and a logarithm, which neither over- nor underflow. d log|det A| = tr(A⁻¹ dA).
 *
 * @example slogdet([[2, 0], [0, 3]]).logabsdet // log 6
 */
export const slogdet = (a: TensorLike): SignedLogDet => {
  const x = square("slogdet", a);
  const { factors, permutation } = factor(x);
  const d = diagonal(factors, { axes: [-2, -1] });
  return {
    sign: mul(parity(permutation, x.dtype), stop(prod(sign(d), -1))),
    logabsdet: sum(log(abs(d)), -1),
  };
};
/**
 * The determinant, by LU. Its derivative is tr(adj(A) dA), right at singular matrices too: there it is taken through the singular values, and holds to
 * second order (elsewhere to every order).
 *
 * @example det([[1, 2], [3, 4]]) // -2
 */
export const det = (a: TensorLike): Tensor => {
  const f = customJvp(byFactors, ([x], [dx]) => ({ value: det(x), tangent: determinantTangent(x, dx) }));
  const x = square("det", a);
  return rows(x) === 0 ? byFactors(x) : (f(x) as Tensor);
};
const byFactors = (x: Tensor): Tensor => {
  const { factors, permutation } = factor(x);
  return mul(parity(permutation, x.dtype), prod(diagonal(factors, { axes: [-2, -1] }), -1));
};

const determinantTangent = (a: Tensor, da: Tensor): Tensor => {
  const d = stop(abs(diagonal(factor(stop(a)).factors, { axes: [-2, -1] })));
  // A⁻¹ is of use where it keeps half of the digits
  const poor = lessEqual(min(d, -1), mul(Math.sqrt(epsOf(a.dtype)), max(d, -1)));
  return cond(any(poor), bySingularValues, byInverse, a, da) as Tensor;
};
const byInverse = (a: Tensor, da: Tensor): Tensor => mul(det(a), sum(diagonal(solve(a, da), { axes: [-2, -1] }), -1));

/**
 * With A = U S Vᵀ, det A = det(U) det(V) det(B) for B = Uᵀ A V, U and V held fixed. B is diagonal here, so its cofactors are
 * Cᵢᵢ = ∏_{k≠i} bₖₖ and Cᵢⱼ = -bⱼᵢ ∏_{k≠i,j} bₖₖ up to the second order in what leaves the diagonal; they are written out to first order around it.
 */
const bySingularValues = (a: Tensor, da: Tensor): Tensor => {
  const { u, s, vt } = svd(stop(a));
  const [ut, v] = [matrixTranspose(u), matrixTranspose(vt)];
  const n = rows(a);
  const signs = mul(byFactors(u), byFactors(vt));
  const one = eye(n, n, { dtype: a.dtype });
  // π with one and with two of the singular values left out, by division where they are not zero
  const zero = equal(s, 0);
  const zeros = sum(zero.astype(a.dtype), -1, { keepDims: true });
  const safe = where(zero, 1, s);
  const all = prod(safe, -1, { keepDims: true });
  const own = zero.astype(a.dtype);
  const without = where(equal(zeros, own), div(all, safe), 0);
  const [si, sj] = [expandDims(safe, -1), expandDims(safe, -2)];
  const both = add(expandDims(own, -1), expandDims(own, -2));
  const pairs = where(
    logicalOr(equal(expandDims(zeros, -1), both), equal(one, 1)),
    div(div(expandDims(all, -1), si), sj),
    0,
  );
  const off = mul(pairs, sub(1, one));
  const b = matmul(matmul(ut, a), v);
  const diag = diagonal(b, { axes: [-2, -1] });
  const moved = sub(diag, stop(diag));
  const head = add(without, sum(mul(off, expandDims(moved, -2)), -1));
  const outside = sub(b, stop(b));
  const cofactors = sub(mul(one, expandDims(head, -1)), mul(off, matrixTranspose(outside)));
  return mul(signs, sum(mul(cofactors, matmul(matmul(ut, da), v)), [-2, -1]));
};

/** (-1)^(number of pairs out of order) */
const parity = (p: Tensor, dtype: Tensor["dtype"]): Tensor => {
  const out = less(expandDims(p, -2), expandDims(p, -1)); // [i, j]: pⱼ < pᵢ
  const count = sum(triu(out.astype("int32"), 1), [-2, -1]);
  return sub(1, mul(2, mod(count, 2).astype(dtype)));
};
