import {
  add,
  cond,
  cos,
  exp,
  greater,
  jit,
  matmul,
  maximum,
  mul,
  scan,
  sin,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  vmap,
} from "@ansatz/tensor";
import { state } from "@ansatz/tensor/transforms";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { directionalDerivative, grad, jacobian, jet, jvp, linearize, vjp } from "./index";

/** Random programs on vectors of length 3, as recipes so that fast-check can shrink them. */
type Recipe =
  | { op: "x" }
  | { op: "c"; v: number }
  | { op: "sin" | "tanh" | "gauss" | "cumulate" | "rotate" | "jit" | "loop"; a: Recipe }
  | { op: "add" | "sub" | "mul" | "max" | "choose" | "outer"; a: Recipe; b: Recipe };

const rotation = tensor([
  [0, 1, 0],
  [0.5, 0, 1],
  [1, 0, -0.5],
]);

const build = (r: Recipe, x: Tensor): Tensor => {
  switch (r.op) {
    case "x":
      return x;
    case "c":
      return tensor([r.v, -r.v, r.v / 2]);
    case "sin":
      return sin(build(r.a, x));
    case "tanh":
      return tanh(build(r.a, x));
    case "gauss": {
      const y = build(r.a, x);
      return exp(sub(0, mul(y, y)));
    }
    case "cumulate":
      return scan((c: Tensor, v: Tensor) => [tanh(add(mul(c, 0.5), v)), mul(c, v)] as const, 0.3, build(r.a, x))[1];
    case "loop": {
      const y = build(r.a, x);
      return scan((c: Tensor) => [sin(add(mul(c, y), x)), null] as const, y, null, { length: 3 })[0];
    }
    case "rotate":
      return matmul(rotation, build(r.a, x));
    case "jit":
      return jit((v: Tensor) => cos(build(r.a, v)))(x);
    case "add":
      return add(build(r.a, x), build(r.b, x));
    case "sub":
      return sub(build(r.a, x), build(r.b, x));
    case "mul":
      return mul(build(r.a, x), build(r.b, x));
    case "max":
      return maximum(build(r.a, x), build(r.b, x));
    case "outer":
      return mul(sum(build(r.a, x)), build(r.b, x));
    case "choose":
      return cond(
        greater(sum(x), 0.1),
        (v: Tensor) => build(r.a, v),
        (v: Tensor) => build(r.b, v),
        x,
      );
  }
};

const { recipe } = fc.letrec<{ recipe: Recipe }>((tie) => ({
  recipe: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constant({ op: "x" } as Recipe),
    fc.integer({ min: -8, max: 8 }).map((v) => ({ op: "c", v: v / 4 }) as Recipe),
    fc.record({
      op: fc.constantFrom("sin", "tanh", "gauss", "cumulate", "rotate", "jit", "loop"),
      a: tie("recipe"),
    }) as fc.Arbitrary<Recipe>,
    fc.record({
      op: fc.constantFrom("add", "sub", "mul", "max", "choose", "outer"),
      a: tie("recipe"),
      b: tie("recipe"),
    }) as fc.Arbitrary<Recipe>,
  ),
}));
const vector = fc.array(
  fc.integer({ min: -40, max: 40 }).map((v) => v / 31),
  { minLength: 3, maxLength: 3 },
);

const num = (x: Tensor): number => x.item() as number;
const dot = (a: Tensor, b: Tensor): number => num(sum(mul(a, b)));
const agree = (a: Tensor, b: Tensor): void => {
  expect(a.shape).toEqual(b.shape);
  const [p, q] = [a.dataSync(), b.dataSync()] as Float64Array[];
  p.forEach((v, i) => {
    expect(Math.abs(v - q[i])).toBeLessThanOrEqual(1e-10 * (1 + Math.abs(q[i])));
  });
};
const runs = { numRuns: 60 };

describe("laws of random programs", () => {
  test(
    "⟨Jv, w⟩ = ⟨v, Jᵀw⟩",
    () =>
      fc.assert(
        fc.property(recipe, vector, vector, vector, (r, x, v, w) => {
          const f = (y: Tensor): Tensor => build(r, y);
          const jv = jvp(f, [x], [v]).tangent;
          const [jtw] = vjp(f, x).pullback(tensor(w));
          const left = dot(jv, tensor(w));
          expect(Math.abs(left - dot(tensor(v), jtw))).toBeLessThanOrEqual(1e-10 * (1 + Math.abs(left)));
          agree(linearize(f, x).pushforward(v), jv);
        }),
        runs,
      ),
    60_000,
  );
  test(
    "vmap∘grad is grad per row, and jit changes nothing",
    () =>
      fc.assert(
        fc.property(recipe, fc.array(vector, { minLength: 1, maxLength: 3 }), (r, rows) => {
          const g = grad((y: Tensor) => sum(build(r, y)));
          const all = vmap(g)(tensor(rows));
          const each = rows.map((x) => g(x).toArray() as number[]);
          agree(all, tensor(each));
          agree(jit(vmap(g))(tensor(rows)), tensor(each));
          agree(vmap(jit(g))(tensor(rows)), tensor(each));
          agree(grad((ys: Tensor) => sum(vmap((y: Tensor) => sum(build(r, y)))(ys)))(tensor(rows)), tensor(each));
        }),
        runs,
      ),
    60_000,
  );
  test(
    "forward and reverse Jacobians agree, also of gradients, inside and outside jit",
    () =>
      fc.assert(
        fc.property(recipe, vector, (r, x) => {
          const f = (y: Tensor): Tensor => build(r, y);
          agree(jacobian(f, { mode: "forward" })(x), jacobian(f, { mode: "reverse" })(x));
          const g = grad((y: Tensor) => sum(mul(f(y), f(y))));
          const h = jacobian(g, { mode: "forward" })(x);
          agree(h, jacobian(g, { mode: "reverse" })(x));
          agree(h, jit(jacobian(jit(g), { mode: "reverse" }))(x));
        }),
        { numRuns: 30 },
      ),
    60_000,
  );
  test(
    "Taylor mode is jvp in jvp, and its second coefficient half a Hessian product",
    () =>
      fc.assert(
        fc.property(recipe, vector, vector, (r, x, v) => {
          const f = (y: Tensor): Tensor => build(r, y);
          const [first, second] = jet(f, [x], [[v], [[0, 0, 0]]]).series;
          agree(first, jvp(f, [x], [v]).tangent);
          agree(second, mul(0.5, directionalDerivative(f, x, v, v)));
          agree(jit((y: Tensor) => jet(f, [y], [[v], [[0, 0, 0]]]).series[1])(x), second);
        }),
        { numRuns: 30 },
      ),
    60_000,
  );
});

describe("nesting", () => {
  test("perturbations are not confused", () => {
    expect(num(grad((x) => mul(x, grad((y) => add(x, y))(1)))(1))).toBe(1);
    expect(num(grad((x) => mul(x, jvp((y: Tensor) => mul(x, y), [1], [1]).tangent))(3))).toBe(6);
    expect(num(jvp((x: Tensor) => mul(x, grad((y) => mul(mul(y, y), x))(x)), [2], [1]).tangent)).toBe(24);
  });
  test("closures over outer tracers, through jit, vmap and loops", () => {
    const f = (x: Tensor): Tensor =>
      sum(
        vmap((y: Tensor) =>
          jit(
            (z: Tensor) => scan((c: Tensor) => [mul(c, add(x, mul(y, z))), null] as const, 1, null, { length: 2 })[0],
          )(2),
        )([1, 2]),
      );
    // Σ_y (x + 2y)²; derivative 2 Σ_y (x + 2y)
    expect(num(f(tensor(3)))).toBe(25 + 49);
    expect(num(grad(f)(3))).toBe(24);
    expect(num(jit(grad(f))(3))).toBe(24);
    expect(num(grad(grad(f))(3))).toBe(4);
  });
  test("grad(jit(f)) and jit(grad(f)) compile once, whatever the values", () => {
    const f = (x: Tensor): Tensor => sum(mul(exp(x), sin(x)));
    const counted = (g: (x: Tensor) => Tensor): number[] => {
      const counts = [
        [1, 2],
        [3, 4],
        [5, 6],
      ].map((x) => {
        const before = state.compiles;
        g(tensor(x));
        return state.compiles - before;
      });
      return counts;
    };
    const inner = counted(grad(jit((x: Tensor) => f(x))));
    expect(inner[0]).toBeLessThanOrEqual(2); // the forward part with residuals, and the transposed part
    expect(inner.slice(1)).toEqual([0, 0]);
    expect(counted(jit(grad((x: Tensor) => f(x))))).toEqual([1, 0, 0]);
    expect(counted(jit(grad(jit((x: Tensor) => f(x)))))).toEqual([1, 0, 0]);
  });
});
