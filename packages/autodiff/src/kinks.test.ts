import { readFileSync } from "node:fs";
import * as T from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import { grad } from ".";

/** Derivatives where a formula has a kink, a tie, a pole or a mask: the conventions of JAX, written next to each rule. */
const at = (f: (x: T.Tensor) => T.Tensor, x: T.TensorLike): number[] =>
  Array.from(grad((u: T.Tensor) => T.sum(f(u)))(T.tensor(x)).dataSync());
const inf = Number.POSITIVE_INFINITY;

const rows: [string, (x: T.Tensor) => T.Tensor, T.TensorLike, number[]][] = [
  ["abs at 0 is 0", T.abs, [0, -0], [0, -0]],
  ["sqrt at 0 is ∞", T.sqrt, [0], [inf]],
  ["cbrt at 0 is ∞", T.cbrt, [0], [inf]],
  ["log at 0 is ∞", T.log, [0], [inf]],
  ["asin at 1 is ∞", T.asin, [1], [inf]],
  ["x^0 at 0 is 0", (x) => T.pow(x, T.zeros([1])), [0], [0]],
  ["x^1 at 0 is 1", (x) => T.pow(x, T.ones([1])), [0], [1]],
  ["0^y in y is 0", (y) => T.pow(0, y), [2], [0]],
  ["x³ at 0 is 0", (x) => T.pow(x, 3), [0], [0]],
  ["maximum at a tie is shared", (x) => T.maximum(x, 1), [1, 2, 0], [0.5, 1, 0]],
  ["max at ties is shared equally", (x) => T.max(x), [3, 1, 3], [0.5, 0, 0.5]],
  ["clip on a bound is 0", (x) => T.clip(x, -1, 1), [-1, 0, 1, 2], [0, 1, 0, 0]],
  ["maxPool at ties is shared", (x) => T.maxPool(T.reshape(x, [1, 1, 3]), 3), [2, 2, 1], [0.5, 0.5, 0]],
  ["cummax goes to the first that attained it", (x) => T.cummax(x, 0), [1, 1, 0], [3, 0, 0]],
  ["prod with one zero is the product of the others", (x) => T.prod(x), [2, 0, 5], [0, 10, 0]],
  ["prod with two zeros is 0", (x) => T.prod(x), [0, 0, 5], [0, 0, 0]],
  ["cumprod at a zero", (x) => T.index(T.cumprod(x, 0), -1), [2, 0, 5], [0, 10, 0]],
  ["norm at 0 is 0", (x) => T.norm(x), [0, 0], [0, 0]],
  ["hypot at 0 is 0", (x) => T.hypot(x, 0), [0], [0]],
  ["sigmoid far out is 0", T.sigmoid, [-1000, 1000], [0, 0]],
  ["tanh far out is 0", T.tanh, [-1000, 1000], [0, 0]],
  ["softplus far out is 0 and 1", T.softplus, [-1000, 1000], [0, 1]],
  ["logSoftmax far apart is finite", (x) => T.index(T.logSoftmax(x), 0), [0, 1000], [1, -1]],
  ["logsumexp of masked entries is 0 there", (x) => T.logsumexp(x), [0, -inf, 0], [0.5, 0, 0.5]],
  ["logsumexp with nothing left is 0", (x) => T.logsumexp(x), [-inf, -inf], [0, 0]],
  ["softmax of masked entries is 0 there", (x) => T.index(T.softmax(x), 0), [0, -inf, 0], [0.25, 0, -0.25]],
  ["logaddexp of two -∞ is shared", (x) => T.logaddexp(x, -inf), [-inf], [0.5]],
  ["logaddexp of -∞ and a number is 0", (x) => T.logaddexp(x, 1), [-inf], [0]],
  ["entr at 1 is -1", T.entr, [1], [-1]],
  ["x log y in y is 0 where x is", (y) => T.xlogy(0, y), [0, 2], [0, 0]],
  ["erfinv at 0 is √π/2", T.erfinv, [0], [Math.sqrt(Math.PI) / 2]],
  ["where takes nothing from the branch not taken", (x) => T.where(T.greater(x, 0), x, 0), [-1, 2], [0, 1]],
  ["floor is 0", T.floor, [0.5, 1], [0, 0]],
  ["a sorted tie stays in order", (x) => T.mul(T.sort(x), T.tensor([1, 10])), [5, 5], [1, 10]],
  [
    "scatter-set where the last value stays",
    (x) => T.mul(T.indexUpdate(T.zeros([2]), [[0, 0]], x), T.tensor([3, 7])),
    [1, 2],
    [0, 3],
  ],
  ["indexMax at a tie is shared", (x) => T.indexMax(x, [[0, 1]], T.tensor([1, 0])), [1, 5], [0.5, 1]],
  ["an empty sum is empty", (x) => T.sum(T.slice(x, 0, 0)), [1, 2], [0, 0]],
  ["maximum(x, 0) at 0 is ½", (x) => T.maximum(x, 0), [0, -1, 1], [0.5, 0, 1]],
  ["relu written where(x > 0, x, 0) at 0 is 0", (x) => T.where(T.greater(x, 0), x, 0), [0, 1], [0, 1]],
  ["sign is 0, also at 0", T.sign, [-1, 0, 2], [0, 0, 0]],
  ["round is 0", T.round, [0.5, 1.2], [0, 0]],
  ["mod in x is 1, on a jump too", (x) => T.mod(x, 2), [1, 2], [1, 1]],
  ["max over NaN is NaN", (x) => T.max(x), [1, Number.NaN], [Number.NaN, Number.NaN]],
  ["where with √ in the branch not taken is NaN", (x) => T.where(T.greater(x, 0), T.sqrt(x), 0), [0], [Number.NaN]],
  [
    "where with a safe argument in that branch is 0",
    (x) => T.where(T.greater(x, 0), T.sqrt(T.where(T.greater(x, 0), x, 1)), 0),
    [0, 4],
    [0, 0.25],
  ],
  ["√(x²) at 0 is NaN: ∞ · 0", (x) => T.sqrt(T.square(x)), [0, 3], [Number.NaN, 1]],
];

describe("the derivative of", () => {
  test.each(rows)("%s", (_, f, x, want) => {
    expect(at(f, x).map((v) => v + 0)).toEqual(want.map((v) => v + 0));
  });
});

test("every convention that the README states is one of these", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const table = readme.slice(readme.indexOf("| at the point | why |")).split("\n\n")[0];
  const stated = table
    .split("\n")
    .slice(2)
    .map((row) => row.split(" | ")[0].slice(2));
  expect(stated.length).toBeGreaterThan(20);
  expect(stated.filter((name) => !rows.some(([tested]) => tested === name))).toEqual([]);
});

test("x^y has its mixed derivatives where an exponent passes 0", () => {
  const dx = (x: T.Tensor, y: T.Tensor): T.Tensor => grad((u: T.Tensor) => T.pow(u, y))(x);
  // ∂/∂y (y x^(y-1)) = x^(y-1) (1 + y log x): 1/x at y = 0
  expect(grad((y: T.Tensor) => dx(T.tensor(2), y))(0).item()).toBe(0.5);
  // x^x = 1 + h + h² + h³/2 + … around 1
  const self = (x: T.Tensor): T.Tensor => T.pow(x, x);
  expect(grad(grad(grad(self)))(1).item()).toBeCloseTo(3, 12);
  // and a whole power stays flat at 0 to every order
  expect(grad(grad(grad((x: T.Tensor) => T.pow(x, 2))))(0).item()).toBe(0);
});

test("the gradient has the dtype of its argument", () => {
  const g = grad((x: T.Tensor) => T.sum(T.mul(x, T.ones([3], { dtype: "float64" }))))(
    T.ones([3], { dtype: "float32" }),
  );
  expect(g.dtype).toBe("float32");
});
