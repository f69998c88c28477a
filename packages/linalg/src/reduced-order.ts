import { DomainError, ShapeError } from "@ansatz/backend";
import { div, matmul, matrixTranspose, type Tensor, type TensorLike } from "@ansatz/tensor";
import { promote } from "@ansatz/tensor/transforms";
import { type Complex, eig } from "./eig";
import { matrix, scaleColumns } from "./support";
import { truncatedSvd } from "./truncated-svd";

/** Models of few variables from states that were seen: snapshots are the columns of X [d, t]. */

export interface Pod {
  /** Φ [d, r], orthonormal columns: the leading left singular vectors of the snapshots. */
  readonly basis: Tensor;
  /** Φᵀ X [r, t]. */
  readonly coefficients: Tensor;
  /** Singular values kept [r]. */
  readonly s: Tensor;
  /** √Σ_{i>r} σᵢ² = ‖X - ΦΦᵀX‖. */
  readonly error: Tensor;
  readonly info: Tensor;
}
/**
 * Proper orthogonal decomposition: the r-dimensional space that misses least of the snapshots,
 *
 *   min_Φ ‖X - Φ Φᵀ X‖² = Σ_{i>r} σᵢ².
 *
 * @example pod([[1, 2], [2, 4], [0, 0]], 1).error // 0
 */
export const pod = (snapshots: TensorLike, rank: number): Pod => {
  const x = matrix("pod", snapshots);
  const { u, s, info, error } = truncatedSvd(x, rank);
  return { basis: u, coefficients: matmul(matrixTranspose(u), x), s, error, info };
};

/**
 * The Galerkin projection of a vector field ẋ = f(x) onto the span of an orthonormal basis Φ: the reduced field a ↦ Φᵀ f(Φ a) on [r].
 *
 * @example
 * const A = tensor([[-1, 0], [0, -2]]);
 * galerkin((x) => matmul(A, x), eye(2, 1))(tensor([3])) // [-3]
 */
export const galerkin =
  (f: (x: Tensor) => Tensor, basis: Tensor): ((a: Tensor) => Tensor) =>
  (a) =>
    matmul(matrixTranspose(basis), f(matmul(basis, a)));

export interface Dmd {
  /** Ã [r, r] = Uᵀ Y V S⁻¹: the step in the coordinates of `basis`. */
  readonly operator: Tensor;
  /** U [d, r]. */
  readonly basis: Tensor;
  /** Eigenvalues of Ã, which are among those of A where the snapshots span an invariant space. */
  readonly values: Complex;
  /** U W for the eigenvectors W of Ã: the modes, in columns [d, r]. */
  readonly modes: Complex;
  readonly info: Tensor;
}
/**
 * Dynamic mode decomposition: the matrix A of rank r with y ≈ A x for pairs of snapshots, seen through the leading singular vectors of X.
 *
 * @param x  states [d, t]   @param y  the states one step later [d, t]
 * @see Schmid 2010, J. Fluid Mech. 656, 5–28; projected form
 */
export const dmd = (x: TensorLike, y: TensorLike, rank: number): Dmd => {
  const [before, after] = promote("dmd", [matrix("dmd", x), matrix("dmd", y)], "float");
  if (before.shape.join() !== after.shape.join() || before.shape.length !== 2)
    throw new ShapeError("dmd", "needs two lists of snapshots of one shape", { x: before.shape, y: after.shape });
  if (!(rank >= 1)) throw new DomainError("dmd", "the rank is a whole number from 1", { rank });
  const { u, s, vt } = truncatedSvd(before, rank);
  const operator = matmul(matmul(matrixTranspose(u), after), scaleColumns(matrixTranspose(vt), div(1, s)));
  const { values, vectors, info } = eig(operator);
  return {
    operator,
    basis: u,
    values,
    modes: { re: matmul(u, vectors.re), im: matmul(u, vectors.im) },
    info,
  };
};
