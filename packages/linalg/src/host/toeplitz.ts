/**
 * T x = b for T(i, j) = c[i - j] below the diagonal and r[j - i] above it, by Levinson's recursion (Golub and Van Loan, §4.7): the solutions of the
 * leading systems, each from the one before, in O(n²). x [n, k] replaces b. Returns 0, or the leading minor (from 1) that vanishes.
 */
export const levinson = (c: Float64Array, r: Float64Array, b: Float64Array, n: number, k: number): number => {
  const forward = new Float64Array(n);
  const backward = new Float64Array(n);
  const old = new Float64Array(n);
  const x = new Float64Array(n * k);
  for (let m = 0; m < n; m++) {
    // forward: T f = e₁, backward: T g = eₘ, for the leading block of m + 1 rows
    if (m === 0) {
      if (c[0] === 0) return 1;
      forward[0] = backward[0] = 1 / c[0];
    } else {
      let [ef, eb] = [0, 0];
      for (let i = 0; i < m; i++) {
        ef += c[m - i] * forward[i];
        eb += r[i + 1] * backward[i];
      }
      const d = 1 - ef * eb;
      if (!(Math.abs(d) > 0)) return m + 1;
      old.set(forward);
      for (let i = m; i >= 0; i--) {
        const f = i < m ? old[i] : 0;
        const g = i > 0 ? backward[i - 1] : 0;
        forward[i] = (f - ef * g) / d;
        backward[i] = (g - eb * f) / d;
      }
    }
    for (let j = 0; j < k; j++) {
      let error = b[m * k + j];
      for (let i = 0; i < m; i++) error -= c[m - i] * x[i * k + j];
      for (let i = 0; i <= m; i++) x[i * k + j] += error * backward[i];
    }
  }
  b.set(x);
  return 0;
};
