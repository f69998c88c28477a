import { grad, jet, jvp } from "@ansatz/autodiff";
import { add, div, index, key, mul, normal, type Tensor, tensor } from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { cg, cholesky, det, eigh, expm, inv, solve, svd } from "./index";

/** Taylor mode through ops that compute in TypeScript goes by their tangent rules: the same as jvp in jvp. */
const A = add(mul(0.3, normal(key(1), [3, 3], { dtype: "float64" })), [
  [2, 0, 0],
  [0, 3, 0],
  [0, 0, 4],
]);
const V = normal(key(2), [3, 3], { dtype: "float64" });
const sym = (x: Tensor): Tensor => add(x, x.T);

describe("power series of", () => {
  test.each<[string, (x: Tensor) => Tensor]>([
    ["inv", (x) => inv(x)],
    ["det", (x) => det(x)],
    ["solve", (x) => solve(x, tensor([1, 2, 3]))],
    ["cholesky", (x) => cholesky(sym(x)).l],
    ["eigenvalues", (x) => eigh(sym(x)).values],
    ["singular values", (x) => svd(x).s],
    ["expm", (x) => expm(x)],
  ])("%s agree with jvp in jvp in jvp", (_, f) => {
    const { series } = jet(f, [A], [[V], [mul(0, V)], [mul(0, V)]]);
    let g = (t: Tensor): Tensor => f(add(A, mul(t, V)));
    let factorial = 1;
    series.forEach((c, k) => {
      const before = g;
      g = (t) => jvp(before, [t], [1]).tangent;
      factorial *= k + 1;
      assertClose(c, div(g(tensor(0, { dtype: "float64" })), factorial), { rtol: 1e-9, atol: 1e-10 });
    });
  });
  test("an iterative solver, and its gradient", () => {
    const b = tensor([1, 2, 3]);
    const f = (x: Tensor): Tensor => index(cg(sym(x), b, { rtol: 1e-14 }).value, 0);
    const g = (x: Tensor): Tensor => index(solve(sym(x), b), 0);
    const second = (h: typeof f) => jet(h, [A], [[V], [mul(0, V)]]).series[1];
    assertClose(second(f), second(g), { rtol: 1e-8 });
    assertClose(grad(f)(A), grad(g)(A), { rtol: 1e-8, atol: 1e-10 });
    expect(second(f).item()).not.toBe(0);
  });
});
