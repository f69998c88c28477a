import { hypot } from "./scaling";
import { turnColumns, turnRows } from "./vectors";

/** The real Schur form of a Hessenberg matrix by Francis' double-shift steps (EISPACK's hqr2), with Zᵀ, whose rows are turned. */
export const doubleShift = (
  h: Float64Array,
  size: number,
  zt: Float64Array | null,
  re: Float64Array,
  im: Float64Array,
): number => {
  const N = size;
  const eps = 2 ** -52;
  let norm = 0;
  for (let i = 0; i < N; i++) for (let j = Math.max(0, i - 1); j < N; j++) norm += Math.abs(h[i * N + j]);
  let n = N - 1;
  let shift = 0;
  let turns = 0;
  while (n >= 0) {
    let l = n;
    for (; l > 0; l--) {
      const s = Math.abs(h[(l - 1) * N + l - 1]) + Math.abs(h[l * N + l]) || norm;
      if (Math.abs(h[l * N + l - 1]) < eps * s || h[l * N + l - 1] === 0) break;
    }
    if (l > 0) h[l * N + l - 1] = 0;
    if (l === n) {
      h[n * N + n] += shift;
      re[n] = h[n * N + n];
      im[n] = 0;
      n--;
      turns = 0;
    } else if (l === n - 1) {
      h[n * N + n] += shift;
      h[(n - 1) * N + n - 1] += shift;
      standardise(h, N, n - 1, zt, re, im);
      n -= 2;
      turns = 0;
    } else if (turns === 90) {
      for (let i = 0; i <= n; i++) h[i * N + i] += shift;
      return n + 1;
    } else {
      let x = h[n * N + n];
      let y = h[(n - 1) * N + n - 1];
      let w = h[n * N + n - 1] * h[(n - 1) * N + n];
      if (turns % 20 === 10) {
        shift += x;
        for (let i = 0; i <= n; i++) h[i * N + i] -= x;
        const s = Math.abs(h[n * N + n - 1]) + Math.abs(h[(n - 1) * N + n - 2]);
        x = y = 0.75 * s;
        w = -0.4375 * s * s;
      }
      turns++;
      francis(h, N, l, n, x, y, w, zt);
    }
  }
  // the steps leave what they annihilated as it was
  for (let i = 2; i < N; i++) h.fill(0, i * N, i * N + i - 1);
  return 0;
};

const francis = (
  h: Float64Array,
  N: number,
  l: number,
  n: number,
  x: number,
  y: number,
  w: number,
  zt: Float64Array | null,
): void => {
  const eps = 2 ** -52;
  let [p, q, r] = [0, 0, 0];
  let m = n - 2;
  for (; m >= l; m--) {
    const d = h[m * N + m];
    const [a, b] = [x - d, y - d];
    p = (a * b - w) / h[(m + 1) * N + m] + h[m * N + m + 1];
    q = h[(m + 1) * N + m + 1] - d - a - b;
    r = h[(m + 2) * N + m + 1];
    const s = Math.abs(p) + Math.abs(q) + Math.abs(r) || 1;
    p /= s;
    q /= s;
    r /= s;
    if (m === l) break;
    const around = Math.abs(h[(m - 1) * N + m - 1]) + Math.abs(d) + Math.abs(h[(m + 1) * N + m + 1]);
    if (Math.abs(h[m * N + m - 1]) * (Math.abs(q) + Math.abs(r)) < eps * Math.abs(p) * around) break;
  }
  for (let i = m + 2; i <= n; i++) {
    h[i * N + i - 2] = 0;
    if (i > m + 2) h[i * N + i - 3] = 0;
  }
  for (let k = m; k < n; k++) {
    const three = k !== n - 1;
    let scale = 1;
    if (k !== m) {
      p = h[k * N + k - 1];
      q = h[(k + 1) * N + k - 1];
      r = three ? h[(k + 2) * N + k - 1] : 0;
      scale = Math.abs(p) + Math.abs(q) + Math.abs(r);
      if (scale === 0) continue;
      p /= scale;
      q /= scale;
      r /= scale;
    } else if (!three) r = 0;
    let s = Math.sqrt(p * p + q * q + r * r);
    if (p < 0) s = -s;
    if (s === 0) continue;
    if (k !== m) h[k * N + k - 1] = -s * scale;
    else if (l !== m) h[k * N + k - 1] = -h[k * N + k - 1];
    p += s;
    const tau = p / s;
    q /= p;
    const z = three ? r / p : null;
    turnRows(h, k * N, N, k, N, tau, q, z);
    turnColumns(h, k, N, 0, Math.min(n, k + 3) + 1, tau, q, z);
    if (zt) turnRows(zt, k * N, N, 0, N, tau, q, z);
  }
};

/** Rows and columns i, i + 1 turned by (c, s). */
const turn = (h: Float64Array, N: number, i: number, zt: Float64Array | null, c: number, s: number): void => {
  const [p, q] = [i * N, (i + 1) * N];
  for (let j = i; j < N; j++) {
    const [f, g] = [h[p + j], h[q + j]];
    h[p + j] = c * f + s * g;
    h[q + j] = c * g - s * f;
  }
  for (let k = 0, at = i; k < i + 2; k++, at += N) {
    const [f, g] = [h[at], h[at + 1]];
    h[at] = c * f + s * g;
    h[at + 1] = c * g - s * f;
  }
  if (!zt) return;
  for (let j = 0; j < N; j++) {
    const [f, g] = [zt[p + j], zt[q + j]];
    zt[p + j] = c * f + s * g;
    zt[q + j] = c * g - s * f;
  }
};

/** A 2×2 block on the diagonal: made triangular when its eigenvalues are real, its diagonal made equal when they are not. */
const standardise = (
  h: Float64Array,
  N: number,
  i: number,
  zt: Float64Array | null,
  re: Float64Array,
  im: Float64Array,
): void => {
  const at = i * N + i;
  const [b, c] = [h[at + 1], h[at + N]];
  const p = (h[at] - h[at + N + 1]) / 2;
  const q = p * p + b * c;
  if (q >= 0) {
    const root = p + (p >= 0 ? 1 : -1) * Math.sqrt(q);
    const t = hypot(c, root);
    if (t > 0) turn(h, N, i, zt, root / t, c / t);
    h[at + N] = 0;
    re[i] = h[at];
    re[i + 1] = h[at + N + 1];
    im[i] = im[i + 1] = 0;
    return;
  }
  const sigma = b + c;
  const tau = hypot(sigma, 2 * p);
  if (tau > 0 && p !== 0) {
    const cs = Math.sqrt(0.5 * (1 + Math.abs(sigma) / tau));
    turn(h, N, i, zt, cs, -(p / (tau * cs)) * (sigma < 0 ? -1 : 1));
    const mean = 0.5 * (h[at] + h[at + N + 1]);
    h[at] = h[at + N + 1] = mean;
  }
  re[i] = re[i + 1] = h[at];
  im[i] = Math.sqrt(Math.abs(h[at + 1])) * Math.sqrt(Math.abs(h[at + N]));
  im[i + 1] = -im[i];
};
