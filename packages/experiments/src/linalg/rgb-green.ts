import {
  add,
  floor,
  matmul,
  minimum,
  mul,
  ShapeError,
  stack,
  type Tensor,
  type TensorLike,
  tensor,
  toTensor,
} from "@ansatz/tensor";
import { greenChannel } from "./tensors";

/** Example 1.1.3, Fig. 1.1: an image as a tensor [h, w, 3], its green channel, and the mean of that. */

/** Coefficients of a polynomial of degree 6 in each channel, ascending, that follows matplotlib's viridis to about 0.01 (the fit is M. Zucker's). */
const viridisCoefficients: readonly (readonly number[])[] = [
  [
    0.2777273272234177, 0.1050930431085774, -0.3308618287255563, -4.634230498983486, 6.228269936347081,
    4.776384997670288, -5.435455855934631,
  ],
  [
    0.005407344544966578, 1.404613529898575, 0.214847559468213, -5.799100973351585, 14.17993336680509,
    -13.74514537774601, 4.645852612178535,
  ],
  [
    0.3340998053353061, 1.384590162594685, 0.09509516302823659, -19.33244095627987, 56.69055260068105,
    -65.35303263337234, 26.3124352495832,
  ],
];

/** Colours of values in [0, 1] on the viridis scale: [..., 3] in [0, 1]. */
export const viridis = (x: TensorLike): Tensor => {
  const t = toTensor(x, "viridis");
  return stack(
    viridisCoefficients.map((c) => c.reduceRight((y: Tensor, a) => add(mul(y, t), a), mul(0, t))),
    -1,
  );
};

/** Keys' cubic convolution kernel with a = -1/2. */
const cubic = (x: number): number => {
  const t = Math.abs(x);
  if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
  return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
};
/** Bicubic interpolation from n samples to m ≥ n as a matrix [m, n]: pixels are squares, weights beyond the border are dropped and the rest normalised (as PIL). */
export const bicubicMatrix = (n: number, m: number): Tensor => {
  if (!(Number.isInteger(n) && Number.isInteger(m) && n >= 1 && m >= n))
    throw new ShapeError("bicubicMatrix", "enlarges n ≥ 1 samples to m ≥ n", { n, m });
  const rows = Array.from({ length: m }, (_, i) => {
    const centre = ((i + 0.5) * n) / m - 0.5;
    const weights = Array.from({ length: n }, (_, j) => cubic(j - centre));
    const total = weights.reduce((a, b) => a + b, 0);
    return weights.map((w) => w / total);
  });
  return tensor(rows, { dtype: "float64" });
};
/** An image [h, w] enlarged to [rows, columns]: one product with a matrix on each side. */
export const resizeBicubic = (image: TensorLike, [rows, columns]: readonly [number, number]): Tensor => {
  const x = toTensor(image, "resizeBicubic");
  if (x.shape.length !== 2) throw new ShapeError("resizeBicubic", "takes an image [h, w]", { image: x.shape });
  return matmul(matmul(bicubicMatrix(x.shape[0], rows), x), bicubicMatrix(x.shape[1], columns).transpose());
};

export interface RgbGreen {
  /** [size, size, 3], whole numbers from 0 to 255. */
  readonly image: Tensor;
  readonly green: Tensor;
  readonly average: Tensor;
}
/** A gray image in [0, 1] coloured by viridis in bytes, enlarged to size × size, and its green channel. */
export const rgbGreen = (gray: TensorLike, size = 256): RgbGreen => {
  const bytes = floor(minimum(255, mul(255, viridis(gray))));
  const channels = [0, 1, 2].map((c) => resizeBicubic(channelOf(bytes, c), [size, size]));
  const image = minimum(255, floor(add(stack(channels, -1), 0.5)));
  const { channel, average } = greenChannel(image);
  return { image, green: channel, average };
};
const channelOf = (image: Tensor, c: number): Tensor => matmul(image, tensor([0, 1, 2].map((k) => (k === c ? 1 : 0))));
