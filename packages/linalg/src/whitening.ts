import { epsOf } from "@ansatz/backend";
import {
  div,
  eye,
  flip,
  greater,
  less,
  matmul,
  matrixTranspose,
  max,
  maximum,
  min,
  mul,
  sqrt,
  sub,
  type Tensor,
  type TensorLike,
  where,
} from "@ansatz/tensor";
import { cholesky } from "./cholesky";
import { eigh } from "./eigh";
import { failure, warning } from "./info";
import { rows, scaleColumns, scaleRows, square } from "./support";
import { triangularSolve } from "./triangular-solve";

export interface Whitening {
  /** W [d, d] with W Σ Wᵀ = I. */
  readonly matrix: Tensor;
  /** W⁻¹, which colours white noise: W⁻¹ W⁻ᵀ = Σ. */
  readonly inverse: Tensor;
  readonly info: Tensor;
}
export interface WhiteningOptions {
  /**
   * "zca" (default): Σ^(-½), the symmetric one, nearest to the identity; "pca": Λ^(-½) Vᵀ, along the axes of Σ, largest variance first; "cholesky": L⁻¹ of
   * Σ = L Lᵀ.
   */
  readonly kind?: "zca" | "pca" | "cholesky";
  /** Added to every eigenvalue: Σ + floor · I is whitened. */
  readonly floor?: number;
}

/**
 * The map x ↦ W (x - μ) that makes covariance Σ the identity. Directions in which Σ vanishes to rounding are dropped by "zca" and "pca" (W and W⁻¹ are 0 on
 * them, and `info` warns of the rank); "cholesky" fails on them. A Σ with a negative eigenvalue is a failure.
 *
 * @param covariance  symmetric [..., d, d]
 * @example whitening([[4, 0], [0, 1]]).matrix // [[0.5, 0], [0, 1]]
 */
export const whitening = (covariance: TensorLike, { kind = "zca", floor = 0 }: WhiteningOptions = {}): Whitening => {
  const given = square("whitening", covariance);
  const n = rows(given);
  const one = eye(n, n, { dtype: given.dtype });
  const sigma = floor === 0 ? given : given.add(mul(floor, one));
  if (kind === "cholesky") {
    const { l, info } = cholesky(sigma);
    return { matrix: triangularSolve(l, one.add(mul(0, l)), { lower: true }), inverse: l, info };
  }
  const { values, vectors, info } = eigh(sigma);
  if (n === 0) return { matrix: vectors, inverse: vectors, info };
  const [top, bottom] = [max(values, -1, { keepDims: true }), min(values, -1)];
  const tol = mul(n * epsOf(given.dtype), maximum(top, 0));
  const real = greater(values, tol);
  const root = where(real, sqrt(where(real, values, 1)), 0);
  const over = where(real, div(1, where(real, root, 1)), 0);
  const rank = real.astype("int32").sum(-1);
  const short = less(rank, n);
  const negative = less(bottom, mul(-1, tol.reshape(bottom.shape)));
  const vt = matrixTranspose(vectors);
  const flag = where(
    greater(info, 0),
    info,
    where(
      negative,
      failure("notPositiveDefinite", 1),
      where(short, sub(warning("rankDeficient", 1), mul(16, rank)), 0),
    ),
  );
  const bad = negative.reshape([...bottom.shape, 1, 1]);
  const make = (w: Tensor): Tensor => where(bad, NaN, w);
  if (kind === "zca")
    return {
      matrix: make(matmul(scaleColumns(vectors, over), vt)),
      inverse: make(matmul(scaleColumns(vectors, root), vt)),
      info: flag,
    };
  return {
    matrix: make(flip(scaleRows(over, vt), -2)),
    inverse: make(flip(scaleColumns(vectors, root), -1)),
    info: flag,
  };
};
