import { DomainError } from "@ansatz/backend";
import {
  concatenate,
  defineOp,
  div,
  flip,
  moveAxis,
  mul,
  pad,
  slice,
  type Tensor,
  type TensorLike,
  zerosLike,
} from "@ansatz/tensor";
import { bind, operand, promote, type TensorOp } from "@ansatz/tensor/transforms";
import type { Complex } from "./eig";
import { transformOf } from "./host/fft";
import { leading, overBatch } from "./support";

type Form = { readonly inverse: boolean };

/** X_k = Σ_j x_j exp(∓2πi jk/n) over the last axis of (re, im), not normalised. */
const fftOp: TensorOp<Form> = /* @__PURE__ */ defineOp<Form>({
  name: "fft",
  abstract: ([re]) => [re, re],
  host: ([re, im], { inverse }, into) => {
    const n = re.aval.shape[re.aval.shape.length - 1];
    const out = { shape: [n], dtype: re.aval.dtype };
    const transform = transformOf(n);
    return overBatch([re, im], [1, 1], [out, out], into, ([x, y], [p, q]) => {
      // swapping re and im before and after turns one direction into the other
      if (inverse) transform(y, x);
      else transform(x, y);
      p.set(x);
      q.set(y);
    });
  },
  // the matrix F is symmetric; on pairs of reals its transpose is its conjugate
  derivative: {
    kind: "linear",
    transpose: ([gr, gi], _, { inverse }) => {
      const g = (gr ?? gi) as Tensor;
      return bind(fftOp, [gr ?? zerosLike(g), gi ?? zerosLike(g)], { inverse: !inverse });
    },
  },
  batch: (...args) => leading(() => fftOp)(...args),
});

export type ComplexLike = TensorLike | { readonly re: TensorLike; readonly im: TensorLike };
const isPair = (x: ComplexLike): x is { readonly re: TensorLike; readonly im: TensorLike } =>
  typeof x === "object" && "re" in x && "im" in x;
const pair = (caller: string, x: ComplexLike): Complex => {
  if (isPair(x)) {
    const [re, im] = promote(caller, [x.re, x.im], "float");
    return { re, im };
  }
  const re = operand(caller, x, "float");
  return { re, im: zerosLike(re) };
};

const along = (caller: string, x: ComplexLike, axis: number, n: number | undefined, inverse: boolean): Complex => {
  const { re, im } = pair(caller, x);
  const rank = re.shape.length;
  const k = axis < 0 ? axis + rank : axis;
  if (!(k >= 0 && k < rank)) throw new DomainError(caller, "has no such axis", { shape: re.shape, axis });
  const ready = (t: Tensor): Tensor => fitted(moveAxis(t, k, -1), n);
  const [a, b] = [ready(re), ready(im)];
  const length = a.shape[rank - 1];
  const [p, q] = bind(fftOp, [a, b], { inverse });
  const back = (t: Tensor): Tensor => moveAxis(inverse ? div(t, Math.max(1, length)) : t, -1, k);
  return { re: back(p), im: back(q) };
};
/** The last axis cut or padded with zeros to n. */
const fitted = (t: Tensor, n: number | undefined): Tensor => {
  const last = t.shape.length - 1;
  const now = t.shape[last];
  if (n === undefined || n === now) return t;
  if (n < now)
    return slice(
      t,
      t.shape.map(() => 0),
      t.shape.map((d, i) => (i === last ? n : d)),
    );
  return pad(
    t,
    t.shape.map((_, i) => [0, i === last ? n - now : 0] as const),
  );
};

export interface FftOptions {
  readonly axis?: number;
  /** Length of the transform: the axis is cut or padded with zeros. */
  readonly n?: number;
}

/**
 * The discrete Fourier transform, for any length in O(n log n):
 *
 *   X_k = Σ_j x_j exp(-2πi jk/n)
 *
 * @example fft([1, 0, 0, 0]).re // [1, 1, 1, 1]
 */
export const fft = (x: ComplexLike, { axis = -1, n }: FftOptions = {}): Complex => along("fft", x, axis, n, false);
/** Its inverse, x_j = (1/n) Σ_k X_k exp(2πi jk/n). */
export const ifft = (x: ComplexLike, { axis = -1, n }: FftOptions = {}): Complex => along("ifft", x, axis, n, true);

/** The first ⌊n/2⌋ + 1 coefficients of a real sequence; the others are their conjugates. */
export const rfft = (x: TensorLike, { axis = -1, n }: FftOptions = {}): Complex => {
  const full = along("rfft", x, axis, n, false);
  const half = (t: Tensor): Tensor => {
    const m = moveAxis(t, axis, -1);
    return moveAxis(fitted(m, Math.floor(m.shape[m.shape.length - 1] / 2) + 1), -1, axis);
  };
  return { re: half(full.re), im: half(full.im) };
};
/** The real sequence of length n whose rfft is given; n = 2(m - 1) unless told. */
export const irfft = (x: ComplexLike, { axis = -1, n }: FftOptions = {}): Tensor => {
  const { re, im } = pair("irfft", x);
  const [a, b] = [moveAxis(re, axis, -1), moveAxis(im, axis, -1)];
  const last = a.shape.length - 1;
  const length = n ?? 2 * (a.shape[last] - 1);
  const m = Math.floor(length / 2) + 1;
  const mirror = (t: Tensor, sign: number): Tensor => {
    const h = fitted(t, m);
    const count = length - m;
    const tail = slice(
      h,
      h.shape.map((_, i) => (i === last ? 1 : 0)),
      h.shape.map((d, i) => (i === last ? 1 + count : d)),
    );
    return concatenate([h, mul(sign, flipLast(tail))], -1);
  };
  // the imaginary parts of the first and, for even n, of the middle coefficient cannot be seen
  const out = along("irfft", { re: mirror(a, 1), im: mirror(b, -1) }, -1, undefined, true);
  return moveAxis(out.re, -1, axis);
};
const flipLast = (t: Tensor): Tensor => {
  const last = t.shape.length - 1;
  return flip(t, last);
};

const overAxes = (
  caller: string,
  x: ComplexLike,
  axes: readonly number[] | undefined,
  one: (x: ComplexLike, o: FftOptions) => Complex,
): Complex => {
  let out = pair(caller, x);
  for (const axis of axes ?? out.re.shape.map((_, i) => i)) out = one(out, { axis });
  return out;
};
/** The transform over several axes, all by default. */
export const fftn = (x: ComplexLike, axes?: readonly number[]): Complex => overAxes("fftn", x, axes, fft);
/** Its inverse. */
export const ifftn = (x: ComplexLike, axes?: readonly number[]): Complex => overAxes("ifftn", x, axes, ifft);
