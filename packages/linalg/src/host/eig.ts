import { reduceToHessenberg } from "./hessenberg";
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
  const x = triangularVectors(a, n, re, im);
  for (let i = 0; i < n; i++) {
    const row = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      const f = v[i * n + k];
      for (let j = k; j < n; j++) row[j] += f * x[k * n + j];
      // the second column of a pair's block reaches one row below the diagonal of the first
      if (k > 0 && im[k] < 0) row[k - 1] += f * x[k * n + k - 1];
    }
    for (let j = 0; j < n; j++) v[i * n + j] = row[j] * scale[i];
  }
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

/** Eigenvectors of a quasi-triangular matrix by back substitution (the second half of EISPACK's hqr2). */
const triangularVectors = (t: Float64Array, n: number, re: Float64Array, im: Float64Array): Float64Array => {
  const eps = 2 ** -52;
  const h = t.slice();
  let norm = 0;
  for (let i = 0; i < n * n; i++) norm += Math.abs(t[i]);
  norm ||= 1;
  const at = (i: number, j: number): number => i * n + j;
  const shrink = (i: number, k: number, ...columns: number[]): void => {
    const size = Math.max(...columns.map((j) => Math.abs(h[at(i, j)])));
    if (eps * size * size > 1) for (let r = i; r <= k; r++) for (const j of columns) h[at(r, j)] /= size;
  };
  for (let k = n - 1; k >= 0; k--) {
    const p = re[k];
    let q = im[k];
    if (q === 0) {
      let l = k;
      let [z, s] = [0, 0];
      h[at(k, k)] = 1;
      for (let i = k - 1; i >= 0; i--) {
        const w = t[at(i, i)] - p;
        let r = 0;
        for (let j = l; j <= k; j++) r += t[at(i, j)] * h[at(j, k)];
        if (im[i] < 0) {
          z = w;
          s = r;
          continue;
        }
        l = i;
        if (im[i] === 0) h[at(i, k)] = -r / (w !== 0 ? w : eps * norm);
        else {
          const [x, y] = [t[at(i, i + 1)], t[at(i + 1, i)]];
          q = (re[i] - p) ** 2 + im[i] ** 2;
          const f = (x * s - z * r) / q;
          h[at(i, k)] = f;
          h[at(i + 1, k)] = Math.abs(x) > Math.abs(z) ? (-r - w * f) / x : (-s - y * f) / z;
        }
        shrink(i, k, k);
      }
    } else if (q < 0) {
      let l = k - 1;
      let [z, r, s] = [0, 0, 0];
      if (Math.abs(t[at(k, k - 1)]) > Math.abs(t[at(k - 1, k)])) {
        h[at(k - 1, k - 1)] = q / t[at(k, k - 1)];
        h[at(k - 1, k)] = -(t[at(k, k)] - p) / t[at(k, k - 1)];
      } else [h[at(k - 1, k - 1)], h[at(k - 1, k)]] = divide(0, -t[at(k - 1, k)], t[at(k - 1, k - 1)] - p, q);
      h[at(k, k - 1)] = 0;
      h[at(k, k)] = 1;
      for (let i = k - 2; i >= 0; i--) {
        let [ra, sa] = [0, 0];
        for (let j = l; j <= k; j++) {
          ra += t[at(i, j)] * h[at(j, k - 1)];
          sa += t[at(i, j)] * h[at(j, k)];
        }
        const w = t[at(i, i)] - p;
        if (im[i] < 0) {
          z = w;
          r = ra;
          s = sa;
          continue;
        }
        l = i;
        if (im[i] === 0) [h[at(i, k - 1)], h[at(i, k)]] = divide(-ra, -sa, w, q);
        else {
          const [x, y] = [t[at(i, i + 1)], t[at(i + 1, i)]];
          let vr = (re[i] - p) ** 2 + im[i] ** 2 - q * q;
          const vi = (re[i] - p) * 2 * q;
          if (vr === 0 && vi === 0)
            vr = eps * norm * (Math.abs(w) + Math.abs(q) + Math.abs(x) + Math.abs(y) + Math.abs(z));
          const [f, g] = divide(x * r - z * ra + q * sa, x * s - z * sa - q * ra, vr, vi);
          h[at(i, k - 1)] = f;
          h[at(i, k)] = g;
          if (Math.abs(x) > Math.abs(z) + Math.abs(q)) {
            h[at(i + 1, k - 1)] = (-ra - w * f + q * g) / x;
            h[at(i + 1, k)] = (-sa - w * g - q * f) / x;
          } else [h[at(i + 1, k - 1)], h[at(i + 1, k)]] = divide(-r - y * f, -s - y * g, z, q);
        }
        shrink(i, k, k - 1, k);
      }
    }
  }
  // what back substitution did not write below the diagonal is still T
  for (let i = 1; i < n; i++) for (let j = 0; j < i; j++) if (!(j === i - 1 && im[i] < 0)) h[at(i, j)] = 0;
  return h;
};
