import { bidiagonalise } from "./bidiagonal";
import { largestOf, orderOf, patience, permuteRows } from "./eigh";
import { mark, release, work, workspace } from "./memory";
import { transposeInto, view } from "./products";
import { factorQr, formQ } from "./qr";
import { Rotations } from "./rotations";
import { hypot } from "./scaling";
import { timesQt } from "./tridiagonal";
import { rowDots } from "./vectors";

/**
 * A = U diag(s) Vᵀ for A [m, n], m ≥ n (destroyed): blocked Householder reduction to a bidiagonal matrix, then Golub–Kahan QR steps on it; AᵀA is never
 * formed. s descending. The rows of `ut` [nu, m] are the first nu columns of U (n ≤ nu ≤ m), those of `vt` [n, n] the columns of V.
 * Returns how many singular values did not converge.
 */
export const singularValues = (
  a: Float64Array,
  m: number,
  n: number,
  s: Float64Array,
  ut: Float64Array | null,
  vt: Float64Array | null,
  nu: number,
): number => {
  // A tall matrix is first made square by QR: A = Q R, and only R is reduced.
  if (m > 1.6 * n && nu === n && n > 0) {
    const tau = factorQr(a, m, n);
    const r = work(n * n);
    for (let i = 0; i < n; i++) for (let j = i; j < n; j++) r[i * n + j] = a[i * n + j];
    const small = ut ? work(n * n) : null;
    const failed = bidiagonalSvd(r, n, n, s, small, vt, n);
    if (ut && small) {
      const q = work(m * n);
      formQ(a, tau, m, n, n, q);
      ut.fill(0);
      for (let i = 0; i < n; i++) rowDots(q, 0, n, m, n, small, i * n, ut, i * m);
    }
    return failed;
  }
  return bidiagonalSvd(a, m, n, s, ut, vt, nu);
};

const bidiagonalSvd = (
  a: Float64Array,
  m: number,
  n: number,
  s: Float64Array,
  ut: Float64Array | null,
  vt: Float64Array | null,
  nu: number,
): number => {
  const e = work(n);
  const { tauQ, tauP } = bidiagonalise(a, m, n, s, e);
  if (ut) {
    const q = work(m * nu);
    formQ(a, tauQ, m, n, nu, q);
    transposeInto(view(q, 0, nu), m, nu, view(ut, 0, m));
  }
  if (vt) {
    vt.fill(0);
    for (let i = 0; i < n; i++) vt[i * n + i] = 1;
    timesQt(a, n, tauP, vt, true);
  }
  return golubKahan(s, e, n, m, ut, vt);
};

/** Rows x, y of z ← c x + s y, -s x + c y. */
const rotate = (z: Float64Array | null, width: number, x: number, y: number, c: number, s: number): void => {
  if (!z) return;
  const [p, q] = [x * width, y * width];
  for (let k = 0; k < width; k++) {
    const f = z[p + k];
    const g = z[q + k];
    z[p + k] = c * f + s * g;
    z[q + k] = c * g - s * f;
  }
};

/** The SVD of the bidiagonal (s, e), rotations carried into the rows of ut and vt; the iteration of LINPACK's dsvdc. */
const golubKahan = (
  s: Float64Array,
  e: Float64Array,
  n: number,
  m: number,
  ut: Float64Array | null,
  vt: Float64Array | null,
): number => {
  const eps = 2 ** -53;
  const tiny = 2 ** -966;
  const [right, left] = [work(2 * n), work(2 * n)];
  const rights = vt && new Rotations(vt, n, n);
  const lefts = ut && new Rotations(ut, n, m);
  const norm = largestOf(s, e, n);
  let failed = 0;
  let p = n;
  let turns = 0;
  let cs = 1;
  let sn = 0;
  const turn = (f: number, g: number): number => {
    const t = hypot(f, g);
    cs = t === 0 ? 1 : f / t;
    sn = t === 0 ? 0 : g / t;
    return t;
  };
  while (p > 0) {
    // the last unreduced block is k + 1 … p - 1
    let k = p - 2;
    for (; k >= 0; k--)
      if (Math.abs(e[k]) <= tiny + eps * Math.max(Math.abs(s[k]) + Math.abs(s[k + 1]), (turns - patience) * norm)) {
        e[k] = 0;
        break;
      }
    if (k === p - 2 || turns > 75) {
      if (turns > 75) {
        failed++;
        if (p > 1) e[p - 2] = 0;
      }
      turns = 0;
      p--;
      continue;
    }
    let z = p - 1;
    for (; z > k; z--) {
      const t = (z < p - 1 ? Math.abs(e[z]) : 0) + (z !== k + 1 ? Math.abs(e[z - 1]) : 0);
      if (Math.abs(s[z]) <= tiny + eps * t) {
        s[z] = 0;
        break;
      }
    }
    if (z === p - 1) {
      // s[p - 1] = 0: chase e[p - 2] up and out
      rights?.flush();
      let f = e[p - 2];
      e[p - 2] = 0;
      for (let j = p - 2; j > k; j--) {
        s[j] = turn(s[j], f);
        if (j !== k + 1) {
          f = -sn * e[j - 1];
          e[j - 1] *= cs;
        }
        rotate(vt, n, j, p - 1, cs, sn);
      }
    } else if (z > k) {
      // s[z] = 0: chase e[z] along its row
      lefts?.flush();
      let f = e[z];
      e[z] = 0;
      for (let j = z + 1; j < p; j++) {
        s[j] = turn(s[j], f);
        f = -sn * e[j];
        e[j] *= cs;
        rotate(ut, m, j, z, cs, sn);
      }
    } else {
      qrStep(s, e, k + 1, p, right, left);
      rights?.add(k + 1, 1, right, p - k - 2);
      lefts?.add(k + 1, 1, left, p - k - 2);
      turns++;
    }
  }
  rights?.flush();
  lefts?.flush();
  sortDescending(s, n, m, ut, vt);
  return failed;
};

const qrStep = (
  s: Float64Array,
  e: Float64Array,
  k: number,
  p: number,
  right: Float64Array,
  left: Float64Array,
): void => {
  const scale = Math.max(Math.abs(s[p - 1]), Math.abs(s[p - 2]), Math.abs(e[p - 2]), Math.abs(s[k]), Math.abs(e[k]));
  const sp = s[p - 1] / scale;
  const above = s[p - 2] / scale;
  const ep = e[p - 2] / scale;
  const b = ((above + sp) * (above - sp) + ep * ep) / 2;
  const c = (sp * ep) ** 2;
  let shift = 0;
  if (b !== 0 || c !== 0) shift = c / (b + (b < 0 ? -1 : 1) * Math.sqrt(b * b + c));
  const sk = s[k] / scale;
  let f = (sk + sp) * (sk - sp) + shift;
  let g = sk * (e[k] / scale);
  for (let j = k; j < p - 1; j++) {
    let t = hypot(f, g);
    let cs = t === 0 ? 1 : f / t;
    let sn = t === 0 ? 0 : g / t;
    if (j !== k) e[j - 1] = t;
    f = cs * s[j] + sn * e[j];
    e[j] = cs * e[j] - sn * s[j];
    g = sn * s[j + 1];
    s[j + 1] *= cs;
    right[2 * (j - k)] = cs;
    right[2 * (j - k) + 1] = sn;
    t = hypot(f, g);
    cs = t === 0 ? 1 : f / t;
    sn = t === 0 ? 0 : g / t;
    s[j] = t;
    f = cs * e[j] + sn * s[j + 1];
    s[j + 1] = cs * s[j + 1] - sn * e[j];
    g = sn * e[j + 1];
    e[j + 1] *= cs;
    left[2 * (j - k)] = cs;
    left[2 * (j - k) + 1] = sn;
  }
  e[p - 2] = f;
};

/** Signs go to the rows of vt, and all is brought into descending order. */
const sortDescending = (
  s: Float64Array,
  n: number,
  m: number,
  ut: Float64Array | null,
  vt: Float64Array | null,
): void => {
  for (let k = 0; k < n; k++)
    if (s[k] <= 0) {
      s[k] = s[k] < 0 ? -s[k] : 0;
      if (vt) for (let j = 0; j < n; j++) vt[k * n + j] = -vt[k * n + j];
    }
  const order = orderOf(n, (i, j) => s[i] > s[j]);
  if (!order) return;
  const start = mark();
  const old = workspace(n);
  old.set(s.subarray(0, n));
  for (let i = 0; i < n; i++) s[i] = old[order[i]];
  for (const [z, width] of [[ut, m] as const, [vt, n] as const]) if (z) permuteRows(z, width, order);
  release(start);
};
