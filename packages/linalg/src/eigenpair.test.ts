import { grad } from "@ansatz/autodiff";
import { add, div, exp, eye, jit, key, matmul, matrixTranspose, mul, normal, sum, type Tensor } from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import {
  eigh,
  incompleteCholesky,
  linearOperator,
  lobpcg,
  powerIteration,
  type Sparse,
  sparseFromDense,
  sparseToDense,
  stationaryDistribution,
} from "./index";
import { distance, random } from "./testing/matrices";

const data = (t: Tensor): Float64Array => Float64Array.from(t.dataSync(), Number);
const T = matrixTranspose;

describe("iterations on operators have the gradients of dense matrices", () => {
  const n = 12;
  const line = add(
    mul(eye(n), [3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 9]),
    add(mul(-1, eye(n, n, { k: 1 })), mul(-1, eye(n, n, { k: -1 }))),
  ).astype("float64");
  const a = sparseFromDense(line);
  const w = random([n], 3);
  test("power iteration, sparse and as a function: the bordered system by GMRES", () => {
    const v0 = random([n], 4);
    const o = { tol: 1e-13, maxSteps: 5000 };
    const through = (e: { value: Tensor; vector: Tensor }): Tensor =>
      add(e.value, sum(mul(w, mul(e.vector, e.vector))));
    const want = data(grad((m: Tensor) => through(powerIteration(m, v0, o)))(line) as Tensor);
    const places = Array.from(a.pattern.rows, (r, p) => want[r * n + a.pattern.columns[p]]);
    const g = grad((m: Sparse) => through(powerIteration(m, v0, o)))(a) as unknown as Sparse;
    expect(distance(data(g.values), places)).toBeLessThan(1e-9);
    const lazily = (m: Tensor): Tensor =>
      through(powerIteration(linearOperator({ shape: n, apply: (x) => matmul(m, x) }), v0, o));
    expect(distance(data(jit(grad(lazily))(line) as Tensor), want)).toBeLessThan(1e-9);
    // and both are those of the spectral theorem
    const exact = (m: Tensor): Tensor => {
      const { values, vectors } = eigh(m);
      const v = mul(vectors, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]).sum(-1);
      return add(values.mul([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]).sum(), sum(mul(w, mul(v, v))));
    };
    const symmetric = data(grad(exact)(line) as Tensor);
    const half = Float64Array.from(want, (x, i) => (x + want[(i % n) * n + Math.floor(i / n)]) / 2);
    expect(distance(half, symmetric)).toBeLessThan(1e-9);
  });
  test("the stationary distribution of a sparse chain", () => {
    const chain = (m: Tensor): Tensor => {
      const p = exp(m);
      return div(p, sum(p, -1, { keepDims: true }));
    };
    const m = random([6, 6], 5);
    const pattern = sparseFromDense(chain(m)).pattern;
    const weights = random([6], 6);
    const dense = (x: Tensor): Tensor => sum(mul(weights, stationaryDistribution(chain(x), { tol: 1e-15 }).value));
    const sparse = (x: Tensor): Tensor =>
      sum(mul(weights, stationaryDistribution(sparseFromDense(chain(x), pattern), { tol: 1e-15 }).value));
    expect(distance(data(grad(sparse)(m) as Tensor), data(grad(dense)(m) as Tensor))).toBeLessThan(1e-9);
  });
  test("lobpcg with a preconditioner, which serves the derivative too, under jit", () => {
    const x0 = normal(key(2), [n, 2], { dtype: "float64" });
    const spans = random([n, n], 7);
    const f = (m: Sparse): Tensor => {
      const { values, vectors } = lobpcg(m, x0, { tol: 1e-12, preconditioner: incompleteCholesky(m) });
      return add(sum(mul(values, [1, 2])), sum(mul(spans, matmul(vectors, T(vectors)))));
    };
    const exact = (m: Sparse): Tensor => {
      const { values, vectors } = eigh(sparseToDense(m));
      const kept = mul(vectors, [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
      return add(sum(mul(values, [1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])), sum(mul(spans, matmul(kept, T(vectors)))));
    };
    // the iteration takes A as symmetric, eigh takes the symmetric part: along symmetric changes they agree
    const symmetricPart = (g: Sparse): Float64Array => {
      const d = sparseToDense(g);
      return data(add(d, T(d)));
    };
    const want = symmetricPart(grad(exact)(a) as unknown as Sparse);
    expect(distance(symmetricPart(grad(f)(a) as unknown as Sparse), want)).toBeLessThan(1e-8);
    const compiled = jit((v: Tensor) => (grad(f)(a.pattern(v)) as unknown as Sparse).values)(a.values) as Tensor;
    expect(distance(symmetricPart(a.pattern(compiled)), want)).toBeLessThan(1e-8);
  });
});
