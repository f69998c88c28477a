import { grad, hessian, jvp, vjp } from "@ansatz/autodiff";
import { add, jit, matmul, matrixTranspose, mul, sin, sum, type Tensor, tensor, vmap } from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import {
  type Sparse,
  sampledProduct,
  sparse,
  sparseAdd,
  sparseDiagonal,
  sparseFromDense,
  sparseFromRows,
  sparseMatmul,
  sparsePattern,
  sparseScale,
  sparseToDense,
  sparseTranspose,
  sparseTriangularSolve,
} from "../index";
import { checkDerivatives } from "../testing/derivatives";
import { distance, generator, random } from "../testing/matrices";

const data = (t: Tensor): Float64Array => Float64Array.from(t.dataSync(), Number);
/** A random matrix with some empty rows and columns, and its dense form. */
const example = (m: number, n: number, seed: number, density = 0.3): Sparse => {
  const next = generator(seed);
  const [rows, columns, values]: number[][] = [[], [], []];
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++)
      if (next() > 1 - 2 * density && i % 5 !== 3) {
        rows.push(i);
        columns.push(j);
        values.push(next());
      }
  return sparse({ shape: [m, n], rows, columns, values: Float64Array.from(values) });
};
const T = matrixTranspose;

describe("construction", () => {
  test("entries come in any order and add up where they share a place", () => {
    const a = sparse({ shape: [2, 3], rows: [1, 0, 1, 0], columns: [0, 2, 0, 1], values: [1, 2, 3, 4] });
    expect(sparseToDense(a).toArray()).toEqual([
      [0, 4, 2],
      [4, 0, 0],
    ]);
    expect([...a.pattern.pointers]).toEqual([0, 2, 3]);
    expect([...a.pattern.columns]).toEqual([1, 2, 0]);
  });
  test("many entries: sorted, shuffled and doubled ones give the same matrix", () => {
    // 300,000 entries, too many for arguments of a call or for sorting by comparison in a test
    const [side, wide] = [1000, 300];
    const places = {
      shape: [side, wide] as const,
      rows: new Int32Array(side * wide),
      columns: new Int32Array(side * wide),
    };
    for (let k = 0; k < side * wide; k++) [places.rows[k], places.columns[k]] = [Math.floor(k / wide), k % wide];
    const values = Float64Array.from({ length: side * wide }, (_, k) => k);
    const sorted = sparse({ ...places, values });
    // 7919 is prime to the number of entries, so k ↦ 7919 k is a permutation
    const mixed = Int32Array.from(values, (_, k) => (7919 * k) % (side * wide));
    const pick = (x: Int32Array): Int32Array => Int32Array.from(mixed, (k) => x[k]);
    const shuffled = sparse({ ...places, rows: pick(places.rows), columns: pick(places.columns), values: mixed });
    const same = (x: ArrayLike<number>, y: ArrayLike<number>): boolean => Array.from(x).every((v, i) => v === y[i]);
    expect(same(shuffled.pattern.columns, sorted.pattern.columns)).toBe(true);
    expect(same(shuffled.values.dataSync() as Float64Array, values)).toBe(true);
    const twice = sparseAdd(sorted, sparse({ ...places, values })).values.dataSync() as Float64Array;
    expect(
      same(
        twice,
        values.map((v) => 2 * v),
      ),
    ).toBe(true);
  });
  test("compressed rows, dense matrices and entries give the same matrix", () => {
    const a = example(7, 5, 1);
    const { pointers, columns } = a.pattern;
    expect(sparseToDense(sparseFromRows({ shape: [7, 5], pointers, columns, values: a.values })).toArray()).toEqual(
      sparseToDense(a).toArray(),
    );
    const back = sparseFromDense(sparseToDense(a));
    expect([...back.pattern.columns]).toEqual([...columns]);
    expect(data(back.values)).toEqual(data(a.values));
    const again = jit((x: Tensor) => sparseFromDense(x, a.pattern).values)(sparseToDense(a)) as Tensor;
    expect(data(again)).toEqual(data(a.values));
  });
  test("empty matrices are matrices", () => {
    const none = sparse({ shape: [3, 0], rows: [], columns: [], values: [] });
    expect(sparseMatmul(none, new Float64Array(0)).toArray()).toEqual([0, 0, 0]);
    expect(sparseToDense(sparse({ shape: [2, 2], rows: [], columns: [], values: [] })).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
  test("what makes no sense is refused by name", () => {
    const places = { shape: [2, 2] as const, rows: [0, 2], columns: [0, 1] };
    expect(() => sparse({ ...places, values: [1, 2] })).toThrow(/rows must be whole numbers from 0 to 1/);
    expect(() => sparse({ ...places, rows: [0], values: [1] })).toThrow(/as many rows as columns/);
    expect(() => sparse({ ...places, rows: [0, 1], values: [1] })).toThrow(/one value for each/);
    expect(() => sparsePattern({ shape: [2, 2], rows: [0, 1], columns: [0, 1] })([1])).toThrow(/each place/);
    expect(() => sparseFromRows({ shape: [2, 2], pointers: [0, 2, 1], columns: [0], values: [1] })).toThrow(/pointers/);
    expect(() => sparseMatmul(example(4, 3, 1), [1, 2])).toThrow(/vector \[3\]/);
    expect(() => jit((x: Tensor) => sparseFromDense(x).values)([[1, 0]])).toThrow(/pattern/);
  });
});

describe("products are those of the dense matrix", () => {
  test.each([
    [9, 6],
    [6, 9],
    [40, 33],
  ])("%i × %i, vectors and columns, both ways, in both dtypes", (m, n) => {
    const a = example(m, n, m);
    const dense = sparseToDense(a);
    for (const k of [0, 1, 2, 3, 4, 7, 8, 19, 35]) {
      const [x, y] = [random([n, k], k + 1), random([m, k], k + 2)];
      expect(distance(data(sparseMatmul(a, x)), data(matmul(dense, x)))).toBeLessThan(1e-14);
      expect(distance(data(sparseMatmul(a, y, { transposed: true })), data(matmul(T(dense), y)))).toBeLessThan(1e-14);
      const single = a.pattern(a.values.astype("float32"));
      const got = sparseMatmul(single, x.astype("float32"));
      expect(got.dtype).toBe("float32");
      expect(distance(data(got), data(matmul(dense, x)))).toBeLessThan(1e-5);
    }
    const v = random([n], 5);
    expect(distance(data(sparseMatmul(a, v)), data(matmul(dense, v)))).toBeLessThan(1e-14);
  });
  test("under jit, as an argument: the pattern is structure, the values are the leaf", () => {
    const a = example(9, 6, 2);
    const x = random([6], 3);
    const f = jit((m: Sparse, v: Tensor) => sparseMatmul(m, v));
    expect(data(f(a, x) as Tensor)).toEqual(data(sparseMatmul(a, x)));
    const other = example(9, 6, 77, 0.5);
    expect(distance(data(f(other, x) as Tensor), data(matmul(sparseToDense(other), x)))).toBeLessThan(1e-14);
  });
  test("two patterns of one size are not confused", () => {
    const diagonal = sparsePattern({ shape: [2, 2], rows: [0, 1], columns: [0, 1] });
    const swapped = sparsePattern({ shape: [2, 2], rows: [0, 1], columns: [1, 0] });
    for (const wrap of [(f: (x: Tensor) => Tensor) => f, (f: (x: Tensor) => Tensor) => jit(f)]) {
      expect((wrap((x) => sparseMatmul(diagonal([2, 3]), x))(tensor([5, 7])) as Tensor).toArray()).toEqual([10, 21]);
      expect((wrap((x) => sparseMatmul(swapped([2, 3]), x))(tensor([5, 7])) as Tensor).toArray()).toEqual([14, 15]);
    }
  });
  test("under vmap over the vectors, the values, or both", () => {
    const a = example(8, 6, 4);
    const dense = sparseToDense(a);
    const xs = random([3, 6], 5);
    const one = vmap((x: Tensor) => sparseMatmul(a, x))(xs) as Tensor;
    expect(distance(data(one), data(matmul(xs, T(dense))))).toBeLessThan(1e-14);
    const vs = random([3, a.pattern.places], 6);
    const many = vmap((v: Tensor, x: Tensor) => sparseMatmul(a.pattern(v), x))(vs, xs) as Tensor;
    const values = vmap((v: Tensor) => sparseMatmul(a.pattern(v), xs.transpose()))(vs) as Tensor;
    for (let i = 0; i < 3; i++) {
      const m = sparseToDense(a.pattern(tensor(data(vs).slice(i * a.pattern.places, (i + 1) * a.pattern.places))));
      const x = data(xs).slice(i * 6, (i + 1) * 6);
      expect(distance(data(many).slice(i * 8, (i + 1) * 8), data(matmul(m, x)))).toBeLessThan(1e-14);
      expect(distance(data(values).slice(i * 24, (i + 1) * 24), data(matmul(m, xs.transpose())))).toBeLessThan(1e-14);
    }
    const twice = vmap((v: Tensor) => vmap((x: Tensor) => sparseMatmul(a.pattern(v), x))(xs))(vs) as Tensor;
    expect(twice.shape).toEqual([3, 3, 8]);
    expect(distance(data(twice).slice(0, 8), data(many).slice(0, 8))).toBeLessThan(1e-14);
  });
});

describe("derivatives", () => {
  const a = example(5, 4, 8, 0.5);
  const x = random([4, 2], 9);
  const y = random([5, 2], 10);
  test("to second order in values and in the dense operand, both ways", () => {
    checkDerivatives((v) => sparseMatmul(a.pattern(sin(v)), x), a.values);
    checkDerivatives((z) => sparseMatmul(a, sin(z)), x);
    checkDerivatives((v) => sparseMatmul(a.pattern(sin(v)), y, { transposed: true }), a.values);
    checkDerivatives((z) => sparseMatmul(a, sin(z), { transposed: true }), y);
    checkDerivatives((z) => sparseMatmul(a.pattern(mul(a.values, sum(z))), sin(z)), x);
    checkDerivatives((g) => sampledProduct(a.pattern, sin(g), x).values, y);
    checkDerivatives((z) => sampledProduct(a.pattern, y, sin(z)).values, x);
  });
  test("the gradient in the values is that of the dense matrix at the places, and is a sparse matrix", () => {
    const w = random([5, 2], 11);
    const g = grad((m: Sparse) => sum(mul(w, sin(sparseMatmul(m, x)))))(a) as unknown as Sparse;
    expect(g.pattern).toBe(a.pattern);
    const dense = grad((m: Tensor) => sum(mul(w, sin(matmul(m, x)))))(sparseToDense(a)) as Tensor;
    expect(distance(data(g.values), data(sparseFromDense(dense, a.pattern).values))).toBeLessThan(1e-14);
  });
  test("the Hessian in the values is symmetric and that of the dense function", () => {
    const v = random([4], 12);
    const h = hessian((u: Tensor) => sum(sin(sparseMatmul(a.pattern(u), v))))(a.values) as Tensor;
    const [p] = h.shape;
    const numbers = data(h);
    const image = data(sparseMatmul(a, v));
    a.pattern.rows.forEach((r, i) =>
      a.pattern.rows.forEach((q, j) => {
        const want = r === q ? -Math.sin(image[r]) * data(v)[a.pattern.columns[i]] * data(v)[a.pattern.columns[j]] : 0;
        expect(Math.abs(numbers[i * p + j] - want)).toBeLessThan(1e-14);
      }),
    );
  });
  test("⟨A x, y⟩ = ⟨x, Aᵀ y⟩ through the transforms", () => {
    const [u, w] = [random([4], 1), random([5], 2)];
    const { pullback } = vjp((z: Tensor) => sparseMatmul(a, z), u);
    const [back] = pullback(w) as unknown as [Tensor];
    expect(distance(data(back), data(sparseMatmul(a, w, { transposed: true })))).toBeLessThan(1e-15);
    const { tangent } = jvp((z: Tensor) => sparseMatmul(a, z), [u], [u]);
    expect(distance(data(tangent as Tensor), data(sparseMatmul(a, u)))).toBeLessThan(1e-15);
  });
});

describe("algebra", () => {
  const [a, b] = [example(6, 6, 13), example(6, 6, 14)];
  const [da, db] = [a, b].map(sparseToDense);
  test("transposes, sums, scalings and diagonals are those of the dense matrix", () => {
    expect(data(sparseToDense(sparseTranspose(a)))).toEqual(data(T(da)));
    expect(data(sparseTranspose(sparseTranspose(a)).values)).toEqual(data(a.values));
    expect(distance(data(sparseToDense(sparseAdd(a, b))), data(add(da, db)))).toBeLessThan(1e-15);
    const [r, c] = [random([6], 1), random([6], 2)];
    const scaled = sparseScale(a, { rows: r, columns: c });
    expect(distance(data(sparseToDense(scaled)), data(mul(mul(r.reshape([6, 1]), da), c)))).toBeLessThan(1e-15);
    const want = Float64Array.from({ length: 6 }, (_, i) => data(da)[7 * i]);
    expect(data(sparseDiagonal(a))).toEqual(want);
    expect(() => sparseAdd(a, example(5, 6, 1))).toThrow(/one shape/);
  });
  test("duplicates are summed with derivatives", () => {
    checkDerivatives(
      (v) => sparseToDense(sparse({ shape: [2, 2], rows: [0, 1, 0], columns: [1, 0, 1], values: sin(v) })),
      random([3], 4),
    );
  });
});

describe("sparseTriangularSolve", () => {
  const n = 6;
  const lower = sparseFromDense(
    tensor(
      Float64Array.from({ length: n * n }, (_, k) => {
        const [i, j] = [Math.floor(k / n), k % n];
        return i === j ? 2 + i : j < i && (i + j) % 2 === 0 ? 0.3 * (i - j) : 0;
      }),
      { shape: [n, n] },
    ),
  );
  const upper = sparseTranspose(lower);
  const rhs = random([n, 2], 3);
  test("solves with T and Tᵀ, lower and upper", () => {
    for (const [t, isLower] of [
      [lower, true],
      [upper, false],
    ] as const)
      for (const transposed of [false, true]) {
        const x = sparseTriangularSolve(t, rhs, { lower: isLower, transposed });
        expect(distance(data(sparseMatmul(t, x, { transposed })), data(rhs))).toBeLessThan(1e-14);
      }
    expect(() => sparseTriangularSolve(lower, rhs)).toThrow(/upper triangular/);
  });
  test("differentiates to second order in both operands", () => {
    for (const transposed of [false, true]) {
      const o = { lower: true, transposed };
      checkDerivatives((v) => sparseTriangularSolve(lower.pattern(v), rhs, o), lower.values);
      checkDerivatives((b) => sparseTriangularSolve(lower, sin(b), o), rhs);
    }
  });
});
