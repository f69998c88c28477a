import {
  abs,
  add,
  cos,
  div,
  exp,
  fori,
  greater,
  index,
  jit,
  matmul,
  matrixTranspose,
  mul,
  neg,
  scan,
  sin,
  stack,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  vmap,
  whileLoop,
  zerosLike,
} from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { state } from "@ansatz/tensor/transforms";
import { describe, expect, test } from "vitest";
import {
  customFixedPoint,
  customLinearSolve,
  customLinearSolveAux,
  customRoot,
  customRootAux,
  grad,
  hessian,
  jacobian,
  jvp,
  linearTranspose,
  vjp,
} from "./index";

type Op = (x: Tensor) => Tensor;
const num = (x: Tensor): number => x.item() as number;

/** x ← x + (b - A x)/4: converges for the matrices below, knowing A by its function alone. */
const richardson = (A: Op, b: Tensor): Tensor =>
  fori(0, 400, (_, x: Tensor) => add(x, mul(0.25, sub(b, A(x)))), zerosLike(b));
/** The same in closed form, for matrices of order 2. */
const cramer = (a: Tensor, b: Tensor): Tensor => {
  const [p, q, r, s] = [index(a, 0, 0), index(a, 0, 1), index(a, 1, 0), index(a, 1, 1)];
  const det = sub(mul(p, s), mul(q, r));
  const [u, v] = [index(b, 0), index(b, 1)];
  return div(stack([sub(mul(s, u), mul(q, v)), sub(mul(p, v), mul(r, u))]), det);
};
const A = tensor([
  [3, 1],
  [-0.5, 2],
]);
const b = tensor([1, -2]);
const iterated = (a: Tensor, y: Tensor): Tensor => customLinearSolve((x: Tensor) => matmul(a, x), y, richardson);
const loss = (solve: typeof cramer) => (a: Tensor, y: Tensor) => sum(exp(mul(solve(a, y), tensor([1, 0.5]))));
const tol = { rtol: 1e-11, atol: 1e-12 };

describe("customLinearSolve", () => {
  test("solves, and has the derivatives of the closed form in both modes", () => {
    assertClose(iterated(A, b), cramer(A, b), tol);
    const dA = tensor([
      [0.3, -1],
      [2, 0.7],
    ]);
    const db = tensor([-1, 0.4]);
    const forward = (s: typeof cramer) => jvp(s, [A, b], [dA, db]).tangent;
    assertClose(forward(iterated), forward(cramer), tol);
    const back = (s: typeof cramer) => vjp(loss(s), A, b).pullback(tensor(1));
    const want = back(cramer);
    for (const got of [back(iterated), jit(back)(iterated as never) as typeof want])
      got.forEach((g, i) => assertClose(g, want[i], tol));
  });
  test("is differentiated twice, batched, compiled and looped over", () => {
    const at = (s: typeof cramer) => (y: Tensor) => loss(s)(mul(A, add(1, mul(0.1, sum(y)))), y);
    const want = hessian(at(cramer))(b);
    assertClose(hessian(at(iterated))(b), want, tol);
    assertClose(jit(hessian(at(iterated)))(b), want, tol);
    assertClose(jacobian(grad(at(iterated)), { mode: "reverse" })(b), want, tol);
    const ys = tensor([
      [1, 2],
      [0, -1],
      [0.3, 0.3],
    ]);
    assertClose(vmap(grad(at(iterated)))(ys), vmap(grad(at(cramer)))(ys), tol);
    const as = stack([A, matrixTranspose(A)]);
    const each = (s: typeof cramer) => vmap(grad((a: Tensor) => loss(s)(a, b)))(as);
    assertClose(each(iterated), each(cramer), tol);
    const looped = (s: typeof cramer) => (y: Tensor) =>
      sum(scan((c: Tensor) => [s(add(A, mul(0.1, sum(c))), c), null] as const, y, null, { length: 3 })[0]);
    assertClose(grad(looped(iterated))(b), grad(looped(cramer))(b), tol);
  }, 30_000);
  test("the solver's steps leave no residuals and are not differentiated", () => {
    let calls = 0;
    const lie = (op: Op, y: Tensor): Tensor => {
      calls++;
      return whileLoop(
        (x: Tensor) => greater(sum(abs(sub(op(x), y))), 1e-13),
        (x: Tensor) => add(x, mul(0.25, sub(y, op(x)))),
        zerosLike(y),
      );
    };
    const f = (a: Tensor) => loss((m, y) => customLinearSolve((x: Tensor) => matmul(m, x), y, lie))(a, b);
    assertClose(grad(f)(A), grad((a: Tensor) => loss(cramer)(a, b))(A), { rtol: 1e-10, atol: 1e-11 });
    expect(calls).toBeGreaterThan(0);
  });
  test("takes a solver for the transpose, symmetric operators, trees and aux", () => {
    const byHand = (a: Tensor, y: Tensor) =>
      customLinearSolve(
        (x: Tensor) => matmul(a, x),
        y,
        (_, r) => cramer(a, r),
        {
          transposeSolve: (_, r) => cramer(matrixTranspose(a), r),
        },
      );
    assertClose(grad((a: Tensor) => loss(byHand)(a, b))(A), grad((a: Tensor) => loss(cramer)(a, b))(A), tol);
    const blind = (a: Tensor, y: Tensor) =>
      customLinearSolve(
        (x: Tensor) => matmul(a, x),
        y,
        (_, r) => cramer(a, r),
      );
    assertClose(jvp((a: Tensor) => blind(a, b), [A], [A]).tangent, neg(cramer(A, b)), tol);
    expect(() => grad((y: Tensor) => loss(blind)(A, y))(b)).toThrow(/solve with A instead of Aᵀ; pass transposeSolve/);
    const half = (s: Tensor, y: { p: Tensor; q: Tensor[] }) =>
      customLinearSolve(
        (x: { p: Tensor; q: Tensor[] }) => ({ p: mul(s, x.p), q: [mul(s, x.q[0])] }),
        y,
        (_, r) => ({ p: div(r.p, s), q: [div(r.q[0], s)] }),
        { symmetric: true },
      );
    const y = { p: tensor([2, 4]), q: [tensor(6)] };
    expect(num(grad((s: Tensor) => sum(half(s, y).p).add(half(s, y).q[0]))(2))).toBe(-3); // -Σ b / s²
    const told = grad((s: Tensor) => {
      const r = customLinearSolveAux(
        (x: Tensor) => mul(s, x),
        6,
        (op, v: Tensor) => ({ value: div(v, op(tensor(1))), aux: { r: mul(2, v) } }),
        {
          symmetric: true,
        },
      );
      return add(r.value, r.aux.r); // aux is a constant
    });
    expect(num(told(2))).toBe(-1.5);
    expect(num(jit(told)(2))).toBe(-1.5);
  });
  test("refuses what is no linear system", () => {
    expect(() => grad((y: Tensor) => sum(customLinearSolve((x: Tensor) => mul(x, x), y, richardson)))(b)).toThrow(
      /not linear \(mul\)/,
    );
    expect(() => customLinearSolve((x: Tensor) => index(x, 0), b, richardson)).toThrow(/A x.*float64\[\]/);
    expect(() =>
      customLinearSolve(
        (x: Tensor) => x,
        tensor(new Int32Array([1])),
        (_, r) => r,
      ),
    ).toThrow(/floats only/);
  });
});

describe("customRoot", () => {
  const newton = (f: Op, x0: Tensor): Tensor =>
    fori(
      0,
      30,
      (_, x: Tensor) => {
        const d = jvp(f, [x], [1]);
        return sub(x, div(d.value, d.tangent));
      },
      x0,
    );
  const root = (a: Tensor): Tensor => customRoot((x: Tensor) => sub(mul(x, mul(x, x)), a), 1, newton);
  test("∛a to third order, in both modes, compiled and batched", () => {
    // a^(1/3): 1/3 a^(-2/3), -2/9 a^(-5/3), 10/27 a^(-8/3)
    const [d1, d2, d3] = [1 / 12, -2 / 288, 10 / 27 / 256];
    assertClose(root(tensor(8)), 2, tol);
    assertClose(jvp(root, [8], [1]).tangent, d1, tol);
    for (const g of [grad(root), jit(grad(root)), grad(jit(root)), (a: number) => vmap(grad(root))([a]).at(0)])
      assertClose(g(8), d1, tol);
    assertClose(grad(grad(root))(8), d2, tol);
    assertClose(jit(grad(grad(root)))(8), d2, tol);
    assertClose(jvp(grad(root), [8], [1]).tangent, d2, tol);
    assertClose(grad(grad(grad(root)))(8), d3, { rtol: 1e-10 });
  });
  test("the solver sees values outside jit, and its start does not count", () => {
    const seen: number[] = [];
    const solver = (f: Op, x0: Tensor): Tensor => {
      let x = num(x0);
      while (Math.abs(num(f(tensor(x)))) > 1e-14) {
        seen.push(x);
        x -= num(f(tensor(x))) / (2 * x);
      }
      return tensor(x);
    };
    const g = grad((a: Tensor) => customRoot((x: Tensor) => sub(mul(x, x), a), mul(a, 3), solver));
    assertClose(g(2), 0.5 / Math.SQRT2, { rtol: 1e-12 });
    expect(seen.length).toBeGreaterThan(2);
  });
  test("systems take a linear solver; without one the error says which", () => {
    const f = (a: Tensor, x: Tensor) => sub(add(mul(2, x), tanh(matmul(A, x))), a);
    const solve = (g: Op, x0: Tensor) => fori(0, 300, (_, x: Tensor) => sub(x, mul(0.2, g(x))), x0);
    const damped = (op: Op, r: Tensor) => fori(0, 400, (_, x: Tensor) => add(x, mul(0.2, sub(r, op(x)))), zerosLike(r));
    const x = (a: Tensor) => customRoot((y: Tensor) => f(a, y), tensor([0, 0]), solve, { linearSolve: damped });
    const at = tensor([0.3, -0.4]);
    const j = jacobian(x)(at);
    // f(x(a), a) = 0: ∂f/∂x · J = I
    const fx = jacobian((y: Tensor) => f(at, y))(x(at));
    assertClose(
      matmul(fx, j),
      [
        [1, 0],
        [0, 1],
      ],
      { atol: 1e-11 },
    );
    assertClose(jacobian(x, { mode: "forward" })(at), j, tol);
    const direct = hessian((a: Tensor) => sum(exp(solve((y) => f(a, y), tensor([0, 0])))))(at);
    assertClose(hessian((a: Tensor) => sum(exp(x(a))))(at), direct, { rtol: 1e-9, atol: 1e-10 });
    expect(() => grad((a: Tensor) => sum(customRoot((y: Tensor) => f(a, y), tensor([0, 0]), solve)))(at)).toThrow(
      /more than one unknown.*unknowns: 2.*pass linearSolve/,
    );
  });
  test("aux comes along", () => {
    const g = (a: Tensor) =>
      customRootAux(
        (x: Tensor) => sub(mul(x, x), a),
        1,
        (f, x0: Tensor) => ({
          value: newton(f, x0),
          aux: { residual: f(newton(f, x0)), steps: 30 },
        }),
      );
    const r = jit((a: Tensor) => g(a))(4);
    assertClose(r.value, 2, tol);
    assertClose(r.aux.residual, 0, { atol: 1e-14 });
    expect(num(r.aux.steps)).toBe(30);
    assertClose(grad((a: Tensor) => g(a).value)(4), 0.25, tol);
  });
});

describe("customFixedPoint", () => {
  const dottie = (a: Tensor): Tensor => customFixedPoint((x: Tensor) => cos(mul(a, x)), 1);
  // x = cos(ax): x' = -s x / (1 + a s), s = sin(ax)
  const slope = (a: number, x: number): number => (-Math.sin(a * x) * x) / (1 + a * Math.sin(a * x));
  test("differentiates in both modes, to second order, under jit and vmap", () => {
    const x = 0.7390851332151607;
    assertClose(dottie(tensor(1)), x, { rtol: 1e-14 });
    for (const g of [grad(dottie), jit(grad(dottie)), (a: number) => jvp(dottie, [a], [1]).tangent])
      assertClose(g(1), slope(1, x), { rtol: 1e-13 });
    const h = 1e-4;
    const s = (a: number): number => slope(a, num(dottie(tensor(a))));
    assertClose(grad(grad(dottie))(1), (s(1 + h) - s(1 - h)) / (2 * h), { rtol: 1e-7 });
    assertClose(vmap(grad(dottie))([0.5, 1]), [s(0.5), s(1)], { rtol: 1e-12 });
  });
  test("holds a tree, and stops at maxSteps", () => {
    const f = (t: Tensor) =>
      customFixedPoint((x: { u: Tensor; v: Tensor }) => ({ u: mul(0.5, sin(add(x.v, t))), v: mul(0.3, cos(x.u)) }), {
        u: 0,
        v: 0,
      });
    const direct = (t: Tensor) => {
      let [u, v] = [tensor(0), tensor(0)];
      for (let k = 0; k < 60; k++) [u, v] = [mul(0.5, sin(add(v, t))), mul(0.3, cos(u))];
      return add(u, mul(2, v));
    };
    assertClose(grad((t: Tensor) => add(f(t).u, mul(2, f(t).v)))(0.4), grad(direct)(0.4), { rtol: 1e-12 });
    assertClose(
      customFixedPoint((x: Tensor) => mul(0.5, x), 1, { maxSteps: 3 }),
      0.125,
    );
  });
});

describe("linearTranspose", () => {
  test("is the adjoint, without a point", () => {
    const f = (x: Tensor, y: Tensor) => add(matmul(A, x), mul(3, y));
    const [x, y] = linearTranspose(f, [0, 0], [0, 0])(tensor([1, 10]));
    assertClose(x, [-2, 21]);
    assertClose(y, [3, 30]);
    const theta = (a: Tensor) => sum(linearTranspose((v: Tensor) => matmul(a, v), [0, 0])(b)[0]);
    assertClose(grad(theta)(A), [
      [1, 1],
      [-2, -2],
    ]);
  });
  test("refuses what is not linear", () => {
    expect(() => linearTranspose((x: Tensor) => mul(x, x), 1)(tensor(1))).toThrow(/not linear \(mul\).*linearize/);
    expect(() => linearTranspose((x: Tensor) => sin(x), 1)(tensor(1))).toThrow(/not linear \(sin\)/);
    expect(() => linearTranspose((x: Tensor) => div(1, x), 1)(tensor(1))).toThrow(/not linear \(div\)/);
    expect(state.trace).toBeNull();
  });
});
