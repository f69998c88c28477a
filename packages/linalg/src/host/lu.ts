import { rowSum, work } from "./vectors";

/** Columns eliminated at a time; the rest of the matrix is then updated once for all of them. */
const width = 16;

/**
 * P A = L U by elimination with partial pivoting, in place; row i of P A is row perm[i] of A. Returns 0, or the first pivot (from 1)
 * that is zero: the factors are still exact, but U is singular.
 */
export const factorLu = (a: Float64Array, m: number, n: number, perm: Int32Array): number => {
  let zero = 0;
  const minus = work(width);
  const k = Math.min(m, n);
  for (let i = 0; i < m; i++) perm[i] = i;
  for (let from = 0; from < k; from += width) {
    const to = Math.min(k, from + width);
    for (let j = from; j < to; j++) {
      swapRows(a, n, j, pivotRow(a, m, n, j), perm);
      const pivot = a[j * n + j];
      if (pivot === 0) {
        if (zero === 0) zero = j + 1;
        continue;
      }
      for (let i = j + 1; i < m; i++) {
        const f = a[i * n + j] / pivot;
        a[i * n + j] = f;
        if (f !== 0) for (let c = j + 1; c < to; c++) a[i * n + c] -= f * a[j * n + c];
      }
    }
    // the columns behind: rows of U first, then what is left, each row less a combination of the new rows of U
    if (to < n)
      for (let i = from + 1; i < m; i++) {
        const count = Math.min(i, to) - from;
        for (let c = 0; c < count; c++) minus[c] = -a[i * n + from + c];
        rowSum(a, from * n + to, n, count, n - to, minus, 0, 1, a, i * n + to);
      }
  }
  return zero;
};

const pivotRow = (a: Float64Array, m: number, n: number, j: number): number => {
  let p = j;
  let best = Math.abs(a[j * n + j]);
  for (let i = j + 1; i < m; i++) {
    const v = Math.abs(a[i * n + j]);
    if (v > best || Number.isNaN(v)) {
      best = v;
      p = i;
    }
  }
  return p;
};

const swapRows = (a: Float64Array, n: number, i: number, p: number, perm: Int32Array): void => {
  if (i === p) return;
  [perm[i], perm[p]] = [perm[p], perm[i]];
  for (let j = 0; j < n; j++) {
    const x = a[i * n + j];
    a[i * n + j] = a[p * n + j];
    a[p * n + j] = x;
  }
};
