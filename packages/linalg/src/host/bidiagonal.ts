import { applyLeft, applyRight, reflector } from "./householder";
import { mark, release, work } from "./memory";
import { flipped, subtractProduct, view } from "./products";
import { rowDots, rowDrop, rowSum } from "./vectors";

/** Rows and columns reduced before the rest of the matrix is touched. */
const width = 16;
/** The last columns are reduced one by one: what lies behind them stays in the cache. */
const last = 128;

/**
 * B = QᵀAP, upper bidiagonal with diagonal s and superdiagonal e, for A [m, n], m ≥ n: its columns below the diagonal and its rows behind B keep
 * the reflections that make Q and P. Returns their factors τ. Reflections are gathered by blocks (LAPACK's labrd): within one, A - V Yᵀ - X Uᵀ is
 * not formed but multiplied as it stands, which leaves half of the work to products.
 */
export const bidiagonalise = (
  a: Float64Array,
  m: number,
  n: number,
  s: Float64Array,
  e: Float64Array,
): { readonly tauQ: Float64Array; readonly tauP: Float64Array } => {
  const tauQ = work(n);
  const tauP = work(n);
  const start = mark();
  const line = work(m);
  const blocked = n > last ? width * Math.ceil((n - last) / width) : 0;
  // V and X, Y and U, by rows
  const vx = work(blocked && 2 * width * m);
  const yu = work(blocked && 2 * width * n);
  const sums = work(width);
  for (let from = 0; from < blocked; from += width) {
    const [xAt, uAt] = [width * m, width * n];
    for (let j = 0; j < width; j++) {
      const k = from + j;
      const [v, x, y, u] = [j * m, xAt + j * m, j * n, uAt + j * n];
      // column k, brought up to date and reflected
      const below = m - k;
      for (let i = 0, at = k * n + k; i < below; i++, at += n) line[i] = a[at];
      rowDrop(vx, k, m, j, below, yu, k, n, line, 0);
      rowDrop(vx, xAt + k, m, j, below, yu, uAt + k, n, line, 0);
      tauQ[k] = reflector(line, 0, below, 1);
      s[k] = line[0];
      for (let i = 0, at = k * n + k; i < below; i++, at += n) a[at] = line[i];
      vx.fill(0, v, v + m);
      line[0] = 1;
      for (let i = 0; i < below; i++) vx[v + k + i] = line[i];
      // y = τ (A - V Yᵀ - X Uᵀ)ᵀ v
      const [right, cols] = [k + 1, n - k - 1];
      yu.fill(0, y, y + n);
      rowSum(a, k * n + right, n, below, cols, vx, v + k, 1, yu, y + right);
      rowDots(vx, k, m, j, below, vx, v + k, sums, 0);
      rowDrop(yu, right, n, j, cols, sums, 0, 1, yu, y + right);
      rowDots(vx, xAt + k, m, j, below, vx, v + k, sums, 0);
      rowDrop(yu, uAt + right, n, j, cols, sums, 0, 1, yu, y + right);
      for (let i = y + right; i < y + n; i++) yu[i] *= tauQ[k];
      // row k, likewise
      const row = k * n + right;
      rowDrop(yu, right, n, j + 1, cols, vx, k, m, a, row);
      rowDrop(yu, uAt + right, n, j, cols, vx, xAt + k, m, a, row);
      tauP[k] = reflector(a, row, cols, 1);
      e[k] = a[row];
      yu.fill(0, u, u + n);
      yu[u + right] = 1;
      for (let i = 1; i < cols; i++) yu[u + right + i] = a[row + i];
      // x = τ (A - V Yᵀ - X Uᵀ) u
      const rows = below - 1;
      vx.fill(0, x, x + m);
      rowDots(a, row + n, n, rows, cols, yu, u + right, vx, x + right);
      rowDots(yu, right, n, j + 1, cols, yu, u + right, sums, 0);
      rowDrop(vx, right, m, j + 1, rows, sums, 0, 1, vx, x + right);
      rowDots(yu, uAt + right, n, j, cols, yu, u + right, sums, 0);
      rowDrop(vx, xAt + right, m, j, rows, sums, 0, 1, vx, x + right);
      for (let i = x + right; i < x + m; i++) vx[i] *= tauP[k];
    }
    const rest = from + width;
    const corner = view(a, rest * n + rest, n);
    subtractProduct(corner, m - rest, n - rest, 2 * width, flipped(view(vx, rest, m)), view(yu, rest, n));
  }
  for (let k = blocked; k < n; k++) {
    const at = k * n + k;
    tauQ[k] = reflector(a, at, m - k, n);
    s[k] = a[at];
    applyLeft(a, n, [k, m], [k + 1, n], a, at, n, tauQ[k], line);
    if (k === n - 1) break;
    tauP[k] = reflector(a, at + 1, n - k - 1, 1);
    e[k] = a[at + 1];
    applyRight(a, n, [k + 1, m], [k + 1, n], a, at + 1, tauP[k], line);
  }
  release(start);
  return { tauQ, tauP };
};
