import { applyBlockLeft, applyLeft, blockReflector, reflector } from "./householder";
import { mark, release, work, workspace } from "./memory";
import { transposeInto, view } from "./products";
import { norm2 } from "./scaling";
import { rankOne, rowDots } from "./vectors";

/** From so many columns on, reflections are gathered in blocks of `width`. */
const blocked = 24;
const width = 16;

/** A = H₁ H₂ … R in place: R above, the reflectors below the diagonal. With `perm`, columns are pivoted: A[:, perm] = Q R. */
export const factorQr = (a: Float64Array, m: number, n: number, perm?: Int32Array): Float64Array => {
  const k = Math.min(m, n);
  const tau = work(k);
  if (!perm && k > blocked) {
    for (let i = 0; i < k; i += width) factorPanel(a, m, n, i, Math.min(k, i + width), tau);
    return tau;
  }
  const w = work(n);
  const now = new Float64Array(n);
  const before = new Float64Array(n);
  if (perm)
    for (let j = 0; j < n; j++) {
      perm[j] = j;
      now[j] = before[j] = norm2(a, j, m, n);
    }
  for (let i = 0; i < k; i++) {
    if (perm) {
      let p = i;
      for (let j = i + 1; j < n; j++) if (now[j] > now[p]) p = j;
      if (p !== i) swapColumns(a, m, n, i, p);
      [perm[i], perm[p]] = [perm[p], perm[i]];
      now[p] = now[i];
      before[p] = before[i];
    }
    tau[i] = reflector(a, i * n + i, m - i, n);
    applyLeft(a, n, [i, m], [i + 1, n], a, i * n + i, n, tau[i], w);
    if (!perm) continue;
    for (let j = i + 1; j < n; j++) {
      if (now[j] === 0) continue;
      // the norm of what is left, by subtraction; anew where too much cancelled (LAPACK's laqp2)
      const left = Math.max(0, 1 - (a[i * n + j] / now[j]) ** 2);
      if (left * (now[j] / before[j]) ** 2 > 1e-8) now[j] *= Math.sqrt(left);
      else now[j] = before[j] = norm2(a, (i + 1) * n + j, m - i - 1, n);
    }
  }
  return tau;
};

/** The first `columns` columns of Q, from what factorQr left. */
export const formQ = (
  a: Float64Array,
  tau: Float64Array,
  m: number,
  n: number,
  columns: number,
  q: Float64Array,
): void => {
  q.fill(0);
  for (let i = 0; i < Math.min(m, columns); i++) q[i * columns + i] = 1;
  const k = tau.length;
  if (k > blocked) {
    for (let i = width * Math.floor((k - 1) / width); i >= 0; i -= width) {
      const start = mark();
      const [w, len] = [Math.min(width, k - i), m - i];
      const vt = work(w * len);
      for (let r = 0; r < len; r++)
        for (let j = 0; j < Math.min(w, r + 1); j++) vt[j * len + r] = j === r ? 1 : a[(i + r) * n + i + j];
      applyBlockLeft(blockReflector(vt, tau, i, w, len), view(q, i * columns + i, columns), columns - i, false);
      release(start);
    }
    return;
  }
  const w = work(columns);
  for (let i = tau.length - 1; i >= 0; i--)
    applyLeft(q, columns, [i, m], [Math.min(i, columns), columns], a, i * n + i, n, tau[i], w);
};

/** Columns [from, to), reduced as rows of a copy, and the columns behind them, to which the block of reflections is applied at once. */
const factorPanel = (a: Float64Array, m: number, n: number, from: number, to: number, tau: Float64Array): void => {
  const start = mark();
  const [w, len] = [to - from, m - from];
  const vt = workspace(w * len);
  const x = workspace(w);
  transposeInto(view(a, from * n + from, n), len, w, view(vt, 0, len));
  for (let j = 0; j < w; j++) {
    const at = j * len + j;
    const t = reflector(vt, at, len - j, 1);
    tau[from + j] = t;
    const beta = vt[at];
    vt[at] = 1;
    if (t !== 0) {
      const rest = at + len;
      rowDots(vt, rest, len, w - j - 1, len - j, vt, at, x, 0);
      for (let c = 0; c < w - j - 1; c++) x[c] *= t;
      rankOne(vt, rest, len, w - j - 1, len - j, x, 0, 1, vt, at);
    }
    vt[at] = beta;
  }
  transposeInto(view(vt, 0, len), w, len, view(a, from * n + from, n));
  if (to < n) {
    for (let j = 0; j < w; j++) {
      vt.fill(0, j * len, j * len + j);
      vt[j * len + j] = 1;
    }
    applyBlockLeft(blockReflector(vt, tau, from, w, len), view(a, from * n + to, n), n - to, true);
  }
  release(start);
};

const swapColumns = (a: Float64Array, m: number, n: number, i: number, j: number): void => {
  for (let r = 0; r < m; r++) {
    const t = a[r * n + i];
    a[r * n + i] = a[r * n + j];
    a[r * n + j] = t;
  }
};
