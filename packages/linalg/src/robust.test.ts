import { grad } from "@ansatz/autodiff";
import { ShapeError } from "@ansatz/backend";
import {
  astype,
  eye,
  fromTypedArray,
  jit,
  matmul,
  matrixTranspose,
  mul,
  sum,
  type Tensor,
  tensor,
  vmap,
} from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import {
  axpy,
  check,
  cholesky,
  choleskyDowndate,
  choleskyUpdate,
  circulant,
  convolutionMatrix,
  det,
  eig,
  eigh,
  fft,
  graphLaplacian,
  hessenberg,
  inv,
  invWithInfo,
  logm,
  lu,
  matrixOf,
  matrixPower,
  norm2,
  polar,
  qr,
  rcond,
  rotation2,
  rotation3,
  schur,
  slogdet,
  solve,
  solveWithInfo,
  sqrtm,
  status,
  svd,
  svdvals,
  toeplitz,
  vectorNorm,
} from "./index";
import { distance, random } from "./testing/matrices";

const data = (t: Tensor): number[] => Array.from(t.dataSync() as Float64Array);
const allNaN = (t: Tensor): void => expect(data(t).every(Number.isNaN)).toBe(true);

describe("failure is data", () => {
  test("each failure has its sentence, and check throws it", () => {
    const indefinite = cholesky([
      [1, 2],
      [2, 1],
    ]);
    expect(status(indefinite.info)).toMatch(/not positive definite at pivot 2/);
    allNaN(indefinite.l);
    expect(() => check(indefinite)).toThrow(/pivot 2; add a small multiple/);
    const singular = invWithInfo([
      [1, 2],
      [2, 4],
    ]);
    expect(status(singular.info)).toMatch(/exactly singular: pivot 2/);
    expect(singular.rcond.item()).toBe(0);
    allNaN(singular.x);
    expect(status(sqrtm([[-1]]).info)).toMatch(/closed negative real axis/);
    expect(
      status(
        logm([
          [0, 1],
          [0, 0],
        ]).info,
      ),
    ).toMatch(/no real value/);
    expect(
      status(
        eig([
          [1, 1],
          [0, 1],
        ]).info,
      ),
    ).toMatch(/defective/);
    expect(
      check(
        eig([
          [1, 1],
          [0, 1],
        ]),
      ).values.re.shape,
    ).toEqual([2]);
  });
  test("ill-conditioned systems warn and still answer", () => {
    const hilbert = Array.from({ length: 14 }, (_, i) => Array.from({ length: 14 }, (_, j) => 1 / (i + j + 1)));
    const r = solveWithInfo(hilbert, new Float64Array(14).fill(1));
    expect(status(r.info)).toMatch(/ill-conditioned/);
    expect(Number(r.rcond.item())).toBeLessThan(1e-16);
    expect(data(r.x).some(Number.isNaN)).toBe(false);
    expect(
      Number(
        rcond([
          [2, 0],
          [0, 1],
        ]).item(),
      ),
    ).toBe(0.5);
    expect(
      solveWithInfo(
        [
          [2, 0],
          [0, 1],
        ],
        [1, 1],
      ).info.item(),
    ).toBe(0);
  });
  test.each([Number.NaN, Infinity])("%f in, NaN and info out, no hang", (bad) => {
    const a = [
      [4, 1, 0],
      [1, bad, 1],
      [0, 1, 4],
    ];
    for (const r of [cholesky(a), lu(a), eigh(a), svd(a), eig(a), schur(a), sqrtm(a)] as { info: Tensor }[])
      expect(status(r.info)).toMatch(/NaN or infinity/);
    allNaN(svdvals(a));
    allNaN(qr(a).r);
    allNaN(solve(a, [1, 2, 3]));
  });
  test("one bad member of a batch leaves the others exact", () => {
    const good = [
      [4, 2],
      [2, 3],
    ];
    const bad = [
      [1, 2],
      [2, 1],
    ];
    const batch = tensor([good, bad, good]);
    const direct = cholesky(batch);
    const mapped = jit(vmap((x: Tensor) => cholesky(x)))(batch) as unknown as { l: Tensor; info: Tensor };
    for (const r of [direct, mapped]) {
      expect(data(r.info)).toEqual([0, 2 + 32, 0]);
      const l = data(r.l);
      expect(l.slice(0, 4)).toEqual([2, 0, 1, Math.SQRT2]);
      expect(l.slice(4, 8).every(Number.isNaN)).toBe(true);
      expect(l.slice(8)).toEqual([2, 0, 1, Math.SQRT2]);
      expect(status(r.info)).toMatch(/member 1 of 3: not positive definite/);
    }
    const nan = tensor([
      good,
      [
        [1, Number.NaN],
        [0, 1],
      ],
      good,
    ]);
    for (const f of [(x: Tensor) => svd(x).s, (x: Tensor) => eigh(x).values, (x: Tensor) => eig(x).values.re, det]) {
      const alone = data(f(tensor(good)));
      for (const all of [data(f(nan)), data(vmap(f)(nan) as Tensor)]) {
        expect(all.slice(0, alone.length)).toEqual(alone);
        expect(all.slice(-alone.length)).toEqual(alone);
      }
    }
  });
  test("misuse throws with the shape", () => {
    expect(() =>
      solve(
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        [1, 2],
      ),
    ).toThrow(ShapeError);
    expect(() =>
      cholesky([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    ).toThrow(/square/);
    expect(() => solve(eye(3), [1, 2])).toThrow(/as many rows/);
    expect(() => svd([1, 2])).toThrow(/matrix/);
    expect(() => matrixPower(eye(2), 0.5)).toThrow(/whole/);
    expect(() => axpy(1, [1, 2], [1, 2, 3])).toThrow(/one shape/);
    expect(() => grad((x: Tensor) => sum(schur(x).t))(eye(2))).toThrow(/not determined/);
  });
});

test("empty matrices have empty factors and determinant 1", () => {
  const none = fromTypedArray(new Float64Array(0), [0, 0]);
  expect(det(none).item()).toBe(1);
  expect(slogdet(none).logabsdet.item()).toBe(0);
  expect(inv(none).shape).toEqual([0, 0]);
  expect(eigh(none).values.shape).toEqual([0]);
  expect(eig(none).values.re.shape).toEqual([0]);
  expect(cholesky(none).info.item()).toBe(0);
  expect(grad((x: Tensor) => sum(svd(x).s))(none).shape).toEqual([0, 0]);
});

describe("float32 stays float32, and is right to its own rounding", () => {
  const a = random([8, 8], 4);
  const x = astype(a, "float32");
  const spd = matmul(x, x.transpose()).add(astype(eye(8), "float32"));
  const near = (t: Tensor, u: Tensor): void => {
    expect(t.dtype).toBe("float32");
    expect(distance(data(t), data(u))).toBeLessThan(2e-5);
  };
  test("in factorizations and in derivatives", () => {
    near(solve(x, [1, 2, 3, 4, 5, 6, 7, 8]), solve(a, [1, 2, 3, 4, 5, 6, 7, 8]));
    near(svd(x).s, svd(a).s);
    near(eigh(spd).values, eigh(astype(spd, "float64")).values);
    near(cholesky(spd).l, cholesky(astype(spd, "float64")).l);
    near(qr(x).r, qr(a).r);
    near(inv(spd), inv(astype(spd, "float64")));
    near(fft(x).re, fft(a).re);
    near(polar(x).u, polar(a).u);
    const f = (y: Tensor): Tensor => sum(mul(svd(y).s, svd(y).s)).add(det(y));
    near(grad(f)(x) as Tensor, grad(f)(a) as Tensor);
  });
});

describe("scales at the ends of the range", () => {
  test("norms neither overflow nor underflow", () => {
    expect(Number(norm2([1e200, 1e200]).item()) / 1e200).toBeCloseTo(Math.SQRT2, 15);
    expect(norm2([3e-200, 4e-200]).item()).toBe(5e-200);
    expect(norm2([3, 4]).item()).toBe(5);
    expect(norm2([]).item()).toBe(0);
    expect(norm2([1, -Infinity]).item()).toBe(Infinity);
    expect(norm2([Number.NaN, 1]).item()).toBeNaN();
    expect(data(grad(norm2)([0, 0]) as Tensor)).toEqual([0, 0]);
    expect(distance(data(grad(norm2)([3, 4]) as Tensor), [0.6, 0.8])).toBeLessThan(1e-15);
    expect(vectorNorm([1, -2], 1).item()).toBe(3);
    expect(vectorNorm([1, -2], Infinity).item()).toBe(2);
    expect(vectorNorm([1, -2, 2], 3).item()).toBeCloseTo(17 ** (1 / 3), 14);
  });
});

describe("structured matrices", () => {
  test("Toeplitz, circulant, convolution", () => {
    expect(toeplitz([1, 2, 3], [9, 4]).toArray()).toEqual([
      [1, 4],
      [2, 1],
      [3, 2],
    ]);
    const c = random([5], 1);
    const x = random([5], 2);
    const [f, g] = [fft(c), fft(x)];
    const re = f.re.mul(g.re).sub(f.im.mul(g.im));
    expect(distance(data(fft(matmul(circulant(c), x)).re), data(re))).toBeLessThan(1e-14);
    expect(convolutionMatrix([1, 0, -1], 4).toArray()).toEqual([
      [1, 0, -1, 0],
      [0, 1, 0, -1],
    ]);
    expect(data(matmul(convolutionMatrix([1, 0, -1], 4), [1, 2, 3, 4]))).toEqual([-2, -2]);
    expect(data(matmul(convolutionMatrix([1, 0, -1], 4, { mode: "full", flip: true }), [1, 2, 3, 4]))).toEqual([
      1, 2, 2, 2, -3, -4,
    ]);
    expect(data(matmul(convolutionMatrix([1, 2, 3], 4, { mode: "same" }), [1, 2, 3, 4]))).toEqual([8, 14, 20, 11]);
  });
  test("rotations, the matrix of a map, graphs", () => {
    expect(data(matmul(rotation3(Math.PI / 2), [1, 0, 0]))).toEqual([6.123233995736766e-17, 1, 0]);
    const r = matmul(rotation2(0.3), rotation2(0.4));
    expect(distance(data(r), data(rotation2(0.7)))).toBeLessThan(1e-15);
    for (const axis of ["x", "y", "z"] as const) expect(det(rotation3(1, axis)).item()).toBeCloseTo(1, 15);
    expect(matrixOf((x) => mul(2, x), 3).toArray()).toEqual([
      [2, 0, 0],
      [0, 2, 0],
      [0, 0, 2],
    ]);
    expect(() => matrixOf((x) => x.add(1), 2)).toThrow(/not linear/);
    const g = graphLaplacian([
      [0, 1, 1, 0],
      [1, 0, 1, 0],
      [1, 1, 0, 1],
      [0, 0, 1, 0],
    ]);
    expect(g.laplacian.toArray()).toEqual([
      [2, -1, -1, 0],
      [-1, 2, -1, 0],
      [-1, -1, 3, -1],
      [0, 0, -1, 1],
    ]);
    expect(distance(data(eigh(g.laplacian).values), [0, 1, 3, 4])).toBeLessThan(1e-14);
    expect(
      graphLaplacian([
        [0, 0],
        [0, 0],
      ]).normalised.toArray(),
    ).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
  test("rank-one updates of a Cholesky factor, Hessenberg form", () => {
    const l = cholesky([
      [4, 2],
      [2, 3],
    ]).l;
    const up = choleskyUpdate(l, [1, 2]).l;
    expect(distance(data(matmul(up, up.transpose())), [5, 4, 4, 7])).toBeLessThan(1e-15);
    expect(status(choleskyDowndate(l, [3, 0]).info)).toMatch(/not positive definite/);
    const a = random([5, 5], 3);
    const { h, q } = hessenberg(a);
    expect(distance(data(matmul(matmul(q, h), q.transpose())), data(a))).toBeLessThan(1e-14);
    for (let i = 2; i < 5; i++) for (let j = 0; j < i - 1; j++) expect(data(h)[i * 5 + j]).toBe(0);
  });
});

test("the eigenvectors of a covariance of low rank with silent variables are found: rounding errors alone do not keep steps from ending", () => {
  const [n, rank] = [200, 20];
  const b = Float64Array.from({ length: n * rank }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 0) / 2 ** 31 - 1);
  for (let i = 0; i < 60; i++) b.fill(0, 3 * i * rank, (3 * i + 1) * rank);
  const x = fromTypedArray(b, [n, rank]);
  const a = matmul(x, matrixTranspose(x));
  const { values, vectors, info } = eigh(a);
  expect(info.item()).toBeLessThanOrEqual(0); // a warning of repeated zeros at most
  const [zeros, size] = [data(values).slice(0, n - rank), data(values)[n - 1]];
  const tolerance = n * 2 ** -52;
  for (const v of zeros) expect(Math.abs(v)).toBeLessThan(tolerance * size);
  const vt = matrixTranspose(vectors);
  expect(distance(data(matmul(mul(vectors, values), vt)), data(a))).toBeLessThan(tolerance);
  expect(distance(data(matmul(vt, vectors)), data(eye(n)))).toBeLessThan(tolerance);
});
