/** A = L Lᵀ from the lower triangle of `a` [n, n]; L replaces it. Returns 0, or the pivot (from 1) that was not positive. */
export const factorCholesky = (a: Float64Array, n: number): number => {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j < i; j++) {
      const other = j * n;
      let s = a[row + j];
      for (let k = 0; k < j; k++) s -= a[row + k] * a[other + k];
      a[row + j] = s / a[other + j];
    }
    let d = a[row + i];
    for (let k = 0; k < i; k++) d -= a[row + k] * a[row + k];
    if (!(d > 0)) return i + 1;
    a[row + i] = Math.sqrt(d);
    for (let j = i + 1; j < n; j++) a[row + j] = 0;
  }
  return 0;
};
