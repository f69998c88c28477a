import { divideAndConquer } from "./divide-conquer";
import { mark, release, work, workspace } from "./memory";
import { Rotations } from "./rotations";
import { hypot, scaleBy, scaleFor } from "./scaling";
import { timesQt, tridiagonalise } from "./tridiagonal";

/** From so many rows on, eigenvectors are found by divide and conquer. */
const large = 64;

/**
 * A = V Λ Vᵀ for symmetric A [n, n] (its upper triangle is read; destroyed): blocked Householder reduction to a tridiagonal matrix, then divide and
 * conquer, or implicit QL steps with Wilkinson's shift where n is small or no vectors are asked for. λ ascending in `d`; the rows of `vt` are
 * the eigenvectors. Returns how many eigenvalues did not converge.
 */
export const eigenSymmetric = (a: Float64Array, n: number, d: Float64Array, vt: Float64Array | null): number => {
  const e = work(n);
  const taus = tridiagonalise(a, n, d, e);
  let failed = 0;
  vt?.fill(0);
  if (vt && n >= large) {
    const scale = scaleFor(largestOf(d, e, n));
    scaleBy(d, scale);
    scaleBy(e, scale);
    failed = divideAndConquer(d, e, n, vt, implicitQl);
    scaleBy(d, 1 / scale);
    timesQt(a, n, taus, vt, false);
  } else {
    if (vt) {
      for (let i = 0; i < n; i++) vt[i * n + i] = 1;
      timesQt(a, n, taus, vt, true);
    }
    failed = implicitQl(d, e, n, vt);
  }
  sortAscending(d, n, vt);
  return failed;
};

/**
 * Turns after which an entry is measured by the whole matrix instead of by its neighbours, more generously with every further turn.
 * Neighbours far below the rest are noise of size eps‖A‖ themselves, and an entry between them may never come to rest; what is dropped
 * is a backward error of a few eps‖A‖.
 */
export const patience = 12;

/** The largest entry of a bidiagonal or tridiagonal matrix. */
export const largestOf = (d: Float64Array, e: Float64Array, n: number): number => {
  let norm = 0;
  for (let i = 0; i < n; i++) norm = Math.max(norm, Math.abs(d[i]), i < n - 1 ? Math.abs(e[i]) : 0);
  return norm;
};

const implicitQl = (d: Float64Array, e: Float64Array, n: number, qt: Float64Array | null): number => {
  const eps = 2 ** -53;
  let failed = 0;
  const cs = work(2 * n);
  const chains = qt && new Rotations(qt, n, n);
  if (n > 0) e[n - 1] = 0;
  const norm = largestOf(d, e, n);
  for (let l = 0; l < n; l++) {
    for (let turn = 0; ; turn++) {
      let m = l;
      for (; m < n - 1; m++)
        if (Math.abs(e[m]) <= eps * Math.max(Math.abs(d[m]) + Math.abs(d[m + 1]), (turn - patience) * norm)) break;
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
      chains?.add(m, -1, cs, count);
      if (r === 0 && i >= l) continue;
      d[l] -= p;
      e[l] = g;
      e[m] = 0;
    }
  }
  chains?.flush();
  return failed;
};

/** The order in which no entry stands before another that it should follow, by insertion; null when all do already. */
export const orderOf = (n: number, before: (i: number, j: number) => boolean): Int32Array | null => {
  let sorted = true;
  for (let i = 1; i < n; i++) if (before(i, i - 1)) sorted = false;
  if (sorted) return null;
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    let j = i;
    for (; j > 0 && before(i, order[j - 1]); j--) order[j] = order[j - 1];
    order[j] = i;
  }
  return order;
};

/** Row i of z [·, width] becomes what row order[i] was. */
export const permuteRows = (z: Float64Array, width: number, order: Int32Array): void => {
  const start = mark();
  const count = order.length * width;
  const old = workspace(count);
  old.set(z.length === count ? z : z.subarray(0, count));
  for (let i = 0; i < order.length; i++) {
    const [to, from] = [i * width, order[i] * width];
    for (let j = 0; j < width; j++) z[to + j] = old[from + j];
  }
  release(start);
};

const sortAscending = (d: Float64Array, n: number, vt: Float64Array | null): void => {
  const order = orderOf(n, (i, j) => d[i] < d[j]);
  if (!order) return;
  const start = mark();
  const old = workspace(n);
  old.set(d);
  for (let i = 0; i < n; i++) d[i] = old[order[i]];
  if (vt) permuteRows(vt, n, order);
  release(start);
};
