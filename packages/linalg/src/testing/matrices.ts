import { fromTypedArray, type Tensor } from "@ansatz/tensor";
import { factorQr, formQ } from "../host/qr";

/** A small deterministic generator of numbers in (-1, 1). */
export const generator = (seed: number): (() => number) => {
  let s = (seed * 2654435761) >>> 0 || 1;
  return () => {
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    s >>>= 0;
    return s / 2 ** 31 - 1;
  };
};
export const numbers = (n: number, seed: number): Float64Array => {
  const next = generator(seed);
  return Float64Array.from({ length: n }, next);
};
export const random = (shape: readonly number[], seed: number): Tensor =>
  fromTypedArray(
    numbers(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
    shape,
  );

/** Q₁ diag(s) Q₂ᵀ [m, n] with random orthonormal Q. */
export const withSingularValues = (
  m: number,
  n: number,
  s: (i: number, k: number) => number,
  seed: number,
): Float64Array => {
  const orthonormal = (rows: number, k: number, other: number): Float64Array => {
    const a = numbers(rows * k, other);
    const tau = factorQr(a, rows, k);
    const q = new Float64Array(rows * k);
    formQ(a, tau, rows, k, k, q);
    return q;
  };
  const k = Math.min(m, n);
  const [u, v] = [orthonormal(m, k, seed), orthonormal(n, k, seed + 1)];
  const a = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) for (let l = 0; l < k; l++) a[i * n + j] += u[i * k + l] * s(l, k) * v[j * k + l];
  return a;
};

/** The families of LAPACK's test matrices: spectra by index i of k. */
export const spectra: Readonly<Record<string, (i: number, k: number) => number>> = {
  random: (i) => 1 + Math.sin(7 * i) / 2,
  graded: (i, k) => 10 ** ((-14 * i) / Math.max(1, k - 1)),
  clustered: (i, k) => (i < k / 2 ? 1 : 1e-8) * (1 + 1e-13 * i),
  repeated: (i, k) => (i < k / 2 ? 2 : 1),
  "nearly singular": (i, k) => (i === k - 1 ? 1e-15 : 1),
  "rank-deficient": (i, k) => (i < k / 2 ? 1 + i : 0),
  identical: () => 3,
  zero: () => 0,
  tiny: (i) => 1e-300 * (1 + i),
  huge: (i) => 1e300 / (1 + i),
};

export const largestOf = (x: ArrayLike<number>): number => {
  let m = 0;
  for (let i = 0; i < x.length; i++) m = Math.max(m, Math.abs(x[i]));
  return m;
};
/** ‖x - y‖ / ‖y‖ by largest entries, 0 / 0 = 0. */
export const distance = (x: ArrayLike<number>, y: ArrayLike<number>): number => {
  const size = largestOf(y);
  let m = 0;
  for (let i = 0; i < y.length; i++) m = Math.max(m, Math.abs(x[i] - y[i]) / (size || 1));
  return x.length === y.length ? m : Infinity;
};
/** ‖XᵀX - I‖ of the columns of x [m, n]. */
export const defect = (x: ArrayLike<number>, m: number, n: number): number => {
  let worst = 0;
  for (let i = 0; i < n; i++)
    for (let j = i; j < n; j++) {
      let s = i === j ? -1 : 0;
      for (let k = 0; k < m; k++) s += x[k * n + i] * x[k * n + j];
      worst = Math.max(worst, Number.isNaN(s) ? Infinity : Math.abs(s));
    }
  return worst;
};
/** X diag(s) Y with X [m, k], Y [k, n]. */
export const product = (
  x: ArrayLike<number>,
  s: ArrayLike<number> | null,
  y: ArrayLike<number>,
  [m, k, n]: readonly [number, number, number],
  yColumns = n,
  xColumns = k,
): Float64Array => {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let l = 0; l < k; l++) {
      const f = x[i * xColumns + l] * (s ? s[l] : 1);
      for (let j = 0; j < n; j++) out[i * n + j] += f * y[l * yColumns + j];
    }
  return out;
};
export const transposed = (x: ArrayLike<number>, m: number, n: number): Float64Array => {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) out[j * m + i] = x[i * n + j];
  return out;
};
