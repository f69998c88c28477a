import { exp, jit, mul, sum, type Tensor, tensor, vmap } from "@ansatz/tensor";
import { expect, test } from "vitest";
import { grad, jvp, linearize, valueAndGrad, vjp } from "./index";

const square = (x: Tensor): Tensor => mul(x, x);

test("the README's line runs as it stands", () => {
  const g = jit(vmap(grad((x) => sum(exp(x)))));
  const rows = g([
    [0, 1],
    [2, 3],
  ]);
  expect(rows.toArray()).toEqual([
    [1, Math.E],
    [Math.exp(2), Math.exp(3)],
  ]);
});

test("forward, linearised and reverse derivatives of a square", () => {
  expect(jvp(square, [3], [2]).tangent.item()).toBe(12);
  const { value, pushforward } = linearize(square, 3);
  expect([value.item(), pushforward(2).item(), pushforward(5).item()]).toEqual([9, 12, 30]);
  const { pullback } = vjp(square, 3);
  expect([pullback(tensor(2))[0].item(), pullback(tensor(5))[0].item()]).toEqual([12, 30]);
  const both = valueAndGrad(square)(3);
  expect([both.value.item(), both.grad.item()]).toEqual([9, 6]);
  expect(grad(grad((x) => mul(x, square(x))))(2).item()).toBe(12);
});

test("trees are differentiated leaf by leaf, and numbers are leaves", () => {
  const p = { a: 1, b: [tensor(2), 3], name: "p" };
  const r = grad((q: { a: Tensor; b: Tensor[]; name: string }) => mul(q.a, mul(q.b[0], q.b[1])))(p);
  expect([r.a.item(), r.b[0].item(), r.b[1].item(), r.name]).toEqual([6, 3, 2, "p"]);
});

test("misuse says what to do instead", () => {
  expect(() => grad((x) => mul(x, x))([1, 2])).toThrow(
    /must return a scalar, got result: float64\[2\]; sum it, or use jacobian/,
  );
  expect(() => grad((p: { n: Tensor }) => p.n)({ n: tensor(new Int32Array([1])) })).toThrow(
    /floats only, got argument 0\.n: int32\[1\]; convert it/,
  );
  expect(() => jvp((p: { w: Tensor }) => p.w, [{ w: [1, 2] }], [{ w: [1, 2, 3] }])).toThrow(
    /tangents\[0\]\.w: float64\[3\], expected: float64\[2\]/,
  );
  expect(() => vjp(square, 3).pullback({ w: 1 } as never)).toThrow(/structures differ at cotangent/);
  expect(() => grad(() => "no" as never)(1)).toThrow(/one scalar tensor/);
});
