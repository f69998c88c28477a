import { grad, hessian } from "@ansatz/autodiff";
import { add, exp, eye, jit, matmul, matrixTranspose, mul, sin, sum, type Tensor, vmap } from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import {
  cholesky,
  choleskySolve,
  det,
  eigh,
  inv,
  lu,
  qr,
  slogdet,
  solve,
  solveWithInfo,
  svd,
  svdvals,
  triangularSolve,
} from "./index";
import { checkDerivatives } from "./testing/derivatives";
import { random } from "./testing/matrices";

const T = matrixTranspose;
const spd = (n: number, seed: number): Tensor => {
  const a = random([n, n], seed);
  return add(matmul(a, T(a)), mul(n, eye(n)));
};
const gentle = (t: Tensor): Tensor => sin(mul(0.7, t));

describe("first and second derivatives agree with finite differences", () => {
  const a = random([4, 4], 3);
  const b = random([4, 2], 4);
  test("cholesky", () => checkDerivatives((x) => cholesky(x).l, spd(4, 1)));
  test("choleskySolve", () => checkDerivatives((x) => choleskySolve(cholesky(x).l, b), spd(4, 1)));
  test("triangularSolve in both operands", () => {
    for (const lower of [false, true])
      for (const transposed of [false, true])
        for (const unitDiagonal of [false, true]) {
          const o = { lower, transposed, unitDiagonal };
          const m = add(a, mul(2, eye(4)));
          checkDerivatives((x) => triangularSolve(x, gentle(b), o), m);
          checkDerivatives((x) => triangularSolve(m, gentle(x), o), b);
          checkDerivatives((x) => triangularSolve(m, matmul(x, b), o), m, { order: 1 });
        }
  });
  test("lu, square, tall and wide", () => {
    for (const [m, n] of [
      [4, 4],
      [5, 3],
      [3, 5],
    ]) {
      const x = random([m, n], 10 * m + n);
      checkDerivatives((y) => lu(y).l, x);
      checkDerivatives((y) => lu(y).u, x);
    }
  });
  test("solve in both operands, inv, det, slogdet", () => {
    checkDerivatives((x) => solve(x, gentle(b)), a);
    checkDerivatives((x) => solve(x, matmul(x, gentle(b))), a);
    checkDerivatives((x) => solve(a, gentle(x)), b);
    checkDerivatives((x) => solveWithInfo(x, b).x, a);
    checkDerivatives(inv, a);
    checkDerivatives(det, a);
    checkDerivatives((x) => slogdet(x).logabsdet, a);
  }, 30_000);
  test("qr, all shapes and the full form", () => {
    for (const [m, n] of [
      [4, 4],
      [5, 3],
      [3, 5],
    ]) {
      const x = random([m, n], 10 * m + n + 1);
      checkDerivatives((y) => qr(y).q, x);
      checkDerivatives((y) => qr(y).r, x);
      checkDerivatives((y) => qr(y, { full: true }).r, x);
    }
    // the complement of the range, seen through its projector
    checkDerivatives(
      (y) => {
        const { q } = qr(y, { full: true });
        return matmul(mul(q, [0, 0, 0, 1, 1]), T(q));
      },
      random([5, 3], 77),
    );
  });
  test("eigh", () => {
    const s = spd(4, 6);
    checkDerivatives((x) => eigh(x).values, s);
    checkDerivatives((x) => mul(eigh(x).vectors, eigh(x).vectors), s);
    checkDerivatives((x) => eigh(x).vectors, random([4, 4], 9));
  });
  test("svd, all shapes", () => {
    for (const [m, n] of [
      [4, 4],
      [5, 3],
      [3, 5],
    ]) {
      const x = random([m, n], 10 * m + n + 2);
      checkDerivatives((y) => svd(y).u, x);
      checkDerivatives((y) => svd(y).s, x);
      checkDerivatives(svdvals, x);
      checkDerivatives((y) => svd(y).vt, x);
    }
    // the null space of the full form, by its projector
    checkDerivatives(
      (y) => {
        const { u } = svd(y, { full: true });
        return matmul(mul(u, [0, 0, 0, 1, 1]), T(u));
      },
      random([5, 3], 78),
    );
  });
});

describe("repeated values", () => {
  const v = svd(random([4, 4], 20)).u;
  test("projectors on whole eigenspaces keep exact derivatives", () => {
    const a = matmul(mul(v, [1, 1, 5, 5]), T(v));
    const projector = (x: Tensor): Tensor => {
      const { vectors } = eigh(x);
      return matmul(mul(vectors, [1, 1, 0, 0]), T(vectors));
    };
    expect(eigh(a).info.item()).toBeLessThan(0);
    checkDerivatives(projector, a, { order: 1 });
    checkDerivatives((x) => sum(exp(eigh(x).values)), a, { order: 1 });
  });
  test("the polar factor keeps exact derivatives at equal singular values", () => {
    const polar = (x: Tensor): Tensor => {
      const { u, vt } = svd(x);
      return matmul(u, vt);
    };
    checkDerivatives(polar, mul(3, v), { order: 1 });
    checkDerivatives((x) => sum(svd(x).s), mul(3, v), { order: 1 });
  });
  test("nothing is NaN at the identity", () => {
    const g = grad((x: Tensor) => sum(mul(eigh(x).vectors, [1, 2, 3])));
    for (const x of (g(eye(3)) as Tensor).dataSync()) expect(x).not.toBeNaN();
  });
});

test("the gradient of log det is the inverse, its Hessian known", () => {
  const a = spd(3, 8);
  const f = (x: Tensor): Tensor => slogdet(x).logabsdet;
  const g = (grad(f)(a) as Tensor).dataSync();
  const want = T(inv(a)).dataSync();
  g.forEach((x, i) => expect(Number(x)).toBeCloseTo(Number(want[i]), 12));
  // ∂²/∂aᵢⱼ∂aₖₗ = -(A⁻¹)ₗᵢ (A⁻¹)ⱼₖ
  const h = hessian(f)(a) as Tensor;
  const p = inv(a).toArray() as number[][];
  const H = h.toArray() as number[][][][];
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++)
      for (let k = 0; k < 3; k++) for (let l = 0; l < 3; l++) expect(H[i][j][k][l]).toBeCloseTo(-p[l][i] * p[j][k], 12);
});

test("derivatives work inside jit and vmap", () => {
  const stack = random([3, 4, 4], 30);
  const f = (x: Tensor): Tensor => sum(mul(solve(x, [1, 2, 3, 4]), svd(x).s));
  const together = (jit(vmap(grad(f)))(stack) as Tensor).toArray() as number[][][];
  for (let i = 0; i < 3; i++) {
    const alone = (grad(f)((stack.toArray() as never[])[i]) as Tensor).toArray() as number[][];
    alone.forEach((row, r) => row.forEach((x, c) => expect(together[i][r][c]).toBeCloseTo(x, 10)));
  }
});
