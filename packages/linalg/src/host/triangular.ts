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
  for (let step = 0; step < n; step++) {
    const i = forward ? step : n - 1 - step;
    if (transposed) {
      // row i is final once divided; then it leaves the rows that are still to come
      if (!unit) for (let c = 0; c < k; c++) x[i * k + c] /= a[i * n + i];
      const [from, to] = forward ? [i + 1, n] : [0, i];
      for (let j = from; j < to; j++) {
        const f = a[i * n + j];
        if (f !== 0) for (let c = 0; c < k; c++) x[j * k + c] -= f * x[i * k + c];
      }
    } else {
      const [from, to] = forward ? [0, i] : [i + 1, n];
      for (let j = from; j < to; j++) {
        const f = a[i * n + j];
        if (f !== 0) for (let c = 0; c < k; c++) x[i * k + c] -= f * x[j * k + c];
      }
      if (!unit) for (let c = 0; c < k; c++) x[i * k + c] /= a[i * n + i];
    }
  }
};
