import { aval, DomainError, hostArray, sizeOf, type TypedArray } from "@ansatz/backend";
import {
  defineOp,
  div,
  moveAxis,
  mul,
  pad,
  slice,
  type Tensor,
  type TensorLike,
  tensor,
  zerosLike,
} from "@ansatz/tensor";
import { bind, bind1, type LinearInput, operand, promote, type TensorOp } from "@ansatz/tensor/transforms";
import type { Complex } from "./eig";
import { transformOf } from "./host/fft";
import { realTransform, realTranspose } from "./host/real-fft";
import { batchOf, columns, leading } from "./support";

type Form = { readonly inverse: boolean };

/** X_k = Σ_j x_j exp(∓2πi jk/n) over the last axis of (re, im), not normalised. */
const fftOp: TensorOp<Form> = /* @__PURE__ */ defineOp<Form>({
  name: "fft",
  abstract: ([re]) => [re, re],
  host: ([re, im], { inverse }, into) => {
    const { shape, dtype } = re.aval;
    const [p, q] = into ?? [hostArray(dtype, re.data.length), hostArray(dtype, re.data.length)];
    // swapping re and im before and after turns one direction into the other
    const [x, y, u, v] = inverse ? [im.data, re.data, q, p] : [re.data, im.data, p, q];
    overLines(shape[shape.length - 1], [x, y, u, v], (a, b, c, d) => transformOf(a.length)(a, b, c, d));
    return [p, q];
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

type Line = Float64Array | Float32Array;
/** f on each line of n entries of arrays that hold as many. */
const overLines = (n: number, arrays: readonly TypedArray[], f: (a: Line, b: Line, c: Line, d: Line) => void): void => {
  const [a, b, c, d] = arrays as readonly Line[];
  if (n === 0) return;
  for (let at = 0; at < a.length; at += n)
    f(a.subarray(at, at + n), b.subarray(at, at + n), c.subarray(at, at + n), d.subarray(at, at + n));
};

/** x [n] → the first ⌊n/2⌋ + 1 of X_k, for a real x. */
const realOp: TensorOp = /* @__PURE__ */ defineOp({
  name: "rfft",
  abstract: ([x]) => {
    const out = aval([...batchOf(x, 1), halfOf(columns(x))], x.dtype);
    return [out, out];
  },
  host: ([x], _, into) => {
    const n = columns(x.aval);
    const h = halfOf(n);
    const count = sizeOf(batchOf(x.aval, 1));
    const [p, q] = into ?? [hostArray(x.aval.dtype, count * h), hostArray(x.aval.dtype, count * h)];
    for (let i = 0; i < count; i++) realTransform(n, line(x.data, i, n), line(p, i, h), line(q, i, h));
    return [p, q];
  },
  derivative: {
    kind: "linear",
    transpose: ([gr, gi], [x]) => {
      const g = (gr ?? gi) as Tensor;
      const { aval: a } = x as LinearInput;
      return [bind1(realTransposeOp, [gr ?? zerosLike(g), gi ?? zerosLike(g)], { n: columns(a) })];
    },
  },
  batch: (...args) => leading(() => realOp)(...args),
});
/** Its transpose: from two times ⌊n/2⌋ + 1 numbers to n. */
const realTransposeOp: TensorOp<{ readonly n: number }> = /* @__PURE__ */ defineOp<{ readonly n: number }>({
  name: "rfftTranspose",
  abstract: ([re], { n }) => [aval([...batchOf(re, 1), n], re.dtype)],
  host: ([re, im], { n }, into) => {
    const h = halfOf(n);
    const count = sizeOf(batchOf(re.aval, 1));
    const [y] = into ?? [hostArray(re.aval.dtype, count * n)];
    for (let i = 0; i < count; i++)
      if (n > 0) realTranspose(n, line(re.data, i, h), line(im.data, i, h), line(y, i, n));
    return [y];
  },
  derivative: { kind: "linear", transpose: ([g]) => (g ? bind(realOp, [g], {}) : [null, null]) },
  batch: (...args) => leading(() => realTransposeOp)(...args),
});
const halfOf = (n: number): number => Math.floor(n / 2) + 1;
const line = (x: TypedArray, i: number, n: number): Line => x.subarray(i * n, (i + 1) * n) as Line;

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

const axisOf = (caller: string, t: Tensor, axis: number): number => {
  const rank = t.shape.length;
  const k = axis < 0 ? axis + rank : axis;
  if (!(k >= 0 && k < rank)) throw new DomainError(caller, "has no such axis", { shape: t.shape, axis });
  return k;
};

const along = (caller: string, x: ComplexLike, axis: number, n: number | undefined, inverse: boolean): Complex => {
  const { re, im } = pair(caller, x);
  const k = axisOf(caller, re, axis);
  const ready = (t: Tensor): Tensor => fitted(moveAxis(t, k, -1), n);
  const [a, b] = [ready(re), ready(im)];
  const length = a.shape[a.shape.length - 1];
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
  const t = operand("rfft", x, "float");
  const k = axisOf("rfft", t, axis);
  const [re, im] = bind(realOp, [fitted(moveAxis(t, k, -1), n)], {});
  return { re: moveAxis(re, -1, k), im: moveAxis(im, -1, k) };
};
/** The real sequence of length n whose rfft is given; n = 2(m - 1) unless told. Imaginary parts that such a sequence cannot have are left out. */
export const irfft = (x: ComplexLike, { axis = -1, n }: FftOptions = {}): Tensor => {
  const { re, im } = pair("irfft", x);
  const k = axisOf("irfft", re, axis);
  const [a, b] = [moveAxis(re, k, -1), moveAxis(im, k, -1)];
  const length = n ?? 2 * (a.shape[a.shape.length - 1] - 1);
  const half = Math.floor(length / 2) + 1;
  // each coefficient stands for its conjugate too, but for the first and, where n is even, the last
  const twice = Float64Array.from({ length: half }, (_, i) => (i === 0 || 2 * i === length ? 1 : 2));
  const weights = div(tensor(twice).astype(re.dtype), Math.max(1, length));
  const y = bind1(realTransposeOp, [mul(fitted(a, half), weights), mul(fitted(b, half), weights)], { n: length });
  return moveAxis(y, -1, k);
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
