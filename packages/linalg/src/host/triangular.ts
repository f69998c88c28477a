import { gemmScratch, machine } from "./memory";
import { flipped, inside, place, subtractProduct, type View, view } from "./products";
import { dot, rowDrop } from "./vectors";

/** Rows solved in one call; what lies beyond them is a matrix product. */
const base = 128;
/** Smaller triangles are sooner solved than called for. */
const small = 12;

/** X ← op(A)⁻¹ X for a triangular A [n, n] and X [n, k], row-major, in place. The other triangle is never read. */
export const solveTriangular = (
  a: Float64Array,
  x: Float64Array,
  n: number,
  k: number,
  lower: boolean,
  transposed: boolean,
  unit: boolean,
): void => {
  if (k === 1 && n < small) {
    if (transposed) solveVectorByColumns(a, x, n, !lower, unit);
    else solveVectorByRows(a, x, n, lower, unit);
    return;
  }
  const whole = view(a, 0, n);
  solveLeft(transposed ? flipped(whole) : whole, n, view(x, 0, k), k, lower !== transposed, unit);
};

/** X ← A⁻¹ X for A [n, n], of which one triangle is read, and X [n, k] with contiguous rows: halves, joined by a product. */
export const solveLeft = (a: View, n: number, x: View, k: number, lower: boolean, unit: boolean): void => {
  if (k === 0 || n === 0) return;
  const wasm = machine();
  if (n > base && k > 1) {
    const half = 8 * Math.ceil(n / 16);
    const rest = n - half;
    const low = { ...x, at: x.at + half * x.row };
    const last = { ...a, at: a.at + half * (a.row + a.column) };
    if (lower) {
      solveLeft(a, half, x, k, lower, unit);
      subtractProduct(low, rest, k, half, { ...a, at: a.at + half * a.row }, x);
      solveLeft(last, rest, low, k, lower, unit);
    } else {
      solveLeft(last, rest, low, k, lower, unit);
      subtractProduct(x, half, k, rest, { ...a, at: a.at + half * a.column }, low);
      solveLeft(a, half, x, k, lower, unit);
    }
    return;
  }
  if (wasm && inside(wasm, a) && inside(wasm, x)) {
    // an upper triangle is a lower one from its last row on
    const [p, q] = lower ? [0, 0] : [(n - 1) * (a.row + a.column) * 8, (n - 1) * x.row * 8];
    const s = lower ? 8 : -8;
    wasm.solveRows(n, k, place(a) + p, a.row * s, a.column * s, place(x) + q, x.row * s, unit ? 1 : 0, gemmScratch.at);
    return;
  }
  solveByRows(a, n, x, k, lower, unit);
};

const solveByRows = (a: View, n: number, x: View, k: number, lower: boolean, unit: boolean): void => {
  const d = x.data;
  for (let step = 0; step < n; step++) {
    const i = lower ? step : n - 1 - step;
    // row i less what the rows already solved contribute
    const from = lower ? 0 : i + 1;
    const count = lower ? i : n - 1 - i;
    const to = x.at + i * x.row;
    const row = a.at + i * a.row;
    if (count > 0) rowDrop(d, x.at + from * x.row, x.row, count, k, a.data, row + from * a.column, a.column, d, to);
    if (unit) continue;
    const pivot = a.data[row + i * a.column];
    for (let c = to; c < to + k; c++) d[c] /= pivot;
  }
};

const solveVectorByRows = (a: Float64Array, x: Float64Array, n: number, lower: boolean, unit: boolean): void => {
  for (let step = 0; step < n; step++) {
    const i = lower ? step : n - 1 - step;
    const known = lower ? dot(a, i * n, x, 0, i) : dot(a, i * n + i + 1, x, i + 1, n - 1 - i);
    x[i] = unit ? x[i] - known : (x[i] - known) / a[i * n + i];
  }
};
/** Aᵀ x = b, whose columns are the rows of A; `lower` says which triangle Aᵀ has. */
const solveVectorByColumns = (a: Float64Array, x: Float64Array, n: number, lower: boolean, unit: boolean): void => {
  for (let step = 0; step < n; step++) {
    const i = lower ? step : n - 1 - step;
    const f = unit ? x[i] : x[i] / a[i * n + i];
    x[i] = f;
    const [from, to] = lower ? [i + 1, n] : [0, i];
    for (let j = from, at = i * n + from; j < to; j++, at++) x[j] -= f * a[at];
  }
};
