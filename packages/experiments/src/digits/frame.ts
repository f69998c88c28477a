import { check, eigh } from "@ansatz/linalg";
import {
  add,
  div,
  matmul,
  matrixTranspose,
  mean,
  mul,
  scope,
  sub,
  type Tensor,
  type TensorLike,
  tensor,
} from "@ansatz/tensor";

/**
 * An orthonormal frame in which images are nearly uncorrelated: z = Qᵀ(x − μ) with x = 2 · image − 1. White noise stays white in it, so a
 * model of z is a model of x, with the scale of each direction known and with fewer directions to learn.
 */
export interface DigitFrame {
  /** μ [d] */
  readonly mean: Tensor;
  /** Qᵀ, row by row: [components, d], rows orthonormal, by falling variance. */
  readonly basis: Tensor;
  /** The variance of each coordinate [components]. */
  readonly variance: Tensor;
}

/**
 * The leading principal directions of images [n, d] in [0, 1], by the eigenvectors of their covariance in float64; so the current
 * backend must have that (wasm does). The frame itself is float32 and goes wherever it is used.
 *
 * @throws {DTypeError} from a backend without float64   @throws {AnsatzError} the eigenvectors did not converge
 */
export const digitFrame = (images: Float32Array, n: number, d: number, components: number): DigitFrame =>
  scope(() => {
    const x = tensor(
      Float64Array.from(images, (v) => 2 * v - 1),
      { shape: [n, d] },
    );
    const mu = mean(x, 0);
    const centred = sub(x, mu);
    const { values, vectors } = check(eigh(div(matmul(matrixTranspose(centred), centred), n)));
    const [all, columns] = [values.dataSync(), vectors.dataSync()] as Float64Array[];
    const at = (k: number): number => d - 1 - k;
    return {
      mean: tensor(Float32Array.from(mu.dataSync() as Float64Array)),
      basis: tensor(
        Float32Array.from({ length: components * d }, (_, i) => columns[(i % d) * d + at(Math.floor(i / d))]),
        { shape: [components, d] },
      ),
      variance: tensor(Float32Array.from({ length: components }, (_, k) => Math.max(0, all[at(k)]))),
    };
  });

/** z = Qᵀ(2 · image − 1 − μ) for rows of images. */
export const toFrame = ({ mean: mu, basis }: DigitFrame, images: TensorLike): Tensor =>
  matmul(sub(sub(mul(2, images), 1), mu), matrixTranspose(basis));

/** The images ½ (μ + Qz + 1) of rows z; greys of a digit lie in [0, 1]. */
export const fromFrame = ({ mean: mu, basis }: DigitFrame, z: Tensor): Tensor =>
  mul(0.5, add(add(mu, matmul(z, basis)), 1));
