import { describe, expect, test } from "vitest";
import { largestOf, numbers } from "../testing/matrices";
import { hostPlan, transformOf } from "./fft";
import { realTransform, realTranspose } from "./real-fft";

/** By the definition, with angles reduced before they meet the cosine. */
const direct = (re: Float64Array, im: Float64Array): readonly [Float64Array, Float64Array] => {
  const n = re.length;
  const [p, q] = [new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k < n; k++)
    for (let j = 0; j < n; j++) {
      const t = (2 * Math.PI * ((j * k) % n)) / n;
      p[k] += re[j] * Math.cos(t) + im[j] * Math.sin(t);
      q[k] += im[j] * Math.cos(t) - re[j] * Math.sin(t);
    }
  return [p, q];
};
const away = (x: Float64Array, y: Float64Array): number => largestOf(x.map((v, i) => v - y[i]));
const smallFactors = (n: number): boolean => {
  let rest = n;
  for (let p = 2; p <= 31; p++) while (rest % p === 0) rest /= p;
  return rest === 1;
};
// the sum of n terms of size 1, n eps at most, in the direct sum; far less in the fast one
const tolerance = (n: number): number => 4e-16 * n;

describe("transforms of every length to 130, and of some larger ones", () => {
  const lengths = [
    ...Array.from({ length: 130 }, (_, i) => i + 1),
    243,
    250,
    256,
    343,
    360,
    375,
    384,
    401,
    450,
    512,
    625,
    768,
  ];
  test("are the sum of the definition, in SIMD and in TypeScript", () => {
    for (const n of lengths) {
      const [re, im] = [numbers(n, n), numbers(n, n + 1000)];
      const want = direct(re, im);
      const ways = smallFactors(n) ? [transformOf(n), hostPlan(n)] : [transformOf(n)];
      for (const f of ways) {
        const [p, q] = [new Float64Array(n), new Float64Array(n)];
        f(re, im, p, q);
        expect(Math.max(away(p, want[0]), away(q, want[1])), `length ${n}`).toBeLessThan(tolerance(n));
        f(re, null, p, q);
        const real = direct(re, new Float64Array(n));
        expect(Math.max(away(p, real[0]), away(q, real[1])), `real, length ${n}`).toBeLessThan(tolerance(n));
      }
    }
  });
  test("of real numbers are the first half, and the transpose keeps ⟨F x, g⟩ = ⟨x, Fᵀ g⟩", () => {
    for (const n of lengths) {
      const x = numbers(n, n + 7);
      const h = Math.floor(n / 2) + 1;
      const [p, q] = [new Float64Array(h), new Float64Array(h)];
      realTransform(n, x, p, q);
      const [re, im] = direct(x, new Float64Array(n));
      expect(Math.max(away(p, re.slice(0, h)), away(q, im.slice(0, h))), `length ${n}`).toBeLessThan(tolerance(n));
      const [g, k] = [numbers(h, 3), numbers(h, 4)];
      const y = new Float64Array(n);
      realTranspose(n, g, k, y);
      const dot = (a: Float64Array, b: Float64Array): number => a.reduce((s, v, i) => s + v * b[i], 0);
      expect(Math.abs(dot(p, g) + dot(q, k) - dot(x, y)), `transpose, length ${n}`).toBeLessThan(tolerance(n) * 10);
    }
  });
});

test("plans outlive the growth of their memory: small, large and small again", () => {
  const small = [24, 35, 401].map((n) => ({ n, re: numbers(n, 1), im: numbers(n, 2) }));
  const run = () =>
    small.map(({ n, re, im }) => {
      const [p, q] = [new Float64Array(n), new Float64Array(n)];
      transformOf(n)(re, im, p, q);
      return [...p, ...q];
    });
  const before = run();
  for (const n of [2 ** 13, 3 ** 9, 2 ** 17, 10007]) {
    const [re, im] = [new Float64Array(n), new Float64Array(n)];
    re[1] = 1;
    transformOf(n)(re, im, re, im);
    // a shifted point becomes a wave
    const worst = largestOf(re.map((v, k) => v - Math.cos((2 * Math.PI * k) / n)));
    expect(worst).toBeLessThan(1e-14);
  }
  expect(run()).toEqual(before);
});
