import { type Machine, machine } from "./memory";

/**
 * Loops over rows and columns, two lanes wide for arrays of `memory.ts`. Matrices are row-major, given by an array, the index of their first
 * entry, and the distance of rows; lengths are in entries. Small loops stay in TypeScript: they are shorter than the call.
 */
export const small = 24;
export const inside = (m: Machine | null, a: Float64Array, b: Float64Array, c: Float64Array): m is Machine =>
  m !== null && a.buffer === m.buffer && b.buffer === m.buffer && c.buffer === m.buffer;
export const place = (a: Float64Array, at: number): number => a.byteOffset + at * 8;

/** Σ a[i] b[i], in four sums. */
export const dot = (a: Float64Array, aAt: number, b: Float64Array, bAt: number, n: number): number => {
  let [p, q, r, s] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 3 < n; i += 4) {
    p += a[aAt + i] * b[bAt + i];
    q += a[aAt + i + 1] * b[bAt + i + 1];
    r += a[aAt + i + 2] * b[bAt + i + 2];
    s += a[aAt + i + 3] * b[bAt + i + 3];
  }
  for (; i < n; i++) p += a[aAt + i] * b[bAt + i];
  return p + q + (r + s);
};

/** y[i] = Σ_j a[i, j] x[j] for i < rows, j < n. */
export const rowDots = (
  a: Float64Array,
  at: number,
  step: number,
  rows: number,
  n: number,
  x: Float64Array,
  xAt: number,
  y: Float64Array,
  yAt: number,
): void => {
  const m = machine();
  if (rows * n > small && inside(m, a, x, y)) {
    m.rowDots(place(a, at), step * 8, rows, n, place(x, xAt), place(y, yAt));
    return;
  }
  for (let i = 0; i < rows; i++) {
    let s = 0;
    for (let j = 0, k = at + i * step; j < n; j++, k++) s += a[k] * x[xAt + j];
    y[yAt + i] = s;
  }
};

/** y[j] += Σ_i u[i] a[i, j]; u's entries lie `uStep` apart. */
export const rowSum = (
  a: Float64Array,
  at: number,
  step: number,
  rows: number,
  n: number,
  u: Float64Array,
  uAt: number,
  uStep: number,
  y: Float64Array,
  yAt: number,
): void => {
  const m = machine();
  if (rows * n > small && inside(m, a, u, y)) {
    m.rowSum(place(a, at), step * 8, rows, n, place(u, uAt), uStep * 8, place(y, yAt));
    return;
  }
  for (let i = 0; i < rows; i++) {
    const f = u[uAt + i * uStep];
    for (let j = 0, k = at + i * step; j < n; j++, k++) y[yAt + j] += f * a[k];
  }
};

/** y[j] -= Σ_i u[i] a[i, j]. */
export const rowDrop = (
  a: Float64Array,
  at: number,
  step: number,
  rows: number,
  n: number,
  u: Float64Array,
  uAt: number,
  uStep: number,
  y: Float64Array,
  yAt: number,
): void => {
  const m = machine();
  if (rows * n > small && inside(m, a, u, y)) {
    m.rowDrop(place(a, at), step * 8, rows, n, place(u, uAt), uStep * 8, place(y, yAt));
    return;
  }
  for (let i = 0; i < rows; i++) {
    const f = u[uAt + i * uStep];
    for (let j = 0, k = at + i * step; j < n; j++, k++) y[yAt + j] -= f * a[k];
  }
};

/** a[i, j] -= u[i] y[j]. */
export const rankOne = (
  a: Float64Array,
  at: number,
  step: number,
  rows: number,
  n: number,
  u: Float64Array,
  uAt: number,
  uStep: number,
  y: Float64Array,
  yAt: number,
): void => {
  const m = machine();
  if (rows * n > small && inside(m, a, u, y)) {
    m.rankOne(place(a, at), step * 8, rows, n, place(u, uAt), uStep * 8, place(y, yAt));
    return;
  }
  for (let i = 0; i < rows; i++) {
    const f = u[uAt + i * uStep];
    if (f !== 0) for (let j = 0, k = at + i * step; j < n; j++, k++) a[k] -= f * y[yAt + j];
  }
};

/**
 * The reflection I - τ u uᵀ with u = (1, y, z) of three neighbouring rows (two, where z is null) of `a`, columns [from, to); `row` is the place
 * of the first row, n the distance of rows.
 */
export const turnRows = (
  a: Float64Array,
  row: number,
  n: number,
  from: number,
  to: number,
  tau: number,
  y: number,
  z: number | null,
): void => {
  const ty = tau * y;
  let p = row + from;
  let q = p + n;
  if (z === null) {
    for (let j = from; j < to; j++, p++, q++) {
      const sum = a[p] + y * a[q];
      a[p] -= tau * sum;
      a[q] -= ty * sum;
    }
    return;
  }
  const tz = tau * z;
  const m = machine();
  if (to - from > small && inside(m, a, a, a)) {
    m.turnRows(place(a, p), n * 8, to - from, tau, y, z, ty, tz);
    return;
  }
  let r = q + n;
  for (let j = from; j < to; j++, p++, q++, r++) {
    const sum = a[p] + y * a[q] + z * a[r];
    a[p] -= tau * sum;
    a[q] -= ty * sum;
    a[r] -= tz * sum;
  }
};
/** The same of neighbouring columns, rows [from, to); `column` is the place of the first column in row 0. */
export const turnColumns = (
  a: Float64Array,
  column: number,
  n: number,
  from: number,
  to: number,
  tau: number,
  y: number,
  z: number | null,
): void => {
  const ty = tau * y;
  let p = column + from * n;
  if (z === null) {
    for (let i = from; i < to; i++, p += n) {
      const sum = a[p] + y * a[p + 1];
      a[p] -= tau * sum;
      a[p + 1] -= ty * sum;
    }
    return;
  }
  const tz = tau * z;
  for (let i = from; i < to; i++, p += n) {
    const sum = a[p] + y * a[p + 1] + z * a[p + 2];
    a[p] -= tau * sum;
    a[p + 1] -= ty * sum;
    a[p + 2] -= tz * sum;
  }
};
