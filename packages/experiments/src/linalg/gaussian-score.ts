import { check, cholesky, choleskySolve, eigh } from "@ansatz/linalg";
import { div, matmul, neg, sub, type Tensor, type TensorLike, toTensor } from "@ansatz/tensor";

/** Sidebar of chapter 1.2.2: ∇ log p(x) = -Σ⁻¹(x - μ) for a normal law with mean μ [d] and covariance Σ [d, d]; a singular Σ throws. */
export const gaussianScore = (x: TensorLike, mean: TensorLike, covariance: TensorLike): Tensor =>
  neg(choleskySolve(check(cholesky(covariance)).l, sub(toTensor(x, "gaussianScore"), mean)));

/** The same along the axes of Σ: component j is -vⱼᵀ(x - μ)/λⱼ, largest where the variance is least. Variances ascend. */
export const scoreAlongAxes = (
  x: TensorLike,
  mean: TensorLike,
  covariance: TensorLike,
): { readonly score: Tensor; readonly variances: Tensor; readonly axes: Tensor } => {
  const { values, vectors } = eigh(covariance);
  return {
    score: neg(div(matmul(sub(toTensor(x, "scoreAlongAxes"), mean), vectors), values)),
    variances: values,
    axes: vectors,
  };
};
