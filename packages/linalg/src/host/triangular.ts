import { rowDots, rowSum, work } from "./vectors";

/** X ← op(A)⁻¹ X for a triangular A [n, n] and X [n, k], row-major, in place. The other triangle is never read. */
export const solveTriangular = (
  a: Float64Array,
  x: Float64Array,
  n: number,
  k: number,
  lower: boolean,
  transposed: boolean,
  unit: boolean,
): void => {
  const forward = lower !== transposed;
  const minus = work(n);
  const one = work(1);
  for (let step = 0; step < n; step++) {
    const i = forward ? step : n - 1 - step;
    // row i less what the rows already solved contribute
    const from = forward ? 0 : i + 1;
    const count = forward ? i : n - 1 - i;
    for (let j = 0; j < count; j++) minus[j] = -(transposed ? a[(from + j) * n + i] : a[i * n + from + j]);
    if (k === 1) {
      rowDots(minus, 0, n, 1, count, x, from, one, 0);
      x[i] += one[0];
    } else rowSum(x, from * k, k, count, k, minus, 0, 1, x, i * k);
    if (!unit) {
      const pivot = a[i * n + i];
      for (let c = i * k; c < (i + 1) * k; c++) x[c] /= pivot;
    }
  }
};
