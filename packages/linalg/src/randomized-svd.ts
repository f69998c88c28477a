import { DomainError } from "@ansatz/backend";
import { add, index, matmul, matrixTranspose, max, mul, normal, split, sub, type Tensor, zeros } from "@ansatz/tensor";
import { asOperator, dtypeOf, type Operator } from "./linear-operator";
import { vectorNorm } from "./norms";
import { qr } from "./qr";
import { type Svd, svd } from "./svd";

export interface RandomizedSvdOptions {
  /** Extra random directions beside the k wanted; 10 by default. */
  readonly oversample?: number;
  /** How often A Aᵀ is applied to them: each sharpens the spectrum from s to s³, s⁵, …; 2 by default. */
  readonly powerIterations?: number;
}
export interface RandomizedSvd extends Svd {
  /** ‖A - U diag(s) Vᵀ‖ in the spectral norm is at most this, but for a chance of 1e-10. */
  readonly errorBound: Tensor;
}
const probes = 10;

/**
 * The k leading singular triplets of a large A [m, n], from its products with k + oversample random vectors: A is seen only through A X and Aᵀ Y.
 * The range is found by subspace iteration, orthonormalised after every product, so small singular values are not lost.
 *
 * `errorBound` is s_{k+1} of what was seen plus 10 √(2/π) maxᵢ ‖(I - Q Qᵀ) A ωᵢ‖ over ten fresh normal vectors ω.
 *
 * @see Halko, Martinsson and Tropp 2011, algorithm 4.4, equation (4.3), theorem 9.3
 * @throws {DomainError} k is not a whole number from 0 to min(m, n)
 * @example randomizedSvd([[3, 0], [0, 4]], 1, key(0)).s // [4]
 */
export const randomizedSvd = (
  a: Operator,
  k: number,
  key: Tensor,
  { oversample = 10, powerIterations = 2 }: RandomizedSvdOptions = {},
): RandomizedSvd => {
  const op = asOperator("randomizedSvd", a);
  const [m, n] = op.shape;
  if (!(Number.isInteger(k) && k >= 0 && k <= Math.min(m, n)))
    throw new DomainError("randomizedSvd", "k must be a whole number from 0 to min(m, n)", { k, shape: [m, n] });
  if (!(oversample >= 0 && powerIterations >= 0))
    throw new DomainError("randomizedSvd", "oversample and powerIterations must not be negative", {
      oversample,
      powerIterations,
    });
  const dtype = dtypeOf(a, "float64");
  const width = Math.min(k + oversample, m, n);
  const [first, second] = split(key);
  let q = qr(op.apply(normal(first, [n, width], { dtype }))).q;
  for (let i = 0; i < powerIterations; i++) q = qr(op.apply(qr(op.adjoint(q)).q)).q;
  const seen = matrixTranspose(op.adjoint(q)); // Qᵀ A
  const { u, s, vt, info } = svd(seen);
  const next = width > k ? index(s, k) : zeros([], { dtype });
  const probe = op.apply(normal(second, [n, probes], { dtype }));
  const missed = sub(probe, matmul(q, matmul(matrixTranspose(q), probe)));
  const worst = max(vectorNorm(matrixTranspose(missed)));
  return {
    u: matmul(q, index(u, ":", { stop: k })),
    s: index(s, { stop: k }),
    vt: index(vt, { stop: k }),
    info,
    errorBound: add(next, mul(10 * Math.sqrt(2 / Math.PI), worst)),
  };
};
