import { DomainError } from "@ansatz/backend";
import {
  abs,
  add,
  div,
  equal,
  isInf,
  logicalOr,
  max,
  min,
  mul,
  pow,
  sqrt,
  square,
  sum,
  type Tensor,
  type TensorLike,
  where,
} from "@ansatz/tensor";
import { operand, promote, stop } from "@ansatz/tensor/transforms";
import { inv } from "./solve";
import { columns, matrix, rows, square as squareMatrix } from "./support";
import { svdvals } from "./svd";

/** c x + y; shapes must be equal, nothing is broadcast. @example axpy(2, [1, 2], [3, 4]) // [5, 8] */
export const axpy = (c: TensorLike, x: TensorLike, y: TensorLike): Tensor => {
  const [u, v] = promote("axpy", [x, y], "float");
  if (u.shape.join() !== v.shape.join())
    throw new DomainError("axpy", "vectors must have one shape", { x: u.shape, y: v.shape });
  return add(mul(c, u), v);
};

/**
 * √Σ xᵢ² over all entries, scaled so that nothing over- or underflows on the way: ‖[1e200, 1e200]‖ is finite. The derivative at 0 is 0.
 *
 * @example norm2([3, 4]) // 5
 */
export const norm2 = (x: TensorLike): Tensor => {
  const t = operand("norm2", x, "float");
  return euclidean(t.reshape([t.size]));
};
/** Over the last axis. */
const euclidean = (t: Tensor): Tensor => {
  if (columns1(t) === 0) return sum(t, -1);
  const top = stop(max(abs(t), -1, { keepDims: true }));
  const scale = where(logicalOr(equal(top, 0), isInf(top)), 1, top);
  const total = sum(square(div(t, scale)), -1);
  const none = equal(total, 0);
  return where(none, 0, mul(scale.reshape(total.shape), sqrt(where(none, 1, total))));
};
const columns1 = (t: Tensor): number => t.shape[t.shape.length - 1];

/** The p-norm over the last axis, 1 ≤ p ≤ ∞. @example vectorNorm([1, -2], 1) // 3 */
export const vectorNorm = (x: TensorLike, p = 2): Tensor => {
  const t = operand("vectorNorm", x, "float");
  if (t.shape.length === 0) throw new DomainError("vectorNorm", "takes a vector", { shape: t.shape });
  if (p === 2) return euclidean(t);
  if (p === 1) return sum(abs(t), -1);
  if (p === Infinity) return columns1(t) === 0 ? sum(t, -1) : max(abs(t), -1);
  if (!(p >= 1)) throw new DomainError("vectorNorm", "p must be at least 1", { p });
  return pow(sum(pow(abs(t), p), -1), 1 / p);
};

export type MatrixNorm = "fro" | "nuc" | 1 | 2 | typeof Infinity;
/** A norm of matrices: Frobenius, nuclear (Σ s), 1 (largest column sum), 2 (s₁) or Infinity (largest row sum). */
export const matrixNorm = (a: TensorLike, kind: MatrixNorm = "fro"): Tensor => {
  const x = matrix("matrixNorm", a);
  if (kind === "fro") return euclidean(x.reshape([...x.shape.slice(0, -2), rows(x) * columns(x)]));
  if (rows(x) * columns(x) === 0) return sum(abs(x), [-2, -1]);
  if (kind === "nuc") return sum(svdvals(x), -1);
  if (kind === 2) return max(svdvals(x), -1);
  if (kind === 1) return max(sum(abs(x), -2), -1);
  if (kind === Infinity) return max(sum(abs(x), -1), -1);
  throw new DomainError("matrixNorm", 'is "fro", "nuc", 1, 2 or Infinity', { kind });
};

/**
 * The condition number ‖A‖‖A⁻¹‖: by singular values for p = 2, where A may be rectangular, else by inverting A, so it is exact and differentiable; `rcond` estimates
 * 1/cond(a, 1) for the price of a factorization.
 *
 * @example cond([[2, 0], [0, 1]]) // 2
 */
export const cond = (a: TensorLike, p: 1 | 2 | typeof Infinity | "fro" = 2): Tensor => {
  if (p !== 2) {
    const x = squareMatrix("cond", a);
    return mul(matrixNorm(x, p), matrixNorm(inv(x), p));
  }
  const s = svdvals(a);
  return div(max(s, -1), min(s, -1));
};
