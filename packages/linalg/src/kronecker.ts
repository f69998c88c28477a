import { DomainError, ShapeError } from "@ansatz/backend";
import {
  add,
  expandDims,
  eye,
  kron,
  matrixTranspose,
  moveAxis,
  mul,
  reshape,
  type Tensor,
  type TensorLike,
  tensordot,
} from "@ansatz/tensor";
import { promote } from "@ansatz/tensor/transforms";
import type { LinearOperator } from "./linear-operator";
import { columns, matrix, rows, square } from "./support";

const factors = (caller: string, xs: readonly TensorLike[]): Tensor[] => {
  if (xs.length === 0) throw new DomainError(caller, "needs at least one factor");
  const ready = promote(caller, xs, "float");
  for (const x of ready) {
    matrix(caller, x);
    if (x.shape.length !== 2) throw new ShapeError(caller, "takes matrices", { factor: x.shape });
  }
  return ready;
};

/** One factor applied along axis k of a tensor. */
const along = (a: Tensor, x: Tensor, k: number): Tensor => moveAxis(tensordot(a, x, [[1], [k]]), 0, k);

/**
 * (A₁ ⊗ A₂ ⊗ …) x without forming the product: x is folded into a tensor with one axis for each factor, and every factor multiplies its axis. For
 * N = n₁ n₂ … it costs N (m₁ + m₂ + …) at most instead of N². For two factors and row-major order, (A ⊗ B) vec(X) = vec(A X Bᵀ).
 *
 * @param x  [n₁ n₂ …] or columns [n₁ n₂ …, k]
 * @example kroneckerMatmul([[[1, 2], [3, 4]], [[0, 1], [1, 0]]], [1, 2, 3, 4]) // kron(A, B) x
 */
export const kroneckerMatmul = (matrices: readonly TensorLike[], x: TensorLike): Tensor => {
  const all = factors("kroneckerMatmul", matrices);
  const [y] = promote("kroneckerMatmul", [x, ...all], "float");
  const [m, n] = [rows, columns].map((size) => all.reduce((p, a) => p * size(a), 1));
  if ((y.shape.length !== 1 && y.shape.length !== 2) || y.shape[0] !== n)
    throw new ShapeError("kroneckerMatmul", `needs a vector [${n}] or columns [${n}, k]`, { x: y.shape });
  const tail = y.shape.slice(1);
  let t = reshape(y, [...all.map(columns), ...tail]);
  all.forEach((a, k) => {
    t = along(a, t, k);
  });
  return reshape(t, [m, ...tail]);
};

/** A₁ ⊗ A₂ ⊗ … as an operator, never formed. */
export const kroneckerOperator = (matrices: readonly TensorLike[]): LinearOperator => {
  const all = factors("kroneckerOperator", matrices);
  const [m, n] = [rows, columns].map((size) => all.reduce((p, a) => p * size(a), 1));
  const transposed = all.map((a) => matrixTranspose(a));
  return {
    shape: [m, n],
    apply: (x) => kroneckerMatmul(all, x),
    adjoint: (y) => kroneckerMatmul(transposed, y),
  };
};

/**
 * The Kronecker sum A ⊕ B = A ⊗ I + I ⊗ B of square matrices, written out: its eigenvalues are the sums of theirs, and e^(A ⊕ B) = e^A ⊗ e^B. The Laplacian of a
 * grid is the Kronecker sum of those of its sides.
 *
 * @example kroneckerSum([[1]], [[2, 0], [0, 3]]) // [[3, 0], [0, 4]]
 */
export const kroneckerSum = (a: TensorLike, b: TensorLike): Tensor => {
  const [x, y] = promote("kroneckerSum", [square("kroneckerSum", a), square("kroneckerSum", b)], "float");
  const one = (t: Tensor): Tensor => eye(rows(t), rows(t), { dtype: t.dtype });
  return add(kron(x, one(y)), kron(one(x), y));
};

/** A₁ ⊕ A₂ ⊕ … as an operator: every matrix acts on its own axis, and the results are added. */
export const kroneckerSumOperator = (matrices: readonly TensorLike[]): LinearOperator => {
  const all = factors("kroneckerSumOperator", matrices).map((a) => square("kroneckerSumOperator", a));
  const n = all.reduce((p, a) => p * rows(a), 1);
  const apply =
    (terms: readonly Tensor[]) =>
    (x: Tensor): Tensor => {
      const t = reshape(x, [...terms.map(rows), ...x.shape.slice(1)]);
      return reshape(terms.map((a, k) => along(a, t, k)).reduce(add), x.shape);
    };
  return { shape: [n, n], apply: apply(all), adjoint: apply(all.map((a) => matrixTranspose(a))) };
};

/**
 * The Khatri–Rao product: column by column the Kronecker product, [m₁, r], [m₂, r], … ↦ [m₁ m₂ …, r].
 *
 * @example khatriRao([[1, 2]], [[3, 4], [5, 6]]) // [[3, 8], [5, 12]]
 */
export const khatriRao = (...matrices: readonly TensorLike[]): Tensor => {
  const all = factors("khatriRao", matrices);
  for (const a of all)
    if (columns(a) !== columns(all[0]))
      throw new ShapeError("khatriRao", "all matrices need as many columns", { shapes: all.map((x) => [...x.shape]) });
  return all.reduce((left, right) => {
    const both = mul(expandDims(left, 1), expandDims(right, 0));
    return reshape(both, [rows(left) * rows(right), columns(right)]);
  });
};
