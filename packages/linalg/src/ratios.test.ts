import { fromTypedArray } from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import { cholesky, eig, eigh, eigvalsh, lu, qr, qrPivoted, schur, solve, status, svd, svdvals } from "./index";
import {
  defect,
  distance,
  largestOf,
  numbers,
  product,
  spectra,
  transposed,
  withSingularValues,
} from "./testing/matrices";

/** LAPACK's test ratios: errors in units of ‖A‖ n eps, each of which must stay below 30. */
const eps = 2 ** -52;
const ratio = (error: number, m: number, n: number): void => expect(error / (eps * Math.max(1, m, n))).toBeLessThan(30);
const data = (t: { dataSync(): ArrayLike<unknown> }): Float64Array => t.dataSync() as Float64Array;

const shapes: [number, number][] = [
  [0, 3],
  [3, 0],
  [1, 1],
  [2, 2],
  [5, 3],
  [3, 5],
  [17, 17],
  [40, 9],
  [9, 40],
  [40, 40],
];

describe.each(Object.keys(spectra))("%s matrices", (family) => {
  test.each(shapes)(
    "factor into orthogonal and triangular or diagonal parts at [%i, %i]",
    (m, n) => {
      const k = Math.min(m, n);
      const a = withSingularValues(m, n, spectra[family], 3 * m + n);
      const x = fromTypedArray(a, [m, n]);

      for (const full of [false, true]) {
        const { q, r } = qr(x, { full });
        const w = q.shape[1];
        expect(q.shape).toEqual([m, full ? m : k]);
        expect(r.shape).toEqual([full ? m : k, n]);
        ratio(distance(product(data(q), null, data(r), [m, w, n]), a), m, n);
        ratio(defect(data(q), m, w), m, n);
        for (let i = 0; i < r.shape[0]; i++)
          for (let j = 0; j < Math.min(i, n); j++) expect(data(r)[i * n + j]).toBe(0);

        const { u, s, vt, info } = svd(x, { full });
        expect(u.shape).toEqual([m, full ? m : k]);
        expect(vt.shape).toEqual([full ? n : k, n]);
        expect(info.item()).toBeLessThanOrEqual(0);
        const sv = data(s);
        ratio(distance(product(data(u), sv, data(vt), [m, k, n], n, u.shape[1]), a), m, n);
        ratio(defect(data(u), m, u.shape[1]), m, n);
        ratio(defect(transposed(data(vt), vt.shape[0], n), n, vt.shape[0]), m, n);
        for (let i = 1; i < k; i++) expect(sv[i]).toBeLessThanOrEqual(sv[i - 1]);
        const alone = data(svdvals(x));
        ratio(distance(alone, sv), m, n);
        const truth = Float64Array.from({ length: k }, (_, i) => spectra[family](i, k)).sort((p, q) => q - p);
        ratio(distance(sv, truth) / 2, m, n);
      }

      const pivoted = qrPivoted(x);
      const order = data(pivoted.permutation);
      const shuffled = Float64Array.from({ length: m * n }, (_, i) => a[Math.floor(i / n) * n + order[i % n]]);
      ratio(distance(product(data(pivoted.q), null, data(pivoted.r), [m, k, n]), shuffled), m, n);
      const r = data(pivoted.r);
      for (let i = 1; i < k; i++)
        expect(Math.abs(r[i * n + i])).toBeLessThanOrEqual(
          Math.abs(r[(i - 1) * n + i - 1]) * (1 + 1e-10) + 1e-13 * largestOf(a),
        );

      const f = lu(x);
      const swapped = Float64Array.from(
        { length: m * n },
        (_, i) => a[data(f.permutation)[Math.floor(i / n)] * n + (i % n)],
      );
      ratio(distance(product(data(f.l), null, data(f.u), [m, k, n]), swapped), m, n);
      expect(largestOf(data(f.l))).toBeLessThanOrEqual(1);
    },
    30_000,
  );

  test.each([0, 1, 2, 7, 30, 64])("have orthonormal eigenvectors when symmetric, n = %i", (n) => {
    // V diag(±s) Vᵀ
    const v = withSingularValues(n, n, () => 1, n + 5);
    const s = Float64Array.from({ length: n }, (_, i) => spectra[family](i, n) * (i % 3 === 1 ? -1 : 1));
    const a = product(v, s, transposed(v, n, n), [n, n, n]);
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[i * n + j] = a[j * n + i];
    const x = fromTypedArray(a, [n, n]);
    const { values, vectors, info } = eigh(x);
    expect(info.item()).toBeLessThanOrEqual(0);
    const [w, z] = [data(values), data(vectors)];
    ratio(distance(product(z, w, transposed(z, n, n), [n, n, n]), a), n, n);
    ratio(defect(z, n, n), n, n);
    ratio(distance(w, s.slice().sort()), n, n);
    ratio(distance(data(eigvalsh(x)), w), n, n);

    const positive = product(v, s.map(Math.abs), transposed(v, n, n), [n, n, n]);
    const c = cholesky(fromTypedArray(positive, [n, n]));
    const definite = ["random", "repeated", "identical", "tiny", "huge"].includes(family);
    if (definite) expect(c.info.item()).toBe(0);
    if (c.info.item() === 0) {
      const l = data(c.l);
      ratio(distance(product(l, null, transposed(l, n, n), [n, n, n]), positive), n, n);
    }
  });
});

/** Non-symmetric matrices that try the QR iteration: no shift of its own helps the cyclic one, Jordan blocks have but one eigenvector. */
const general: Readonly<Record<string, (n: number) => Float64Array>> = {
  random: (n) => numbers(n * n, n),
  graded: (n) => numbers(n * n, n).map((x, i) => x * 10 ** (-(8 * Math.floor(i / n)) / n)),
  companion: (n) => numbers(n * n, n).map((x, i) => (i < n ? x : i % n === Math.floor(i / n) - 1 ? 1 : 0)),
  cyclic: (n) => new Float64Array(n * n).map((_, i) => ((i % n) + 1 === Math.floor(i / n) || i === n - 1 ? 1 : 0)),
  Jordan: (n) => new Float64Array(n * n).map((_, i) => (i % (n + 1) === 0 ? 2 : i % (n + 1) === 1 ? 1 : 0)),
  "of rank one": (n) => new Float64Array(n * n).map((_, i) => Math.sin(Math.floor(i / n) + 1) * Math.cos(i % n)),
  symmetric: (n) => numbers(n * n, n).map((_, i, x) => x[i] + x[(i % n) * n + Math.floor(i / n)]),
  zero: (n) => new Float64Array(n * n),
  tiny: (n) => numbers(n * n, n).map((x) => 1e-300 * x),
  huge: (n) => numbers(n * n, n).map((x) => 1e300 * x),
};
describe.each(Object.keys(general))("%s matrices without symmetry", (family) => {
  // the multishift iteration begins at 60
  test.each([1, 2, 3, 9, 40, 60, 97])("have a Schur form and eigenvectors, n = %i", (n) => {
    const a = general[family](n);
    const x = fromTypedArray(a, [n, n]);
    const { t, z, info } = schur(x);
    expect(info.item()).toBe(0);
    const [tt, q] = [data(t), data(z)];
    ratio(distance(product(product(q, null, tt, [n, n, n]), null, transposed(q, n, n), [n, n, n]), a), n, n);
    ratio(defect(q, n, n), n, n);
    for (let i = 1; i < n; i++) {
      for (let j = 0; j < i - 1; j++) expect(Math.abs(tt[i * n + j])).toBe(0);
      if (i > 1) expect(Math.abs(tt[i * n + i - 1] * tt[(i - 1) * n + i - 2])).toBe(0);
    }
    const e = eig(x);
    expect(e.info.item()).toBeLessThanOrEqual(0);
    if (family === "Jordan" && n > 1) expect(status(e.info)).toMatch(/defective/);
    const [wr, wi, vr, vi] = [e.values.re, e.values.im, e.vectors.re, e.vectors.im].map(data);
    const [pr, pi] = [product(a, null, vr, [n, n, n]), product(a, null, vi, [n, n, n])];
    const size = largestOf(a) || 1;
    let worst = 0;
    for (let k = 0; k < n * n; k++) {
      const j = k % n;
      worst = Math.max(worst, Math.abs(pr[k] - wr[j] * vr[k] + wi[j] * vi[k]) / size);
      worst = Math.max(worst, Math.abs(pi[k] - wr[j] * vi[k] - wi[j] * vr[k]) / size);
    }
    ratio(worst, n, n);
  });
});

test.each([1, 10, 100, 200])("solutions have small backward error, n = %i", (n) => {
  const a = numbers(n * n, n);
  const b = numbers(n * 3, n + 1);
  const x = data(solve(fromTypedArray(a, [n, n]), fromTypedArray(b, [n, 3])));
  const ax = product(a, null, x, [n, n, 3]);
  let worst = 0;
  for (let i = 0; i < n * 3; i++) worst = Math.max(worst, Math.abs(ax[i] - b[i]));
  ratio(worst / (largestOf(a) * n * largestOf(x)), n, n);
});

test("n = 200: SVD, eigh and QR hold their ratios", () => {
  const n = 200;
  const a = numbers(n * n, 5);
  const x = fromTypedArray(a, [n, n]);
  const { u, s, vt } = svd(x);
  ratio(distance(product(data(u), data(s), data(vt), [n, n, n]), a), n, n);
  const symmetric = Float64Array.from(a, (v, i) => v + a[(i % n) * n + Math.floor(i / n)]);
  const { values, vectors } = eigh(fromTypedArray(symmetric, [n, n]));
  ratio(distance(product(data(vectors), data(values), transposed(data(vectors), n, n), [n, n, n]), symmetric), n, n);
});
