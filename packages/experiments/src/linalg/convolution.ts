import {
  conv1d,
  conv2d,
  flip,
  index,
  mul,
  pad,
  reshape,
  ShapeError,
  stack,
  type Tensor,
  type TensorLike,
  toTensor,
} from "@ansatz/tensor";

/**
 * Chapter 1.1.3: convolution in one and two dimensions as a function and as a tensor of rank 4 (as a matrix: `convolutionMatrix` of @ansatz/linalg).
 *
 * What networks call convolution is the cross-correlation y_i = Σ_j k_j x_{i+j−1}. The true convolution flips the kernel. (ERRATUM of the text:
 * the matrix it prints is that of the full true convolution and does not give the y it prints.)
 */

const vectors = (caller: string, x: TensorLike, k: TensorLike): readonly [Tensor, Tensor] => {
  const [a, b] = [toTensor(x, caller), toTensor(k, caller)];
  if (a.shape.length !== 1 || b.shape.length !== 1 || b.size < 1 || b.size > a.size)
    throw new ShapeError(caller, "needs a signal [n] and a kernel [m] with 1 ≤ m ≤ n", { x: a.shape, k: b.shape });
  return [a, b];
};

/** Valid cross-correlation of x [n] with k [m]: [n − m + 1]. */
export const correlate = (x: TensorLike, k: TensorLike): Tensor => {
  const [a, b] = vectors("correlate", x, k);
  return reshape(conv1d(reshape(a, [1, 1, a.size]), reshape(b, [1, 1, b.size])), [a.size - b.size + 1]);
};

/** Full true convolution (x ∗ k)_i = Σ_j k_j x_{i−j}: [n + m − 1]. */
export const convolve = (x: TensorLike, k: TensorLike): Tensor => {
  const [a, b] = vectors("convolve", x, k);
  return correlate(pad(a, b.size - 1), flip(b));
};

/** (f ∗ g)(t) = ∫ f(τ) g(t − τ) dτ from samples of f and g with one spacing: samples on the sum of their supports. */
export const convolveSamples = (f: TensorLike, g: TensorLike, spacing: number): Tensor => mul(spacing, convolve(f, g));

/** Valid cross-correlation of an image [h, w] with a kernel [p, q]: the linear part of a convolutional layer with one channel. */
export const correlate2d = (x: TensorLike, k: TensorLike): Tensor => {
  const [a, b] = [toTensor(x, "correlate2d"), toTensor(k, "correlate2d")];
  if (a.shape.length !== 2 || b.shape.length !== 2 || b.shape.some((m, i) => m < 1 || m > a.shape[i]))
    throw new ShapeError("correlate2d", "needs an image [h, w] and a kernel no larger", { x: a.shape, k: b.shape });
  return index(conv2d(reshape(a, [1, 1, ...a.shape]), reshape(b, [1, 1, ...b.shape])), 0, 0);
};

/**
 * The same as a tensor A [n − m + 1, n − m + 1, n, n] with y_ij = Σ A_ijkl x_kl: the kernel at every offset. (ERRATUM of the text: the gain of a
 * convolution is not "4 against 2" indices but n²/m² multiplications.)
 */
export const correlationTensor = (k: TensorLike, n: number): Tensor => {
  const b = toTensor(k, "correlationTensor");
  const [m] = b.shape;
  const places = Array.from({ length: n - m + 1 }, (_, i) => i);
  const at = (i: number, j: number): Tensor =>
    pad(b, [
      [i, n - m - i],
      [j, n - m - j],
    ]);
  return stack(places.map((i) => stack(places.map((j) => at(i, j)))));
};
