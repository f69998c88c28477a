import { DomainError, ShapeError } from "@ansatz/backend";
import {
  add,
  concatenate,
  div,
  flip,
  index,
  mul,
  pad,
  slice,
  square,
  sub,
  type Tensor,
  type TensorLike,
  zeros,
} from "@ansatz/tensor";
import { operand, promote } from "@ansatz/tensor/transforms";
import type { Complex } from "./eig";
import { fft, fftn, ifft, ifftn, irfft, rfft } from "./fft";
import type { LinearOperator } from "./linear-operator";
import type { ConvolutionMode } from "./structured";

/** The least length at or above n whose prime factors are 2, 3 and 5: transforms of such lengths are fastest. */
const fastLength = (n: number): number => {
  for (let m = Math.max(1, n); ; m++) {
    let rest = m;
    for (const p of [2, 3, 5]) while (rest % p === 0) rest /= p;
    if (rest === 1) return m;
  }
};

export interface FftConvolveOptions {
  /** "full" (default): [n + m - 1]; "same": the middle n of it; "valid": where the kernel fits, [n - m + 1]. */
  readonly mode?: ConvolutionMode;
  /** The axes to convolve over, all by default; the others broadcast as a batch. */
  readonly axes?: readonly number[];
}
/**
 * The convolution (x ∗ k)_i = Σ_j k_j x_{i-j} over one or several axes, by Fourier transforms: O(n log n) whatever the length of the kernel. Errors are
 * relative to the largest entry of the result.
 *
 * @throws {DomainError} "valid" where the kernel is longer than the signal
 * @example fftConvolve([1, 2, 3, 4], [1, 0, -1]) // [1, 2, 2, 2, -3, -4]
 */
export const fftConvolve = (
  x: TensorLike,
  kernel: TensorLike,
  { mode = "full", axes }: FftConvolveOptions = {},
): Tensor => {
  const [a, k] = promote("fftConvolve", [x, kernel], "float");
  const rank = a.shape.length;
  if (rank !== k.shape.length)
    throw new ShapeError("fftConvolve", "signal and kernel must have the same number of axes", {
      x: a.shape,
      kernel: k.shape,
    });
  const over = (axes ?? a.shape.map((_, i) => i)).map((i) => (i < 0 ? i + rank : i));
  for (const i of over)
    if (!(i >= 0 && i < rank) || a.shape[i] === 0 || k.shape[i] === 0)
      throw new ShapeError("fftConvolve", "the axes must be there and not empty", {
        x: a.shape,
        kernel: k.shape,
        axes: over,
      });
    else if (mode === "valid" && k.shape[i] > a.shape[i])
      throw new DomainError("fftConvolve", "the kernel must fit into the signal", { x: a.shape, kernel: k.shape });
  const fits = (t: Tensor): Tensor =>
    pad(
      t,
      t.shape.map((d, i) => [0, over.includes(i) ? fastLength(a.shape[i] + k.shape[i] - 1) - d : 0] as const),
    );
  // all is real: half of the last transform suffices
  const [others, last] = [over.slice(0, -1), over[over.length - 1]];
  const full =
    last === undefined
      ? mul(a, k)
      : irfft(ifftn(product(spectrumOf(fits(a), last, others), spectrumOf(fits(k), last, others)), others), {
          axis: last,
          n: fastLength(a.shape[last] + k.shape[last] - 1),
        });
  const begin = full.shape.map((_, i) =>
    !over.includes(i) || mode === "full" ? 0 : mode === "valid" ? k.shape[i] - 1 : Math.floor((k.shape[i] - 1) / 2),
  );
  const end = full.shape.map((d, i) => {
    if (!over.includes(i)) return d;
    const [n, m] = [a.shape[i], k.shape[i]];
    return begin[i] + (mode === "full" ? n + m - 1 : mode === "valid" ? n - m + 1 : n);
  });
  return slice(full, begin, end);
};
const spectrumOf = (x: Tensor, last: number, others: readonly number[]): Complex =>
  fftn(rfft(x, { axis: last }), others);
const product = (x: Complex, y: Complex): Complex => ({
  re: sub(mul(x.re, y.re), mul(x.im, y.im)),
  im: add(mul(x.re, y.im), mul(x.im, y.re)),
});

const vector = (caller: string, x: TensorLike): Tensor => {
  const t = operand(caller, x, "float");
  if (t.shape.length !== 1 || t.shape[0] === 0) throw new ShapeError(caller, "takes a vector", { shape: t.shape });
  return t;
};
/** The axis 0 of x times a circulant of given spectrum. */
const filtered = (spectrum: Complex, x: Tensor): Tensor => {
  const column = (t: Tensor): Tensor => (x.shape.length === 1 ? t : t.reshape([t.shape[0], 1]));
  return ifft(product({ re: column(spectrum.re), im: column(spectrum.im) }, fft(x, { axis: 0 })), { axis: 0 }).re;
};

/** `circulant(c)` as an operator that costs O(n log n): its eigenvalues are the transform of c. */
export const circulantOperator = (c: TensorLike): LinearOperator => {
  const t = vector("circulantOperator", c);
  const n = t.shape[0];
  const spectrum = fft(t);
  const conjugate = { re: spectrum.re, im: mul(-1, spectrum.im) };
  return { shape: [n, n], apply: (x) => filtered(spectrum, x), adjoint: (y) => filtered(conjugate, y) };
};

/**
 * The x with circulant(c) x = b, by division of transforms; b is [n] or [n, k]. Where an eigenvalue (an entry of the transform of c) is 0, so is the matrix
 * singular, and the result is ∞ or NaN.
 *
 * @example circulantSolve([2, 1, 0], [1, 0, 0]) // the first column of the inverse: [4/9, -2/9, 1/9]
 */
export const circulantSolve = (c: TensorLike, b: TensorLike): Tensor => {
  const [t, rhs] = promote("circulantSolve", [c, b], "float");
  const { re, im } = fft(vector("circulantSolve", t));
  if (rhs.shape[0] !== t.shape[0])
    throw new ShapeError("circulantSolve", "b must be as long as c", { c: t.shape, b: rhs.shape });
  const size = add(square(re), square(im));
  return filtered({ re: div(re, size), im: div(mul(-1, im), size) }, rhs);
};

/** `toeplitz(column, row)` [m, n] as an operator that costs O((m + n) log(m + n)): a corner of a circulant. */
export const toeplitzOperator = (column: TensorLike, row: TensorLike = column): LinearOperator => {
  const [c, r] = promote(
    "toeplitzOperator",
    [vector("toeplitzOperator", column), vector("toeplitzOperator", row)],
    "float",
  );
  const [m, n] = [c.shape[0], r.shape[0]];
  const size = fastLength(m + n - 1);
  const gap = zeros([size - m - n + 1], { dtype: c.dtype });
  const around = circulantOperator(concatenate([c, gap, flip(index(r, { start: 1 }))]));
  const embed = (x: Tensor): Tensor =>
    pad(
      x,
      x.shape.map((d, i) => [0, i === 0 ? size - d : 0] as const),
    );
  return {
    shape: [m, n],
    apply: (x) => index(around.apply(embed(x)), { stop: m }),
    adjoint: (y) => index(around.adjoint(embed(y)), { stop: n }),
  };
};
