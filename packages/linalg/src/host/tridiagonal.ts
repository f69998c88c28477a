import { applyBlockRight, blockReflector, reflector } from "./householder";
import { mark, release, work, workspace } from "./memory";
import { flipped, subtractUpper, view } from "./products";
import { symmetricDrop, symmetricTimes } from "./symmetric";
import { rowDots, rowDrop } from "./vectors";

/** Rows reduced before the rest of the matrix is touched. */
const width = 24;
/** The last rows are reduced one by one: what lies behind them stays in the cache. */
const last = 128;

/**
 * T = QᵀAQ, tridiagonal with diagonal d and superdiagonal e, from the upper triangle of A [n, n], whose rows keep the
 * reflections that make Q; their factors τ are returned. Reflections are gathered
 * by blocks (Dongarra, Sorensen and Hammarling 1989, LAPACK's latrd): within one, A - V Wᵀ - W Vᵀ is not formed but multiplied as it
 * stands, which leaves half of the work to products.
 */
export const tridiagonalise = (a: Float64Array, n: number, d: Float64Array, e: Float64Array): Float64Array => {
  const taus = work(n);
  const start = mark();
  let from = 0;
  if (n > last) {
    // V and W, and W and V once more, by rows
    const vw = work(2 * width * n);
    const wv = workspace(2 * width * n);
    const x = work(width);
    for (; n - from > last; from += width) {
      const half = width * n;
      for (let j = 0; j < width; j++) reduceRow(a, n, from, j, d, e, taus, vw, half, x);
      const rest = from + width;
      wv.set(vw.subarray(half));
      wv.set(vw.subarray(0, half), half);
      const corner = view(a, rest * n + rest, n);
      subtractUpper(corner, n - rest, 2 * width, flipped(view(vw, rest, n)), view(wv, rest, n));
    }
  }
  const p = work(n);
  for (let k = from; k < n - 1; k++) {
    const at = k * n + k + 1;
    const m = n - k - 1;
    const tau = reflector(a, at, m, 1);
    taus[k] = tau;
    d[k] = a[at - 1];
    e[k] = a[at];
    if (tau === 0) continue;
    a[at] = 1;
    p.fill(0, 0, m);
    symmetricTimes(a, at + n, n, m, a, at, p, 0);
    withoutHalf(p, 0, a, at, m, tau);
    symmetricDrop(a, at + n, n, m, a, at, p, 0);
  }
  release(start);
  if (n > 0) d[n - 1] = a[n * n - 1];
  return taus;
};

/** Row k = from + j: brought up to date, reflected, and its column of W made, which lies from `wAt` on in vw. */
const reduceRow = (
  a: Float64Array,
  n: number,
  from: number,
  j: number,
  d: Float64Array,
  e: Float64Array,
  taus: Float64Array,
  vw: Float64Array,
  wAt: number,
  x: Float64Array,
): void => {
  const k = from + j;
  const m = n - k - 1;
  const row = k * n + k;
  rowDrop(vw, wAt + k, n, j, m + 1, vw, k, n, a, row);
  rowDrop(vw, k, n, j, m + 1, vw, wAt + k, n, a, row);
  const tau = reflector(a, row + 1, m, 1);
  taus[k] = tau;
  d[k] = a[row];
  e[k] = a[row + 1];
  const [v, w] = [j * n, wAt + j * n];
  vw.fill(0, v, v + n);
  vw.fill(0, w, w + n);
  if (tau === 0) return;
  vw[v + k + 1] = 1;
  for (let i = 1; i < m; i++) vw[v + k + 1 + i] = a[row + 1 + i];
  // p = (A - V Wᵀ - W Vᵀ) v
  const at = k + 1;
  symmetricTimes(a, at * n + at, n, m, vw, v + at, vw, w + at);
  rowDots(vw, wAt + at, n, j, m, vw, v + at, x, 0);
  rowDrop(vw, at, n, j, m, x, 0, 1, vw, w + at);
  rowDots(vw, at, n, j, m, vw, v + at, x, 0);
  rowDrop(vw, wAt + at, n, j, m, x, 0, 1, vw, w + at);
  withoutHalf(vw, w + at, vw, v + at, m, tau);
};

/** w = τ p - ½ τ² (pᵀv) v, in place of p. */
const withoutHalf = (p: Float64Array, pAt: number, v: Float64Array, vAt: number, m: number, tau: number): void => {
  let pv = 0;
  for (let i = 0; i < m; i++) {
    p[pAt + i] *= tau;
    pv += p[pAt + i] * v[vAt + i];
  }
  const half = 0.5 * tau * pv;
  for (let i = 0; i < m; i++) p[pAt + i] -= half * v[vAt + i];
};

/** Z ← Z Qᵀ for Z [n, n], from what tridiagonalise left in `a`. Of the identity, a block of reflections meets only its own corner. */
export const timesQt = (a: Float64Array, n: number, taus: Float64Array, z: Float64Array, identity: boolean): void => {
  for (let from = width * Math.floor((n - 2) / width); from >= 0; from -= width) {
    const start = mark();
    const w = Math.min(width, n - 1 - from);
    const m = n - from - 1;
    const vt = work(w * m);
    for (let j = 0; j < w; j++) {
      const row = (from + j) * n + from + 1;
      vt[j * m + j] = 1;
      for (let i = j + 1; i < m; i++) vt[j * m + i] = a[row + i];
    }
    const top = identity ? from + 1 : 0;
    applyBlockRight(blockReflector(vt, taus, from, w, m), view(z, top * n + from + 1, n), n - top, true);
    release(start);
  }
};
