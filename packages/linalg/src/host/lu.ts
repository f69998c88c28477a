import { machine, mark, release, workspace } from "./memory";
import { inside, subtractProduct, transposeInto, view } from "./products";
import { solveLeft } from "./triangular";
import { rankOne } from "./vectors";

/** Columns eliminated one by one. */
const width = 16;
/** Up to this many entries elimination is done where they lie. */
const small = 100;

/**
 * P A = L U by elimination with partial pivoting, in place; row i of P A is row perm[i] of A. Returns 0, or the first pivot (from 1)
 * that is zero: the factors are still exact, but U is singular.
 *
 * Columns are halved: the left half is eliminated, then U₁₂ = L₁₁⁻¹ A₁₂ and A₂₂ - L₂₁ U₁₂, then the right half (Toledo 1997).
 */
export const factorLu = (a: Float64Array, m: number, n: number, perm: Int32Array): number => {
  const k = Math.min(m, n);
  for (let i = 0; i < m; i++) perm[i] = i;
  if (m * n <= small) return eliminate(a, m, n, perm);
  const zero = factorColumns(a, m, n, 0, k, perm);
  if (k < n) solveLeft(view(a, 0, n), k, view(a, k, n), n - k, true, true);
  return zero;
};

const factorColumns = (a: Float64Array, m: number, n: number, from: number, to: number, perm: Int32Array): number => {
  if (to - from <= width) return factorPanel(a, m, n, from, to, perm);
  const half = from + 8 * Math.ceil((to - from) / 16);
  const left = factorColumns(a, m, n, from, half, perm);
  const right = view(a, from * n + half, n);
  solveLeft(view(a, from * n + from, n), half - from, right, to - half, true, true);
  const below = view(a, half * n + from, n);
  subtractProduct(view(a, half * n + half, n), m - half, to - half, half - from, below, right);
  const last = factorColumns(a, m, n, half, to, perm);
  return left || last;
};

/** Columns [from, to) from the diagonal down, as rows of a copy, so that pivots are sought and rows combined along contiguous entries. */
const factorPanel = (a: Float64Array, m: number, n: number, from: number, to: number, perm: Int32Array): number => {
  const start = mark();
  const [w, len] = [to - from, m - from];
  const p = workspace(w * len);
  const panel = view(a, from * n + from, n);
  transposeInto(panel, len, w, view(p, 0, len));
  const wasm = machine();
  if (wasm && inside(wasm, panel) && p.buffer === wasm.buffer) {
    const swap = new Int32Array(wasm.buffer, workspace(w).byteOffset, w);
    const zero = wasm.luPanel(w, len, p.byteOffset, len * 8, swap.byteOffset);
    wasm.swapRows(w, a.byteOffset + from * n * 8, n * 8, n, swap.byteOffset);
    for (let j = 0; j < w; j++) swapEntries(perm, from + j, from + swap[j]);
    transposeInto(view(p, 0, len), w, len, panel);
    release(start);
    return zero > 0 ? from + zero : 0;
  }
  let zero = 0;
  for (let j = 0; j < w; j++) {
    const best = pivotOf(p, j * len, j, len);
    if (best !== j) {
      for (let c = 0; c < w; c++) {
        const t = p[c * len + j];
        p[c * len + j] = p[c * len + best];
        p[c * len + best] = t;
      }
      swapRows(a, n, from + j, from + best, perm);
    }
    const pivot = p[j * len + j];
    if (pivot === 0) {
      if (zero === 0) zero = from + j + 1;
      continue;
    }
    for (let i = j + 1; i < len; i++) p[j * len + i] /= pivot;
    rankOne(p, (j + 1) * len + j + 1, len, w - j - 1, len - j - 1, p, (j + 1) * len + j, len, p, j * len + j + 1);
  }
  transposeInto(view(p, 0, len), w, len, panel);
  release(start);
  return zero;
};

/** The place of the largest of p[at + from …], or of a NaN. */
const pivotOf = (p: Float64Array, at: number, from: number, to: number): number => {
  let best = from;
  let size = Math.abs(p[at + from]);
  for (let i = from + 1; i < to; i++) {
    const v = Math.abs(p[at + i]);
    if (v > size || Number.isNaN(v)) {
      size = v;
      best = i;
    }
  }
  return best;
};

const swapEntries = (perm: Int32Array, i: number, p: number): void => {
  const t = perm[i];
  perm[i] = perm[p];
  perm[p] = t;
};
const swapRows = (a: Float64Array, n: number, i: number, p: number, perm: Int32Array): void => {
  swapEntries(perm, i, p);
  for (let x = i * n, y = p * n, end = x + n; x < end; x++, y++) {
    const v = a[x];
    a[x] = a[y];
    a[y] = v;
  }
};

const eliminate = (a: Float64Array, m: number, n: number, perm: Int32Array): number => {
  let zero = 0;
  for (let j = 0; j < Math.min(m, n); j++) {
    let best = j;
    let size = Math.abs(a[j * n + j]);
    for (let i = j + 1; i < m; i++) {
      const v = Math.abs(a[i * n + j]);
      if (v > size || Number.isNaN(v)) {
        size = v;
        best = i;
      }
    }
    if (best !== j) swapRows(a, n, j, best, perm);
    const pivot = a[j * n + j];
    if (pivot === 0) {
      if (zero === 0) zero = j + 1;
      continue;
    }
    for (let i = j + 1; i < m; i++) {
      const f = a[i * n + j] / pivot;
      a[i * n + j] = f;
      if (f !== 0) for (let c = j + 1; c < n; c++) a[i * n + c] -= f * a[j * n + c];
    }
  }
  return zero;
};
