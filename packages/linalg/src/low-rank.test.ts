import {
  add,
  index,
  jit,
  key,
  matmul,
  matrixTranspose,
  mul,
  normal,
  sub,
  type Tensor,
  tensor,
  vmap,
} from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import {
  componentsFor,
  cond,
  explainedVariance,
  linearOperator,
  lowRankApproximation,
  matrixNorm,
  matrixRank,
  participationRatio,
  pca,
  pcaReconstruct,
  pcaScores,
  randomizedSvd,
  status,
  svd,
  svdViaGram,
  svdvals,
  truncatedSvd,
  whitening,
} from "./index";
import { checkDerivatives } from "./testing/derivatives";
import { defect, distance, random, withSingularValues } from "./testing/matrices";

const data = (t: Tensor): Float64Array => Float64Array.from(t.dataSync(), Number);
const num = (t: Tensor): number => Number(t.item());
const sparse45 = tensor([
  [1, 0, 0, 0, 2],
  [0, 0, 3, 0, 0],
  [0, 0, 0, 0, 0],
  [0, 4, 0, 0, 0],
]);
const given = (m: number, n: number, s: (i: number) => number, seed = 1): Tensor =>
  tensor(withSingularValues(m, n, s, seed), { shape: [m, n] });

describe("1.2.1-truncated-svd", () => {
  test("errors of the 4 × 5 matrix: √14 and √5 in Frobenius norm, s_{k+1} in the spectral one", () => {
    expect(num(truncatedSvd(sparse45, 1).error)).toBeCloseTo(3.7416573867739413, 14);
    expect(num(truncatedSvd(sparse45, 2).error)).toBeCloseTo(2.23606797749979, 14);
    expect(num(truncatedSvd(sparse45, 1).spectralError)).toBeCloseTo(3, 14);
    expect(num(truncatedSvd(sparse45, 0).error)).toBeCloseTo(5.477225575051661, 14);
    expect(num(truncatedSvd(sparse45, 4).error)).toBe(0);
  });
  test("Eckart–Young: the error is that of A - A_k, and no other matrix of rank k does better", () => {
    const a = random([7, 5], 3);
    for (let k = 0; k <= 5; k++) {
      const t = truncatedSvd(a, k);
      const best = lowRankApproximation(a, k);
      expect(Math.abs(num(matrixNorm(sub(a, best))) - num(t.error))).toBeLessThan(1e-13);
      expect(Math.abs(num(matrixNorm(sub(a, best), 2)) - num(t.spectralError))).toBeLessThan(1e-13);
      for (let seed = 1; seed < 6; seed++) {
        const other = k === 0 ? mul(0, a) : matmul(random([7, k], 10 * k + seed), random([k, 5], 20 * k + seed));
        expect(num(matrixNorm(sub(a, other)))).toBeGreaterThanOrEqual(num(t.error) * (1 - 1e-14));
      }
      // X_k = X V_k V_kᵀ = U_k U_kᵀ X
      expect(distance(data(matmul(matmul(a, matrixTranspose(t.vt)), t.vt)), data(best))).toBeLessThan(1e-13);
      if (k > 0) expect(distance(data(matmul(t.u, matmul(matrixTranspose(t.u), a))), data(best))).toBeLessThan(1e-13);
    }
  });
  test("a tie at the cut is said, one elsewhere is not; k out of range is refused", () => {
    const a = given(5, 4, (i) => [3, 2, 2, 1][i]);
    expect(status(truncatedSvd(a, 2).info)).toMatch(/values 2 and 3 agree/);
    expect(truncatedSvd(a, 1).info.item()).toBe(0);
    expect(truncatedSvd(a, 3).info.item()).toBe(0);
    expect(() => truncatedSvd(a, 5)).toThrow(/k must be/);
  });
  test("differentiates to second order, in batches and under jit", () => {
    checkDerivatives((x) => lowRankApproximation(x, 2), random([4, 3], 5), { tolerance: 1e-5 });
    checkDerivatives((x) => truncatedSvd(x, 1).error, random([4, 3], 5), { tolerance: 1e-5 });
    const stack = random([3, 4, 3], 6);
    const mapped = jit(vmap((x: Tensor) => lowRankApproximation(x, 1)))(stack) as Tensor;
    expect(distance(data(mapped), data(lowRankApproximation(stack, 1)))).toBeLessThan(1e-14);
  });
});

describe("1.2.1-svd-via-gram", () => {
  test("agrees with the SVD where the condition is good", () => {
    const a = given(8, 4, (i) => 4 - i);
    const { u, s, vt, info } = svdViaGram(a);
    expect(info.item()).toBe(0);
    expect(distance(data(s), [4, 3, 2, 1])).toBeLessThan(1e-14);
    expect(distance(data(matmul(mul(u, s), vt)), data(a))).toBeLessThan(1e-14);
    expect(defect(data(u), 8, 4)).toBeLessThan(1e-13);
  });
  test("loses the small value of Läuchli's matrix, which the SVD keeps", () => {
    const lauchli = [
      [1, 1],
      [1e-9, 0],
      [0, 1e-9],
    ];
    expect(data(svdViaGram(lauchli).s)[1]).toBe(0);
    expect(distance(data(svdvals(lauchli)), [Math.SQRT2, 1e-9])).toBeLessThan(1e-15);
    expect(Math.abs(data(svdvals(lauchli))[1] / 1e-9 - 1)).toBeLessThan(1e-6);
  });
});

describe("spectra", () => {
  test("1.2.2-explained-variance: (8/15, 25/30, 1, 1) for the 4 × 5 matrix; zeros are explained by anything", () => {
    expect(distance(data(explainedVariance(svdvals(sparse45))), [8 / 15, 25 / 30, 1, 1])).toBeLessThan(1e-15);
    expect(data(explainedVariance([0, 0]))).toEqual(Float64Array.of(1, 1));
    expect(data(explainedVariance([1e200, 1e200]))).toEqual(Float64Array.of(0.5, 1));
  });
  test("1.2.2-intrinsic-dimension: the number of directions for a share of the variance", () => {
    const s = svdvals(sparse45);
    expect([0.5, 0.8, 0.9, 1].map((t) => componentsFor(s, t).item())).toEqual([1, 2, 3, 3]);
    expect(() => componentsFor(s, 0)).toThrow(/fraction/);
    // numerical rank, and condition numbers of the part that is not 0 and of a covariance
    expect(matrixRank(sparse45).item()).toBe(3);
    expect(data(s)[0] / data(s)[2]).toBeCloseTo(1.788854, 6);
    expect(
      num(
        cond([
          [4, 2],
          [2, 3],
        ]),
      ),
    ).toBeCloseTo(3.8663587112077265, 13);
  });
  test("4.3.2-explained-variance: an isotropic spectrum of length d has d directions, one of rank 1 has one", () => {
    expect(num(participationRatio([2, 2, 2, 2, 2]))).toBeCloseTo(5, 14);
    expect(num(participationRatio([7, 0, 0]))).toBe(1);
    expect(distance(data(explainedVariance([2, 2, 2, 2])), [0.25, 0.5, 0.75, 1])).toBeLessThan(1e-15);
  });
});

describe("4.3.2-activation-pca", () => {
  const x = add(matmul(random([40, 6], 7), random([6, 6], 8)), [1, 2, 3, 4, 5, 6]);
  test("scores are uncorrelated with the variances told, whose shares add up to 1", () => {
    const p = pca(x);
    const z = pcaScores(p, x);
    const gram = data(matmul(matrixTranspose(z), z));
    const variance = data(p.variance);
    gram.forEach((g, i) => {
      const want = i % 7 === 0 ? 39 * variance[i / 7] : 0;
      expect(Math.abs(g - want)).toBeLessThan(1e-12 * gram[0]);
    });
    expect(data(p.varianceRatio).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 14);
    expect(distance(data(pcaReconstruct(p, z)), data(x))).toBeLessThan(1e-14);
    expect(distance(data(pcaScores(p, index(x, 3))), data(index(z, 3)))).toBeLessThan(1e-13);
  });
  test("the entry of largest modulus of every component is positive, and centring can be left out", () => {
    for (const row of pca(x).components.toArray() as number[][])
      expect(Math.max(...row)).toBe(Math.max(...row.map(Math.abs)));
    expect(distance(data(pca(x, { center: false }).s), data(svdvals(x)))).toBeLessThan(1e-14);
  });
  test("whitened scores have the identity for covariance", () => {
    const p = pca(x, { components: 4 });
    const z = pcaScores(p, x, { whiten: true });
    expect(defect(data(mul(z, Math.sqrt(1 / 39))), 40, 4)).toBeLessThan(1e-13);
  });
  test("few components by key agree with the whole SVD to 1e-6", () => {
    const y = given(60, 50, (i) => 0.5 ** i);
    const [whole, some] = [pca(y, { components: 3 }), pca(y, { components: 3, key: key(4) })];
    expect(distance(data(some.components), data(whole.components))).toBeLessThan(1e-6);
    expect(distance(data(some.s), data(whole.s))).toBeLessThan(1e-12);
  });
  test("one observation, too many components and constant data", () => {
    expect(() => pca([[1, 2]])).toThrow(/ddof/);
    expect(() => pca(x, { components: 7 })).toThrow(/components/);
    expect(
      data(
        pca([
          [1, 2],
          [1, 2],
        ]).variance,
      ),
    ).toEqual(Float64Array.of(0, 0));
  });
});

describe("whitening", () => {
  test("1.2.2-whitening: Σ^(-½) of [[4, 2], [2, 3]]", () => {
    const sigma = [
      [4, 2],
      [2, 3],
    ];
    const zca = [0.57921991783809, -0.198756853415513, -0.198756853415513, 0.678598344545847];
    expect(distance(data(whitening(sigma).matrix), zca)).toBeLessThan(1e-14);
    for (const kind of ["zca", "pca", "cholesky"] as const) {
      const { matrix, inverse, info } = whitening(sigma, { kind });
      expect(info.item()).toBe(0);
      const eye2 = [1, 0, 0, 1];
      expect(distance(data(matmul(matmul(matrix, sigma), matrixTranspose(matrix))), eye2)).toBeLessThan(1e-14);
      expect(distance(data(matmul(matrix, inverse)), eye2)).toBeLessThan(1e-14);
      expect(distance(data(matmul(inverse, matrixTranspose(inverse))), sigma.flat())).toBeLessThan(1e-14);
    }
    expect(distance(data(whitening(sigma, { kind: "cholesky" }).inverse), [2, 0, 1, Math.SQRT2])).toBeLessThan(1e-15);
  });
  test("5.3.4-whitening: [[1, 0.8], [0.8, 1]]", () => {
    const w = data(
      whitening([
        [1, 0.8],
        [0.8, 1],
      ]).matrix,
    );
    expect(distance(w, [1.490712, -0.745356, -0.745356, 1.490712])).toBeLessThan(1e-6);
  });
  test("singular covariances lose their null directions and say so; indefinite ones fail", () => {
    const flat = [
      [1, 1],
      [1, 1],
    ];
    const { matrix, info } = whitening(flat);
    expect(status(info)).toMatch(/numerical rank 1/);
    expect(distance(data(matmul(matmul(matrix, flat), matrix)), [0.5, 0.5, 0.5, 0.5])).toBeLessThan(1e-14);
    expect(whitening(flat, { floor: 1 }).info.item()).toBe(0);
    const bad = whitening([
      [1, 2],
      [2, 1],
    ]);
    expect(status(bad.info)).toMatch(/not positive definite/);
    expect(data(bad.matrix)[0]).toBeNaN();
  });
  test("differentiates to second order", () => {
    const base = [
      [4, 2, 0],
      [2, 3, 1],
      [0, 1, 2],
    ];
    for (const kind of ["zca", "cholesky"] as const)
      checkDerivatives((x) => whitening(add(base, mul(0.1, x)), { kind }).matrix, random([3, 3], 9), {
        symmetric: true,
      });
  });
});

describe("randomizedSvd", () => {
  const a = given(120, 80, (i) => 0.7 ** i);
  test("finds the leading triplets, within the bound it gives", () => {
    const r = randomizedSvd(a, 10, key(1));
    expect(
      distance(
        data(r.s),
        Array.from({ length: 10 }, (_, i) => 0.7 ** i),
      ),
    ).toBeLessThan(1e-10);
    expect(defect(data(r.u), 120, 10)).toBeLessThan(1e-13);
    expect(defect(data(matrixTranspose(r.vt)), 80, 10)).toBeLessThan(1e-13);
    const error = num(matrixNorm(sub(a, matmul(mul(r.u, r.s), r.vt)), 2));
    expect(error).toBeGreaterThanOrEqual(0.7 ** 10 * (1 - 1e-10));
    expect(error).toBeLessThan(1.01 * 0.7 ** 10);
    expect(num(r.errorBound)).toBeGreaterThanOrEqual(error);
  });
  test("power iterations pay on a flat spectrum, and the bound holds for every key", () => {
    const flat = given(100, 60, (i) => 1 / (1 + 0.1 * i), 5);
    const errorOf = (powerIterations: number): number => {
      let worst = 0;
      for (let seed = 0; seed < 5; seed++) {
        const r = randomizedSvd(flat, 5, key(seed), { powerIterations, oversample: 2 });
        const error = num(matrixNorm(sub(flat, matmul(mul(r.u, r.s), r.vt)), 2));
        expect(num(r.errorBound)).toBeGreaterThanOrEqual(error);
        worst = Math.max(worst, error);
      }
      return worst;
    };
    const [none, two] = [errorOf(0), errorOf(2)];
    const best = 1 / 1.5;
    expect(two).toBeLessThan(none);
    expect(two).toBeLessThan(1.15 * best);
  });
  test("sees operators through products alone, keeps rank k exactly, and equals itself for one key", () => {
    const op = linearOperator({ shape: [120, 80], apply: (x) => matmul(a, x) });
    const [x, y] = [randomizedSvd(op, 6, key(3)), randomizedSvd(a, 6, key(3))];
    expect(distance(data(x.s), data(y.s))).toBeLessThan(1e-13);
    const low = given(50, 40, (i) => (i < 4 ? 4 - i : 0), 9);
    const r = randomizedSvd(low, 4, key(2));
    expect(num(r.errorBound)).toBeLessThan(1e-12);
    expect(distance(data(matmul(mul(r.u, r.s), r.vt)), data(low))).toBeLessThan(1e-13);
    expect(() => randomizedSvd(low, 41, key(1))).toThrow(/k must be/);
  });
  test("works in float32 and under jit", () => {
    const single = a.astype("float32");
    const s = jit((x: Tensor) => randomizedSvd(x, 5, key(7)).s)(single) as Tensor;
    expect(s.dtype).toBe("float32");
    expect(
      distance(
        data(s),
        Array.from({ length: 5 }, (_, i) => 0.7 ** i),
      ),
    ).toBeLessThan(1e-5);
  });
});

describe("linearOperator", () => {
  const m = random([4, 6], 11);
  test("its adjoint is the transpose, made from the function or given", () => {
    const f = (x: Tensor): Tensor => matmul(m, x);
    const made = linearOperator({ shape: [4, 6], apply: f });
    const told = linearOperator({ shape: [4, 6], apply: f, adjoint: (y) => matmul(matrixTranspose(m), y) });
    const [x, y] = [random([6], 1), random([4], 2)];
    for (const op of [made, told]) {
      expect(distance(data(op.adjoint(y)), data(matmul(y, m)))).toBeLessThan(1e-15);
      const left = data(op.apply(x)).reduce((s, v, i) => s + v * data(y)[i], 0);
      const right = data(op.adjoint(y)).reduce((s, v, i) => s + v * data(x)[i], 0);
      expect(Math.abs(left - right)).toBeLessThan(1e-14);
      const many = random([6, 3], 3);
      expect(distance(data(op.apply(many)), data(matmul(m, many)))).toBeLessThan(1e-15);
    }
    const under = jit((v: Tensor) => made.adjoint(v))(y) as Tensor;
    expect(distance(data(under), data(matmul(y, m)))).toBeLessThan(1e-15);
  });
  test("wrong shapes are named", () => {
    const op = linearOperator({ shape: [4, 6], apply: (x) => x });
    expect(() => op.apply(random([5], 1))).toThrow(/takes a vector \[6\]/);
    expect(() => op.apply(random([6], 1))).toThrow(/must give a vector \[4\]/);
    expect(() => linearOperator({ shape: [-1, 2], apply: (x) => x })).toThrow(/whole numbers/);
    expect(() => randomizedSvd((x: Tensor) => x, 1, key(0))).toThrow(/linearOperator/);
  });
});

test("1.2.4-cov-svd-ed: singular values of centred data are √(n λ)", () => {
  const x = normal(key(5), [30, 4], { dtype: "float64" });
  const p = pca(x, { ddof: 0 });
  const { s } = svd(sub(x, p.mean));
  expect(distance(data(mul(30, p.variance)), data(mul(s, s)))).toBeLessThan(1e-14);
});
