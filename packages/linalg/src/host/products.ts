import { gemmScratchBytes } from "@ansatz/backend-wasm";
import { gemmScratch, type Machine, machine } from "./memory";

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

/** Fewer entries are sooner copied than called for. */
const small = 24;
export const inside = (m: Machine, v: View): boolean => v.data.buffer === m.buffer;
export const place = (v: View): number => v.data.byteOffset + v.at * 8;
const fits = (m: Machine | null, a: View, b: View, c: View, bytes: number): m is Machine =>
  m !== null && inside(m, a) && inside(m, b) && inside(m, c) && c.column === 1 && bytes <= gemmScratch.bytes;

type Sum = "set" | "add" | "subtract";
const multiply = (c: View, m: number, n: number, k: number, a: View, b: View, sum: Sum): void => {
  if (m === 0 || n === 0) return;
  const wasm = machine();
  if (fits(wasm, a, b, c, gemmScratchBytes("f64", m, n, k))) {
    const gemm = sum === "subtract" ? wasm.gemmMinus : wasm.gemm;
    const into = sum === "set" ? 0 : 1;
    gemm(m, n, k, place(a), a.row, a.column, place(b), b.row, b.column, place(c), c.row, into, gemmScratch.at);
    return;
  }
  for (let i = 0; i < m; i++) {
    const to = c.at + i * c.row;
    if (sum === "set") for (let j = 0; j < n; j++) c.data[to + j * c.column] = 0;
    for (let l = 0; l < k; l++) {
      const v = a.data[a.at + i * a.row + l * a.column];
      const f = sum === "subtract" ? -v : v;
      for (let j = 0; j < n; j++) c.data[to + j * c.column] += f * b.data[b.at + l * b.row + j * b.column];
    }
  }
};

/** C [m, n] = A B; C has contiguous rows and overlaps neither. */
export const setProduct = (c: View, m: number, n: number, k: number, a: View, b: View): void =>
  multiply(c, m, n, k, a, b, "set");
/** C += A B. */
export const addProduct = (c: View, m: number, n: number, k: number, a: View, b: View): void =>
  multiply(c, m, n, k, a, b, "add");
/** C -= A B. */
export const subtractProduct = (c: View, m: number, n: number, k: number, a: View, b: View): void =>
  multiply(c, m, n, k, a, b, "subtract");

/** Diagonal blocks that are updated whole, both triangles of them. */
const tile = 64;
/** The upper triangle of C [n, n] less that of A B, by halves. */
export const subtractUpper = (c: View, n: number, k: number, a: View, b: View): void => {
  if (n <= tile) {
    subtractProduct(c, n, n, k, a, b);
    return;
  }
  const half = 8 * Math.ceil(n / 16);
  const [low, right] = [
    { ...a, at: a.at + half * a.row },
    { ...b, at: b.at + half * b.column },
  ];
  subtractUpper(c, half, k, a, b);
  subtractProduct({ ...c, at: c.at + half * c.column }, half, n - half, k, a, right);
  subtractUpper({ ...c, at: c.at + half * (c.row + c.column) }, n - half, k, low, right);
};

/** B [n, m] = Aᵀ for A [m, n], in tiles that stay in cache. */
export const transposeInto = (a: View, m: number, n: number, b: View): void => {
  const wasm = machine();
  if (m * n > small && wasm && inside(wasm, a) && inside(wasm, b) && a.column === 1 && b.column === 1) {
    wasm.turned(m, n, place(a), a.row * 8, place(b), b.row * 8);
    return;
  }
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
