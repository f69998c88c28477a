import { describe, expect, test } from "vitest";
import { numbers } from "../testing/matrices";
import { eigenSymmetric } from "./eigh";
import { reserve, work } from "./memory";
import { secularRoot } from "./secular";

/** Tridiagonal matrices on which divide and conquer has failed somebody: diagonal and superdiagonal. */
const families: Record<string, (n: number) => readonly [(i: number) => number, (i: number) => number]> = {
  "second differences": () => [() => 2, () => -1],
  Wilkinson: (n) => [(i) => Math.abs(i - (n - 1) / 2), () => 1],
  // copies of W21 that barely touch: clusters of eigenvalues that agree to 14 digits
  "glued Wilkinson": () => [(i) => Math.abs((i % 21) - 10), (i) => (i % 21 === 20 ? 1e-14 : 1)],
  random: (n) => {
    const x = numbers(2 * n, 3);
    return [(i) => x[i], (i) => x[n + i]];
  },
  "nearly split": (n) => {
    const x = numbers(n, 4);
    return [(i) => x[i], (i) => (i % 7 === 3 ? 1e-17 : i % 5 === 1 ? 0 : 1e-8)];
  },
  graded: () => [(i) => 2 ** -i, (i) => 2 ** (-i - 1)],
  "graded upwards": (n) => [(i) => 2 ** (i - n), (i) => 2 ** (i - n - 2)],
  identity: () => [() => 1, () => 0],
  zero: () => [() => 0, () => 0],
  "one and noise": (n) => {
    const x = numbers(2 * n, 5);
    return [(i) => 1 + 1e-16 * x[i], (i) => 1e-16 * x[n + i]];
  },
  Clement: (n) => [() => 0, (i) => Math.sqrt((i + 1) * (n - 1 - i))],
};
const eps = 2 ** -52;

describe.each(Object.keys(families))("%s matrices", (name) => {
  test.each([64, 97, 210])("have orthogonal eigenvectors with small residuals, n = %i", (n) => {
    const [f, g] = families[name](n);
    reserve(20 * n * n);
    const [a, vt, d] = [work(n * n), work(n * n), work(n)];
    let norm = 0;
    for (let i = 0; i < n; i++) {
      a[i * n + i] = f(i);
      if (i < n - 1) a[i * n + i + 1] = a[(i + 1) * n + i] = g(i);
      norm = Math.max(norm, Math.abs(f(i)), i < n - 1 ? Math.abs(g(i)) : 0);
    }
    expect(eigenSymmetric(a, n, d, vt)).toBe(0);
    let [residual, defect] = [0, 0];
    for (let i = 0; i < n; i++) {
      if (i > 0) expect(d[i]).toBeGreaterThanOrEqual(d[i - 1]);
      const v = vt.subarray(i * n, (i + 1) * n);
      for (let j = 0; j < n; j++) {
        const image = (j > 0 ? g(j - 1) * v[j - 1] : 0) + f(j) * v[j] + (j < n - 1 ? g(j) * v[j + 1] : 0);
        residual = Math.max(residual, Math.abs(image - d[i] * v[j]));
        let dot = 0;
        for (let l = 0; l < n; l++) dot += v[l] * vt[j * n + l];
        defect = Math.max(defect, Math.abs(dot - (i === j ? 1 : 0)));
      }
    }
    expect(residual).toBeLessThanOrEqual(30 * n * eps * norm);
    expect(defect).toBeLessThan(30 * n * eps);
    if (name === "second differences")
      for (let i = 0; i < n; i++)
        expect(Math.abs(d[i] - 2 + 2 * Math.cos(((i + 1) * Math.PI) / (n + 1)))).toBeLessThan(30 * eps);
    // -(n - 1), -(n - 3), …, n - 1
    if (name === "Clement")
      for (let i = 0; i < n; i++) expect(Math.abs(d[i] - (2 * i - n + 1))).toBeLessThan(30 * n * eps);
  });
});

test("a root of the secular equation keeps its digits beside a pole", () => {
  // two poles: (1/ρ)(d₀ - λ)(d₁ - λ) + z₀²(d₁ - λ) + z₁²(d₀ - λ) = 0
  const delta = new Float64Array(2);
  for (const tiny of [1e-3, 1e-9, 1e-15])
    for (const rho of [1e-3, 1, 50]) {
      const d = Float64Array.of(1, 2);
      const z = Float64Array.of(tiny, Math.sqrt(1 - tiny * tiny));
      secularRoot(0, 2, d, z, rho, delta, 0);
      // λ = 1 + x with x² - (1 + ρ) x + ρ z₀² = 0, the smaller root
      const b = 1 + rho;
      const c = rho * z[0] * z[0];
      const x = (2 * c) / (b + Math.sqrt(b * b - 4 * c));
      expect(Math.abs(-delta[0] / x - 1)).toBeLessThan(20 * eps);
      expect(Math.abs(delta[1] / (1 - x) - 1)).toBeLessThan(20 * eps);
      secularRoot(1, 2, d, z, rho, delta, 0);
      const y = (rho - 1 + Math.sqrt((rho - 1) ** 2 + 4 * rho * z[1] * z[1])) / 2;
      expect(Math.abs(-delta[1] / y - 1)).toBeLessThan(20 * eps * Math.max(1, 1 / y));
    }
});
