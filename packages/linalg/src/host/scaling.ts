import { machine } from "./memory";

/** Scaling by powers of two, which is exact: algorithms square their entries, and 1e200² is no number. */

/** So many entries are sooner looked at than called for. */
const small = 24;

/** Whether no entry is infinite or NaN. */
export const allFinite = (a: Float64Array): boolean => {
  const wasm = machine();
  if (a.length > small && wasm && a.buffer === wasm.buffer) return wasm.finite(a.byteOffset, a.length) === 0;
  let marker = 0;
  for (let i = 0; i < a.length; i++) marker += a[i] * 0;
  return marker === 0;
};

/** The largest |aᵢ|; NaN when there is one, ∞ likewise. */
export const largest = (a: Float64Array): number => {
  let m = 0;
  for (let i = 0; i < a.length; i++) {
    const x = Math.abs(a[i]);
    if (!(x <= m)) {
      if (Number.isNaN(x)) return x;
      m = x;
    }
  }
  return m;
};

/** A power of two s, such that s·m is near 1; 1 when m already is within [1e-30, 1e30], or is 0. */
export const scaleFor = (m: number): number =>
  m === 0 || (m > 1e-30 && m < 1e30) ? 1 : 2 ** Math.max(-1000, Math.min(1000, -Math.round(Math.log2(m))));

export const scaleBy = (a: Float64Array, s: number): void => {
  if (s !== 1) for (let i = 0; i < a.length; i++) a[i] *= s;
};

/** √Σ xᵢ² over n entries `step` apart, with no overflow and no underflow on the way. */
export const norm2 = (x: Float64Array, at: number, n: number, step = 1): number => {
  let sum = 0;
  for (let i = 0, k = at; i < n; i++, k += step) sum += x[k] * x[k];
  if (sum > 1e-280 && sum < 1e280) return Math.sqrt(sum);
  let m = 0;
  for (let i = 0, k = at; i < n; i++, k += step) m = Math.max(m, Math.abs(x[k]));
  if (m === 0 || !(m < Infinity)) return m;
  sum = 0;
  for (let i = 0, k = at; i < n; i++, k += step) sum += (x[k] / m) ** 2;
  return m * Math.sqrt(sum);
};

/** √(a² + b²); by scaling where the squares would leave the range. */
export const hypot = (a: number, b: number): number => {
  const s = a * a + b * b;
  return s > 1e-280 && s < 1e280 ? Math.sqrt(s) : Math.hypot(a, b);
};

/** A ← ½(A + Aᵀ), halved before it is added, so that it cannot overflow. Returns whether all entries are finite. */
export const symmetrise = (a: Float64Array, n: number): boolean => {
  const wasm = machine();
  if (n * n > small && wasm && a.buffer === wasm.buffer) return wasm.symmetrised(n, a.byteOffset) === 0;
  const tile = 16;
  let marker = 0;
  for (let i0 = 0; i0 < n; i0 += tile)
    for (let j0 = 0; j0 <= i0; j0 += tile) {
      const [i1, j1] = [Math.min(n, i0 + tile), Math.min(n, j0 + tile)];
      for (let i = i0; i < i1; i++)
        for (let j = j0, end = Math.min(j1, i + 1); j < end; j++) {
          const v = 0.5 * a[i * n + j] + 0.5 * a[j * n + i];
          a[i * n + j] = a[j * n + i] = v;
          marker += v * 0;
        }
    }
  return marker === 0;
};
