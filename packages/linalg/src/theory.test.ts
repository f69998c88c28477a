import { add, exp, eye, matmul, matrixTranspose, mul, rsqrt, sub, sum, type Tensor, tensor } from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import {
  axpy,
  cholesky,
  cond,
  convolutionMatrix,
  det,
  eig,
  eigh,
  expm,
  graphLaplacian,
  inv,
  invWithInfo,
  matrixNorm,
  matrixOf,
  matrixRank,
  norm2,
  nullSpace,
  orthonormalCompletion,
  phiFunctions,
  pinv,
  projector,
  rotation2,
  rotation3,
  solve,
  status,
  svd,
  svdvals,
} from "./index";
import { distance, random } from "./testing/matrices";

/** The numbers of chapter 1 and §2.3, each under its ID. */
const data = (t: Tensor): number[] => Array.from(t.dataSync() as Float64Array);
const near = (t: Tensor, want: readonly number[], tolerance = 1e-14): void =>
  expect(distance(data(t), want)).toBeLessThan(tolerance);
const a12 = [
  [1, 2],
  [3, 4],
];
const sigma = [
  [4, 2],
  [2, 3],
];
const T = matrixTranspose;

test("1.1.1-axpy: 2 [1, 2] + [3, 4]", () => {
  expect(axpy(2, [1, 2], [3, 4]).toArray()).toEqual([5, 8]);
  expect(axpy(2, [], []).shape).toEqual([0]);
});
test("1.1.1-norm2: no overflow, no underflow", () => {
  expect(norm2([3, 4]).item()).toBe(5);
  expect(norm2([3e-200, 4e-200]).item()).toBe(5e-200);
});
test("1.1.2-inverse: a 2×2 inverse, and a singular matrix reported", () => {
  near(inv(sigma), [0.375, -0.25, -0.25, 0.5]);
  expect(
    status(
      invWithInfo([
        [1, 2],
        [2, 4],
      ]).info,
    ),
  ).toMatch(/singular: pivot 2/);
});
test("1.1.2-rotation-z: orthogonal, of determinant 1, additive in the angle", () => {
  const [r, s] = [rotation3(0.7), rotation3(-1.9)];
  near(matmul(T(r), r), data(eye(3)));
  expect(Number(det(r).item())).toBeCloseTo(1, 15);
  near(matmul(r, s), data(rotation3(0.7 - 1.9)));
  near(matmul(r, [1, 0, 0]), [Math.cos(0.7), Math.sin(0.7), 0]);
  const { values } = eig(r);
  expect(data(values.im).some((x) => Math.abs(x - Math.sin(0.7)) < 1e-15)).toBe(true);
});
test("1.1.2-projection: projectors are idempotent, symmetric, and singular", () => {
  const p = projector([
    [1, 2],
    [0, 0],
  ]);
  near(p, [1, 0, 0, 0]);
  const q = projector(random([5, 2], 1));
  near(matmul(q, q), data(q));
  near(T(q), data(q));
  near(eigh(q).values, [0, 0, 0, 1, 1]);
  expect(data(inv(p)).every(Number.isNaN)).toBe(true);
});
test("1.1.2-linear-map-matrix: maps give back their matrices, affine ones are refused", () => {
  const r = rotation2(1);
  near(
    matrixOf((x) => matmul(r, x), 2),
    data(r),
  );
  expect(() => matrixOf((x) => add(x, 1), 2)).toThrow(/not linear/);
});
test("1.1.3-conv-matrix: valid correlation and full convolution", () => {
  const a = convolutionMatrix([1, 0, -1], 4);
  expect(a.toArray()).toEqual([
    [1, 0, -1, 0],
    [0, 1, 0, -1],
  ]);
  expect(data(matmul(a, [1, 2, 3, 4]))).toEqual([-2, -2]);
  const full = convolutionMatrix([1, 0, -1], 4, { mode: "full", flip: true });
  expect(data(matmul(full, [1, 2, 3, 4]))).toEqual([1, 2, 2, 2, -3, -4]);
});
test("1.1.4-frobenius: the squared norm of [[1, 2], [3, 4]] is 30", () => {
  expect(Number(matrixNorm(a12).item()) ** 2).toBeCloseTo(30, 13);
  expect(sum(mul(svdvals(a12), svdvals(a12))).item()).toBeCloseTo(30, 13);
});

describe("1.2.1-ex1.2.1-svd-4x5: the sparse 4×5 matrix", () => {
  const x = [
    [1, 0, 0, 0, 2],
    [0, 0, 3, 0, 0],
    [0, 0, 0, 0, 0],
    [0, 4, 0, 0, 0],
  ];
  test("has singular values 4, 3, √5, 0 and its vectors", () => {
    const { u, s, vt } = svd(x, { full: true });
    near(s, [4, 3, 2.23606797749979, 0]);
    near(matmul(mul(u, [4, 3, Math.sqrt(5), 0]), slice4(vt)), x.flat());
    expect(Math.abs(data(vt)[1])).toBeCloseTo(1, 15);
    const third = data(vt).slice(10, 15).map(Math.abs);
    near(tensor(third), [1 / Math.sqrt(5), 0, 0, 0, 2 / Math.sqrt(5)]);
    expect(matrixRank(x).item()).toBe(3);
    expect(nullSpace(x).shape).toEqual([5, 2]);
    near(matrixNorm(x), [5.477225575051661]);
    near(matrixNorm(x, "nuc"), [9.23606797749979]);
  });
  test("has the pseudo-inverse of the text", () => {
    near(pinv(x), [0.2, 0, 0, 0, 0, 0, 0, 0.25, 0, 1 / 3, 0, 0, 0, 0, 0, 0, 0.4, 0, 0, 0]);
  });
});
const slice4 = (vt: Tensor): Tensor => matmul(eye(4, 5), vt);

test("1.2.1-svd-via-gram: the Läuchli matrix keeps its small singular value", () => {
  const e = 1e-9;
  const s = data(
    svdvals([
      [1, 1],
      [e, 0],
      [0, e],
    ]),
  );
  expect(s[0]).toBeCloseTo(Math.SQRT2, 15);
  expect(Math.abs(s[1] / e - 1)).toBeLessThan(1e-6);
});
test("1.2.1-orthonormal-completion: orthogonal to what it completes", () => {
  const { u } = svd(random([6, 2], 3));
  const rest = orthonormalCompletion(u);
  expect(rest.shape).toEqual([6, 4]);
  near(matmul(T(rest), rest), data(eye(4)));
  expect(Math.max(...data(matmul(T(u), rest)).map(Math.abs))).toBeLessThan(1e-15);
});
test("1.2.1-spectral-theorem: trace and determinant are the sum and product of eigenvalues", () => {
  const b = random([5, 5], 4);
  const m = add(b, T(b));
  const w = data(eigh(m).values);
  const trace = data(m).reduce((s, x, i) => s + (i % 6 === 0 ? x : 0), 0);
  expect(w.reduce((p, q) => p + q)).toBeCloseTo(trace, 13);
  near(det(m), [w.reduce((p, q) => p * q)], 1e-13);
});
test("1.2.2-whitening: ZCA and Cholesky of [[4, 2], [2, 3]]", () => {
  const { values, vectors } = eigh(sigma);
  const w = matmul(mul(vectors, rsqrt(values)), T(vectors));
  near(w, [0.57921991783809, -0.198756853415513, -0.198756853415513, 0.678598344545847], 1e-14);
  near(matmul(w, matmul(sigma, w)), [1, 0, 0, 1]);
  near(cholesky(sigma).l, [2, 0, 1, Math.SQRT2]);
  near(cond(sigma), [3.8663587112077265]);
});
test("1.2.3-eig: rotations, triangular matrices, defective ones", () => {
  const r = eig(rotation2(0.4)).values;
  near(r.re, [Math.cos(0.4), Math.cos(0.4)]);
  near(r.im, [Math.sin(0.4), -Math.sin(0.4)]);
  near(
    eig([
      [-1, 0.5, 0],
      [0, -0.5, 0.3],
      [0, 0, -0.2],
    ]).values.re,
    [-1, -0.5, -0.2],
  );
  expect(
    status(
      eig([
        [0, 1],
        [0, 0],
      ]).info,
    ),
  ).toMatch(/defective/);
});
test("1.2.4-cov-svd-ed: eigenvalues of the covariance are squared singular values over n", () => {
  const raw = random([20, 4], 6);
  const x = sub(raw, mul(1 / 20, sum(raw, 0)));
  const c = mul(1 / 20, matmul(T(x), x));
  const s = data(svdvals(x)).reverse();
  near(
    eigh(c).values,
    s.map((v) => (v * v) / 20),
    1e-13,
  );
});
test("1.2.4-ex1.2.3-svd-vs-ed: the covariance [[4, 2], [2, 3]]", () => {
  const { values, vectors } = eigh(sigma);
  near(values, [1.4384471871911697, 5.561552812808831]);
  near(
    tensor(data(vectors).map(Math.abs)),
    [0.615412209402636, 0.788205438016109, 0.788205438016109, 0.615412209402636],
  );
  near(svdvals(sigma), [5.561552812808831, 1.4384471871911697]);
  expect(det(sigma).item()).toBeCloseTo(8, 14);
});
describe("1.2.4-ex1.2.4-laplacian-embedding: the paw graph", () => {
  const { laplacian, degree } = graphLaplacian([
    [0, 1, 1, 0],
    [1, 0, 1, 1],
    [1, 1, 0, 0],
    [0, 1, 0, 0],
  ]);
  test("has Laplacian eigenvalues 0, 1, 3, 4 and its embedding", () => {
    expect(laplacian.toArray()).toEqual([
      [2, -1, -1, 0],
      [-1, 3, -1, -1],
      [-1, -1, 2, 0],
      [0, -1, 0, 1],
    ]);
    expect(data(sum(degree, 0))).toEqual([2, 3, 2, 1]);
    const { values, vectors } = eigh(laplacian);
    expect(Math.max(...data(sub(values, [0, 1, 3, 4])).map(Math.abs))).toBeLessThan(1e-14);
    const v = vectors.toArray() as number[][];
    const sign = Math.sign(v[0][1]);
    near(tensor(v.map((row) => row[1] * sign)), [0.408248290463863, 0, 0.408248290463863, -0.816496580927726]);
    near(tensor(v.map((row) => Math.abs(row[2]))), [Math.SQRT1_2, 0, Math.SQRT1_2, 0]);
  });
});

describe("2.3.1-expm: the exponentials of the text", () => {
  test.each([
    [a12, [51.968956198705, 74.7365645670032, 112.1048468505048, 164.0738030492098]],
    [
      [
        [2, 1],
        [0, 2],
      ],
      [7.38905609893065, 7.38905609893065, 0, 7.38905609893065],
    ],
    [
      [
        [0, 1],
        [1, 0],
      ],
      [1.5430806348152437, 1.1752011936438014, 1.1752011936438014, 1.5430806348152437],
    ],
    [
      [
        [0, -Math.PI],
        [Math.PI, 0],
      ],
      [-1, 0, 0, -1],
    ],
    [
      [
        [0, 1],
        [0, 0],
      ],
      [1, 1, 0, 1],
    ],
    [
      [
        [0, 0],
        [0, 0],
      ],
      [1, 0, 0, 1],
    ],
  ])("%j", (a, want) => near(expm(a), want, 3e-15 * 5));
});
test("2.3.1-trace-det: determinants", () => {
  expect(det(a12).item()).toBeCloseTo(-2, 14);
  expect(
    det([
      [1, 2],
      [2, 4],
    ]).item(),
  ).toBeCloseTo(0, 15);
});
test("2.3.1-ex2.3.1-expm-properties: commuting sums, similarity, determinant of the exponential", () => {
  const a = tensor(a12);
  const b = add(sub(matmul(a, a), mul(2, a)), eye(2));
  near(expm(add(a, b)), data(matmul(expm(a), expm(b))), 1e-12);
  const [n, m] = [
    tensor([
      [0, 1],
      [0, 0],
    ]),
    tensor([
      [0, 0],
      [1, 0],
    ]),
  ];
  near(matmul(expm(n), expm(m)), [2, 1, 1, 1]);
  near(matmul(expm(m), expm(n)), [1, 1, 1, 2]);
  const p = tensor([
    [2, 1],
    [1, 1],
  ]);
  near(expm(matmul(p, matmul(a, inv(p)))), data(matmul(p, matmul(expm(a), inv(p)))), 1e-12);
  expect(Number(det(expm(a)).item()) / 148.4131591025766).toBeCloseTo(1, 12);
  expect(
    det(
      expm([
        [2, 1],
        [0, 2],
      ]),
    ).item(),
  ).toBeCloseTo(54.598150033144236, 12);
});
test("2.3.2-expm-eig: the exponential by eigenvectors agrees", () => {
  const b = random([5, 5], 8);
  const s = add(b, T(b));
  const { values, vectors } = eigh(s);
  near(expm(s), data(matmul(mul(vectors, exp(values)), T(vectors))), 1e-13);
});
test("2.3.2-ex2.3.2-svd-vs-ed-exp: the SVD does not simplify the exponential", () => {
  const a = [
    [2, 1],
    [1, -1],
  ];
  near(svdvals(a), [2.302775637731995, 1.302775637731995]);
  near(eigh(a).values, [-1.302775637731995, 2.302775637731995]);
  near(expm(a), [9.184819458258573, 2.698652298413081, 2.698652298413081, 1.088862563019331]);
  const { u, s, vt } = svd(a);
  near(matmul(mul(u, exp(s)), vt), [8.853011986514474, 3.794537932506931, 3.794537932506931, -2.530601811006322]);
  expect(det(expm(a)).item()).toBeCloseTo(Math.E, 13);
  near(solve(a, [3, 0]), [1, 1]);
});

test("2.3.2-constant-forcing: x(t) = e^{tA} x₀ + t φ₁(tA) b, A singular", () => {
  const forced = (a: number[][], b: number[], t: number): number[] =>
    Array.from(mul(t, matmul(phiFunctions(mul(t, a), 1)[1], b)).dataSync() as Float64Array);
  // the double integrator is singular and defective: (t²/2, t)
  expect(
    forced(
      [
        [0, 1],
        [0, 0],
      ],
      [0, 1],
      2,
    ),
  ).toEqual([2, 2]);
  const [x, y] = forced(
    [
      [-1, 1],
      [1, -1],
    ],
    [1, 0],
    3,
  );
  expect(x).toBeCloseTo(1.7493803119558333, 14);
  expect(y).toBeCloseTo(1.2506196880441667, 14);
  expect(x).toBeCloseTo(1.5 + (1 - Math.exp(-6)) / 4, 14);
});
