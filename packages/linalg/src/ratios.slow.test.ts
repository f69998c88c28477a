import { fromTypedArray } from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import { cholesky, eig, eigh, ldl, lu, qr, schur, solve, svd } from "./index";
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

/** The ratios of `ratios.test.ts` at the sizes that fill the caches. */
const n = 500;
const eps = 2 ** -52;
const ratio = (error: number): void => expect(error / (eps * n)).toBeLessThan(30);
const data = (t: { dataSync(): ArrayLike<unknown> }): Float64Array => t.dataSync() as Float64Array;
const square = [n, n, n] as const;

describe.each(["random", "graded", "clustered", "repeated", "rank-deficient"])("%s matrices, n = 500", (family) => {
  const a = withSingularValues(n, n, spectra[family], 3);
  const x = fromTypedArray(a, [n, n]);
  test("factor", () => {
    const { q, r } = qr(x);
    ratio(distance(product(data(q), null, data(r), square), a));
    ratio(defect(data(q), n, n));
    const { u, s, vt, info } = svd(x);
    expect(info.item()).toBeLessThanOrEqual(0);
    ratio(distance(product(data(u), data(s), data(vt), square), a));
    ratio(defect(data(u), n, n));
    ratio(defect(transposed(data(vt), n, n), n, n));
    const f = lu(x);
    const p = data(f.permutation);
    const swapped = a.map((_, i) => a[p[Math.floor(i / n)] * n + (i % n)]);
    ratio(distance(product(data(f.l), null, data(f.u), square), swapped));
  });
  test("have Schur forms", () => {
    const { t, z, info } = schur(x);
    expect(info.item()).toBe(0);
    const q = data(z);
    ratio(distance(product(product(q, null, data(t), square), null, transposed(q, n, n), square), a));
    ratio(defect(q, n, n));
    expect(eig(x).info.item()).toBeLessThanOrEqual(0);
  });
  test("factor when symmetric", () => {
    const v = withSingularValues(n, n, () => 1, 7);
    const w = Float64Array.from({ length: n }, (_, i) => spectra[family](i, n) * (i % 3 === 1 ? -1 : 1));
    const s = product(v, w, transposed(v, n, n), square);
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) s[i * n + j] = s[j * n + i];
    const m = fromTypedArray(s, [n, n]);
    const { values, vectors } = eigh(m);
    const z = data(vectors);
    ratio(distance(product(z, data(values), transposed(z, n, n), square), s));
    ratio(defect(z, n, n));
    const f = ldl(m);
    const [l, p] = [data(f.l), data(f.permutation)];
    const turned = s.map((_, i) => s[p[Math.floor(i / n)] * n + p[i % n]]);
    ratio(distance(product(product(l, null, data(f.d), square), null, transposed(l, n, n), square), turned));
    for (let i = 0; i < n; i++) s[i * n + i] += 2 * n;
    const c = data(cholesky(fromTypedArray(s, [n, n])).l);
    ratio(distance(product(c, null, transposed(c, n, n), square), s));
  });
});

test("solutions of 500 equations have small backward error", () => {
  const [a, b] = [numbers(n * n, 1), numbers(n * 3, 2)];
  const x = data(solve(fromTypedArray(a, [n, n]), fromTypedArray(b, [n, 3])));
  const ax = product(a, null, x, [n, n, 3]);
  const worst = ax.reduce((m, v, i) => Math.max(m, Math.abs(v - b[i])), 0);
  ratio(worst / (largestOf(a) * n * largestOf(x)));
});
