import { DomainError, ShapeError } from "@ansatz/backend";
import { einsum, matmul, moveAxis, reshape, type Tensor, type TensorLike } from "@ansatz/tensor";
import { operand, promote } from "@ansatz/tensor/transforms";
import { inv } from "./solve";
import { matrix } from "./support";

/** Tensors as multilinear maps. Modes are axes, counted from 0, from the end when negative. */

const modeOf = (caller: string, x: Tensor, mode: number): number => {
  const rank = x.shape.length;
  const k = mode < 0 ? mode + rank : mode;
  if (!(Number.isInteger(k) && k >= 0 && k < rank))
    throw new DomainError(caller, "the tensor has no such mode", { mode, shape: x.shape });
  return k;
};

/**
 * The tensor as a matrix [d_mode, product of the others]: its columns are the fibres along the mode, the other modes in their order, the last fastest (row-major,
 * as NumPy and TensorLy; Kolda and Bader 2009 let the first go fastest).
 *
 * @example unfold([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], 1) // [[1, 2, 5, 6], [3, 4, 7, 8]]
 */
export const unfold = (x: TensorLike, mode: number): Tensor => {
  const t = operand("unfold", x, "float");
  const k = modeOf("unfold", t, mode);
  const front = moveAxis(t, k, 0);
  return reshape(front, [t.shape[k], t.shape[k] === 0 ? 0 : t.size / t.shape[k]]);
};

/** The tensor of the shape given whose unfolding along the mode is the matrix. */
export const fold = (m: TensorLike, mode: number, shape: readonly number[]): Tensor => {
  const t = matrix("fold", m);
  const k = mode < 0 ? mode + shape.length : mode;
  if (!(k >= 0 && k < shape.length) || t.shape[0] !== shape[k] || t.size !== shape.reduce((a, b) => a * b, 1))
    throw new ShapeError("fold", "the matrix is no unfolding of such a tensor", { m: t.shape, mode, shape });
  return moveAxis(reshape(t, [shape[k], ...shape.filter((_, i) => i !== k)]), 0, k);
};

/**
 * The mode product X ×_k A: every fibre of X along mode k is multiplied by A [m, d_k],
 *
 *   (X ×_k A)[…, i, …] = Σ_j A[i, j] X[…, j, …];
 *
 * a vector A [d_k] contracts the mode, which goes.
 *
 * @example modeProduct([[1, 2], [3, 4]], [[1, 1]], 0) // [[4, 6]]
 */
export const modeProduct = (x: TensorLike, a: TensorLike, mode: number): Tensor => {
  const [t, m] = promote("modeProduct", [x, a], "float");
  const k = modeOf("modeProduct", t, mode);
  const d = t.shape[k];
  if ((m.shape.length !== 1 && m.shape.length !== 2) || m.shape[m.shape.length - 1] !== d)
    throw new ShapeError("modeProduct", `needs a matrix [m, ${d}] or a vector [${d}]`, {
      x: t.shape,
      mode,
      a: m.shape,
    });
  if (m.shape.length === 1) return matmul(moveAxis(t, k, -1), m);
  return moveAxis(matmul(moveAxis(t, k, -1), m.transpose()), -1, k);
};

/** X ×₀ A₀ ×₁ A₁ …: one matrix for each mode; null leaves a mode alone. With transposed matrices: `transposed`. */
export const multilinear = (
  x: TensorLike,
  matrices: readonly (TensorLike | null)[],
  { transposed = false }: { readonly transposed?: boolean } = {},
): Tensor => {
  const t = operand("multilinear", x, "float");
  if (matrices.length !== t.shape.length)
    throw new ShapeError("multilinear", "needs one matrix, or null, for each mode", {
      x: t.shape,
      matrices: matrices.length,
    });
  return matrices.reduce((y: Tensor, a, k) => {
    if (a === null) return y;
    const m = matrix("multilinear", a);
    return modeProduct(y, transposed ? m.transpose() : m, k);
  }, t);
};

export interface Variance {
  /** How many leading axes are contravariant: contracted with P⁻¹. */
  readonly contravariant: number;
  /** How many axes behind those are covariant: contracted with P. */
  readonly covariant: number;
}
/**
 * The components of a tensor T ∈ V^{⊗r} ⊗ (V*)^{⊗s} after a change of basis, the new basis vectors being the columns of P: vectors go to P⁻¹v, covectors to
 * Pᵀω, operators (1, 1) to P⁻¹A P, bilinear forms (0, 2) to PᵀB P. For a singular P the result is not finite.
 *
 * @example changeOfBasis([3, 4], [[2, 0], [0, 2]], { contravariant: 1, covariant: 0 }) // [1.5, 2]
 */
export const changeOfBasis = (t: TensorLike, p: TensorLike, { contravariant, covariant }: Variance): Tensor => {
  const [x, basis] = promote("changeOfBasis", [t, p], "float");
  const n = basis.shape[0];
  if (basis.shape.length !== 2 || basis.shape[1] !== n)
    throw new ShapeError("changeOfBasis", "the basis is a square matrix", { p: basis.shape });
  if (x.shape.length !== contravariant + covariant || x.shape.some((d) => d !== n))
    throw new ShapeError("changeOfBasis", `needs a tensor of ${contravariant + covariant} axes of length ${n}`, {
      t: x.shape,
      contravariant,
      covariant,
    });
  const inverse = contravariant > 0 ? inv(basis) : basis;
  const down = basis.transpose();
  return multilinear(
    x,
    x.shape.map((_, i) => (i < contravariant ? inverse : down)),
  );
};

/** Σ X ∘ Y over all entries. */
export const innerProduct = (x: TensorLike, y: TensorLike): Tensor => {
  const [a, b] = promote("innerProduct", [x, y], "float");
  if (a.shape.join() !== b.shape.join())
    throw new ShapeError("innerProduct", "tensors must have one shape", { x: a.shape, y: b.shape });
  return einsum("i,i->", reshape(a, [a.size]), reshape(b, [b.size]));
};
