import { type ConvolutionOptions, convolutionMatrix } from "@ansatz/linalg";
import { matmul, reshape, ShapeError, type Tensor, type TensorLike, toTensor } from "@ansatz/tensor";
import { correlate2d, correlationTensor } from "./convolution";

export interface ConvolutionAsMatrix {
  /** The structured matrix, mostly zeros: every row holds the kernel, one place on. */
  readonly matrix: Tensor;
  /** matrix · input. */
  readonly output: Tensor;
  /** Multiplications of the sliding window and of the whole matrix. */
  readonly operations: { readonly sliding: number; readonly dense: number };
}

/** A signal [n] filtered by a kernel [m] as one product with a Toeplitz matrix (chapter 1.1.3). */
export const convolutionAsMatrix = (
  signal: TensorLike,
  kernel: TensorLike,
  options: ConvolutionOptions = {},
): ConvolutionAsMatrix => {
  const [x, k] = [toTensor(signal, "convolutionAsMatrix"), toTensor(kernel, "convolutionAsMatrix")];
  if (x.shape.length !== 1) throw new ShapeError("convolutionAsMatrix", "takes a signal [n]", { signal: x.shape });
  const matrix = convolutionMatrix(k, x.size, options);
  const [rows, columns] = matrix.shape;
  return {
    matrix,
    output: matmul(matrix, x),
    operations: { sliding: rows * k.size, dense: rows * columns },
  };
};

/**
 * The same for a square image [n, n] and kernel [m, m]: the tensor A_{ij,kl} of rank 4 as a matrix [(n - m + 1)², n²] whose blocks are Toeplitz matrices
 * in a Toeplitz arrangement. Dense multiplication costs n²/m² times the sliding window.
 */
export const convolutionAsMatrix2d = (
  image: TensorLike,
  kernel: TensorLike,
): ConvolutionAsMatrix & { readonly sliding: Tensor } => {
  const [x, k] = [toTensor(image, "convolutionAsMatrix2d"), toTensor(kernel, "convolutionAsMatrix2d")];
  const sliding = correlate2d(x, k);
  const n = x.shape[0];
  const [h, w] = sliding.shape;
  if (x.shape[1] !== n || h !== w)
    throw new ShapeError("convolutionAsMatrix2d", "takes a square image and a square kernel", {
      image: x.shape,
      kernel: k.shape,
    });
  const matrix = reshape(correlationTensor(k, n), [h * w, n * n]);
  return {
    matrix,
    output: reshape(matmul(matrix, reshape(x, [n * n])), [h, w]),
    sliding,
    operations: { sliding: h * w * k.size, dense: h * w * n * n },
  };
};
