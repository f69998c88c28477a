import { eigh } from "@ansatz/linalg";
import {
  DomainError,
  flip,
  matmul,
  matrixTranspose,
  mean,
  sub,
  type Tensor,
  type TensorLike,
  toTensor,
} from "@ansatz/tensor";

export interface Speciation {
  /** λ > 1 of the covariance of the data, the largest first. */
  readonly eigenvalues: readonly number[];
  /** log λ: where ∫β reaches it, a reverse diffusion chooses a side along that direction. */
  readonly times: readonly number[];
  /** In rows, all of them. */
  readonly directions: Tensor;
}

/** 9.3.2: candidate speciation times of a variance-preserving diffusion from the spectrum of the covariance C [d, d]: ∫β = log λᵢ for each λᵢ > 1. */
export const speciationTimes = (covariance: TensorLike): Speciation => {
  const { values, vectors } = eigh(covariance);
  const all = Array.from(flip(values).dataSync() as Float64Array).filter((l) => l > 1);
  return { eigenvalues: all, times: all.map(Math.log), directions: matrixTranspose(flip(vectors, -1)) };
};

/** The covariance of points [n, d], with n below. */
export const populationCovariance = (points: TensorLike): Tensor => {
  const x = toTensor(points, "populationCovariance");
  if (x.shape.length !== 2 || x.shape[0] === 0)
    throw new DomainError("populationCovariance", "takes points [n, d]", { shape: x.shape });
  const centred = sub(x, mean(x, 0));
  return matmul(matrixTranspose(centred), centred).div(x.shape[0]);
};
