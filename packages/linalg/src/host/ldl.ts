import { mark, release, work } from "./memory";
import { rankOne } from "./vectors";

/** (1 + √17)/8, which bounds the growth of 1×1 and 2×2 pivots alike (Bunch and Kaufman 1977). */
const alpha = (1 + Math.sqrt(17)) / 8;

/**
 * P A Pᵀ = L D Lᵀ for symmetric A [n, n], both triangles given, by diagonal pivoting; row i of P A is row perm[i] of A. L, unit lower triangular,
 * replaces `a`; D, with blocks of one and two rows, goes to `d`. Returns 0, or the first pivot (from 1) that is zero: the factors hold, D is singular.
 */
export const factorLdl = (a: Float64Array, n: number, d: Float64Array, perm: Int32Array): number => {
  const start = mark();
  const [p, q] = [work(n), work(n)];
  let zero = 0;
  for (let i = 0; i < n; i++) perm[i] = i;
  for (let k = 0; k < n; ) {
    const { row, size } = choosePivot(a, n, k);
    swap(a, n, k, k + size - 1, row, perm);
    const at = k * n + k;
    if (size === 1) {
      const pivot = a[at];
      d[at] = pivot;
      if (pivot === 0 && zero === 0) zero = k + 1;
      for (let i = k + 1; i < n; i++) {
        p[i] = pivot === 0 ? 0 : a[i * n + k] / pivot;
        q[i] = a[i * n + k];
      }
      rankOne(a, (k + 1) * n + k + 1, n, n - k - 1, n - k - 1, p, k + 1, 1, q, k + 1);
      for (let i = k + 1; i < n; i++) a[i * n + k] = p[i];
    } else {
      const [x, y, z] = [a[at], a[at + n], a[at + n + 1]];
      d[at] = x;
      d[at + 1] = d[at + n] = y;
      d[at + n + 1] = z;
      // rows of L₂₁ = A₂₁ D⁻¹, scaled by y, the largest entry of D
      const scale = (x / y) * (z / y) - 1;
      for (const c of [0, 1]) {
        for (let i = k + 2; i < n; i++) {
          const [f, g] = [a[i * n + k] / y, a[i * n + k + 1] / y];
          p[i] = c === 0 ? ((z / y) * f - g) / scale : ((x / y) * g - f) / scale;
          q[i] = a[i * n + k + c];
        }
        rankOne(a, (k + 2) * n + k + 2, n, n - k - 2, n - k - 2, p, k + 2, 1, q, k + 2);
        if (c === 0) for (let i = k + 2; i < n; i++) a[(k + 1) * n + i] = p[i];
      }
      for (let i = k + 2; i < n; i++) {
        a[i * n + k] = a[(k + 1) * n + i];
        a[i * n + k + 1] = p[i];
      }
      a[at + n] = 0;
    }
    k += size;
  }
  for (let i = 0; i < n; i++) {
    a[i * n + i] = 1;
    a.fill(0, i * n + i + 1, (i + 1) * n);
  }
  release(start);
  return zero;
};

/** The row to bring to k (or to k + 1, for a pivot of two rows). */
const choosePivot = (a: Float64Array, n: number, k: number): { row: number; size: 1 | 2 } => {
  const here = Math.abs(a[k * n + k]);
  let row = k;
  let column = 0;
  for (let i = k + 1; i < n; i++) {
    const v = Math.abs(a[i * n + k]);
    if (v > column) {
      column = v;
      row = i;
    }
  }
  if (column === 0 || here >= alpha * column) return { row: k, size: 1 };
  let other = 0;
  for (let j = k; j < n; j++) if (j !== row) other = Math.max(other, Math.abs(a[row * n + j]));
  if (here >= alpha * column * (column / other)) return { row: k, size: 1 };
  return { row, size: Math.abs(a[row * n + row]) >= alpha * other ? 1 : 2 };
};

/** Rows and columns i and p change places: those of the remainder from k on, and rows of L before it. */
const swap = (a: Float64Array, n: number, k: number, i: number, p: number, perm: Int32Array): void => {
  if (i === p) return;
  const t = perm[i];
  perm[i] = perm[p];
  perm[p] = t;
  for (let j = 0; j < n; j++) {
    const v = a[i * n + j];
    a[i * n + j] = a[p * n + j];
    a[p * n + j] = v;
  }
  for (let j = k; j < n; j++) {
    const v = a[j * n + i];
    a[j * n + i] = a[j * n + p];
    a[j * n + p] = v;
  }
};
