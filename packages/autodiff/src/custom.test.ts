import {
  add,
  clip,
  cos,
  exp,
  greater,
  jit,
  log1p,
  mul,
  scan,
  sin,
  sub,
  sum,
  type Tensor,
  tensor,
  vmap,
  where,
} from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import {
  checkpoint,
  customJvp,
  customVjp,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  stopGradient,
  valueAndGradAux,
  vjp,
} from "./index";

const num = (x: Tensor) => x.item() as number;

describe("stopGradient", () => {
  test("is a constant under every transform", () => {
    const f = (x: Tensor) => mul(x, stopGradient(x));
    expect(num(grad(f)(3))).toBe(3);
    expect(num(jit(grad(f))(3))).toBe(3);
    expect(num(grad(jit(f))(3))).toBe(3);
    expect(vmap(grad(f))([1, 2]).toArray()).toEqual([1, 2]);
    expect(num(grad(grad(f))(3))).toBe(0);
    expect(grad((x) => sum(vmap((y: Tensor) => f(y))(x)))([1, 2]).toArray()).toEqual([1, 2]);
    expect(stopGradient({ a: 1, b: [tensor([1, 2])] }).b[0].toArray()).toEqual([1, 2]);
  });
});

describe("customJvp", () => {
  // d/dx is a lie, to see that it is used
  const f = customJvp(
    (x: Tensor) => sin(x),
    ([x], [v]) => ({ value: sin(x), tangent: mul(mul(10, v), cos(x)) }),
  );
  const expected = (x: number) => 10 * Math.cos(x);
  test("is used in both modes, at every order, everywhere", () => {
    expect(num(f(1))).toBeCloseTo(Math.sin(1), 14);
    expect(num(jvp(f, [1], [2]).tangent)).toBeCloseTo(2 * expected(1), 12);
    for (const g of [grad(f), jit(grad(f)), grad(jit(f)), jit(grad(jit(f)))])
      expect(num(g(1))).toBeCloseTo(expected(1), 12);
    expect(num(grad(grad(f))(1))).toBeCloseTo(-10 * Math.sin(1), 12);
    expect(num(jit(grad(grad(f)))(1))).toBeCloseTo(-10 * Math.sin(1), 12);
    for (const g of [vmap(grad(f)), jit(vmap(grad(f))), vmap(jit(grad(f)))])
      (g([1, 2]).toArray() as number[]).forEach((v, i) => expect(v).toBeCloseTo(expected(i + 1), 12));
    (grad((x) => sum(vmap(f)(x)))([1, 2]).toArray() as number[]).forEach((v, i) =>
      expect(v).toBeCloseTo(expected(i + 1), 12),
    );
    const loop = (x: Tensor) => scan((c: Tensor) => [f(c), null] as const, x, null, { length: 2 })[0] as Tensor;
    expect(num(grad(loop)(1))).toBeCloseTo(100 * Math.cos(1) * Math.cos(Math.sin(1)), 11);
  });
  test("sees values outside jit", () => {
    const seen: number[] = [];
    const g = customJvp(
      (x: Tensor) => {
        seen.push(num(x));
        return x;
      },
      ([x], [v]) => {
        seen.push(num(x));
        return { value: x, tangent: v };
      },
    );
    g(1);
    grad(g)(2);
    expect(seen).toEqual([1, 2]);
  });
  test("a differentiated tensor that is no argument is refused", () => {
    const bad = (w: Tensor) =>
      jit((x: Tensor) =>
        customJvp(
          (y: Tensor) => mul(y, w),
          ([y], [v]) => ({ value: mul(y, w), tangent: mul(v, w) }),
        )(x),
      )(2);
    expect(() => grad(bad)(3)).toThrow(/pass it as an argument/);
  });
});

describe("customVjp", () => {
  const f = customVjp((x: { a: Tensor; b: Tensor }) => mul(x.a, x.b), {
    forward: (x) => ({ value: mul(x.a, x.b), residuals: { x } }),
    backward: ({ x }, g) => [{ a: mul(mul(g, x.b), 100), b: mul(g, x.a) }],
  });
  test("is used in reverse mode, everywhere", () => {
    const at = (a: Tensor) => f({ a, b: mul(a, a) });
    // a·a², with ∂/∂a taken 100-fold: 100 a² + a·2a
    const want = (a: number) => 100 * a * a + 2 * a * a;
    for (const g of [grad(at), jit(grad(at)), grad(jit(at)), jit(grad(jit(at)))])
      expect(num(g(3))).toBeCloseTo(want(3), 10);
    expect(num(grad(grad(at))(3))).toBeCloseTo(204 * 3, 10);
    for (const g of [vmap(grad(at)), jit(vmap(grad(at))), vmap(grad(jit(at)))])
      (g([1, 2]).toArray() as number[]).forEach((v, i) => expect(v).toBeCloseTo(want(i + 1), 10));
    expect((grad((x) => sum(vmap(at)(x)))([1, 2]).toArray() as number[])[1]).toBeCloseTo(want(2), 10);
  });
  test("a null cotangent is zero, and residuals may be nothing", () => {
    const clipped = customVjp((x: Tensor, y: Tensor) => add(x, y), {
      forward: (x, y) => ({ value: add(x, y), residuals: null }),
      backward: (_, g) => [clip(g, -1, 1), null],
    });
    const [gx, gy] = vjp((x: Tensor, y: Tensor) => mul(5, clipped(x, y)), 1, 2).pullback(tensor(1));
    expect([num(gx), num(gy)]).toEqual([1, 0]);
  });
  test("forward mode is an error that says what to do", () => {
    expect(() => jvp(f, [{ a: 1, b: 2 }], [{ a: 1, b: 1 }])).toThrow(/customJvp: both modes/);
  });
});

describe("checkpoint", () => {
  test("changes no derivative", () => {
    const f = (x: Tensor) => sum(sin(mul(x, exp(sin(x)))));
    const c = checkpoint(f);
    const x = tensor([0.3, 0.7]);
    const want = grad(f)(x).toArray() as number[];
    for (const g of [grad(c), jit(grad(c)), grad(jit(c)), () => vmap(grad(c))(tensor([[0.3, 0.7]]))])
      (g(x).dataSync() as Float64Array).forEach((v, i) => {
        expect(v).toBeCloseTo(want[i], 12);
      });
    const at = (m: Tensor) => (m.toArray() as number[][])[1][0];
    expect(at(hessian(c)(x))).toBeCloseTo(at(hessian(f)(x)), 11);
    const loop = (g: (x: Tensor) => Tensor) => (y: Tensor) =>
      sum(scan((s: Tensor) => [mul(s, g(s)), null] as const, y, null, { length: 3 })[0]);
    const direct = grad(loop(f))(x).toArray() as number[];
    (grad(loop(c))(x).toArray() as number[]).forEach((v, i) => {
      expect(v).toBeCloseTo(direct[i], 11);
    });
  });
});

describe("jacobian, hessian, hvp", () => {
  const f = (x: Tensor) => mul(x, sum(mul(x, x))); // J = |x|² I + 2 x xᵀ
  test.each(["forward", "reverse", undefined] as const)("jacobian in %s mode", (mode) => {
    for (const j of [jacobian(f, { mode }), jit(jacobian(f, { mode }))])
      expect(j([1, 2, 3]).toArray()).toEqual([
        [16, 4, 6],
        [4, 22, 12],
        [6, 12, 32],
      ]);
  });
  test("trees in, trees out", () => {
    const j = jacobian((p: { a: Tensor; b: Tensor }) => [mul(p.a, p.b), sum(p.a)] as const)({ a: [1, 2], b: [3, 4] });
    expect(j[0].a.toArray()).toEqual([
      [3, 0],
      [0, 4],
    ]);
    expect(j[0].b.toArray()).toEqual([
      [1, 0],
      [0, 2],
    ]);
    expect(j[1].a.toArray()).toEqual([1, 1]);
    expect(j[1].b.toArray()).toEqual([0, 0]);
  });
  test("hessian and hvp", () => {
    const g = (x: Tensor) => sum(mul(x, mul(x, x)));
    expect(hessian(g)([1, 2]).toArray()).toEqual([
      [6, 0],
      [0, 12],
    ]);
    expect(jit(hessian(g))([1, 2]).toArray()).toEqual([
      [6, 0],
      [0, 12],
    ]);
    expect(hvp(g)([1, 2], [1, 1]).toArray()).toEqual([6, 12]);
    expect(jit(hvp(g))([1, 2], [1, 1]).toArray()).toEqual([6, 12]);
    const h = hessian((p: { a: Tensor; b: Tensor }) => mul(mul(p.a, p.a), p.b))({ a: 2, b: 3 });
    expect([num(h.a.a), num(h.a.b), num(h.b.a), num(h.b.b)]).toEqual([6, 4, 4, 0]);
    expect(vmap(hessian((x: Tensor) => mul(x, mul(x, x))))([1, 2]).toArray()).toEqual([6, 12]);
  });
  test("valueAndGradAux brings aux along", () => {
    const r = valueAndGradAux((x: Tensor) => ({ value: mul(x, x), aux: { twice: mul(2, x), name: "x" } }))(3);
    expect([num(r.value), num(r.grad), num(r.aux.twice), r.aux.name]).toEqual([9, 6, 6, "x"]);
  });
});

test("branches on values work under grad outside jit, and are the teaching error inside", () => {
  const f = (x: Tensor) => (num(x) > 0 ? mul(x, x) : sub(0, x));
  expect([num(grad(f)(3)), num(grad(f)(-3))]).toEqual([6, -1]);
  expect(() => jit(f)(3)).toThrow(/there is no value inside jit\(f\).*cond\(\)/);
  expect(() => vmap(f)([1, 2])).toThrow(/there is no value inside vmap\(f\)/);
  expect(num(grad((x) => where(greater(x, 0), log1p(x), x))(1))).toBe(0.5);
});
