import { grad, hessian } from "@ansatz/autodiff";
import { add, jit, matmul, matrixTranspose, mul, sin, sum, type Tensor, tensor } from "@ansatz/tensor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import golden from "../../golden/sparse.json";
import {
  inv,
  type Sparse,
  solve,
  sparse,
  sparseAdd,
  sparseCholesky,
  sparseFromDense,
  sparseMatmul,
  sparsePattern,
  sparseProduct,
  sparseSolve,
  sparseToDense,
  sparseTranspose,
  status,
} from "../index";
import { distance, generator, random } from "../testing/matrices";
import { minimumDegree, reverseCuthillMckee } from "./ordering";

const data = (t: Tensor): Float64Array => Float64Array.from(t.dataSync(), Number);
const T = matrixTranspose;
const orderings = ["amd", "rcm", "natural"] as const;

/** A random sparse matrix; with `diagonal`, strong enough to be regular. */
const example = (m: number, n: number, seed: number, density: number, diagonal = 0): Sparse => {
  const next = generator(seed);
  const [rows, columns, values]: number[][] = [[], [], []];
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++)
      if (next() > 1 - 2 * density || (i === j && diagonal > 0)) {
        rows.push(i);
        columns.push(j);
        values.push(i === j ? diagonal + next() : next());
      }
  return sparse({ shape: [m, n], rows, columns, values: Float64Array.from(values) });
};
/** The five-point Laplacian. */
const grid = (side: number, shift = 0): Sparse => {
  const [rows, columns, values]: number[][] = [[], [], []];
  for (let i = 0; i < side * side; i++)
    for (const [dx, dy] of [
      [0, 0],
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ]) {
      const [x, y] = [Math.floor(i / side) + dx, (i % side) + dy];
      if (x < 0 || y < 0 || x >= side || y >= side) continue;
      rows.push(i);
      columns.push(x * side + y);
      values.push(dx === 0 && dy === 0 ? 4 + shift : -1);
    }
  return sparse({ shape: [side * side, side * side], rows, columns, values: Float64Array.from(values) });
};

describe("products of sparse matrices", () => {
  test("are those of the dense matrices, empty rows and all", () => {
    for (const [m, k, n] of [
      [7, 5, 6],
      [1, 9, 4],
      [12, 12, 12],
      [3, 0, 2],
    ]) {
      const [a, b] = [example(m, k, m, 0.3), example(k, n, n + 50, 0.3)];
      const c = sparseProduct(a, b);
      expect(distance(data(sparseToDense(c)), data(matmul(sparseToDense(a), sparseToDense(b))))).toBeLessThan(1e-15);
    }
    expect(() => sparseProduct(example(2, 3, 1, 1), example(2, 3, 1, 1))).toThrow(/inner/);
  });
  test("agree with SciPy's, places and values", () => {
    const { a, b, product } = golden;
    const c = sparseProduct(sparse(read(a)), sparse(read(b)));
    expect([...c.pattern.columns]).toEqual(product.columns);
    expect([...c.pattern.pointers]).toEqual(product.pointers);
    expect(distance(data(c.values), product.values)).toBeLessThan(1e-15);
  });
  test("the gradient of tr(W A B) is what the dense one is at the places", () => {
    const [a, b] = [example(6, 5, 3, 0.4), example(5, 6, 4, 0.4)];
    const w = random([6, 6], 5);
    const g = grad((m: Sparse) => sum(mul(w, sparseToDense(sparseProduct(m, b)))))(a) as unknown as Sparse;
    const dense = sparseFromDense(matmul(w, T(sparseToDense(b))), a.pattern);
    expect(distance(data(g.values), data(dense.values))).toBeLessThan(1e-14);
  });
});
const read = (m: { shape: number[]; rows: number[]; columns: number[]; values: number[] }) => ({
  ...m,
  shape: m.shape as [number, number],
});

describe("orders of elimination", () => {
  test("are permutations of every graph, connected or not", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 25 }), fc.integer({ min: 0, max: 60 }), fc.nat(), (n, edges, seed) => {
        const next = generator(seed + 1);
        const ends = Array.from(
          { length: n === 0 ? 0 : 2 * edges },
          () => Math.floor(((next() + 1) / 2) * n) % Math.max(1, n),
        );
        const [r, c] = [ends.slice(0, edges), ends.slice(edges)];
        const { pointers, columns } = sparsePattern({ shape: [n, n], rows: [...r, ...c], columns: [...c, ...r] });
        for (const order of [minimumDegree({ n, pointers, columns }), reverseCuthillMckee({ n, pointers, columns })])
          expect([...order].sort((p, q) => p - q)).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    );
  });
  test("minimum degree fills no tree, and a grid as SuperLU's does; Cuthill–McKee narrows a shuffled line", () => {
    // a star and a random tree: leaves first, so L has as many places as A's lower triangle
    const next = generator(5);
    const n = 200;
    const parents = Array.from({ length: n - 1 }, (_, i) => Math.floor(((next() + 1) / 2) * (i + 1)));
    const tree = sparse({
      shape: [n, n],
      rows: [...parents, ...parents.map((_, i) => i + 1), ...new Array(n).keys()],
      columns: [...parents.map((_, i) => i + 1), ...parents, ...new Array(n).keys()],
      values: [...new Array(2 * n - 2).fill(-0.01), ...new Array(n).fill(4)],
    });
    expect(sparseCholesky(tree).l.pattern.places).toBe(2 * n - 1);
    expect(sparseCholesky(grid(30)).l.pattern.places).toBeLessThan(1.25 * golden.fill);
    const turn = Array.from({ length: 101 }, (_, i) => (37 * i) % 101);
    const line = sparsePattern({
      shape: [101, 101],
      rows: [...turn.slice(0, 100), ...turn.slice(1)],
      columns: [...turn.slice(1), ...turn.slice(0, 100)],
    });
    const order = reverseCuthillMckee({ n: 101, pointers: line.pointers, columns: line.columns });
    const rank = new Int32Array(101);
    order.forEach((i, k) => {
      rank[i] = k;
    });
    expect(Math.max(...line.rows.map((r, p) => Math.abs(rank[r] - rank[line.columns[p]])))).toBe(1);
  });
});

describe.each(orderings)("direct solvers, %s", (ordering) => {
  const o = { ordering };
  test("Cholesky: P A Pᵀ = L Lᵀ, and solutions that elimination finds", () => {
    for (const n of [0, 1, 5, 40]) {
      const half = example(n, n, n + 1, 3 / Math.max(3, n), 2);
      const a = sparseAdd(
        sparseProduct(half, sparseTranspose(half)),
        sparseFromDense(
          mul(
            0.1,
            tensor(
              Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0)),
              { shape: [n, n] },
            ),
          ),
        ),
      );
      const { l, permutation, info, solve: solved } = sparseCholesky(a, o);
      expect(info.item()).toBe(0);
      const dense = data(sparseToDense(a));
      const turned = Float64Array.from(
        { length: n * n },
        (_, k) => dense[permutation[Math.floor(k / n)] * n + permutation[k % n]],
      );
      expect(distance(data(matmul(sparseToDense(l), T(sparseToDense(l)))), turned)).toBeLessThan(1e-14);
      const b = random([n, 3], 4);
      expect(distance(data(sparseMatmul(a, solved(b))), data(b))).toBeLessThan(1e-12);
    }
  });
  test("LU: small residuals for matrices whose diagonals are no pivots", () => {
    for (const [n, seed] of [
      [1, 1],
      [8, 2],
      [30, 3],
      [60, 4],
    ]) {
      // a weak diagonal and a strong subdiagonal that goes round
      const shift = sparse({
        shape: [n, n],
        rows: [...new Array(n).keys()],
        columns: Array.from({ length: n }, (_, i) => (i + 1) % n),
        values: new Array(n).fill(5),
      });
      const a = sparseAdd(example(n, n, seed, 2 / n), shift);
      const b = random([n, 2], seed);
      const { x, info } = sparseSolve(a, b, o);
      expect(info.item()).toBe(0);
      const size = Math.max(...data(a.values).map(Math.abs)) * Math.max(...data(x).map(Math.abs)) * n;
      const residual = data(sparseMatmul(a, x)).map((v, i) => Math.abs(v - data(b)[i]));
      expect(Math.max(...residual) / size).toBeLessThan(1e-15);
      expect(distance(data(x), data(solve(sparseToDense(a), b)))).toBeLessThan(1e-11);
    }
  });
});

test("a Poisson problem on a grid of 2,500 unknowns agrees with SciPy's solver", () => {
  const a = grid(50);
  const b = Float64Array.from({ length: 2500 }, (_, i) => Math.sin(i));
  for (const x of [sparseCholesky(a).solve(b), sparseSolve(a, b).x])
    golden.poisson.at.forEach((i, k) => expect(Math.abs(data(x)[i] - golden.poisson.x[k])).toBeLessThan(1e-12));
});

test("failures are data: no positive pivot, a zero column, a NaN; the others of a batch are exact", () => {
  const p = sparsePattern({ shape: [2, 2], rows: [0, 0, 1, 1], columns: [0, 1, 0, 1] });
  expect(status(sparseCholesky(p([1, 2, 2, 1])).info)).toMatch(/not positive definite at pivot 2/);
  expect(status(sparseSolve(p([1, 2, 2, 4]), [1, 1]).info)).toMatch(/singular/);
  expect(status(sparseSolve(p([1, Number.NaN, 2, 4]), [1, 1]).info)).toMatch(/NaN/);
  expect(data(sparseSolve(p([1, 2, 2, 4]), [1, 1]).x)).toEqual(Float64Array.of(NaN, NaN));
  expect(() => sparseSolve(sparse({ shape: [2, 3], rows: [0], columns: [0], values: [1] }), [1, 2])).toThrow(
    /\[n, n\]/,
  );
  expect(() => sparseCholesky(sparse({ shape: [2, 3], rows: [0], columns: [0], values: [1] }))).toThrow(/square/);
});

describe("derivatives of direct solvers", () => {
  const a = example(6, 6, 9, 0.3, 4);
  const b = random([6], 2);
  const w = random([6], 3);
  test("the gradient in the values is -A⁻ᵀw xᵀ at the places; under jit too", () => {
    const f = (m: Sparse): Tensor => sum(mul(w, sparseSolve(m, b).x));
    const dense = sparseToDense(a);
    const want = sparseFromDense(
      mul(-1, matmul(solve(T(dense), w).reshape([6, 1]), solve(dense, b).reshape([1, 6]))),
      a.pattern,
    );
    const g = grad(f)(a) as unknown as Sparse;
    expect(distance(data(g.values), data(want.values))).toBeLessThan(1e-13);
    const compiled = jit((v: Tensor) => (grad(f)(a.pattern(v)) as unknown as Sparse).values)(a.values) as Tensor;
    expect(distance(data(compiled), data(want.values))).toBeLessThan(1e-13);
  });
  test("the Hessian of bᵀA⁻¹b is 2A⁻¹; only the symmetric part of an unsymmetric pattern counts", () => {
    const sym = sparseAdd(a, sparseTranspose(a));
    const h = hessian((y: Tensor) => sum(mul(y, sparseCholesky(sym).solve(y))))(b) as Tensor;
    expect(distance(data(h), data(mul(2, inv(sparseToDense(sym)))))).toBeLessThan(1e-13);
    const g = grad((v: Tensor) => sum(mul(w, sparseCholesky(a.pattern(v)).solve(sin(b)))))(a.values) as Tensor;
    const dense = grad((v: Tensor) => {
      const m = sparseToDense(a.pattern(v));
      return sum(mul(w, solve(mul(0.5, add(m, T(m))), sin(b))));
    })(a.values) as Tensor;
    expect(distance(data(g), data(dense))).toBeLessThan(1e-13);
  });
});
