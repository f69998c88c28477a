import { eigenSymmetric } from "./eigh";
import { gauss } from "./gauss";
import { factorLu } from "./lu";
import { largest } from "./scaling";
import { solveTriangular } from "./triangular";

const times = (a: Float64Array, b: Float64Array, n: number): Float64Array => {
  const c = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const f = a[i * n + k];
      if (f !== 0) for (let j = 0; j < n; j++) c[i * n + j] += f * b[k * n + j];
    }
  return c;
};
/** A⁻¹ B and log |det A|; null for a singular A. */
const solveDense = (a: Float64Array, b: Float64Array, n: number): { x: Float64Array; logDet: number } | null => {
  const lu = a.slice();
  const perm = new Int32Array(n);
  if (factorLu(lu, n, n, perm) > 0) return null;
  const x = new Float64Array(n * n);
  for (let i = 0; i < n; i++) x.set(b.subarray(perm[i] * n, perm[i] * n + n), i * n);
  solveTriangular(lu, x, n, n, true, false, true);
  solveTriangular(lu, x, n, n, false, false, false);
  let logDet = 0;
  for (let i = 0; i < n; i++) logDet += Math.log(Math.abs(lu[i * n + i]));
  return { x, logDet };
};
const identity = (n: number): Float64Array =>
  Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
const isSymmetric = (a: Float64Array, n: number): boolean => {
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) if (a[i * n + j] !== a[j * n + i]) return false;
  return true;
};

/** V f(λ) Vᵀ of a symmetric matrix; null where f is not real. */
const spectral = (a: Float64Array, n: number, f: (x: number) => number): Float64Array | null => {
  const w = new Float64Array(n);
  const vt = new Float64Array(n * n);
  if (eigenSymmetric(a.slice(), n, w, vt) > 0) return null;
  // rounding may leave a zero eigenvalue slightly negative
  const noise = n * 2 ** -52 * Math.max(Math.abs(w[0] ?? 0), Math.abs(w[n - 1] ?? 0));
  const values = w.map((x) => f(x < 0 && x > -noise ? 0 : x));
  if (values.some((x) => !Number.isFinite(x))) return null;
  const out = new Float64Array(n * n);
  for (let k = 0; k < n; k++)
    for (let i = 0; i < n; i++) {
      const s = values[k] * vt[k * n + i];
      for (let j = 0; j < n; j++) out[i * n + j] += s * vt[k * n + j];
    }
  return out;
};

/**
 * The principal square root: by eigenvectors when A is symmetric, else by the product form of the Denman–Beavers iteration with scaling by the
 * determinant (Higham 2008, 6.29). Null where it does not converge: an eigenvalue on the closed negative axis.
 */
export const squareRoot = (a: Float64Array, n: number): Float64Array | null => {
  if (!(largest(a) < Infinity)) return null;
  if (isSymmetric(a, n)) return spectral(a, n, Math.sqrt);
  const one = identity(n);
  let m: Float64Array = a.slice();
  let x: Float64Array = a.slice();
  let last = Infinity;
  for (let turn = 0; turn < 60; turn++) {
    const inverse = solveDense(m, one, n);
    if (!inverse) return null;
    const mu = last > 1e-2 ? Math.exp(-inverse.logDet / (2 * n)) : 1;
    const [up, down] = [mu * mu, 1 / (mu * mu)];
    const step = inverse.x.map((v, i) => 0.5 * mu * (one[i] + down * v));
    x = times(x, step, n);
    m = m.map((v, i) => 0.5 * (one[i] + 0.5 * (up * v + down * inverse.x[i])));
    const off = largest(m.map((v, i) => v - one[i]));
    if (!(off < Infinity)) return null;
    if (off < n * 2 ** -52 || (off < 1e-7 && off >= last)) return x;
    last = off;
  }
  return last < 1e-10 ? x : null;
};

/**
 * The principal logarithm: by eigenvectors when A is symmetric, else square roots until ‖A - I‖ < ¼ and then the [8/8] Padé approximant as a sum of
 * partial fractions, log(I + X) = Σ wⱼ X (I + xⱼ X)⁻¹ (Higham 2008, 11.18).
 */
export const logarithm = (a: Float64Array, n: number): Float64Array | null => {
  if (!(largest(a) < Infinity)) return null;
  if (isSymmetric(a, n)) return spectral(a, n, (x) => (x > 0 ? Math.log(x) : Number.NaN));
  const one = identity(n);
  let root: Float64Array = a;
  let count = 0;
  const away = (): number => {
    let worst = 0;
    for (let j = 0; j < n; j++) {
      let s = 0;
      for (let i = 0; i < n; i++) s += Math.abs(root[i * n + j] - one[i * n + j]);
      worst = Math.max(worst, s);
    }
    return worst;
  };
  for (; away() > 0.25; count++) {
    const next = count < 100 ? squareRoot(root, n) : null;
    if (!next) return null;
    root = next;
  }
  const x = root.map((v, i) => v - one[i]);
  const out = new Float64Array(n * n);
  for (const { x: node, w } of gauss(8)) {
    const part = solveDense(
      x.map((v, i) => one[i] + node * v),
      x,
      n,
    );
    if (!part) return null;
    for (let i = 0; i < out.length; i++) out[i] += w * part.x[i];
  }
  return out.map((v) => v * 2 ** count);
};
