import { reflector } from "./householder";

/**
 * A = V Λ Vᵀ for symmetric A [n, n] (both triangles given; destroyed): Householder reduction to a tridiagonal matrix, then implicit QL steps
 * with Wilkinson's shift. λ ascending in `d`; the rows of `vt` are the eigenvectors. Returns how many eigenvalues did not converge.
 */
export const eigenSymmetric = (a: Float64Array, n: number, d: Float64Array, vt: Float64Array | null): number => {
  const e = new Float64Array(n);
  tridiagonalise(a, n, d, e, vt);
  const failed = implicitQl(d, e, n, vt);
  sortAscending(d, n, vt);
  return failed;
};

/** d, e: diagonal and superdiagonal of QᵀAQ; `qt` becomes Qᵀ. */
const tridiagonalise = (
  a: Float64Array,
  n: number,
  d: Float64Array,
  e: Float64Array,
  qt: Float64Array | null,
): void => {
  const taus = new Float64Array(n);
  const p = new Float64Array(n);
  for (let k = 0; k < n - 1; k++) {
    const at = k * n + k + 1;
    const m = n - k - 1;
    const tau = reflector(a, at, m, 1);
    taus[k] = tau;
    d[k] = a[k * n + k];
    e[k] = a[at];
    if (tau === 0) continue;
    a[at] = 1;
    // p = τ A v, w = p - ½ τ (pᵀv) v, A ← A - v wᵀ - w vᵀ
    let pv = 0;
    for (let i = 0; i < m; i++) {
      const row = (k + 1 + i) * n + k + 1;
      let s = 0;
      for (let j = 0; j < m; j++) s += a[row + j] * a[at + j];
      p[i] = tau * s;
      pv += p[i] * a[at + i];
    }
    const half = 0.5 * tau * pv;
    for (let i = 0; i < m; i++) p[i] -= half * a[at + i];
    for (let i = 0; i < m; i++) {
      const row = (k + 1 + i) * n + k + 1;
      const [vi, wi] = [a[at + i], p[i]];
      for (let j = 0; j < m; j++) a[row + j] -= vi * p[j] + wi * a[at + j];
    }
  }
  if (n > 0) d[n - 1] = a[n * n - 1];
  if (!qt) return;
  qt.fill(0);
  for (let i = 0; i < n; i++) qt[i * n + i] = 1;
  for (let k = n - 2; k >= 0; k--) {
    const tau = taus[k];
    if (tau === 0) continue;
    const v = k * n;
    for (let i = k + 1; i < n; i++) {
      const row = i * n;
      let s = 0;
      for (let j = k + 1; j < n; j++) s += qt[row + j] * a[v + j];
      s *= tau;
      for (let j = k + 1; j < n; j++) qt[row + j] -= s * a[v + j];
    }
  }
};

const implicitQl = (d: Float64Array, e: Float64Array, n: number, qt: Float64Array | null): number => {
  const eps = 2 ** -53;
  let failed = 0;
  if (n > 0) e[n - 1] = 0;
  for (let l = 0; l < n; l++) {
    for (let turn = 0; ; turn++) {
      let m = l;
      for (; m < n - 1; m++) if (Math.abs(e[m]) <= eps * (Math.abs(d[m]) + Math.abs(d[m + 1]))) break;
      if (m === l) break;
      if (turn === 60) {
        failed++;
        break;
      }
      let g = (d[l + 1] - d[l]) / (2 * e[l]);
      let r = Math.hypot(g, 1);
      g = d[m] - d[l] + e[l] / (g + (g >= 0 ? r : -r));
      let [s, c, p] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i];
        const b = c * e[i];
        r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          // underflow of both: the matrix has split
          d[i + 1] -= p;
          e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        if (qt) rotate(qt, n, i * n, (i + 1) * n, c, s);
      }
      if (r === 0 && i >= l) continue;
      d[l] -= p;
      e[l] = g;
      e[m] = 0;
    }
  }
  return failed;
};

/** Rows x, y ← c x - s y, s x + c y. */
const rotate = (z: Float64Array, n: number, x: number, y: number, c: number, s: number): void => {
  for (let k = 0; k < n; k++) {
    const f = z[y + k];
    const g = z[x + k];
    z[y + k] = s * g + c * f;
    z[x + k] = c * g - s * f;
  }
};

const sortAscending = (d: Float64Array, n: number, vt: Float64Array | null): void => {
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => d[i] - d[j]);
  const old = d.slice();
  const rows = vt?.slice();
  order.forEach((from, to) => {
    d[to] = old[from];
    if (rows) vt?.set(rows.subarray(from * n, from * n + n), to * n);
  });
};
