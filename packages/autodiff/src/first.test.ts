import { jit, type Tensor, toTensor, vmap } from "@ansatz/tensor";
import { ops } from "@ansatz/tensor/testing";
import { state } from "@ansatz/tensor/transforms";
import { expect, test } from "vitest";
import { grad, jvp, linearize, valueAndGrad, vjp } from "./index";

const { add, exp, mul, reduceSum } = ops;

const sum = (x: Tensor) =>
  reduceSum(
    x,
    x.shape.map((_, i) => i),
  );

test("grad of exp", () => {
  expect(grad((x) => exp(x))(1).item()).toBeCloseTo(Math.E, 12);
  expect(grad((x) => sum(mul(x, x)))([1, 2, 3]).toArray()).toEqual([2, 4, 6]);
  expect(grad(grad((x) => mul(x, mul(x, x))))(2).item()).toBe(12);
});

test("perturbation confusion", () => {
  expect(grad((x) => mul(x, grad((y) => add(x, y))(1)))(1).item()).toBe(1);
});

test("the README line", () => {
  const g = jit(vmap(grad((x) => sum(exp(x)))));
  expect(
    g([
      [0, 1],
      [2, 3],
    ]).toArray(),
  ).toEqual([
    [1, Math.E],
    [Math.exp(2), Math.exp(3)],
  ]);
});

test("grad of jit compiles once", () => {
  const f = jit((x: Tensor) => sum(mul(exp(x), x)));
  const g = grad(f);
  const before = state.compiles;
  const r = g([1, 2]).toArray();
  const first = state.compiles - before;
  g([3, 4]);
  g([5, 6]);
  expect(state.compiles - before).toBe(first);
  expect(first).toBe(2);
  expect(r).toEqual([Math.E * 2, Math.exp(2) * 3]);
  const h = jit(grad(f));
  expect(h([1, 2]).toArray()).toEqual(r);
  expect(jit(grad(jit(grad(jit((x: Tensor) => mul(x, mul(x, x)))))))(2).item()).toBe(12);
});

test("maps", () => {
  const f = (x: Tensor) => mul(x, x);
  expect(jvp(f, [3], [2]).tangent.item()).toBe(12);
  expect(linearize(f, 3).pushforward(2).item()).toBe(12);
  expect(vjp(f, 3).pullback(toTensor(2, "t"))[0].item()).toBe(12);
  expect(valueAndGrad(f)(3).value.item()).toBe(9);
  const p = { a: 1, b: [toTensor(2, "t"), 3] };
  const r = grad((p: { a: Tensor; b: Tensor[] }) => mul(p.a, mul(p.b[0], p.b[1])))(p);
  expect([r.a.item(), r.b[0].item(), r.b[1].item()]).toEqual([6, 3, 2]);
});
