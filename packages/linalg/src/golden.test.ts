import { grad } from "@ansatz/autodiff";
import { jit, matmul, mul, sum, type Tensor, tensor, vmap } from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import golden from "../golden/linalg.json";
import {
  cond,
  det,
  eig,
  eigvals,
  expm,
  fft,
  fftn,
  ifft,
  ifftn,
  inv,
  irfft,
  logm,
  lstsq,
  matrixNorm,
  matrixPower,
  matrixRank,
  nullSpace,
  orth,
  pinv,
  polar,
  projector,
  qr,
  rfft,
  schur,
  sqrtm,
  svdvals,
} from "./index";
import { checkDerivatives } from "./testing/derivatives";
import { defect, largestOf, random } from "./testing/matrices";

type Nested = number | readonly Nested[];
const flat = (x: Nested | Tensor): number[] =>
  typeof x === "number"
    ? [x]
    : Array.isArray(x)
      ? x.flatMap((y: Nested) => flat(y))
      : Array.from((x as Tensor).dataSync() as Float64Array);
const close = (got: Nested | Tensor, want: Nested | Tensor, tolerance: number): void => {
  const [g, w] = [flat(got), flat(want)];
  expect(g.length).toBe(w.length);
  const size = largestOf(w) || 1;
  g.forEach((x, i) => expect(Math.abs(x - w[i]) / size).toBeLessThan(tolerance));
};

describe.each(golden.general)("the $name matrix agrees with SciPy", (c) => {
  const conditioning = Math.min(1e8, c.cond);
  test("eigenvalues and eigenvectors", () => {
    const { re, im } = eigvals(c.a);
    const [x, y] = [flat(re), flat(im)];
    // each of SciPy's has a partner; a defective pair is known to √eps only
    const tolerance =
      (c.name === "defective" ? 1e-7 : 1e-12) * (largestOf(c.eigenvalues.re) + largestOf(c.eigenvalues.im));
    c.eigenvalues.re.forEach((r, i) =>
      expect(Math.min(...x.map((p, k) => Math.hypot(p - r, y[k] - c.eigenvalues.im[i])))).toBeLessThan(tolerance),
    );
    const { values, vectors, info } = eig(c.a);
    expect(Number(info.item()) < 0).toBe(c.name === "defective");
    const n = c.a.length;
    const [wr, wi, vr, vi] = [values.re, values.im, vectors.re, vectors.im].map(flat);
    for (let j = 0; j < n; j++) {
      let size = 0;
      for (let i = 0; i < n; i++) {
        let [p, q] = [0, 0];
        for (let k = 0; k < n; k++) {
          p += c.a[i][k] * vr[k * n + j];
          q += c.a[i][k] * vi[k * n + j];
        }
        const [a, b] = [vr[i * n + j], vi[i * n + j]];
        size += a * a + b * b;
        expect(Math.hypot(p - wr[j] * a + wi[j] * b, q - wr[j] * b - wi[j] * a)).toBeLessThan(
          1e-13 * largestOf(flat(c.a)),
        );
      }
      expect(size).toBeCloseTo(1, 12);
    }
  });
  test("the Schur form", () => {
    const n = c.a.length;
    const { t, z } = schur(c.a);
    close(matmul(matmul(z.reshape([n, n]), t), z.transpose()), c.a, 1e-13);
    expect(defect(flat(z), n, n)).toBeLessThan(1e-13);
  });
  test("singular values, determinant, inverse, norms, condition", () => {
    close(svdvals(c.a), c.singularValues, 1e-14);
    close(det(c.a), c.det, 1e-12 * conditioning);
    close(inv(c.a), c.inv, 1e-14 * conditioning);
    close(cond(c.a), c.cond, 1e-6);
    close(matrixNorm(c.a, 1), c.norms["1"], 1e-14);
    close(matrixNorm(c.a, 2), c.norms["2"], 1e-14);
    close(matrixNorm(c.a, Infinity), c.norms.inf, 1e-14);
    close(matrixNorm(c.a), c.norms.fro, 1e-14);
    close(matrixNorm(c.a, "nuc"), c.norms.nuc, 1e-13);
  });
  test("QR and polar, signs included", () => {
    close(qr(c.a).r, c.qr, 1e-13);
    if (c.name !== "badly scaled") close(polar(c.a).u, c.polar, 1e-15 * conditioning * 10);
  });
  test("exponential, square root and logarithm", () => {
    const a = tensor(c.a);
    close(expm(mul(a, 8 / c.norms["1"])), c.expm, 1e-12);
    const n = c.a.length;
    const one = matrixPower(a, 0);
    const spd = matmul(a, a.transpose()).add(one);
    close(sqrtm(spd).value, c.sqrtm, 1e-12);
    close(logm(spd).value, c.logm, 1e-11);
    const shifted = mul(a, 1 / c.norms["1"]).add(mul(one, 1.5));
    close(sqrtm(shifted).value, c.sqrtmGeneral, 1e-12);
    close(logm(shifted).value, c.logmGeneral, 1e-11);
    close(expm(logm(shifted).value), shifted, 1e-11);
    expect(one.shape).toEqual([n, n]);
  });
});

test.each(golden.leastSquares)("least squares of rank $rank agree with SciPy", (c) => {
  const { x, rank, info } = lstsq(c.a, c.b);
  close(x, c.x, 1e-12);
  close(pinv(c.a), c.pinv, 1e-12);
  expect(rank.item()).toBe(c.rank);
  expect(Number(info.item()) < 0).toBe(c.rank < Math.min(c.a.length, c.a[0].length));
  expect(matrixRank(c.a).item()).toBe(c.rank);
  const n = c.a[0].length;
  const z = nullSpace(c.a);
  expect(z.shape).toEqual([n, n - c.rank]);
  if (n > c.rank) expect(largestOf(flat(matmul(c.a, z)))).toBeLessThan(1e-13);
  const q = orth(c.a);
  expect(q.shape).toEqual([c.a.length, c.rank]);
  close(matmul(q, q.transpose()), projector(c.a), 1e-12);
  // the derivative holds at constant rank, so the matrix moves within it: A = B C
  const b = random([c.a.length, c.rank], 1);
  const g = random([c.rank, n], 2);
  checkDerivatives((y) => lstsq(matmul(y, g), c.b, { rtol: 1e-9 }).x, b, { tolerance: 1e-5 });
  checkDerivatives((y) => pinv(matmul(y, g), { rtol: 1e-9 }), b, { tolerance: 1e-5 });
});

describe("Fourier transforms agree with SciPy", () => {
  test.each(golden.transforms)("and invert", (c) => {
    const n = c.x.re.length;
    const f = fft(c.x);
    close([...flat(f.re), ...flat(f.im)], [...c.fft.re, ...c.fft.im], 1e-14 * (1 + Math.log2(n)));
    const back = ifft(f);
    close([...flat(back.re), ...flat(back.im)], [...c.x.re, ...c.x.im], 1e-14 * (1 + Math.log2(n)));
    const r = rfft(c.x.re);
    close([...flat(r.re), ...flat(r.im)], [...c.rfft.re, ...c.rfft.im], 1e-14 * (1 + Math.log2(n)));
    close(irfft(r, { n }), c.x.re, 1e-14 * (1 + Math.log2(n)));
  });
  test("over several axes, under vmap, jit and differentiation", () => {
    const x = random([4, 6, 5], 3);
    const f = fftn(x);
    close(ifftn(f).re, x, 1e-14);
    const rows = jit(vmap((y: Tensor) => fft(y).im))(x.reshape([24, 5])) as Tensor;
    close(rows.reshape([4, 6, 5]), fft(x).im, 1e-15);
    checkDerivatives((y) => mul(fft(y).re, fft(y).im), random([2, 7], 4));
    // Parseval: ∇ ½ Σ |X|² = n x
    const y = random([6], 5);
    const g = grad((z: Tensor) =>
      sum(mul(fft(z).re, fft(z).re))
        .add(sum(mul(fft(z).im, fft(z).im)))
        .mul(0.5),
    );
    close(g(y) as Tensor, mul(6, y), 1e-14);
  });
});

describe("derivatives to second order", () => {
  const a = random([3, 3], 40);
  const shifted = mul(0.4, a).add(matrixPower(a, 0));
  test("expm", () => checkDerivatives(expm, a));
  test("sqrtm and logm", () => {
    checkDerivatives((x) => sqrtm(x).value, shifted);
    checkDerivatives((x) => logm(x).value, shifted);
    // repeated eigenvalues need no care
    checkDerivatives((x) => sqrtm(x).value, matrixPower(a, 0));
    checkDerivatives((x) => logm(x).value, matrixPower(a, 0));
    checkDerivatives(expm, matrixPower(a, 0));
  });
  test("eig, with complex pairs", () => {
    for (const seed of [50, 51, 52]) {
      const x = random([4, 4], seed);
      checkDerivatives((y) => eig(y).values.re, x);
      checkDerivatives((y) => eigvals(y).im, x);
      // moduli do not see the phase of a vector
      checkDerivatives((y) => {
        const { re, im } = eig(y).vectors;
        return mul(re, re).add(mul(im, im));
      }, x);
    }
  }, 30_000);
  test("pinv at full rank and polar", () => {
    checkDerivatives(pinv, random([5, 3], 60));
    checkDerivatives((x) => polar(x).p, random([4, 4], 61));
  });
});
