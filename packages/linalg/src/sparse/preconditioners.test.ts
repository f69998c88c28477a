import { add, eye, jit, matmul, matrixTranspose, mul, type Tensor, tensor } from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import {
  bicgstab,
  cg,
  gmres,
  incompleteCholesky,
  incompleteLu,
  jacobiPreconditioner,
  minres,
  type Sparse,
  solve,
  sparse,
  sparseFromDense,
  sparseMatmul,
  sparseToDense,
  status,
} from "../index";
import { distance, random } from "../testing/matrices";

const data = (t: Tensor): Float64Array => Float64Array.from(t.dataSync(), Number);
const steps = (r: { stats: { steps: Tensor } }): number => Number(r.stats.steps.item());

/** The five-point Laplacian on an s × s grid with zero boundary, and convection `wind` along the first axis. */
const grid = (s: number, wind = 0): Sparse => {
  const [rows, columns, values]: number[][] = [[], [], []];
  const put = (i: number, j: number, v: number): void => {
    rows.push(i);
    columns.push(j);
    values.push(v);
  };
  for (let x = 0; x < s; x++)
    for (let y = 0; y < s; y++) {
      const i = x * s + y;
      put(i, i, 4);
      if (x > 0) put(i, i - s, -1 - wind);
      if (x < s - 1) put(i, i + s, -1 + wind);
      if (y > 0) put(i, i - 1, -1);
      if (y < s - 1) put(i, i + 1, -1);
    }
  return sparse({ shape: [s * s, s * s], rows, columns, values });
};

describe("incomplete factors", () => {
  const a = grid(5);
  test("L Lᵀ of IC(0) and L U of ILU(0) are A on the places of A", () => {
    for (const [matrix, product] of [
      [a, ((l) => matmul(l, matrixTranspose(l)))(sparseToDense(incompleteCholesky(a).l))],
      [a, ((f) => matmul(sparseToDense(f.l), sparseToDense(f.u)))(incompleteLu(a))],
      [grid(5, 0.4), ((f) => matmul(sparseToDense(f.l), sparseToDense(f.u)))(incompleteLu(grid(5, 0.4)))],
    ] as const) {
      const want = data(matrix.values);
      const got = data(sparseFromDense(product, matrix.pattern).values);
      expect(distance(got, want)).toBeLessThan(1e-15);
      expect(distance(data(product), data(sparseToDense(matrix)))).toBeGreaterThan(1e-3); // fill was dropped
    }
  });
  test("without fill to drop they are the whole factorization, and so the inverse", () => {
    const n = 8;
    const band = add(add(mul(4, eye(n)), mul(-1, eye(n, n, { k: 1 }))), mul(-2, eye(n, n, { k: -1 })));
    const b = random([n], 1);
    const m = sparseFromDense(band);
    expect(distance(data(incompleteLu(m).apply(b)), data(solve(band, b)))).toBeLessThan(1e-14);
    expect(distance(data(incompleteLu(m).adjoint(b)), data(solve(matrixTranspose(band), b)))).toBeLessThan(1e-14);
    const symmetric = add(band, matrixTranspose(band));
    const both = incompleteCholesky(sparseFromDense(symmetric)).apply(random([n, 2], 2));
    expect(distance(data(both), data(solve(symmetric, random([n, 2], 2))))).toBeLessThan(1e-14);
  });
  test("a pivot that is not positive, or zero, is reported; a shift cures the first", () => {
    const bad = sparseFromDense([
      [1, 2, 1],
      [2, 1, 0.5],
      [1, 0.5, 5],
    ]);
    const f = incompleteCholesky(bad);
    expect(status(f.info)).toMatch(/not positive definite at pivot 2/);
    expect(data(f.l.values)[0]).toBeNaN();
    expect(incompleteCholesky(bad, { shift: 2 }).info.item()).toBe(0);
    const zero = sparse({ shape: [2, 2], rows: [0, 0, 1, 1], columns: [0, 1, 0, 1], values: [1, 1, 1, 1] });
    expect(status(incompleteLu(zero).info)).toMatch(/singular: pivot 2/);
    expect(() => incompleteLu(sparse({ shape: [2, 2], rows: [0], columns: [0], values: [1] }))).toThrow(/diagonal/);
  });
});

describe("preconditioned solvers need fewer steps, and find the same solution", () => {
  const a = grid(12);
  const scale = tensor(Float64Array.from({ length: 144 }, (_, i) => 1 + (i % 7)));
  const b = random([144], 3);
  const dense = sparseToDense(a);
  const exact = data(solve(dense, b));
  const o = { rtol: 1e-11 };
  test("cg and minres: incomplete Cholesky", () => {
    for (const method of [cg, minres]) {
      const plain = method(a, b, o);
      const better = method(a, b, { ...o, preconditioner: incompleteCholesky(a) });
      for (const r of [plain, better]) {
        expect(status(r.info)).toBe("success");
        expect(distance(data(r.value), exact)).toBeLessThan(1e-9);
      }
      expect(steps(better)).toBeLessThan(0.7 * steps(plain));
    }
  });
  test("cg: Jacobi, on a badly scaled matrix", () => {
    const bad = matmul(mul(dense, scale), eye(144)).mul(scale.reshape([144, 1]));
    const s = sparseFromDense(bad);
    const [plain, better] = [cg(s, b, o), cg(s, b, { ...o, preconditioner: jacobiPreconditioner(s) })];
    expect(steps(better)).toBeLessThan(0.8 * steps(plain));
    expect(distance(data(better.value), data(solve(bad, b)))).toBeLessThan(1e-8);
  });
  test("bicgstab and gmres: ILU(0), with convection", () => {
    const w = grid(12, 0.6);
    const want = data(solve(sparseToDense(w), b));
    for (const method of [bicgstab, gmres]) {
      const plain = method(w, b, o);
      const better = method(w, b, { ...o, preconditioner: incompleteLu(w) });
      expect(status(better.info)).toBe("success");
      expect(distance(data(better.value), want)).toBeLessThan(1e-9);
      expect(steps(better)).toBeLessThan(0.7 * steps(plain));
    }
  });
  test("columns are solved each to its end, and all of it runs under jit", () => {
    const many = random([144, 3], 4);
    const f = jit((m: Sparse, y: Tensor) => cg(m, y, { ...o, preconditioner: incompleteCholesky(m) }));
    const r = f(a, many) as unknown as ReturnType<typeof cg>;
    expect(r.info.toArray()).toEqual([0, 0, 0]);
    expect(r.value.shape).toEqual([144, 3]);
    expect(distance(data(sparseMatmul(a, r.value)), data(many))).toBeLessThan(1e-9);
    expect(() => cg(a, random([144, 2, 2], 1))).toThrow(/columns/);
  });
});
