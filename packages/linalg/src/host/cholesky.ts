import { rowDots, work } from "./vectors";

/** A = L Lᵀ from the lower triangle of `a` [n, n]; L replaces it, column by column. Returns 0, or the pivot (from 1) that was not positive. */
export const factorCholesky = (a: Float64Array, n: number): number => {
  const column = work(n);
  for (let j = 0; j < n; j++) {
    // what the columns before contribute to column j, from the diagonal down
    rowDots(a, j * n, n, n - j, j, a, j * n, column, 0);
    const d = a[j * n + j] - column[0];
    a[j * n + j] = d;
    if (!(d > 0)) return j + 1;
    const pivot = Math.sqrt(d);
    a[j * n + j] = pivot;
    for (let i = j + 1; i < n; i++) a[i * n + j] = (a[i * n + j] - column[i - j]) / pivot;
  }
  for (let i = 0; i < n; i++) a.fill(0, i * n + i + 1, (i + 1) * n);
  return 0;
};
