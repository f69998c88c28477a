import {
  add,
  exp,
  index,
  jit,
  key,
  log,
  matmul,
  mul,
  normal,
  prod,
  sin,
  split,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  trace,
  vmap,
} from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { state } from "@ansatz/tensor/transforms";
import { describe, expect, test } from "vitest";
import {
  directionalDerivative,
  divergence,
  estimateDivergence,
  estimateLaplacian,
  grad,
  gvp,
  type HessianMode,
  hessian,
  jacfwd,
  jacobian,
  jacrev,
  laplacian,
  linearize,
} from "./index";

const num = (x: Tensor): number => x.item() as number;
const W = normal(key(1), [4, 3], { dtype: "float64" });
const x = tensor([0.3, -0.7, 1.1]);
const f = (u: Tensor): Tensor => tanh(matmul(W, mul(u, u)));
const scalar = (u: Tensor): Tensor => sum(exp(mul(f(u), 0.5)));
const tol = { rtol: 1e-12, atol: 1e-13 };

describe("jacfwd, jacrev, hessian", () => {
  test("are the same matrices by every order of modes", () => {
    assertClose(jacfwd(f)(x), jacrev(f)(x), tol);
    const want = hessian(scalar)(x);
    for (const mode of [
      "forward-over-reverse",
      "reverse-over-reverse",
      "forward-over-forward",
      "reverse-over-forward",
    ] as HessianMode[]) {
      assertClose(hessian(scalar, { mode })(x), want, tol);
      assertClose(jit(hessian(scalar, { mode }))(x), want, tol);
    }
    assertClose(jacfwd(jacrev(scalar))(x), want, tol);
  });
  test("refuse other modes, and hessians of what is not a scalar", () => {
    expect(() => hessian(scalar, { mode: "sideways" as never })).toThrow(/mode.*sideways/);
    for (const mode of ["forward-over-reverse", "forward-over-forward"] as HessianMode[])
      expect(() => hessian(f, { mode })(x)).toThrow(/scalar/);
  });
});

describe("gvp", () => {
  const v = tensor([1, -2, 0.5]);
  test("is Jᵀ ∇²ℓ J v", () => {
    const J = jacobian(f)(x);
    assertClose(gvp(f)(x, v), matmul(J.T, matmul(J, v)), tol);
    const loss = (y: Tensor): Tensor => sum(exp(y));
    const H = hessian(loss)(f(x));
    assertClose(gvp(f, loss)(x, v), matmul(J.T, matmul(H, matmul(J, v))), tol);
    assertClose(jit((u: Tensor) => gvp(f, loss)(u, v))(x), gvp(f, loss)(x, v), tol);
  });
  test("is the Hessian where the model is linear, and takes trees", () => {
    const model = (p: { w: Tensor; b: Tensor }, u: Tensor) => add(matmul(p.w, u), p.b);
    const p = { w: W, b: tensor([0, 1, 2, 3]) };
    const d = { w: mul(W, W), b: tensor([1, 0, -1, 2]) };
    const loss = (y: Tensor): Tensor => sum(mul(square(y), square(y)));
    const whole = (q: typeof p): Tensor => loss(model(q, x));
    const want = directionalDerivative(grad(whole), p, d);
    const got = gvp(model, loss)(p, d, x);
    assertClose(got.w, want.w, tol);
    assertClose(got.b, want.b, tol);
  });
});

describe("directionalDerivative", () => {
  test("mixes directions", () => {
    const e = (i: number): number[] => [0, 1, 2].map((k) => (k === i ? 1 : 0));
    expect(num(directionalDerivative((u: Tensor) => prod(u), [2, 3, 5], e(0), e(1)))).toBe(5);
    expect(num(directionalDerivative((u: Tensor) => prod(u), [2, 3, 5], e(0), e(1), e(2)))).toBe(1);
    expect(num(directionalDerivative((u: Tensor) => prod(u), [2, 3, 5]))).toBe(30);
    const H = hessian(scalar)(x);
    const [u, v] = [tensor([1, 2, 3]), tensor([-1, 0.5, 2])];
    assertClose(directionalDerivative(scalar, x, u, v), matmul(u, matmul(H, v)), tol);
  });
});

describe("per-example gradients", () => {
  test("are vmap of grad, the parameters held", () => {
    const loss = (p: { w: Tensor }, u: Tensor, y: Tensor): Tensor => square(sub(sum(mul(p.w, u)), y));
    const xs = normal(key(4), [5, 3], { dtype: "float64" });
    const ys = tensor([1, 2, 3, 4, 5]);
    const each = vmap(grad(loss), { in: [null, 0, 0] })({ w: x }, xs, ys);
    expect(each.w.shape).toEqual([5, 3]);
    for (let i = 0; i < 5; i++) assertClose(index(each.w, i), grad(loss)({ w: x }, index(xs, i), index(ys, i)).w, tol);
  });
});

describe("divergence and Laplacian", () => {
  const field = (u: Tensor): Tensor => mul(sin(u), sum(mul(u, tensor([1, 2, 3]))));
  test("are traces of Jacobian and Hessian", () => {
    const d = divergence(field)(x);
    assertClose(d.value, field(x), tol);
    assertClose(d.divergence, trace(jacobian(field)(x)), tol);
    assertClose(jit(divergence(field))(x).divergence, d.divergence, tol);
    const l = laplacian(scalar)(x);
    assertClose(l.value, scalar(x), tol);
    assertClose(l.grad, grad(scalar)(x), tol);
    assertClose(l.laplacian, trace(hessian(scalar)(x)), tol);
    assertClose(
      vmap((u: Tensor) => laplacian(scalar)(u).laplacian)(tensor([[0.3, -0.7, 1.1]])),
      [num(l.laplacian)],
      tol,
    );
    // log r is harmonic in the plane
    const plane = (u: Tensor): Tensor => mul(0.5, log(sum(square(u))));
    assertClose(laplacian(plane)([0.4, 1.3]).laplacian, 0, { atol: 1e-14 });
  });
  test("take trees, further arguments, and say what they need", () => {
    const rotate = (p: { q: Tensor; p: Tensor }, k: Tensor) => ({ q: mul(k, p.p), p: mul(-1, mul(k, sin(p.q))) });
    assertClose(divergence(rotate)({ q: 1, p: 2 }, 3).divergence, 0); // Hamiltonian: volume is kept
    assertClose(
      divergence((u: { a: Tensor; b: Tensor }) => ({ a: mul(2, u.a), b: mul(3, u.b) }))({ a: [1, 1], b: 1 }).divergence,
      7,
    );
    expect(() => divergence(f as (u: Tensor) => Tensor)(x)).toThrow(
      /returns what it takes.*float64\[3\].*float64\[4\]/,
    );
  });
  test("are estimated without bias, and with Hutchinson's variances", () => {
    const n = 4000;
    const keys = split(key(7), n);
    const S = mul(0.5, add(jacobian(field)(x), jacobian(field)(x).T));
    const all = num(sum(square(S)));
    const diagonal = num(
      sum(
        square(
          mul(
            S,
            tensor([
              [1, 0, 0],
              [0, 1, 0],
              [0, 0, 1],
            ]),
          ),
        ),
      ),
    );
    const exact = num(divergence(field)(x).divergence);
    for (const [noise, variance] of [
      ["rademacher", 2 * (all - diagonal)],
      ["normal", 2 * all],
    ] as const) {
      const draws = vmap((k: Tensor) => estimateDivergence(field, { noise })(k, x).divergence)(keys);
      const got = draws.dataSync() as Float64Array;
      const mean = got.reduce((a, b) => a + b) / n;
      const spread = got.reduce((a, b) => a + (b - mean) ** 2, 0) / (n - 1);
      expect(Math.abs(mean - exact)).toBeLessThan(4 * Math.sqrt(variance / n));
      expect(Math.abs(spread / variance - 1)).toBeLessThan(0.15);
    }
    const many = estimateDivergence(field, { samples: 200 });
    expect(num(many(key(1), x).divergence)).not.toBe(exact);
    expect(Math.abs(num(many(key(1), x).divergence) - exact)).toBeLessThan(4 * Math.sqrt((2 * (all - diagonal)) / 200));
    assertClose(many(key(1), x).divergence, jit(many)(key(1), x).divergence, tol);
    const l = estimateLaplacian(scalar, { samples: 2000, noise: "normal" })(key(2), x);
    const H = hessian(scalar)(x);
    expect(Math.abs(num(l.laplacian) - num(trace(H)))).toBeLessThan(4 * Math.sqrt((2 * num(sum(square(H)))) / 2000));
    assertClose(l.grad, grad(scalar)(x), tol);
    expect(() => many(key(1), x) && estimateDivergence(field, { samples: 0 })(key(1), x)).toThrow(/samples/);
  });
});

describe("linearize", () => {
  test("serves many directions without running or compiling anything again, and says what it keeps", () => {
    let runs = 0;
    const counted = (u: Tensor): Tensor => {
      runs++;
      return f(u);
    };
    const lin = linearize(counted, x);
    lin.pushforward([1, 0, 0]);
    const compiles = state.compiles;
    for (let k = 0; k < 10; k++) lin.pushforward([k, 1, -k]);
    expect([runs, state.compiles - compiles]).toEqual([1, 0]);
    assertClose(lin.pushforward([0, 1, 0]), index(jacobian(f)(x), ":", 1), tol);
    // tanh keeps 1 - y and 1 + y or their like [4], the square its x [3], the product W [4, 3]
    expect(lin.residualBytes).toBeGreaterThanOrEqual(8 * (12 + 4 + 3));
    expect(lin.residualBytes).toBeLessThanOrEqual(8 * (12 + 3 * 4 + 3 * 3));
  });
});
