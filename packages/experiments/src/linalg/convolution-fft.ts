import { type Complex, type ConvolutionOptions, fftn, ifftn, irfft, rfft } from "@ansatz/linalg";
import { add, flip, index, mul, neg, pad, sub, type Tensor, type TensorLike, toTensor } from "@ansatz/tensor";

const times = (a: Complex, b: Complex): Complex => ({
  re: sub(mul(a.re, b.re), mul(a.im, b.im)),
  im: add(mul(a.re, b.im), mul(a.im, b.re)),
});

/**
 * The convolution theorem, in one dimension: the full convolution is a product of spectra of length n + m − 1, and every mode is a stretch of it. The same
 * numbers as the Toeplitz matrix of `convolutionMatrix`, in O((n + m) log (n + m)).
 */
export const convolveByFft = (
  signal: TensorLike,
  kernel: TensorLike,
  { mode = "valid", flip: flipped = false }: ConvolutionOptions = {},
): Tensor => {
  const [x, k] = [toTensor(signal, "convolveByFft"), toTensor(kernel, "convolveByFft")];
  const [n, m] = [x.size, k.size];
  const length = n + m - 1;
  // Correlation is the convolution with the kernel the other way round
  const full = irfft(times(rfft(x, { n: length }), rfft(flipped ? k : flip(k), { n: length })), { n: length });
  if (mode === "full") return full;
  const start = mode === "valid" ? m - 1 : m - 1 - Math.floor(m / 2);
  return index(full, { start, stop: start + (mode === "valid" ? n - m + 1 : n) });
};

/** Valid cross-correlation of an image [h, w] by spectra: X · conj K, whose first (h − p + 1) × (w − q + 1) numbers have not wrapped around. */
export const correlate2dByFft = (image: TensorLike, kernel: TensorLike): Tensor => {
  const [x, k] = [toTensor(image, "correlate2dByFft"), toTensor(kernel, "correlate2dByFft")];
  const [h, w] = x.shape;
  const [p, q] = k.shape;
  const spectrum = fftn(pad(k, [[0, h - p], [0, w - q]])); // biome-ignore format: two axes
  const y = ifftn(times(fftn(x), { re: spectrum.re, im: neg(spectrum.im) })).re;
  return index(y, { stop: h - p + 1 }, { stop: w - q + 1 });
};
