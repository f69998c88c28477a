import { DomainError, epsOf } from "@ansatz/backend";
import {
  div,
  flip,
  greater,
  index,
  lessEqual,
  logicalAnd,
  matmul,
  matrixTranspose,
  max,
  mul,
  sqrt,
  sub,
  type Tensor,
  type TensorLike,
  where,
  zeros,
} from "@ansatz/tensor";
import { eigh } from "./eigh";
import { warning } from "./info";
import { vectorNorm } from "./norms";
import { columns, matrix, rows, scaleColumns } from "./support";
import { type Svd, svd } from "./svd";

export interface TruncatedSvd extends Svd {
  /** ‖A - A_k‖ in the Frobenius norm, √Σ_{i>k} sᵢ², the least of all matrices of rank k (Eckart and Young 1936). */
  readonly error: Tensor;
  /** The same in the spectral norm: s_{k+1}. */
  readonly spectralError: Tensor;
}

/**
 * The k leading singular triplets, A ≈ A_k = U_k diag(s_k) V_kᵀ: no matrix of rank at most k is nearer to A, in the Frobenius and the spectral norm. The
 * nearest is unique if and only if s_k > s_{k+1}; `info` warns where they agree to rounding. It says nothing of variance unless the columns of A are
 * centred (see `pca`). For large matrices: `randomizedSvd`, `lobpcg`.
 *
 * @param a  [..., m, n]
 * @throws {DomainError} k is not a whole number from 0 to min(m, n)
 * @example truncatedSvd([[3, 0], [0, 4]], 1).error // 3
 */
export const truncatedSvd = (a: TensorLike, k: number): TruncatedSvd => {
  const x = matrix("truncatedSvd", a);
  const top = Math.min(rows(x), columns(x));
  if (!(Number.isInteger(k) && k >= 0 && k <= top))
    throw new DomainError("truncatedSvd", "k must be a whole number from 0 to min(m, n)", { k, shape: x.shape });
  const { u, s, vt, info } = svd(x);
  const tail = index(s, "...", { start: k });
  const none = zeros(s.shape.slice(0, -1), { dtype: s.dtype });
  const next = k < top ? index(s, "...", k) : none;
  let flag = where(greater(info, 0), info, 0);
  if (k > 0 && k < top) {
    const [first, last] = [index(s, "...", 0), index(s, "...", k - 1)];
    const tie = lessEqual(sub(last, next), mul(Math.max(rows(x), columns(x)) * epsOf(s.dtype), first));
    flag = where(logicalAnd(tie, lessEqual(info, 0)), warning("repeated", k), flag);
  }
  return {
    u: index(u, "...", { stop: k }),
    s: index(s, "...", { stop: k }),
    vt: index(vt, "...", { stop: k }, ":"),
    info: flag,
    error: vectorNorm(tail),
    spectralError: next,
  };
};

/** The matrix of rank at most k that is nearest to A. @example lowRankApproximation([[3, 0], [0, 4]], 1) // [[0, 0], [0, 4]] */
export const lowRankApproximation = (a: TensorLike, k: number): Tensor => {
  const { u, s, vt } = truncatedSvd(a, k);
  return matmul(scaleColumns(u, s), vt);
};

/**
 * The thin SVD of A [..., m, n], m ≥ n, from the eigendecomposition of AᵀA: sᵢ = √λᵢ, uᵢ = A vᵢ / sᵢ. For teaching, and for tall matrices of good condition:
 * half of the digits go, since every sᵢ < √eps · s₁ drowns in the rounding of AᵀA (those are returned as 0 with uᵢ = 0). `svd` keeps them.
 *
 * @see ERRATUM of the text, which writes U = X V / σᵢ for all columns at once; this holds column by column where σᵢ ≠ 0
 * @example svdViaGram([[3, 0], [0, 4]]).s // [4, 3]
 */
export const svdViaGram = (a: TensorLike): Svd => {
  const x = matrix("svdViaGram", a);
  if (rows(x) < columns(x))
    throw new DomainError("svdViaGram", "needs at least as many rows as columns", { shape: x.shape }, "transpose it");
  const { values, vectors, info } = eigh(matmul(matrixTranspose(x), x));
  const [lambda, v] = [flip(values, -1), flip(vectors, -1)];
  const top = columns(x) === 0 ? 0 : max(lambda, -1, { keepDims: true });
  const real = greater(lambda, mul(columns(x) * epsOf(x.dtype), top));
  const s = where(real, sqrt(where(real, lambda, 1)), 0);
  const over = where(real, div(1, where(real, s, 1)), 0);
  return { u: scaleColumns(matmul(x, v), over), s, vt: matrixTranspose(v), info };
};
