import { describe, expect, test } from "vitest";
import { numbers } from "../testing/matrices";
import { factorCholesky } from "./cholesky";
import { factorLu } from "./lu";
import { machine, reserve, work } from "./memory";
import { flipped, transposeInto, view } from "./products";
import { allFinite, symmetrise } from "./scaling";
import { solveLeft } from "./triangular";

/** The same numbers in the memory of the module, where kernels take them, and outside of it, where loops do. */
const twins = (from: Float64Array): readonly [Float64Array, Float64Array] => {
  const inside = work(from.length);
  expect(inside.buffer === machine()?.buffer).toBe(true);
  inside.set(from);
  return [inside, from.slice()];
};
const agree = (x: ArrayLike<number>, y: ArrayLike<number>, tolerance: number): void => {
  expect(x.length).toBe(y.length);
  let worst = 0;
  for (let i = 0; i < x.length; i++) worst = Math.max(worst, Math.abs(x[i] - y[i]) / (1 + Math.abs(y[i])));
  expect(worst).toBeLessThanOrEqual(tolerance);
};
const eps = 2 ** -52;
/** Sizes with every remainder of the tiles, around the thresholds, and beyond the blocks. */
const sizes = [1, 2, 9, 13, 14, 15, 16, 35, 130, 270];

describe.each(sizes)("n = %i", (n) => {
  const dominant = numbers(n * n, 3);
  for (let i = 0; i < n; i++) dominant[i * n + i] += n + 1;

  test("triangles of every form are solved as by loops", () => {
    for (const k of n > 100 ? [1, 18] : [1, 3, 16, 37])
      for (const lower of [true, false])
        for (const transposed of [true, false])
          for (const unit of [true, false]) {
            reserve(4 * n * n + 4 * n * k);
            // the diagonal that `unit` replaces by ones must not grow what is solved
            const a = unit ? dominant.map((v) => v / n) : dominant;
            const matrices = twins(a);
            const [x, y] = twins(numbers(n * k, 5));
            [x, y].forEach((to, i) => {
              const whole = view(matrices[i], 0, n);
              solveLeft(transposed ? flipped(whole) : whole, n, view(to, 0, k), k, lower, unit);
            });
            agree(x, y, 40 * n * eps);
          }
  });

  test("Cholesky factors are those of the loops, and name the same pivot", () => {
    reserve(8 * n * n);
    const s = dominant.map((v, i) => v + dominant[(i % n) * n + Math.floor(i / n)]);
    for (const bad of [-1, 0, n >> 1, n - 1]) {
      if (bad >= 0) s[bad * n + bad] = bad === 0 ? Number.NaN : -1;
      const [x, y] = twins(s);
      const l = work(n * n);
      const m = new Float64Array(n * n);
      const info = factorCholesky(x, n, l);
      expect(info).toBe(factorCholesky(y, n, m));
      expect(info).toBe(bad + 1);
      if (info === 0) agree(l, m, 40 * n * eps);
      if (bad >= 0) s[bad * n + bad] = 4 * n;
    }
  });

  test("eliminations choose the rows the loops choose, and find the same zero pivot", () => {
    for (const m of [n, n + 3])
      for (const singular of [false, true]) {
        reserve(8 * m * n);
        const a = numbers(m * n, 7);
        if (singular) for (let i = 0; i < m; i++) a[i * n + (n >> 1)] = 0;
        const [x, y] = twins(a);
        const [p, q] = [new Int32Array(m), new Int32Array(m)];
        const zero = factorLu(x, m, n, p);
        expect(zero).toBe(factorLu(y, m, n, q));
        expect(zero).toBe(singular ? (n >> 1) + 1 : 0);
        expect([...p]).toEqual([...q]);
        agree(x, y, 2000 * n * eps);
      }
  });

  test("layouts are turned and symmetrised entry by entry", () => {
    reserve(16 * n * n);
    const [x, y] = twins(numbers(n * n, 9));
    const [t] = twins(new Float64Array(n * n));
    transposeInto(view(x, 0, n), n, n, view(t, 0, n));
    expect(t).toEqual(y.map((_, i) => y[(i % n) * n + Math.floor(i / n)]));
    expect(symmetrise(x, n)).toBe(true);
    expect(symmetrise(y, n)).toBe(true);
    expect(x).toEqual(y);
    for (const at of [0, n - 1, n * (n - 1), n * n - 1, (n * n) >> 1])
      for (const value of [Number.NaN, Infinity]) {
        const [z] = twins(numbers(n * n, 9));
        expect(allFinite(z)).toBe(true);
        z[at] = value;
        expect(allFinite(z)).toBe(false);
        expect(symmetrise(z, n)).toBe(false);
      }
  });
});
