import { doubleShift } from "./francis";
import { reduceToHessenberg } from "./hessenberg";
import { applyLeft, applyRight, reflector } from "./householder";
import { mark, release, work, workspace } from "./memory";
import { flipped, setProduct, type View, view } from "./products";
import { turnColumns, turnRows } from "./vectors";

const eps = 2 ** -52;
const tiny = 2 ** -1000;

/**
 * The real Schur form of a Hessenberg matrix by small-bulge multishift QR with aggressive early deflation (Braman, Byers and Mathias 2002,
 * LAPACK's laqr0): each sweep chases a chain of 3×3 bulges through windows near the diagonal, gathers what it did there in a small orthogonal
 * matrix, and applies that to the rest by products. Zᵀ is held in `zt`.
 */
export const multishift = (
  h: Float64Array,
  n: number,
  zt: Float64Array | null,
  re: Float64Array,
  im: Float64Array,
): number => {
  let hi = n - 1;
  let quiet = 0;
  for (let turns = 30 * n; hi >= 0; turns--) {
    let lo = hi;
    for (; lo > 0; lo--) {
      const at = lo * n + lo;
      const size = Math.abs(h[at]) + Math.abs(h[at - n - 1]);
      if (Math.abs(h[at - 1]) <= Math.max(tiny, eps * size)) break;
    }
    if (lo > 0) h[lo * n + lo - 1] = 0;
    const active = hi - lo + 1;
    if (active < 40 || turns === 0) {
      const failed = solveWindow(h, n, zt, lo, hi, re, im);
      if (failed > 0) return failed;
      hi = lo - 1;
      quiet = 0;
      continue;
    }
    const bulges = Math.max(2, Math.min(16, Math.floor(active / Math.log2(active) / 2)));
    const found = deflate(h, n, zt, lo, hi, Math.min(active - 2, quiet < 5 ? 3 * bulges : 6 * bulges));
    hi -= found.deflated;
    quiet = found.deflated > 0 ? 0 : quiet + 1;
    if (found.deflated * 7 > found.window || hi - lo < 6) {
      record(h, n, hi, found.deflated, re, im);
      continue;
    }
    record(h, n, hi, found.deflated, re, im);
    const shifts = quiet > 0 && quiet % 6 === 0 ? exceptional(h, n, lo, hi, bulges) : found.shifts.slice(0, bulges);
    if (shifts.length === 0) continue;
    sweep(h, n, zt, lo, hi, shifts);
  }
  return 0;
};

/** A pair of shifts, both real or conjugate. */
interface Shifts {
  readonly r1: number;
  readonly i1: number;
  readonly r2: number;
  readonly i2: number;
}

/** Eigenvalues that stand on the diagonal in rows hi + 1 … hi + count. */
const record = (h: Float64Array, n: number, hi: number, count: number, re: Float64Array, im: Float64Array): void => {
  for (let i = hi + 1; i <= hi + count; i++) {
    const at = i * n + i;
    re[i] = h[at];
    im[i] = 0;
    if (i < hi + count && h[at + n] !== 0) {
      re[i + 1] = h[at];
      im[i] = Math.sqrt(Math.abs(h[at + 1])) * Math.sqrt(Math.abs(h[at + n]));
      im[i + 1] = -im[i];
      i++;
    }
  }
};

const copyWindow = (h: Float64Array, n: number, lo: number, w: number): Float64Array => {
  const t = workspace(w * w);
  for (let i = 0; i < w; i++) for (let j = 0; j < w; j++) t[i * w + j] = i > j + 1 ? 0 : h[(lo + i) * n + lo + j];
  return t;
};
const identity = (w: number): Float64Array => {
  const u = work(w * w);
  for (let i = 0; i < w; i++) u[i * w + i] = 1;
  return u;
};

/** What the window's orthogonal U, given by `ut` = Uᵀ [w, w], does outside of it: rows to the right, columns above, and Zᵀ. */
const applyOutside = (
  h: Float64Array,
  n: number,
  zt: Float64Array | null,
  lo: number,
  w: number,
  ut: Float64Array,
): void => {
  const start = mark();
  const u = view(ut, 0, w);
  const held = workspace(w * n);
  const through = (target: View, rows: number, cols: number, left: boolean): void => {
    if (rows === 0 || cols === 0) return;
    const copy = view(held, 0, cols);
    for (let i = 0; i < rows; i++) {
      const at = target.at + i * target.row;
      held.set(target.data.subarray(at, at + cols), i * cols);
    }
    if (left) setProduct(target, rows, cols, rows, u, copy);
    else setProduct(target, rows, cols, cols, copy, flipped(u));
  };
  through(view(h, lo * n + lo + w, n), w, n - lo - w, true);
  through(view(h, lo, n), lo, w, false);
  if (zt) through(view(zt, lo * n, n), w, n, true);
  release(start);
};

/** The Schur form of the block [lo, hi], which stands apart from the rest. */
const solveWindow = (
  h: Float64Array,
  n: number,
  zt: Float64Array | null,
  lo: number,
  hi: number,
  re: Float64Array,
  im: Float64Array,
): number => {
  const start = mark();
  const w = hi - lo + 1;
  const t = copyWindow(h, n, lo, w);
  const ut = identity(w);
  const failed = doubleShift(t, w, ut, re.subarray(lo, hi + 1), im.subarray(lo, hi + 1));
  putBack(h, n, lo, w, t);
  applyOutside(h, n, zt, lo, w, ut);
  release(start);
  return failed;
};
const putBack = (h: Float64Array, n: number, lo: number, w: number, t: Float64Array): void => {
  for (let i = 0; i < w; i++) for (let j = 0; j < w; j++) h[(lo + i) * n + lo + j] = i > j + 1 ? 0 : t[i * w + j];
};

interface Deflation {
  readonly deflated: number;
  readonly window: number;
  /** Pairs, those nearest to deflation first. */
  readonly shifts: readonly Shifts[];
}

/**
 * Aggressive early deflation: in the Schur basis of the last w rows the subdiagonal entry before the window becomes a spike; eigenvalues whose
 * spike is negligible have converged. The rest is made Hessenberg again; its eigenvalues are the next shifts.
 */
const deflate = (h: Float64Array, n: number, zt: Float64Array | null, lo: number, hi: number, w: number): Deflation => {
  const start = mark();
  const top = hi - w + 1;
  const s = top === lo ? 0 : h[top * n + top - 1];
  const t = copyWindow(h, n, top, w);
  const ut = identity(w);
  const [re, im] = [new Float64Array(w), new Float64Array(w)];
  if (doubleShift(t, w, ut, re, im) > 0) {
    release(start);
    return { deflated: 0, window: w, shifts: [] };
  }
  const spike = (j: number): number => Math.abs(s * ut[j * w]);
  let kept = w;
  while (kept > 0) {
    const last = kept - 1;
    const pair = last > 0 && t[last * w + last - 1] !== 0;
    const size = Math.abs(re[last]) + Math.abs(im[last]) || Math.abs(s);
    const reach = pair ? Math.max(spike(last), spike(last - 1)) : spike(last);
    if (reach > Math.max(tiny, eps * size)) break;
    kept -= pair ? 2 : 1;
  }
  const shifts = pairs(re, im, kept);
  if (kept < w) {
    if (kept > 1 && s !== 0) hessenbergAgain(t, ut, w, kept);
    if (top > lo) h[top * n + top - 1] = kept === 0 ? 0 : s * ut[0];
    putBack(h, n, top, w, t);
    applyOutside(h, n, zt, top, w, ut);
  }
  release(start);
  return { deflated: w - kept, window: w, shifts };
};

/** The spike over the first `kept` columns is reflected onto its first entry, and the block made Hessenberg again; U follows. */
const hessenbergAgain = (t: Float64Array, ut: Float64Array, w: number, kept: number): void => {
  const x = work(w);
  const v = work(kept);
  for (let j = 0; j < kept; j++) v[j] = ut[j * w];
  const tau = reflector(v, 0, kept, 1);
  applyLeft(t, w, [0, kept], [0, w], v, 0, 1, tau, x);
  applyRight(t, w, [0, kept], [0, kept], v, 0, tau, x);
  applyLeft(ut, w, [0, kept], [0, w], v, 0, 1, tau, x);
  const block = workspace(kept * kept);
  for (let i = 0; i < kept; i++) for (let j = 0; j < kept; j++) block[i * kept + j] = t[i * w + j];
  const q = work(kept * kept);
  reduceToHessenberg(block, kept, q);
  for (let i = 0; i < kept; i++) for (let j = 0; j < kept; j++) t[i * w + j] = block[i * kept + j];
  const rest = w - kept;
  const held = workspace(kept * w);
  for (let i = 0; i < kept; i++) for (let j = 0; j < rest; j++) held[i * rest + j] = t[i * w + kept + j];
  if (rest > 0) setProduct(view(t, kept, w), kept, rest, kept, flipped(view(q, 0, kept)), view(held, 0, rest));
  held.set(ut.subarray(0, kept * w));
  setProduct(view(ut, 0, w), kept, w, kept, flipped(view(q, 0, kept)), view(held, 0, w));
};

/** The first `count` eigenvalues as pairs of shifts, from the last on; a real one without a partner is left out. */
const pairs = (re: Float64Array, im: Float64Array, count: number): Shifts[] => {
  const out: Shifts[] = [];
  let alone = -1;
  for (let j = count - 1; j >= 0; j--) {
    if (im[j] !== 0) {
      out.push({ r1: re[j], i1: im[j], r2: re[j], i2: -im[j] });
      j--;
    } else if (alone >= 0) {
      out.push({ r1: re[alone], i1: 0, r2: re[j], i2: 0 });
      alone = -1;
    } else alone = j;
  }
  return out;
};
const exceptional = (h: Float64Array, n: number, lo: number, hi: number, count: number): Shifts[] =>
  Array.from({ length: count }, (_, k) => {
    const i = Math.max(lo + 2, hi - 2 * k);
    const size = Math.abs(h[i * n + i - 1]) + Math.abs(h[(i - 1) * n + i - 2]);
    const r = h[i * n + i] + 0.75 * size;
    return { r1: r, i1: 0.4375 * size, r2: r, i2: -0.4375 * size };
  });

/** Chases one bulge for each pair of shifts from row lo to row hi. */
const sweep = (
  h: Float64Array,
  n: number,
  zt: Float64Array | null,
  lo: number,
  hi: number,
  shifts: readonly Shifts[],
): void => {
  const count = shifts.length;
  const steps = Math.max(8, 3 * count - 2);
  const v = new Float64Array(3);
  // the last bulge of the chain stands in column `at`, the others three columns apart before it
  for (let from = lo - 1 - 3 * (count - 1); from <= hi - 2; from += steps) {
    const start = mark();
    const first = Math.max(lo, from + 1);
    const end = Math.min(hi + 1, from + steps + 3 * (count - 1) + 4);
    const w = end - first;
    const ut = identity(w);
    for (let at = from; at < Math.min(from + steps, hi - 1); at++)
      for (let b = count - 1; b >= 0; b--) {
        const k = at + 3 * b;
        if (k >= lo - 1 && k <= hi - 2) chase(h, n, lo, hi, k, shifts[b], v, first, end, ut, w);
      }
    applyOutside(h, n, zt, first, w, ut);
    release(start);
  }
};

/** One bulge, in column k, moves by one column; only rows and columns [first, end) are touched. */
const chase = (
  h: Float64Array,
  n: number,
  lo: number,
  hi: number,
  k: number,
  shift: Shifts,
  v: Float64Array,
  first: number,
  end: number,
  ut: Float64Array,
  w: number,
): void => {
  const three = hi - k >= 3;
  const at = (k + 1) * n + k;
  if (k === lo - 1) firstColumn(h, n, lo, shift, v);
  else {
    v[0] = h[at];
    v[1] = h[at + n];
    v[2] = three ? h[at + 2 * n] : 0;
  }
  const tau = reflector(v, 0, three ? 3 : 2, 1);
  if (k >= lo) {
    h[at] = v[0];
    h[at + n] = 0;
    if (three) h[at + 2 * n] = 0;
  }
  if (tau === 0) return;
  const z = three ? v[2] : null;
  turnRows(h, (k + 1) * n, n, k + 1, end, tau, v[1], z);
  turnColumns(h, k + 1, n, first, Math.min(k + 4, hi) + 1, tau, v[1], z);
  turnRows(ut, (k + 1 - first) * w, w, 0, w, tau, v[1], z);
};

/** A multiple of the first column of (H - s₁)(H - s₂), three entries (LAPACK's laqr1). */
const firstColumn = (h: Float64Array, n: number, lo: number, { r1, i1, r2, i2 }: Shifts, v: Float64Array): void => {
  const a = lo * n + lo;
  const [b, c] = [a + n, a + 2 * n];
  const size = Math.abs(h[a] - r2) + Math.abs(i2) + Math.abs(h[b]) + Math.abs(h[c]);
  if (size === 0) {
    v.fill(0);
    return;
  }
  const [p, q] = [h[b] / size, h[c] / size];
  v[0] = (h[a] - r1) * ((h[a] - r2) / size) - i1 * (i2 / size) + h[a + 1] * p + h[a + 2] * q;
  v[1] = p * (h[a] + h[b + 1] - r1 - r2) + h[b + 2] * q;
  v[2] = q * (h[a] + h[c + 2] - r1 - r2) + p * h[c + 1];
};
