import { key, mul, normal, split, type Tensor, tensor } from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addDecayedWeights,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  clipByValue,
  type GradientTransform,
  globalNorm,
  momentum,
  scale,
  scaleByAdaGrad,
  scaleByAdam,
  scaleByLearningRate,
  scaleByRms,
  stateless,
} from "./index";

interface Tree {
  readonly a: Tensor;
  readonly b: readonly Tensor[];
}
const f64 = (x: readonly number[], shape?: number[]): Tensor => tensor(Float64Array.from(x), shape ? { shape } : {});
const random = (seed: number, size = 1): Tree => {
  const [k1, k2, k3] = split(key(seed), 3);
  const draw = (k: Tensor, shape: number[]): Tensor => mul(size, normal(k, shape, { dtype: "float64" }));
  return { a: draw(k1, [2, 3]), b: [draw(k2, [4]), draw(k3, [])] };
};
const flat = (t: Tree): number[] => [t.a, ...t.b].flatMap((x) => Array.from(x.dataSync() as Float64Array));
const once = (t: GradientTransform, g: Tree, p = random(99)): Tree => t.update(g, t.init(p), p).updates;
const norm = (x: readonly number[]): number => Math.hypot(...x);

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const sizes = fc.double({ min: 1e-6, max: 1e6, noNaN: true });

describe("clipping", () => {
  test("clipByGlobalNorm keeps the direction, bounds the norm and leaves the inside of the ball alone", () => {
    fc.assert(
      fc.property(seeds, sizes, sizes, (seed, size, c) => {
        const g = random(seed, size);
        const before = flat(g);
        const after = flat(once(clipByGlobalNorm(c), g));
        const n = norm(before);
        if (n <= c * (1 - 1e-12)) expect(after).toEqual(before);
        else if (n > c * (1 + 1e-12))
          after.forEach((x, i) => expect(Math.abs(x - (before[i] * c) / n)).toBeLessThanOrEqual(1e-14 * c));
        expect(norm(after)).toBeLessThanOrEqual(Math.min(n, c) * (1 + 1e-14));
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  test("clipping twice is clipping once", () => {
    const g = random(3, 50);
    for (const t of [clipByGlobalNorm(2), clipByValue(0.7)])
      assertClose(flat(once(chain(t, t), g)), flat(once(t, g)), { rtol: 1e-15 });
  });

  test("clipByValue bounds every entry and moves no other", () => {
    const before = flat(random(5, 2));
    const after = flat(once(clipByValue(0.7), random(5, 2)));
    expect(before.some((x) => Math.abs(x) > 0.7)).toBe(true);
    assertClose(
      after,
      before.map((x) => Math.max(-0.7, Math.min(0.7, x))),
    );
  });

  test("a zero gradient stays zero, one that is not a number is not hidden", () => {
    assertClose(flat(once(clipByGlobalNorm(1), random(1, 0))), flat(random(1, 0)));
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const g: Tree = { a: f64([1, 1, 1, 1, 1, 1], [2, 3]), b: [f64([1, bad, 1, 1]), f64([0], [])] };
      expect(flat(once(clipByGlobalNorm(1), g))[7]).toBeNaN();
    }
    expect(
      flat(
        once(
          clipByValue(1),
          { a: f64([Number.NaN, 0, 0, 0, 0, 0], [2, 3]), b: [] as Tensor[] },
          { a: random(1).a, b: [] },
        ),
      )[0],
    ).toBeNaN();
  });

  test("the norm of a tree is that of all its entries; of the empty tree 0", () => {
    assertClose(globalNorm(random(8)), norm(flat(random(8))), { rtol: 1e-14 });
    assertClose(globalNorm({ a: [], b: null }), 0);
    assertClose(globalNorm([3, 4]), 5);
  });
});

describe("chains", () => {
  const parts: GradientTransform[] = [scaleByAdam(), addDecayedWeights(0.1), scaleByLearningRate(0.3)];
  const rounds = (t: GradientTransform): number[] => {
    const p = random(7);
    let state = t.init(p);
    const seen: number[] = [];
    for (let i = 0; i < 3; i++) {
      const r = t.update(random(10 + i), state, p);
      seen.push(...flat(r.updates));
      state = r.state;
    }
    return seen;
  };

  test("the empty chain passes gradients on", () => expect(flat(once(chain(), random(1)))).toEqual(flat(random(1))));
  test("a chain of one is that one", () => expect(rounds(chain(momentum(0.9)))).toEqual(rounds(momentum(0.9))));
  test("brackets do not matter, the order does", () => {
    const [a, b, c] = parts;
    const want = rounds(chain(a, b, c));
    expect(rounds(chain(chain(a, b), c))).toEqual(want);
    expect(rounds(chain(a, chain(b, c)))).toEqual(want);
    expect(rounds(chain(b, a, c))).not.toEqual(want);
  });
  test("scales multiply", () => {
    assertClose(
      flat(once(chain(scale(2), scale(-0.25)), random(2))),
      flat(random(2)).map((x) => -0.5 * x),
    );
  });
});

describe("parameters keep their dtypes", () => {
  const all: Record<string, GradientTransform> = {
    sgd: scaleByLearningRate((t) => mul(f64([0.1], []), t)),
    momentum: chain(momentum(0.9, { nesterov: true }), scaleByLearningRate(0.1)),
    "rate before momentum": chain(
      scaleByLearningRate(() => f64([0.1], [])),
      momentum(0.9),
    ),
    adam: chain(scaleByAdam(), scaleByLearningRate(0.1)),
    rmsprop: scaleByRms(),
    adagrad: scaleByAdaGrad(),
    decay: addDecayedWeights(0.1),
    "clip by norm": clipByGlobalNorm(0.1),
    "clip by value": clipByValue(0.1),
    own: stateless((g, p) => mul(g, p)),
  };
  test.each(Object.entries(all))("float32 beside float64 through %s, in updates and in the state", (_name, t) => {
    const p = { x: tensor([1, 2], { dtype: "float32" }), y: tensor([3], { dtype: "float64" }) };
    const first = t.update(p, t.init(p), p);
    const { updates, state } = t.update(p, first.state, p);
    expect([updates.x.dtype, updates.y.dtype]).toEqual(["float32", "float64"]);
    const dtypes = (s: unknown): unknown =>
      Array.isArray(s)
        ? s.map(dtypes)
        : s && typeof s === "object" && "dtype" in s
          ? s.dtype
          : s && typeof s === "object"
            ? Object.values(s).map(dtypes)
            : s;
    expect(dtypes(state)).toEqual(dtypes(t.init(p)));
    const next = applyUpdates(p, updates);
    expect([next.x.dtype, next.y.dtype]).toEqual(["float32", "float64"]);
  });

  test("a parameter of no asked-for dtype stays one: it still adapts to its neighbours", () => {
    const { init, update } = scaleByLearningRate(0.5);
    const p = tensor(1);
    const next = applyUpdates(p, update(tensor(2), init(p), p).updates);
    assertClose(next, 0);
    expect(mul(next, tensor([1], { dtype: "float32" })).dtype).toBe("float32");
  });
});

test("constants outside their domain are refused by name", () => {
  expect(() => momentum(1)).toThrow(/momentum: beta must lie in \[0, 1\)/);
  expect(() => scaleByAdam({ beta2: 1.5 })).toThrow(/scaleByAdam: beta2/);
  expect(() => scaleByAdam({ eps: -1 })).toThrow(/scaleByAdam: eps/);
  expect(() => scaleByRms({ beta: -0.1 })).toThrow(/scaleByRms: beta/);
  expect(() => scaleByAdaGrad({ eps: 0 })).toThrow(/0\/0/);
  expect(() => scaleByLearningRate(-1)).toThrow(/scaleByLearningRate: rate/);
  expect(() => scaleByLearningRate(Number.NaN)).toThrow(/scaleByLearningRate: rate/);
  expect(() => clipByGlobalNorm(0)).toThrow(/clipByGlobalNorm/);
  expect(() => clipByValue(-1)).toThrow(/clipByValue/);
  expect(() => addDecayedWeights(-1)).toThrow(/addDecayedWeights/);
});
