import { reduceToHessenberg } from "./hessenberg";
import { mark, release, work, workspace } from "./memory";
import { flipped, setProduct, view } from "./products";
import { hypot } from "./scaling";
import { realSchur } from "./schur";

/**
 * Eigenvalues (re, im) of A [n, n] (destroyed) and, with `v`, its eigenvectors in the columns of v: of a pair, the real part and then the
 * imaginary part of the one whose eigenvalue has positive imaginary part. Returns how many did not converge.
 */
export const eigenGeneral = (
  a: Float64Array,
  n: number,
  re: Float64Array,
  im: Float64Array,
  v: Float64Array | null,
): number => {
  const scale = balance(a, n);
  reduceToHessenberg(a, n, v);
  const failed = realSchur(a, n, v, re, im);
  if (failed > 0 || !v) return failed;
  const start = mark();
  const x = triangularVectors(a, n, re, im);
  const z = workspace(n * n);
  z.set(v);
  setProduct(view(v, 0, n), n, n, n, view(z, 0, n), flipped(view(x, 0, n)));
  release(start);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) v[i * n + j] *= scale[i];
  normalise(v, n, im);
  return 0;
};

/** D⁻¹ A D with D of powers of two, so that rows and columns have norms of like size (Parlett and Reinsch). Returns the diagonal of D. */
const balance = (a: Float64Array, n: number): Float64Array => {
  const d = new Float64Array(n).fill(1);
  for (let again = true; again; ) {
    again = false;
    for (let i = 0; i < n; i++) {
      let [r, c] = [0, 0];
      for (let j = 0; j < n; j++)
        if (j !== i) {
          c += Math.abs(a[j * n + i]);
          r += Math.abs(a[i * n + j]);
        }
      if (r === 0 || c === 0) continue;
      const sum = c + r;
      let f = 1;
      while (c < r / 2) {
        f *= 2;
        c *= 4;
      }
      while (c >= r * 2) {
        f /= 2;
        c /= 4;
      }
      if ((c + r) / f >= 0.95 * sum) continue;
      again = true;
      d[i] *= f;
      for (let j = 0; j < n; j++) a[i * n + j] /= f;
      for (let j = 0; j < n; j++) a[j * n + i] *= f;
    }
  }
  return d;
};

/** Unit 2-norm; of a complex vector, the largest component is made real (LAPACK's geev). */
const normalise = (v: Float64Array, n: number, im: Float64Array): void => {
  for (let j = 0; j < n; j++) {
    const pair = im[j] > 0;
    let size = 0;
    let top = 0;
    for (let i = 0; i < n; i++) {
      const t = pair ? hypot(v[i * n + j], v[i * n + j + 1]) : Math.abs(v[i * n + j]);
      if (t > Math.max(size, 0)) {
        size = t;
        top = i;
      }
    }
    if (size === 0) continue;
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (v[i * n + j] / size) ** 2 + (pair ? (v[i * n + j + 1] / size) ** 2 : 0);
    const norm = size * Math.sqrt(sum);
    const c = pair ? v[top * n + j] / size / (norm / 1) : 1 / norm;
    const s = pair ? -v[top * n + j + 1] / size / (norm / 1) : 0;
    for (let i = 0; i < n; i++) {
      const [x, y] = [v[i * n + j], pair ? v[i * n + j + 1] : 0];
      v[i * n + j] = c * x - s * y;
      if (pair) v[i * n + j + 1] = i === top ? 0 : s * x + c * y;
    }
    if (pair) j++;
  }
};

const divide = (a: number, b: number, c: number, d: number): [number, number] => {
  if (Math.abs(c) > Math.abs(d)) {
    const r = d / c;
    const t = c + r * d;
    return [(a + r * b) / t, (b - r * a) / t];
  }
  const r = c / d;
  const t = d + r * c;
  return [(r * a + b) / t, (r * b - a) / t];
};

/** Eigenvectors of a quasi-triangular matrix, in rows, by back substitution (the second half of EISPACK's hqr2). */
const triangularVectors = (t: Float64Array, n: number, re: Float64Array, im: Float64Array): Float64Array => {
  const eps = 2 ** -52;
  const x = work(n * n);
  let norm = 0;
  for (let i = 0; i < n * n; i++) norm += Math.abs(t[i]);
  norm ||= 1;
  const at = (i: number, j: number): number => i * n + j;
  const to = (i: number, j: number): number => j * n + i;
  /** Vector j is scaled down where its entry i would soon overflow a square. */
  const shrink = (i: number, k: number, j: number, size: number): void => {
    if (eps * size * size > 1) for (let r = j * n + i; r <= j * n + k; r++) x[r] /= size;
  };
  for (let k = n - 1; k >= 0; k--) {
    const p = re[k];
    let q = im[k];
    if (q === 0) {
      let l = k;
      let [z, s] = [0, 0];
      x[to(k, k)] = 1;
      for (let i = k - 1; i >= 0; i--) {
        const w = t[at(i, i)] - p;
        let r = 0;
        for (let j = l, p = i * n + l, q2 = k * n + l; j <= k; j++, p++, q2++) r += t[p] * x[q2];
        if (im[i] < 0) {
          z = w;
          s = r;
          continue;
        }
        l = i;
        if (im[i] === 0) x[to(i, k)] = -r / (w !== 0 ? w : eps * norm);
        else {
          const [f1, f2] = [t[at(i, i + 1)], t[at(i + 1, i)]];
          q = (re[i] - p) ** 2 + im[i] ** 2;
          const f = (f1 * s - z * r) / q;
          x[to(i, k)] = f;
          x[to(i + 1, k)] = Math.abs(f1) > Math.abs(z) ? (-r - w * f) / f1 : (-s - f2 * f) / z;
        }
        shrink(i, k, k, Math.abs(x[to(i, k)]));
      }
    } else if (q < 0) {
      let l = k - 1;
      let [z, r, s] = [0, 0, 0];
      if (Math.abs(t[at(k, k - 1)]) > Math.abs(t[at(k - 1, k)])) {
        x[to(k - 1, k - 1)] = q / t[at(k, k - 1)];
        x[to(k - 1, k)] = -(t[at(k, k)] - p) / t[at(k, k - 1)];
      } else [x[to(k - 1, k - 1)], x[to(k - 1, k)]] = divide(0, -t[at(k - 1, k)], t[at(k - 1, k - 1)] - p, q);
      x[to(k, k - 1)] = 0;
      x[to(k, k)] = 1;
      for (let i = k - 2; i >= 0; i--) {
        let [ra, sa] = [0, 0];
        for (let j = l; j <= k; j++) {
          const f = t[i * n + j];
          ra += f * x[(k - 1) * n + j];
          sa += f * x[k * n + j];
        }
        const w = t[at(i, i)] - p;
        if (im[i] < 0) {
          z = w;
          r = ra;
          s = sa;
          continue;
        }
        l = i;
        if (im[i] === 0) [x[to(i, k - 1)], x[to(i, k)]] = divide(-ra, -sa, w, q);
        else {
          const [f1, f2] = [t[at(i, i + 1)], t[at(i + 1, i)]];
          let vr = (re[i] - p) ** 2 + im[i] ** 2 - q * q;
          const vi = (re[i] - p) * 2 * q;
          if (vr === 0 && vi === 0)
            vr = eps * norm * (Math.abs(w) + Math.abs(q) + Math.abs(f1) + Math.abs(f2) + Math.abs(z));
          const [f, g] = divide(f1 * r - z * ra + q * sa, f1 * s - z * sa - q * ra, vr, vi);
          x[to(i, k - 1)] = f;
          x[to(i, k)] = g;
          if (Math.abs(f1) > Math.abs(z) + Math.abs(q)) {
            x[to(i + 1, k - 1)] = (-ra - w * f + q * g) / f1;
            x[to(i + 1, k)] = (-sa - w * g - q * f) / f1;
          } else [x[to(i + 1, k - 1)], x[to(i + 1, k)]] = divide(-r - f2 * f, -s - f2 * g, z, q);
        }
        const largest = Math.max(Math.abs(x[to(i, k - 1)]), Math.abs(x[to(i, k)]));
        shrink(i, k, k - 1, largest);
        shrink(i, k, k, largest);
      }
    }
  }
  return x;
};
