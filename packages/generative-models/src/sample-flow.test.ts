import { grad } from "@ansatz/autodiff";
import {
  add,
  cos,
  equal,
  exp,
  expandDims,
  jit,
  key,
  mul,
  normal,
  reshape,
  sub,
  sum,
  type Tensor,
  tensor,
  vmap,
} from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { type FlowOptions, flowTrajectory, gaussianVelocity, sampleFlow, type VelocityField } from "./index";

const f64 = (x: readonly unknown[]): Tensor => tensor(x as number[], { dtype: "float64" });
/** dx/dt = cos(3t) x, whose solution is x₀ exp(sin(3t)/3). */
const wave: VelocityField = (x, t) => mul(x, expandDims(cos(mul(3, t)), 1));
const solved = (from: number, to: number): number => Math.exp((Math.sin(3 * to) - Math.sin(3 * from)) / 3);

describe.each([
  ["euler", 1],
  ["heun", 2],
] as const)("%s", (solver, order) => {
  const error = (steps: number, o: FlowOptions = {}): number =>
    Math.abs((sampleFlow(wave, f64([[1]]), { steps, solver, ...o }).item() as number) - solved(o.from ?? 0, o.to ?? 1));

  test(`has order ${order}, forwards, backwards and on part of the way`, () => {
    for (const o of [{}, { from: 1, to: 0 }, { from: 0.2, to: 0.7 }])
      expect(Math.abs(Math.log2(error(256, o) / error(512, o)) - order)).toBeLessThan(0.1);
  });

  test("evaluates at the times of the grid, the end being exact", () => {
    // the loop's body is traced, with no values to look at: read the times off the result
    const clock: VelocityField = (x, t) => sub(expandDims(t, 1), mul(0, x));
    // Σ h t: ½ − h/2 for Euler, ½ for Heun
    assertClose(sampleFlow(clock, f64([[0]]), { steps: 10, solver }), [[solver === "euler" ? 0.45 : 0.5]], {
      rtol: 1e-14,
    });
    const last: VelocityField = (x, t) => add(expandDims(equal(t, 1), 1), mul(0, x));
    assertClose(sampleFlow(last, f64([[0]]), { steps: 49, solver }), [[solver === "euler" ? 0 : 0.5 / 49]], {
      rtol: 1e-12,
    });
  });

  test("one step of a constant field is exact", () => {
    assertClose(
      sampleFlow((x) => add(mul(0, x), 2), f64([[1, 3]]), { steps: 1, solver }),
      [[3, 5]],
    );
  });
});

test("the trajectory begins in x₀, ends where the flow does, and holds every step between", () => {
  const x0 = normal(key(1), [5, 1], { dtype: "float64" });
  for (const solver of ["euler", "heun"] as const) {
    const path = flowTrajectory(wave, x0, { steps: 7, solver });
    expect(path.shape).toEqual([8, 5, 1]);
    const slices = [...path];
    assertClose(slices[0], x0);
    assertClose(slices[7], sampleFlow(wave, x0, { steps: 7, solver }), { rtol: 1e-15 });
    assertClose(slices[3], sampleFlow(wave, x0, { steps: 3, solver, to: 3 / 7 }), { rtol: 1e-13 });
  }
});

test("forwards and back again is where it began, to the order of the method", () => {
  const x0 = f64([[-2], [0.3], [1]]);
  const field = gaussianVelocity(1.5, 0.5);
  const there = sampleFlow(field, x0, { steps: 200 });
  assertClose(sampleFlow(field, there, { steps: 200, from: 1, to: 0 }), x0, { atol: 1e-4 });
});

test("differentiates in the starting point and in what the field captures", () => {
  // x(1) = x₀ e^a: by Heun's method with 100 steps to 10⁻⁴
  const end = (p: { x0: Tensor; a: Tensor }): Tensor => sum(sampleFlow((x) => mul(p.a, x), p.x0, { steps: 100 }));
  const g = grad(end)({ x0: f64([[2]]), a: tensor(0.7) });
  assertClose(g.x0, [[Math.exp(0.7)]], { rtol: 1e-4 });
  assertClose(g.a, 2 * Math.exp(0.7), { rtol: 1e-4 });
});

test("runs compiled and batched, keeps float32 and the shape of an example", () => {
  const x0 = normal(key(2), [3, 4, 5], { dtype: "float32" });
  const field: VelocityField = (x, t) => mul(x, exp(reshape(t, [-1, 1, 1])));
  const run = (x: Tensor): Tensor => sampleFlow(field, x, { steps: 8 });
  const want = run(x0);
  expect([want.dtype, want.shape]).toEqual(["float32", [3, 4, 5]]);
  assertClose(jit(run)(x0), want, { rtol: 1e-5 });
  assertClose(vmap((x: Tensor) => run(expandDims(x, 0)))(x0), expandDims(want, 1), { rtol: 1e-5 });
  // E := e − 1 is ∫ eᵗ: x(1) = x₀ exp(e − 1)
  assertClose(want, mul(x0, exp(Math.E - 1)), { rtol: 0.02 });
});

test("what makes no sense is refused by name", () => {
  const bad =
    (o: object, x: unknown = [[1]]) =>
    () =>
      sampleFlow(wave, x as number[][], o as FlowOptions);
  expect(bad({ steps: 0 })).toThrow(/sampleFlow: steps must be a positive integer/);
  expect(bad({ steps: 1.5 })).toThrow(/steps/);
  expect(bad({ solver: "rk4" })).toThrow(/"euler" or "heun"/);
  expect(bad({ to: Number.NaN })).toThrow(/finite/);
  expect(bad({}, 3)).toThrow(/batch/);
  expect(() => flowTrajectory(wave, [[1]], { steps: -1 })).toThrow(/flowTrajectory/);
});
