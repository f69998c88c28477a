import { gemmScratchBytes } from "@ansatz/backend-wasm";
import { gemmScratch, type Machine, machine, mark, release, workspace } from "./memory";

/**
 * Matrix products over arrays of `memory.ts`, packed and blocked: the third level of the factorizations. A matrix is an array, the index of its
 * first entry, and the distances of rows and of columns in entries, so a transpose is a matrix with its two distances swapped.
 */
export interface View {
  readonly data: Float64Array;
  readonly at: number;
  readonly row: number;
  readonly column: number;
}
export const view = (data: Float64Array, at: number, row: number, column = 1): View => ({ data, at, row, column });
export const flipped = ({ data, at, row, column }: View): View => ({ data, at, row: column, column: row });

const place = (v: View): number => v.data.byteOffset + v.at * 8;
const fits = (m: Machine | null, a: View, b: View, c: View, bytes: number): m is Machine =>
  m !== null &&
  a.data.buffer === m.buffer &&
  b.data.buffer === m.buffer &&
  c.data.buffer === m.buffer &&
  c.column === 1 &&
  bytes <= gemmScratch.bytes;

const multiply = (c: View, m: number, n: number, k: number, a: View, b: View, accumulate: boolean): void => {
  if (m === 0 || n === 0) return;
  const wasm = machine();
  if (fits(wasm, a, b, c, gemmScratchBytes("f64", m, n, k))) {
    const add = accumulate ? 1 : 0;
    wasm.gemm(m, n, k, place(a), a.row, a.column, place(b), b.row, b.column, place(c), c.row, add, gemmScratch.at);
    return;
  }
  for (let i = 0; i < m; i++) {
    const to = c.at + i * c.row;
    if (!accumulate) for (let j = 0; j < n; j++) c.data[to + j * c.column] = 0;
    for (let l = 0; l < k; l++) {
      const f = a.data[a.at + i * a.row + l * a.column];
      for (let j = 0; j < n; j++) c.data[to + j * c.column] += f * b.data[b.at + l * b.row + j * b.column];
    }
  }
};

/** C [m, n] = A B; C has contiguous rows and overlaps neither. */
export const setProduct = (c: View, m: number, n: number, k: number, a: View, b: View): void =>
  multiply(c, m, n, k, a, b, false);
/** C += A B. */
export const addProduct = (c: View, m: number, n: number, k: number, a: View, b: View): void =>
  multiply(c, m, n, k, a, b, true);
/** C -= A B, by way of -A or -B, whichever is smaller. */
export const subtractProduct = (c: View, m: number, n: number, k: number, a: View, b: View): void => {
  const start = mark();
  if (m <= n) multiply(c, m, n, k, negative(a, m, k), b, true);
  else multiply(c, m, n, k, a, negative(b, k, n), true);
  release(start);
};

/** -A in memory of its own, its longer lines as they were. */
const negative = (a: View, m: number, n: number): View => {
  if (a.column !== 1 && a.row === 1) return flipped(negative(flipped(a), n, m));
  const to = workspace(m * n);
  const wasm = machine();
  if (wasm && a.column === 1 && a.data.buffer === wasm.buffer && to.buffer === wasm.buffer)
    wasm.negated(place(a), a.row * 8, m, n, to.byteOffset);
  else for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) to[i * n + j] = -a.data[a.at + i * a.row + j * a.column];
  return view(to, 0, n);
};

/** B [n, m] = Aᵀ for A [m, n], in tiles that stay in cache. */
export const transposeInto = (a: View, m: number, n: number, b: View): void => {
  const tile = 16;
  const [x, y] = [a.data, b.data];
  for (let i0 = 0; i0 < m; i0 += tile)
    for (let j0 = 0; j0 < n; j0 += tile) {
      const [i1, j1] = [Math.min(m, i0 + tile), Math.min(n, j0 + tile)];
      for (let j = j0; j < j1; j++) {
        let from = a.at + i0 * a.row + j * a.column;
        let to = b.at + j * b.row + i0 * b.column;
        for (let i = i0; i < i1; i++, from += a.row, to += b.column) y[to] = x[from];
      }
    }
};
