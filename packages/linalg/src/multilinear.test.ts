import { grad, hessian } from "@ansatz/autodiff";
import {
  add,
  div,
  einsum,
  eye,
  index,
  jit,
  key,
  matmul,
  matrixTranspose,
  mul,
  outer,
  reshape,
  sin,
  sqrt,
  sub,
  sum,
  type Tensor,
  tensor,
  trace,
  transpose,
} from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import {
  asStrided,
  changeOfBasis,
  cp,
  cpToTensor,
  det,
  eigvalsh,
  fold,
  hooi,
  hosvd,
  innerProduct,
  inv,
  isContiguous,
  modeProduct,
  multilinear,
  norm2,
  rowMajorStrides,
  status,
  svdvals,
  tensorTrain,
  trainAdd,
  trainInner,
  trainRound,
  trainToTensor,
  tuckerToTensor,
  unfold,
} from "./index";
import { checkDerivatives } from "./testing/derivatives";
import { defect, distance, random } from "./testing/matrices";

const T = matrixTranspose;
const data = (t: Tensor): Float64Array => Float64Array.from(t.dataSync(), Number);
const num = (t: Tensor): number => Number(t.item());
const error = (x: Tensor, y: Tensor): number => num(norm2(sub(x, y)));
/** 1/(1 + i + 2j + 3k + …): smooth, so of low rank to any tolerance. */
const smooth = (...shape: number[]): Tensor => {
  const strides = rowMajorStrides(shape);
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Float64Array.from(
    { length: size },
    (_, p) => 1 / shape.reduce((s, n, a) => s + (a + 1) * (Math.floor(p / strides[a]) % n), 1),
  );
  return tensor(values, { shape });
};

describe("unfoldings and mode products", () => {
  const x = random([3, 4, 5], 1);
  test("fold undoes unfold in every mode, and rows are slices", () => {
    for (const mode of [0, 1, 2, -1]) {
      const m = unfold(x, mode);
      expect(data(fold(m, mode, [3, 4, 5]))).toEqual(data(x));
    }
    expect(data(index(unfold(x, 1), 2))).toEqual(data(reshape(index(x, ":", 2), [15])));
    expect(() => unfold(x, 3)).toThrow(/no such mode/);
    expect(() => fold(random([3, 3], 1), 0, [3, 4])).toThrow(/no unfolding/);
  });
  test("1.1.4-mode-contraction: e_k picks slice k, I is the identity, AB is one after the other", () => {
    expect(data(modeProduct(x, [0, 0, 1, 0, 0], 2))).toEqual(data(index(x, "...", 2)));
    expect(data(modeProduct(x, eye(5), 2))).toEqual(data(x));
    const [a, b] = [random([2, 5], 2), random([3, 2], 3)];
    expect(distance(data(modeProduct(x, matmul(b, a), 2)), data(modeProduct(modeProduct(x, a, 2), b, 2)))).toBeLessThan(
      1e-14,
    );
    expect(distance(data(modeProduct(x, a, 2)), data(einsum("ijk,lk->ijl", x, a)))).toBeLessThan(1e-14);
    expect(distance(data(unfold(modeProduct(x, a, 2), 2)), data(matmul(a, unfold(x, 2))))).toBeLessThan(1e-14);
  });
  test("products along different modes commute, and multilinear does them all", () => {
    const [a, b] = [random([2, 3], 4), random([6, 4], 5)];
    const both = multilinear(x, [a, b, null]);
    expect(distance(data(modeProduct(modeProduct(x, b, 1), a, 0)), data(both))).toBeLessThan(1e-14);
    expect(distance(data(multilinear(x, [T(a), T(b), null], { transposed: true })), data(both))).toBeLessThan(1e-15);
    checkDerivatives((y) => multilinear(sin(y), [a, b, null]), x);
    checkDerivatives((m) => modeProduct(x, sin(m), 0), a);
  });
});

describe("1.1.4-classical-tensor", () => {
  const p = add(random([3, 3], 6), mul(2, eye(3)));
  const inverse = inv(p);
  test("vectors, covectors, operators and forms transform as they should", () => {
    const [v, w] = [random([3], 7), random([3], 8)];
    const a = random([3, 3], 9);
    const v2 = changeOfBasis(v, p, { contravariant: 1, covariant: 0 });
    const w2 = changeOfBasis(w, p, { contravariant: 0, covariant: 1 });
    expect(distance(data(v2), data(matmul(inverse, v)))).toBeLessThan(1e-14);
    expect(distance(data(w2), data(matmul(T(p), w)))).toBeLessThan(1e-14);
    // ω′v′ = ω v
    expect(Math.abs(num(innerProduct(v2, w2)) - num(innerProduct(v, w)))).toBeLessThan(1e-14);
    const a2 = changeOfBasis(a, p, { contravariant: 1, covariant: 1 });
    expect(distance(data(a2), data(matmul(matmul(inverse, a), p)))).toBeLessThan(1e-13);
    expect(Math.abs(num(trace(a2)) - num(trace(a)))).toBeLessThan(1e-13);
    expect(Math.abs(num(det(a2)) - num(det(a)))).toBeLessThan(1e-13);
    // applying commutes with the change
    const image = changeOfBasis(matmul(a, v), p, { contravariant: 1, covariant: 0 });
    expect(distance(data(matmul(a2, v2)), data(image))).toBeLessThan(1e-13);
  });
  test("a bilinear form keeps its signature (Sylvester)", () => {
    const b = tensor([
      [2, 1, 0],
      [1, -3, 0.5],
      [0, 0.5, 1],
    ]);
    const b2 = changeOfBasis(b, p, { contravariant: 0, covariant: 2 });
    expect(distance(data(b2), data(matmul(matmul(T(p), b), p)))).toBeLessThan(1e-14);
    const signs = (m: Tensor): number[] => [...data(eigvalsh(m))].map(Math.sign);
    expect(signs(b2)).toEqual(signs(b));
    const back = changeOfBasis(b2, inverse, { contravariant: 0, covariant: 2 });
    expect(distance(data(back), data(b))).toBeLessThan(1e-13);
    expect(() => changeOfBasis(b, p, { contravariant: 1, covariant: 0 })).toThrow(/1 axes/);
  });
});

describe("HOSVD and HOOI", () => {
  const x = add(smooth(6, 5, 4), mul(0.01, random([6, 5, 4], 11)));
  test("full ranks give the tensor back; factors are orthonormal; core slices are orthogonal", () => {
    const t = hosvd(x, [6, 5, 4]);
    expect(distance(data(tuckerToTensor(t)), data(x))).toBeLessThan(1e-13);
    t.factors.forEach((u, k) => expect(defect(data(u), [6, 5, 4][k], [6, 5, 4][k])).toBeLessThan(1e-13));
    for (let k = 0; k < 3; k++) {
      const m = unfold(t.core, k);
      const gram = data(matmul(m, T(m)));
      const s = data(svdvals(unfold(x, k)));
      const n = m.shape[0];
      gram.forEach((g, i) => {
        const want = i % (n + 1) === 0 ? s[i / (n + 1)] ** 2 : 0;
        expect(Math.abs(g - want)).toBeLessThan(1e-13 * s[0] ** 2);
      });
    }
  });
  test.each([[[2, 2, 2]], [[1, 3, 2]], [[4, 4, 1]]])(
    "ranks %j: least error ≤ error ≤ bound ≤ √3 · least error, and HOOI does no worse",
    (ranks) => {
      const t = hosvd(x, ranks);
      const e = error(x, tuckerToTensor(t));
      const better = hooi(x, ranks, { tol: 1e-13 });
      expect(status(better.info)).toBe("success");
      const least = num(better.error);
      expect(Math.abs(error(x, tuckerToTensor(better)) - least)).toBeLessThan(1e-14);
      expect(least).toBeLessThanOrEqual(e * (1 + 1e-12));
      expect(e).toBeLessThanOrEqual(num(t.errorBound) * (1 + 1e-12));
      expect(num(t.errorBound)).toBeLessThanOrEqual(Math.sqrt(3) * least * (1 + 1e-6));
      // no unfolding of an approximation with rank r_k comes nearer than its own SVD
      ranks.forEach((r, k) => {
        const tail = Math.sqrt(
          data(svdvals(unfold(x, k)))
            .slice(r)
            .reduce((s, v) => s + v * v, 0),
        );
        expect(least).toBeGreaterThanOrEqual(tail * (1 - 1e-12));
      });
    },
  );
  test("a tensor of given multilinear rank is found exactly, differentiated, under jit", () => {
    const core = random([2, 3, 2], 12);
    const exact = multilinear(core, [random([5, 2], 13), random([6, 3], 14), random([4, 2], 15)]);
    const t = hosvd(exact, [2, 3, 2]);
    expect(num(t.errorBound)).toBeLessThan(1e-13);
    expect(error(exact, tuckerToTensor(t))).toBeLessThan(1e-13);
    const f = jit((y: Tensor) => tuckerToTensor(hosvd(y, [2, 2, 2])));
    expect(distance(data(f(x) as Tensor), data(tuckerToTensor(hosvd(x, [2, 2, 2]))))).toBeLessThan(1e-13);
    checkDerivatives((y) => tuckerToTensor(hosvd(y, [2, 2, 2])), random([3, 3, 3], 16), { tolerance: 1e-4 });
    expect(hosvd(random([2, 2, 9], 17), [2, 2, 4]).core.shape).toEqual([2, 2, 4]);
    expect(() => hosvd(x, [7, 1, 1])).toThrow(/one rank/);
    // by the envelope theorem the error has the gradient that it has at fixed factors
    const g = grad((y: Tensor) => hooi(y, [2, 2, 2]).error)(x) as Tensor;
    const h = hooi(x, [2, 2, 2]);
    expect(distance(data(g), data(mul(1 / num(h.error), sub(x, tuckerToTensor(h)))))).toBeLessThan(1e-6);
  });
});

describe("CP", () => {
  const factors = [random([6, 3], 21), random([5, 3], 22), random([4, 3], 23)];
  const exact = cpToTensor({ weights: tensor([3, 2, 1]), factors });
  test("finds a tensor of rank 3 again, its terms up to order and sign", () => {
    const r = cp(exact, 3, key(5), { tol: 1e-14, maxSteps: 2000 });
    expect(num(r.stats.error)).toBeLessThan(1e-6);
    expect(distance(data(cpToTensor(r)), data(exact))).toBeLessThan(1e-5);
    // essential uniqueness: every true column is (up to sign) one of those found
    for (let k = 0; k < 3; k++) {
      const unit = mul(factors[k], tensor([...data(norm2Columns(factors[k]))].map((v) => 1 / v)));
      const cosines = matmul(T(unit), r.factors[k]).toArray() as number[][];
      for (const row of cosines) expect(Math.max(...row.map(Math.abs))).toBeGreaterThan(1 - 1e-5);
    }
  }, 60_000);
  const norm2Columns = (m: Tensor): Tensor => tensor((T(m).toArray() as number[][]).map((c) => Math.hypot(...c)));
  test("columns have length 1, the error never grows with the rank, and one key gives one result", () => {
    const x = smooth(4, 5, 3);
    const [one, two] = [1, 2].map((rank) => cp(x, rank, key(1)));
    for (const f of two.factors) for (const v of data(norm2Columns(f))) expect(Math.abs(v - 1)).toBeLessThan(1e-14);
    expect(num(two.stats.error)).toBeLessThan(num(one.stats.error));
    expect(data(cp(x, 2, key(1)).weights)).toEqual(data(two.weights));
    // for two modes and rank 1 it is the SVD
    const m = random([5, 4], 24);
    expect(num(cp(m, 1, key(2), { tol: 1e-15 }).weights)).toBeCloseTo(data(svdvals(m))[0], 8);
  }, 60_000);
  test("differentiates to second order: of an exact sum of terms the terms are given back, so derivatives are those of the sum", () => {
    const w = random([3, 3, 3], 9);
    const columns = [random([3, 2], 1), random([3, 2], 2)];
    const sumOf = (a: Tensor): Tensor =>
      cpToTensor({ weights: tensor([1, 1]), factors: [a, add(columns[0], mul(0.3, mul(a, a))), columns[1]] });
    const weighed = (x: Tensor): Tensor => sum(mul(w, sin(x)));
    const direct = (a: Tensor): Tensor => weighed(sumOf(a));
    const through = (a: Tensor): Tensor => weighed(cpToTensor(cp(sumOf(a), 2, key(1), { tol: 1e-15, maxSteps: 5000 })));
    const a = random([3, 2], 3);
    expect(distance(data(grad(through)(a) as Tensor), data(grad(direct)(a) as Tensor))).toBeLessThan(1e-6);
    expect(distance(data(hessian(through)(a) as Tensor), data(hessian(direct)(a) as Tensor))).toBeLessThan(1e-5);
    // factors too: the first one's directions are those of a
    const first = (f: (a: Tensor) => Tensor) =>
      data(grad((b: Tensor) => sum(mul(random([3, 3], 4), f(b))))(a) as Tensor);
    const projector = (m: Tensor): Tensor => {
      const unit = div(m, sqrt(sum(mul(m, m), 0)));
      return matmul(unit, matrixTranspose(unit));
    };
    const got = first((b) => projector(cp(sumOf(b), 2, key(1), { tol: 1e-15, maxSteps: 5000 }).factors[0]));
    expect(distance(got, first(projector))).toBeLessThan(1e-6);
  }, 30_000);
  test("starts from factors given, says when it stops early, and zero is zero", () => {
    const r = cp(exact, 3, key(1), { start: factors });
    expect(num(r.stats.error)).toBeLessThan(1e-13);
    expect(status(cp(exact, 2, key(1), { maxSteps: 2 }).info)).toMatch(/did not converge \(2\)/);
    expect(num(cp(mul(0, exact), 1, key(1)).stats.error)).toBe(0);
    expect(() => cp([1, 2], 1, key(0))).toThrow(/two modes/);
  }, 60_000);
});

describe("tensor trains", () => {
  const x = smooth(4, 5, 3, 6);
  test("without limits the train is the tensor", () => {
    const t = tensorTrain(x);
    expect(t.cores.map((g) => g.shape)).toEqual([
      [1, 4, 4],
      [4, 5, 18],
      [18, 3, 6],
      [6, 6, 1],
    ]);
    expect(distance(data(trainToTensor(t)), data(x))).toBeLessThan(1e-14);
    expect(num(t.errorBound)).toBe(0);
  });
  test.each([1e-1, 1e-2, 1e-4, 1e-8])("tol %d: the error keeps both bounds, and the ranks are small", (tol) => {
    const t = tensorTrain(x, { tol });
    const e = error(x, trainToTensor(t));
    expect(e).toBeLessThanOrEqual(num(t.errorBound) * (1 + 1e-9) + 1e-15);
    expect(num(t.errorBound)).toBeLessThanOrEqual(tol * num(norm2(x)));
    // quasi-optimal: no train of these ranks is nearer than the SVD at any cut
    t.cores.slice(0, -1).forEach((g, k) => {
      const rows = x.shape.slice(0, k + 1).reduce((a, b) => a * b, 1);
      const s = data(svdvals(reshape(x, [rows, x.size / rows])));
      const tail = Math.sqrt(s.slice(g.shape[2]).reduce((a, v) => a + v * v, 0));
      expect(e).toBeGreaterThanOrEqual(tail * (1 - 1e-9) - 1e-14);
    });
    if (tol >= 1e-4) expect(Math.max(...t.cores.map((g) => g.shape[2]))).toBeLessThanOrEqual(5);
  });
  test("rounding takes the ranks of a sum back to those of its terms", () => {
    const t = tensorTrain(x, { ranks: 2 });
    const twice = trainAdd(t, t);
    expect(twice.cores.map((g) => g.shape[2])).toEqual([4, 4, 4, 1]);
    const r = trainRound(twice, { tol: 1e-12 });
    expect(r.cores.map((g) => g.shape[2])).toEqual([2, 2, 2, 1]);
    expect(distance(data(trainToTensor(r)), data(mul(2, trainToTensor(t))))).toBeLessThan(1e-13);
    const rough = trainRound(tensorTrain(x), { tol: 1e-2 });
    expect(error(x, trainToTensor(rough))).toBeLessThanOrEqual(1e-2 * num(norm2(x)));
    expect(num(rough.errorBound)).toBeLessThanOrEqual(1e-2 * num(norm2(x)));
  });
  test("inner products, one mode, outer products", () => {
    const y = random([4, 5, 3, 6], 31);
    const got = trainInner(tensorTrain(x), tensorTrain(y));
    expect(Math.abs(num(got) - num(innerProduct(x, y)))).toBeLessThan(1e-13);
    expect(tensorTrain(outer([1, 2], [3, 4]), { tol: 1e-12 }).cores[0].shape).toEqual([1, 2, 1]);
    expect(data(trainToTensor(tensorTrain([1, 2, 3])))).toEqual(Float64Array.of(1, 2, 3));
    expect(data(trainToTensor(trainAdd(tensorTrain([1, 2]), tensorTrain([3, 4]))))).toEqual(Float64Array.of(4, 6));
  });
  test("with ranks given it traces and differentiates; with tol inside jit it says what to do", () => {
    const f = (y: Tensor): Tensor => trainToTensor(tensorTrain(y, { ranks: 2 }));
    expect(distance(data(jit(f)(x) as Tensor), data(f(x)))).toBeLessThan(1e-14);
    checkDerivatives(f, random([3, 2, 3], 32), { tolerance: 1e-4 });
    expect(() => jit((y: Tensor) => trainToTensor(tensorTrain(y, { tol: 0.1 })))(x)).toThrow(/ranks/);
    expect(() => tensorTrain(x, { ranks: [1, 2] })).toThrow(/3 ranks/);
    expect(() => trainInner(tensorTrain(x), tensorTrain([1, 2]))).toThrow(/one shape/);
  });
});

describe("1.1.4-ex1.1.3-contiguity: layouts", () => {
  test("row-major addresses: s_k = 1, s_a = s_{a+1} d_{a+1}", () => {
    expect(rowMajorStrides([2, 3, 4])).toEqual([12, 4, 1]);
    expect(rowMajorStrides([])).toEqual([]);
    expect(isContiguous([2, 3], [3, 1])).toBe(true);
    expect(isContiguous([2, 3], [1, 2])).toBe(false);
    expect(isContiguous([1, 3], [99, 1])).toBe(true);
    expect(() => isContiguous([2], [1, 1])).toThrow(/one stride/);
  });
  test("transposes, windows, diagonals, reversals and broadcasts are layouts", () => {
    const x = random([3, 4], 1);
    expect(data(asStrided(x, { shape: [4, 3], strides: [1, 4] }))).toEqual(data(transpose(x)));
    expect(asStrided([1, 2, 3, 4], { shape: [3, 2], strides: [1, 1] }).toArray()).toEqual([
      [1, 2],
      [2, 3],
      [3, 4],
    ]);
    expect(data(asStrided(x, { shape: [3], strides: [5] }))).toEqual(
      Float64Array.of(...[0, 5, 10].map((i) => data(x)[i])),
    );
    expect(asStrided([1, 2, 3], { shape: [3], strides: [-1], offset: 2 }).toArray()).toEqual([3, 2, 1]);
    expect(asStrided([1, 2], { shape: [3, 2], strides: [0, 1] }).toArray()).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    expect(asStrided([1], { shape: [0, 5], strides: [9, 9] }).shape).toEqual([0, 5]);
    expect(() => asStrided([1, 2], { shape: [2], strides: [2] })).toThrow(/outside/);
  });
  test("what is read twice has twice the gradient", () => {
    const g = grad((x: Tensor) => sum(asStrided(x, { shape: [3, 2], strides: [1, 1] })))([1, 2, 3, 4]) as Tensor;
    expect(g.toArray()).toEqual([1, 2, 2, 1]);
  });
  test("row sums and column sums of a matrix agree however it lies", () => {
    const m = random([40, 30], 2);
    const columns = asStrided(transpose(m), { shape: [40, 30], strides: [1, 40] });
    expect(distance(data(sum(columns, 1)), data(sum(m, 1)))).toBeLessThan(1e-15);
    expect(distance(data(sum(columns, 0)), data(sum(m, 0)))).toBeLessThan(1e-15);
  });
});
