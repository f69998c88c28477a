import { readFileSync } from "node:fs";
import { grad } from "@ansatz/autodiff";
import {
  add,
  cos,
  jit,
  key,
  matmul,
  mul,
  normal,
  permutation,
  sin,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  take,
  tensor,
  transpose,
  vmap,
} from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { energyDistance, slicedWasserstein } from "./index";

const golden = JSON.parse(readFileSync(new URL("../golden/distances.json", import.meta.url), "utf8")) as {
  line: { x: number[]; y: number[]; energy: number; w1?: number; w2?: number }[];
  plane: { x: number[][]; y: number[][]; energy: number }[];
};
const f64 = (x: readonly unknown[]): Tensor => tensor(x as number[], { dtype: "float64" });
const column = (x: readonly number[]): Tensor => f64(x.map((v) => [v]));
const draw = (seed: number, n = 20, d = 3): Tensor => normal(key(seed), [n, d], { dtype: "float64" });
const k = key(5);

describe("on the line", () => {
  test.each(golden.line.map((row, i) => [i, row] as const))(
    "pair %i agrees with SciPy",
    (_i, { x, y, energy, w1, w2 }) => {
      assertClose(energyDistance(column(x), column(y)), energy ** 2, { rtol: 1e-12, atol: 1e-15 });
      if (w1 === undefined || w2 === undefined) return;
      for (const projections of [1, 7]) {
        assertClose(slicedWasserstein(column(x), column(y), k, { p: 1, projections }), w1, { rtol: 1e-13 });
        assertClose(slicedWasserstein(column(x), column(y), k, { projections }), w2, { rtol: 1e-13 });
      }
    },
  );

  test("other powers: two points at distance 2 and 1", () => {
    for (const p of [1, 1.5, 2, 3, 4.5])
      assertClose(slicedWasserstein(column([0, 10]), column([11, 2]), k, { p }), ((2 ** p + 1) / 2) ** (1 / p), {
        rtol: 1e-13,
      });
  });
});

test.each(golden.plane.map((row, i) => [i, row] as const))(
  "energy distance of pair %i in space is the sum over all pairs",
  (_i, { x, y, energy }) => {
    assertClose(energyDistance(f64(x), f64(y)), energy, { rtol: 1e-12 });
  },
);

describe("laws", () => {
  const x = draw(1);
  const y = add(draw(2), 0.4);
  const c = f64([3, -1, 0.5]);
  const turn = 0.7;
  const rotation = stack([
    stack([cos(turn), mul(-1, sin(turn)), 0]),
    stack([sin(turn), cos(turn), 0]),
    stack([0, 0, 1]),
  ]);

  test("both are symmetric and do not see the order of a sample", () => {
    const shuffled = take(x, permutation(key(8), 20), 0);
    assertClose(energyDistance(y, x), energyDistance(x, y), { rtol: 1e-13 });
    assertClose(energyDistance(shuffled, y), energyDistance(x, y), { rtol: 1e-13 });
    assertClose(slicedWasserstein(y, x, k), slicedWasserstein(x, y, k), { rtol: 1e-13 });
    assertClose(slicedWasserstein(shuffled, y, k), slicedWasserstein(x, y, k), { rtol: 1e-13 });
  });

  test("both are 0 for equal samples and positive for others", () => {
    assertClose(energyDistance(x, x), 0, { atol: 1e-14 });
    assertClose(slicedWasserstein(x, take(x, permutation(key(3), 20), 0), k), 0, { atol: 1e-14 });
    expect(energyDistance(x, y).item()).toBeGreaterThan(0.01);
    expect(slicedWasserstein(x, y, k).item()).toBeGreaterThan(0.01);
    // repeating every point changes no law
    assertClose(
      energyDistance(
        x,
        take(
          x,
          Array.from({ length: 40 }, (_, i) => i % 20),
          0,
        ),
      ),
      0,
      { atol: 1e-14 },
    );
  });

  test("both are unchanged when both samples move, and scale with the units", () => {
    const both = (f: (t: Tensor) => Tensor): void => {
      assertClose(energyDistance(f(x), f(y)), energyDistance(x, y), { rtol: 1e-11 });
      assertClose(slicedWasserstein(f(x), f(y), k), slicedWasserstein(x, y, k), { rtol: 1e-11 });
    };
    both((t) => add(t, c));
    assertClose(energyDistance(mul(-3, x), mul(-3, y)), mul(3, energyDistance(x, y)), { rtol: 1e-13 });
    assertClose(slicedWasserstein(mul(3, x), mul(3, y), k), mul(3, slicedWasserstein(x, y, k)), { rtol: 1e-13 });
  });

  test("the energy distance does not see a rotation; the sliced distance sees one only through its directions", () => {
    const turned = (t: Tensor): Tensor => matmul(t, transpose(rotation));
    assertClose(energyDistance(turned(x), turned(y)), energyDistance(x, y), { rtol: 1e-12 });
    const many = { projections: 20_000 };
    // relative spread of a mean over 20,000 directions: below 1 %
    assertClose(slicedWasserstein(turned(x), turned(y), k, many), slicedWasserstein(x, y, k, many), { rtol: 0.03 });
  });

  test("a translation by c is at sliced distance ‖c‖/√d", () => {
    const want = Math.sqrt((9 + 1 + 0.25) / 3);
    assertClose(slicedWasserstein(x, add(x, c), k, { projections: 20_000 }), want, { rtol: 0.02 });
  });

  test("far apart, the energy distance grows like twice the distance", () => {
    assertClose(energyDistance(x, add(x, f64([1e6, 0, 0]))), 2e6, { rtol: 1e-5 });
  });
});

describe("derivatives", () => {
  const numeric = (f: (x: Tensor) => Tensor, at: Tensor, v: Tensor): number => {
    const h = 1e-6;
    return ((f(add(at, mul(h, v))).item() as number) - (f(sub(at, mul(h, v))).item() as number)) / (2 * h);
  };
  const y = draw(12, 8, 2);

  test.each([
    ["energy", (x: Tensor) => energyDistance(x, y)],
    ["sliced, p = 2", (x: Tensor) => slicedWasserstein(x, y, k)],
    ["sliced, p = 1", (x: Tensor) => slicedWasserstein(x, y, k, { p: 1 })],
    ["sliced, p = 3", (x: Tensor) => slicedWasserstein(x, y, k, { p: 3 })],
  ] as const)("%s: agree with finite differences, and are finite at coinciding points", (_name, f) => {
    const [x, v] = [draw(13, 8, 2), draw(14, 8, 2)];
    assertClose(sum(mul(grad(f)(x), v)), numeric(f, x, v), { rtol: 1e-6, atol: 1e-9 });
    for (const point of [y, mul(0, x)]) {
      const g = grad(f)(point).toArray() as number[][];
      expect(g.flat().every(Number.isFinite)).toBe(true);
    }
  });

  test("descending the energy distance moves a sample onto the other", () => {
    const descend = jit((x: Tensor) => sub(x, mul(2, grad((z: Tensor) => energyDistance(z, y))(x))));
    let x = add(draw(15, 8, 2), 3);
    const before = energyDistance(x, y).item() as number;
    for (let i = 0; i < 60; i++) x = descend(x);
    expect(energyDistance(x, y).item() as number).toBeLessThan(0.01 * before);
  });
});

test("NaN in a sample is not hidden, and infinities give no small number", () => {
  const bad = f64([
    [Number.NaN, 0],
    [0, 0],
  ]);
  expect(energyDistance(bad, f64([[1, 1]])).item()).toBeNaN();
  expect(
    slicedWasserstein(
      bad,
      f64([
        [1, 1],
        [0, 0],
      ]),
      k,
    ).item(),
  ).toBeNaN();
});

test("both run compiled and batched, and keep float32", () => {
  const x = normal(key(1), [3, 6, 2], { dtype: "float32" });
  const y = normal(key(2), [6, 2], { dtype: "float32" });
  for (const f of [energyDistance, (a: Tensor, b: Tensor) => slicedWasserstein(a, b, k)]) {
    const batched = jit(vmap((a: Tensor) => f(a, y)))(x);
    expect(batched.dtype).toBe("float32");
    for (let i = 0; i < 3; i++) assertClose((batched.toArray() as number[])[i], f([...x][i], y), { rtol: 1e-5 });
  }
  assertClose(sum(square(sub(slicedWasserstein(y, y, k), 0))), 0);
});

test("samples that cannot be compared are refused by name", () => {
  expect(() => energyDistance([[1, 2]], [[1]])).toThrow(/energyDistance: both samples must be \[n, d\]/);
  expect(() => energyDistance([1, 2], [1, 2])).toThrow(/energyDistance/);
  expect(() => slicedWasserstein([[1], [2]], [[1]], k)).toThrow(/equal size.*subsample/);
  expect(() => slicedWasserstein([[1]], [[1]], k, { p: 0.5 })).toThrow(/p must be at least 1/);
  expect(() => slicedWasserstein([[1]], [[1]], k, { projections: 0 })).toThrow(/projections/);
});
