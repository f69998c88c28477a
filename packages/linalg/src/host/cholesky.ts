import { gemmScratch, machine } from "./memory";
import { flipped, inside, place, subtractUpper, transposeInto, view } from "./products";
import { solveLeft } from "./triangular";
import { rowDrop } from "./vectors";

/** Rows factored in one call. */
const base = 256;
/** Smaller matrices are sooner factored than called for. */
const small = 8;
const strip = 32;

/**
 * A = L Lᵀ from the upper triangle of `a` [n, n], which is destroyed; L is written to `l`, zero before. Returns 0, or the pivot
 * (from 1) that was not positive.
 *
 * A = Uᵀ U by halves, rows of U being contiguous: U₁₂ = U₁₁⁻ᵀ A₁₂, then A₂₂ - U₁₂ᵀ U₁₂.
 */
export const factorCholesky = (a: Float64Array, n: number, l: Float64Array): number => {
  if (n <= small) return factorSmall(a, n, l);
  const bad = factorUpper(a, n, 0, n);
  if (bad > 0) return bad;
  // L = Uᵀ by strips of rows of U; what a strip holds before its diagonal goes above L's, and is cleared
  for (let i0 = 0; i0 < n; i0 += strip) {
    const i1 = Math.min(n, i0 + strip);
    transposeInto(view(a, i0 * n + i0, n), i1 - i0, n - i0, view(l, i0 * n + i0, n));
    for (let i = i0; i < i1; i++) l.fill(0, i * n + i + 1, i * n + i1);
  }
  return 0;
};

const factorSmall = (a: Float64Array, n: number, l: Float64Array): number => {
  for (let j = 0; j < n; j++)
    for (let i = j; i < n; i++) {
      let s = a[j * n + i];
      for (let k = 0; k < j; k++) s -= l[i * n + k] * l[j * n + k];
      if (i > j) l[i * n + j] = s / l[j * n + j];
      else if (s > 0) l[j * n + j] = Math.sqrt(s);
      else return j + 1;
    }
  return 0;
};

const factorUpper = (a: Float64Array, n: number, from: number, to: number): number => {
  const size = to - from;
  if (size <= base) return factorRows(a, n, from, to);
  const half = from + 8 * Math.ceil(size / 16);
  const bad = factorUpper(a, n, from, half);
  if (bad > 0) return bad;
  const corner = view(a, from * n + from, n);
  solveLeft(flipped(corner), half - from, view(a, from * n + half, n), to - half, true, false);
  const above = view(a, from * n + half, n);
  subtractUpper(view(a, half * n + half, n), to - half, half - from, flipped(above), above);
  return factorUpper(a, n, half, to);
};

const factorRows = (a: Float64Array, n: number, from: number, to: number): number => {
  const wasm = machine();
  const corner = view(a, from * n + from, n);
  if (wasm && inside(wasm, corner)) {
    const bad = wasm.choleskyRows(to - from, place(corner), n * 8, gemmScratch.at);
    return bad > 0 ? from + bad : 0;
  }
  for (let j = from; j < to; j++) {
    const at = j * n + j;
    rowDrop(a, from * n + j, n, j - from, to - j, a, from * n + j, n, a, at);
    if (!(a[at] > 0)) return j + 1;
    const pivot = Math.sqrt(a[at]);
    a[at] = pivot;
    for (let c = at + 1; c < at + to - j; c++) a[c] /= pivot;
  }
  return 0;
};
