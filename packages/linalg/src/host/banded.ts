import { mark, release, work } from "./memory";

/**
 * X ← A⁻¹ X for a banded A [n, n] with p diagonals below and q above, X [n, k], by LU with partial pivoting in O(n p (p + q + k)). Row `q + i - j` of
 * `ab` [p + q + 1, n] holds a(i, j) in column j. Returns 0, or the first pivot (from 1) that is zero.
 */
export const solveBand = (
  ab: Float64Array,
  x: Float64Array,
  n: number,
  p: number,
  q: number,
  k: number,
  transposed: boolean,
): number => {
  const start = mark();
  const [below, above] = transposed ? [q, p] : [p, q];
  // rows of A from p places before the diagonal to p + q behind it, where interchanges fill in
  const width = 2 * below + above + 1;
  const rows = work(n * width);
  for (let i = 0; i < n; i++)
    for (let j = Math.max(0, i - below); j <= Math.min(n - 1, i + above); j++)
      rows[i * width + j - i + below] = transposed ? ab[(q + j - i) * n + i] : ab[(q + i - j) * n + j];
  const entry = (i: number, j: number): number => i * width + j - i + below;
  let bad = 0;
  for (let c = 0; c < n && bad === 0; c++) {
    const last = Math.min(n - 1, c + below);
    const reach = Math.min(n - 1, c + below + above);
    let best = c;
    for (let i = c + 1; i <= last; i++) {
      const v = Math.abs(rows[entry(i, c)]);
      if (v > Math.abs(rows[entry(best, c)]) || Number.isNaN(v)) best = i;
    }
    if (rows[entry(best, c)] === 0) bad = c + 1;
    if (best !== c) {
      for (let j = c; j <= reach; j++) {
        const t = rows[entry(c, j)];
        rows[entry(c, j)] = rows[entry(best, j)];
        rows[entry(best, j)] = t;
      }
      swapRows(x, k, c, best);
    }
    for (let i = c + 1; i <= last; i++) {
      const f = rows[entry(i, c)] / rows[entry(c, c)];
      if (f === 0) continue;
      for (let j = c + 1; j <= reach; j++) rows[entry(i, j)] -= f * rows[entry(c, j)];
      for (let j = 0; j < k; j++) x[i * k + j] -= f * x[c * k + j];
    }
  }
  for (let i = n - 1; i >= 0 && bad === 0; i--) {
    for (let c = i + 1; c <= Math.min(n - 1, i + below + above); c++) {
      const f = rows[entry(i, c)];
      if (f !== 0) for (let j = 0; j < k; j++) x[i * k + j] -= f * x[c * k + j];
    }
    for (let j = 0; j < k; j++) x[i * k + j] /= rows[entry(i, i)];
  }
  release(start);
  return bad;
};

const swapRows = (x: Float64Array, k: number, i: number, p: number): void => {
  for (let j = 0; j < k; j++) {
    const t = x[i * k + j];
    x[i * k + j] = x[p * k + j];
    x[p * k + j] = t;
  }
};

/**
 * The same for a symmetric positive definite A by Cholesky, from its lower diagonals: row d of `ab` [p + 1, n] holds a(j + d, j) in column j;
 * destroyed. Returns 0, or the pivot (from 1) that was not positive.
 */
export const solveBandDefinite = (ab: Float64Array, x: Float64Array, n: number, p: number, k: number): number => {
  for (let j = 0; j < n; j++) {
    if (!(ab[j] > 0)) return j + 1;
    const pivot = Math.sqrt(ab[j]);
    ab[j] = pivot;
    const last = Math.min(p, n - 1 - j);
    for (let d = 1; d <= last; d++) ab[d * n + j] /= pivot;
    for (let c = 1; c <= last; c++)
      for (let d = c; d <= last; d++) ab[(d - c) * n + j + c] -= ab[d * n + j] * ab[c * n + j];
  }
  for (let i = 0; i < n; i++)
    for (let c = 0; c < k; c++) {
      let s = x[i * k + c];
      for (let d = 1; d <= Math.min(p, i); d++) s -= ab[d * n + i - d] * x[(i - d) * k + c];
      x[i * k + c] = s / ab[i];
    }
  for (let i = n - 1; i >= 0; i--)
    for (let c = 0; c < k; c++) {
      let s = x[i * k + c];
      for (let d = 1; d <= Math.min(p, n - 1 - i); d++) s -= ab[d * n + i] * x[(i + d) * k + c];
      x[i * k + c] = s / ab[i];
    }
  return 0;
};
