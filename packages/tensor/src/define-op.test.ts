import { describe, expect, test } from "vitest";
import { jvp, notDifferentiable, zeroDerivative } from "./core/op";
import { bind1 } from "./core/trace";
import { add, defineOp, jit, mul, type Tensor, tensor, vmap } from "./index";

const cube = defineOp({
  name: "cube",
  abstract: ([x]) => [x],
  compose: ([x]) => [mul(x, mul(x, x))],
  derivative: jvp(([x], [dx]) => [dx && mul(dx, mul(3, mul(x, x)))]),
  batch: "elementwise",
});
const reversed = defineOp({
  name: "reversed",
  abstract: ([x]) => [x],
  host: ([x]) => [(x.data as Float64Array).slice().reverse()],
  derivative: notDifferentiable("it is a test"),
  batch: () => {
    throw new Error("not batched here");
  },
});

describe("defineOp", () => {
  test("an op by composition and one on the host work eagerly and compiled", () => {
    expect(bind1(cube, [tensor([1, 2])], {}).toArray()).toEqual([1, 8]);
    expect(jit((x: Tensor) => add(bind1(cube, [x], {}), 1))([1, 2]).toArray()).toEqual([2, 9]);
    expect(vmap((x: Tensor) => bind1(cube, [x], {}))([[1, 2]]).toArray()).toEqual([[1, 8]]);
    expect(bind1(reversed, [tensor([1, 5, 2])], {}).toArray()).toEqual([2, 5, 1]);
    expect(jit((x: Tensor) => add(bind1(reversed, [x], {}), 1))([1, 5, 2]).toArray()).toEqual([3, 6, 2]);
  });
  test.each([
    [{ name: "" }, /no name/],
    [{ abstract: undefined }, /no shape rule/],
    [{ compose: undefined }, /computes nothing/],
    [{ host: () => [] }, /two meanings/],
    [{ derivative: undefined }, /how it differentiates/],
    [{ derivative: { kind: "jvp" } }, /without a rule/],
    [{ derivative: { kind: "linear" } }, /no transpose/],
    [{ batch: undefined }, /how it batches/],
    [{ effects: "random" }, /unknown effects/],
    [{ kernels: { wasm: null } }, /empty kernel for wasm/],
  ])("what is missing or contradicts itself is an error at once: %o", (change, message) => {
    const whole = {
      name: "op",
      abstract: ([x]: never[]) => [x],
      compose: (xs: never) => xs,
      derivative: zeroDerivative,
      batch: "elementwise",
    };
    expect(() => defineOp({ ...whole, ...change } as never)).toThrow(message);
    expect(() => defineOp(whole as never)).not.toThrow();
  });
});
