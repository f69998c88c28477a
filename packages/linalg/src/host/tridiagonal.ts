import { applyBlockRight, blockReflector, reflector } from "./householder";
import { mark, release, work, workspace } from "./memory";
import { flipped, subtractUpper, view } from "./products";
import { rowDots, rowDrop, symmetricTimes } from "./vectors";

/** Rows reduced before the rest of the matrix is touched. */
const width = 24;

/**
 * T = QᵀAQ, tridiagonal with diagonal d and superdiagonal e, from the upper triangle of A [n, n], whose rows keep the
 * reflections that make Q; their factors τ are returned. Reflections are gathered
 * by blocks (Dongarra, Sorensen and Hammarling 1989, LAPACK's latrd): within one, A - V Wᵀ - W Vᵀ is not formed but multiplied as it
 * stands, which leaves half of the work to products.
 */
export const tridiagonalise = (a: Float64Array, n: number, d: Float64Array, e: Float64Array): Float64Array => {
  const taus = work(n);
  // V and W, and W and V once more, by rows
  const vw = work(2 * width * n);
  const wv = workspace(2 * width * n);
  const x = work(width);
  for (let from = 0; from < n - 1; from += width) {
    const count = Math.min(width, n - 1 - from);
    const w = count * n;
    for (let j = 0; j < count; j++) reduceRow(a, n, from, j, d, e, taus, vw, w, x);
    const rest = from + count;
    wv.set(vw.subarray(w, 2 * w));
    wv.set(vw.subarray(0, w), w);
    const corner = view(a, rest * n + rest, n);
    subtractUpper(corner, n - rest, 2 * count, flipped(view(vw, rest, n)), view(wv, rest, n));
  }
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
  // p = (A - V Wᵀ - W Vᵀ) v, w = τ p - ½ τ² (pᵀv) v
  const at = k + 1;
  symmetricTimes(a, at * n + at, n, m, vw, v + at, vw, w + at);
  rowDots(vw, wAt + at, n, j, m, vw, v + at, x, 0);
  rowDrop(vw, at, n, j, m, x, 0, 1, vw, w + at);
  rowDots(vw, at, n, j, m, vw, v + at, x, 0);
  rowDrop(vw, wAt + at, n, j, m, x, 0, 1, vw, w + at);
  let pv = 0;
  for (let i = at; i < n; i++) {
    vw[w + i] *= tau;
    pv += vw[w + i] * vw[v + i];
  }
  const half = 0.5 * tau * pv;
  for (let i = at; i < n; i++) vw[w + i] -= half * vw[v + i];
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
