import { DomainError } from "@ansatz/backend";
import { concatenate, eye, pad, slice, type Tensor, type TensorLike } from "@ansatz/tensor";
import { stretch } from "@ansatz/tensor/transforms";
import { expm } from "./expm";
import { batchOf, rows, square } from "./support";

/**
 * The functions of exponential integrators, φ₀(A), …, φ_k(A):
 *
 *   φ₀(z) = e^z,   φ_j(z) = (φ_{j-1}(z) - 1/(j - 1)!)/z,   φ_j(0) = 1/j!
 *
 * without the division: they are the first row of blocks of the exponential of [[A, I, 0, …], [0, 0, I, …], …] (Sidje 1998), so A may be singular.
 * Differentiable to every order, as expm is.
 *
 * @param a [..., n, n]   @param k the last index   @returns k + 1 matrices
 * @example phiFunctions([[0]], 2) // [[[1]], [[1]], [[0.5]]]
 */
export const phiFunctions = (a: TensorLike, k: number): Tensor[] => {
  if (!Number.isInteger(k) || k < 0) throw new DomainError("phiFunctions", "takes a whole index from 0", { k });
  const x = square("phiFunctions", a);
  const n = rows(x);
  if (k === 0 || n === 0) return Array.from({ length: k + 1 }, () => expm(x));
  const lead = batchOf(x, 2);
  const size = n * (k + 1);
  const widened = (t: Tensor, bottom: number, right: number): Tensor =>
    pad(
      t,
      t.shape.map((_, i) => [0, i === t.shape.length - 2 ? bottom : i === t.shape.length - 1 ? right : 0] as const),
    );
  // ones on the n-th diagonal, A in the corner
  const ones = eye(size - n, size - n, { dtype: x.dtype });
  const shifted = stretch(widened(ones, n, 0), [...lead, size, size - n]);
  const big = concatenate([widened(x, size - n, 0), shifted], -1);
  const e = expm(big);
  return Array.from({ length: k + 1 }, (_, j) => slice(e, [...lead.map(() => 0), 0, j * n], [...lead, n, (j + 1) * n]));
};
