import { applyRight, reflector } from "./householder";
import { mark, release, work, workspace } from "./memory";
import { hypot } from "./scaling";
import { rankOne, rotations, rowDots } from "./vectors";

/**
 * A = V Λ Vᵀ for symmetric A [n, n] (both triangles given; destroyed): Householder reduction to a tridiagonal matrix, then implicit QL steps
 * with Wilkinson's shift. λ ascending in `d`; the rows of `vt` are the eigenvectors. Returns how many eigenvalues did not converge.
 */
export const eigenSymmetric = (a: Float64Array, n: number, d: Float64Array, vt: Float64Array | null): number => {
  const e = work(n);
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
  const taus = work(n);
  const p = work(n);
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
    const block = (k + 1) * n + k + 1;
    rowDots(a, block, n, m, m, a, at, p, 0);
    let pv = 0;
    for (let i = 0; i < m; i++) {
      p[i] *= tau;
      pv += p[i] * a[at + i];
    }
    const half = 0.5 * tau * pv;
    for (let i = 0; i < m; i++) p[i] -= half * a[at + i];
    rankOne(a, block, n, m, m, a, at, 1, p, 0);
    rankOne(a, block, n, m, m, p, 0, 1, a, at);
  }
  if (n > 0) d[n - 1] = a[n * n - 1];
  if (!qt) return;
  qt.fill(0);
  for (let i = 0; i < n; i++) qt[i * n + i] = 1;
  for (let k = n - 2; k >= 0; k--) applyRight(qt, n, [k + 1, n], [k + 1, n], a, k * n + k + 1, taus[k], p);
};

const implicitQl = (d: Float64Array, e: Float64Array, n: number, qt: Float64Array | null): number => {
  const eps = 2 ** -53;
  let failed = 0;
  const cs = work(2 * n);
  if (n > 0) e[n - 1] = 0;
  let size = 0;
  for (let i = 0; i < n; i++) size = Math.max(size, Math.abs(d[i]) + Math.abs(e[i]));
  for (let l = 0; l < n; l++) {
    for (let turn = 0; ; turn++) {
      let m = l;
      // Within rounding errors of size eps·‖T‖, as where the rank is low, steps may not reach eps of the neighbours: patience, then eps·‖T‖.
      for (; m < n - 1; m++)
        if (Math.abs(e[m]) <= eps * (turn < 30 ? Math.abs(d[m]) + Math.abs(d[m + 1]) : size)) break;
      if (m === l) break;
      if (turn === 60) {
        failed++;
        break;
      }
      let g = (d[l + 1] - d[l]) / (2 * e[l]);
      let r = hypot(g, 1);
      g = d[m] - d[l] + e[l] / (g + (g >= 0 ? r : -r));
      let [s, c, p] = [1, 1, 0];
      let i = m - 1;
      let count = 0;
      for (; i >= l; i--) {
        const f = s * e[i];
        const b = c * e[i];
        r = hypot(f, g);
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
        cs[2 * count] = c;
        cs[2 * count + 1] = s;
        count++;
      }
      if (qt) rotations(qt, n, m, -1, cs, count);
      if (r === 0 && i >= l) continue;
      d[l] -= p;
      e[l] = g;
      e[m] = 0;
    }
  }
  return failed;
};

/** By insertion, the rows of `vt` following. */
const sortAscending = (d: Float64Array, n: number, vt: Float64Array | null): void => {
  let sorted = true;
  for (let i = 1; i < n; i++) if (d[i] < d[i - 1]) sorted = false;
  if (sorted) return;
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    let j = i;
    for (; j > 0 && d[order[j - 1]] > d[i]; j--) order[j] = order[j - 1];
    order[j] = i;
  }
  const start = mark();
  const old = workspace(n);
  old.set(d);
  for (let i = 0; i < n; i++) d[i] = old[order[i]];
  if (vt) {
    const rows = workspace(n * n);
    rows.set(vt);
    for (let i = 0; i < n; i++) for (let j = 0, from = order[i] * n; j < n; j++) vt[i * n + j] = rows[from + j];
  }
  release(start);
};
