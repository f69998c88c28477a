/**
 * P A = L U by elimination with partial pivoting, in place; row i of P A is row perm[i] of A. Returns 0, or the first pivot (from 1)
 * that is zero: the factors are still exact, but U is singular.
 */
export const factorLu = (a: Float64Array, m: number, n: number, perm: Int32Array): number => {
  let zero = 0;
  for (let i = 0; i < m; i++) perm[i] = i;
  for (let k = 0; k < Math.min(m, n); k++) {
    let p = k;
    let best = Math.abs(a[k * n + k]);
    for (let i = k + 1; i < m; i++) {
      const v = Math.abs(a[i * n + k]);
      if (v > best || Number.isNaN(v)) {
        best = v;
        p = i;
      }
    }
    if (p !== k) {
      const t = perm[k];
      perm[k] = perm[p];
      perm[p] = t;
      for (let j = 0; j < n; j++) {
        const x = a[k * n + j];
        a[k * n + j] = a[p * n + j];
        a[p * n + j] = x;
      }
    }
    const pivot = a[k * n + k];
    if (pivot === 0) {
      if (zero === 0) zero = k + 1;
      continue;
    }
    for (let i = k + 1; i < m; i++) {
      const f = a[i * n + k] / pivot;
      a[i * n + k] = f;
      if (f !== 0) for (let j = k + 1; j < n; j++) a[i * n + j] -= f * a[k * n + j];
    }
  }
  return zero;
};
