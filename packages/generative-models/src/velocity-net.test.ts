import { grad } from "@ansatz/autodiff";
import { adam, gradientDescent } from "@ansatz/optimization";
import {
  add,
  jit,
  key,
  mean,
  mul,
  normal,
  scan,
  split,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  tree,
  vmap,
} from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { flowMatchingLoss, guided, type VelocityNetParams, velocityNet } from "./index";

const net = velocityNet({ size: 3, width: 16, blocks: 2, timeFeatures: 8, classes: 4 });
const x = normal(key(1), [5, 3], { dtype: "float32" });
const t = tensor(Float32Array.of(0, 0.25, 0.5, 0.75, 1));
const label = tensor(Int32Array.of(0, 1, 2, 3, 4));
const numbers = (v: unknown): number[] =>
  (tree.leaves(v) as Tensor[]).flatMap((l) => Array.from(l.dataSync() as Float32Array));

/** A few steps on noise, after which nothing is zero any more. */
const trained = (): VelocityNetParams => {
  const descent = gradientDescent(
    (p: VelocityNetParams, k: Tensor) =>
      flowMatchingLoss((a, b) => net.apply(p, a, b, label), add(normal(k, [5, 3], { dtype: "float32" }), 1), k),
    adam(0.02),
  );
  const state = descent.init(net.init(key(0)));
  return scan((s: typeof state, k: Tensor) => [descent.step(s, k).state, null] as const, state, split(key(9), 20))[0]
    .params;
};
const params = trained();

describe("the untrained field", () => {
  const fresh = net.init(key(0));

  test("is 0 everywhere", () => {
    assertClose(net.apply(fresh, mul(100, x), t, label), mul(0, x), { dtype: "float32" });
  });

  test("learns all the same: the output layer has a gradient, and after one step all parameters used have", () => {
    const loss = (p: VelocityNetParams): Tensor => sum(square(sub(net.apply(p, x, t, label), 1)));
    const first = grad(loss)(fresh);
    expect(sum(square(first.output.kernel)).item()).toBeGreaterThan(0);
    const descent = gradientDescent(loss, adam(0.01));
    let state = descent.init(fresh);
    for (let i = 0; i < 2; i++) state = descent.step(state).state;
    const g = grad(loss)(state.params);
    (tree.leaves(g) as Tensor[]).forEach((leaf, i) => {
      expect(sum(square(leaf)).item(), tree.paths(g)[i]).toBeGreaterThan(0);
    });
  });
});

describe("a trained field", () => {
  test("sees the example, the time and the label", () => {
    const at = (a: Tensor, b: Tensor, c: Tensor): number[] => numbers(net.apply(params, a, b, c));
    const base = at(x, t, label);
    for (const other of [
      at(add(x, 0.1), t, label),
      at(x, mul(0.9, t), label),
      at(x, t, tensor(Int32Array.of(1, 2, 3, 4, 0))),
    ]) {
      const moved = other.filter((v, i) => Math.abs(v - base[i]) > 1e-5).length;
      expect(moved).toBeGreaterThan(10);
    }
  });

  test("without a label is the field of no class, which is label `classes`", () => {
    const none = tensor(Int32Array.of(4, 4, 4, 4, 4));
    assertClose(net.apply(params, x, t), net.apply(params, x, t, none), { rtol: 1e-6, atol: 1e-7 });
    expect(numbers(sub(net.apply(params, x, t), net.apply(params, x, t, label))).some((d) => Math.abs(d) > 1e-3)).toBe(
      true,
    );
  });

  test("is the same batched one by one, compiled, and with plain arrays", () => {
    const want = net.apply(params, x, t, label);
    const near = { rtol: 1e-4, atol: 1e-5 };
    assertClose(vmap((a: Tensor, b: Tensor, c: Tensor) => net.apply(params, a, b, c))(x, t, label), want, near);
    assertClose(jit(net.apply)(params, x, t, label), want, near);
    assertClose(net.apply(params, x.toArray() as number[][], [0, 0.25, 0.5, 0.75, 1], [0, 1, 2, 3, 4]), want, near);
  });

  test("gradients per example under vmap are those of each example", () => {
    const loss = (p: VelocityNetParams, a: Tensor, b: Tensor): Tensor => mean(square(net.apply(p, a, b)));
    const each = vmap(grad(loss), { in: [null, 0, 0] })(params, x, t);
    const second = grad(loss)(params, [...x][1], [...t][1]);
    assertClose([...each.output.bias][1], second.output.bias, { rtol: 1e-4, atol: 1e-6 });
  });
});

describe("guidance", () => {
  const conditional = (a: Tensor): Tensor => mul(3, a);
  const unconditional = (a: Tensor): Tensor => add(a, 1);

  test("w = 0 is the unconditional field, w = 1 the conditional, between and beyond the line through them", () => {
    const want = (w: number) => add(add(x, 1), mul(w, sub(mul(3, x), add(x, 1))));
    for (const w of [0, 0.5, 1, 2.5])
      assertClose(guided(conditional, unconditional, w)(x, t), want(w), { rtol: 1e-5, atol: 1e-6 });
  });

  test("w = 1 does not evaluate the unconditional field", () => {
    const never = (): Tensor => {
      throw new Error("evaluated");
    };
    assertClose(guided(conditional, never, 1)(x, t), mul(3, x));
  });
});

test("an unconditional network takes no label", () => {
  const plain = velocityNet({ size: 2, width: 8, blocks: 1 });
  expect(plain.apply(plain.init(key(0)), [[1, 2]], [0.5]).shape).toEqual([1, 2]);
});

test("what makes no sense is refused by name", () => {
  expect(() => velocityNet({ size: 0 })).toThrow(/velocityNet: size/);
  expect(() => velocityNet({ size: 2, blocks: 1.5 })).toThrow(/blocks/);
  expect(() => velocityNet({ size: 2, classes: -1 })).toThrow(/classes/);
  expect(() => velocityNet({ size: 2, timeFeatures: 7 })).toThrow(/timeFeatures/);
  expect(() => net.apply(params, [[1, 2]], [0.5])).toThrow(/velocityNet: examples must have 3/);
});
