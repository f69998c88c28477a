import { DomainError } from "@ansatz/backend";
import {
  add,
  div,
  greaterEqual,
  index,
  matmul,
  matrixTranspose,
  max,
  mean,
  min,
  mul,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  where,
  zerosLike,
} from "@ansatz/tensor";
import { promote } from "@ansatz/tensor/transforms";
import { randomizedSvd } from "./randomized-svd";
import { columns, matrix, rows } from "./support";
import { svd } from "./svd";

export interface Pca {
  /** The mean of the rows [1, d]; 0 without centring. */
  readonly mean: Tensor;
  /** Orthonormal directions of largest variance, in rows [k, d]; of each, the entry of largest modulus is positive. */
  readonly components: Tensor;
  /** Singular values of the (centred) data [k]. */
  readonly s: Tensor;
  /** Variances along the components [k]: s² / (n - ddof). */
  readonly variance: Tensor;
  /** The share of each component in the whole variance [k]. */
  readonly varianceRatio: Tensor;
  readonly info: Tensor;
}
export interface PcaOptions {
  /** Components kept; min(n, d) by default. */
  readonly components?: number;
  /** Whether to take the mean off first (default). Without it, "variance" is the second moment about 0. */
  readonly center?: boolean;
  /** Variances divide by n - ddof; 1 by default. */
  readonly ddof?: number;
  /** With a key, the few components come from a randomized SVD: for data too large for a whole one. */
  readonly key?: Tensor;
}

/**
 * Principal components of data X [..., n, d], one observation a row: the thin SVD of X less its mean,
 *
 *   X - 1 mᵀ = U diag(s) Vᵀ,   components = V_kᵀ,   variance = s² / (n - ddof)
 *
 * @throws {DomainError} more components than min(n, d), or n ≤ ddof
 * @see pcaScores, pcaReconstruct; explainedVariance(s) for the cumulative curve
 * @example pca([[0, 0], [2, 2], [4, 4]]).components // [[0.7071, 0.7071], …]
 */
export const pca = (x: TensorLike, { components, center = true, ddof = 1, key }: PcaOptions = {}): Pca => {
  const data = matrix("pca", x);
  const [n, d] = [rows(data), columns(data)];
  const k = components ?? Math.min(n, d);
  if (!(Number.isInteger(k) && k >= 0 && k <= Math.min(n, d)))
    throw new DomainError("pca", "components must be a whole number from 0 to min(n, d)", {
      components,
      shape: [n, d],
    });
  if (!(n > ddof)) throw new DomainError("pca", "needs more than ddof observations", { n, ddof });
  const average = mean(data, -2, { keepDims: true });
  const middle = center ? average : zerosLike(average);
  const centred = sub(data, middle);
  const { s, vt, info } = key === undefined ? svd(centred) : randomizedSvd(centred, k, key);
  const top = index(vt, "...", { stop: k }, ":");
  const kept = index(s, "...", { stop: k });
  const variance = div(square(kept), n - ddof);
  const total = div(sum(square(centred), [-2, -1]), n - ddof);
  return {
    mean: middle,
    components: k === 0 || d === 0 ? top : signed(top),
    s: kept,
    variance,
    varianceRatio: div(variance, total.reshape([...total.shape, 1])),
    info,
  };
};
/** Rows turned so that their entry of largest modulus is positive. */
const signed = (v: Tensor): Tensor => {
  const [high, low] = [max(v, -1, { keepDims: true }), min(v, -1, { keepDims: true })];
  return mul(where(greaterEqual(add(high, low), 0), 1, -1), v);
};

/**
 * The reduced representation of observations: z = (x - m) V_k, from [..., d] to [..., k]. With `whiten`, divided by the standard deviations.
 *
 * @example pcaScores(pca([[0, 0], [2, 2], [4, 4]], { components: 1 }), [[2, 2]]) // [[0]]
 */
export const pcaScores = (
  p: Pick<Pca, "mean" | "components" | "variance">,
  x: TensorLike,
  { whiten = false }: { readonly whiten?: boolean } = {},
): Tensor => {
  const [data, mean0, v] = promote("pcaScores", [x, p.mean, p.components], "float");
  const z = matmul(sub(data, rank1(data) ? mean0.reshape([columns(mean0)]) : mean0), matrixTranspose(v));
  return whiten ? div(z, sqrt(p.variance)) : z;
};
const rank1 = (t: Tensor): boolean => t.shape.length === 1;

/** From scores back: x̂ = m + z V_kᵀ, the point of the affine space of the components that is nearest to x. */
export const pcaReconstruct = (p: Pick<Pca, "mean" | "components">, z: TensorLike): Tensor => {
  const [scores, mean0, v] = promote("pcaReconstruct", [z, p.mean, p.components], "float");
  const back = matmul(scores, v);
  return add(back, rank1(back) ? mean0.reshape([columns(mean0)]) : mean0);
};
