import { describe, expect, test } from "vitest";
import golden from "../../golden/einsum-paths.json";
import { einsum, explainEinsum, foldIn, key, normal } from "../index";
import { assertClose } from "../testing";

const shapesOf = (spec: string, extents: Readonly<Record<string, number>>): { shape: number[] }[] =>
  spec
    .split("->")[0]
    .split(",")
    .map((term) => ({ shape: [...term].map((l) => extents[l]) }));

/** Multiplications of a path of NumPy's: the product of the extents of all letters in each contraction, times the pairs in it. */
const costOf = (
  spec: string,
  extents: Readonly<Record<string, number>>,
  path: readonly (readonly number[])[],
): number => {
  const [left, output] = spec.split("->");
  const live = left.split(",");
  let cost = 0;
  for (const step of path) {
    const taken = [...step].sort((a, b) => b - a).map((i) => live.splice(i, 1)[0]);
    const all = [...new Set(taken.join(""))];
    cost += all.reduce((n, l) => n * extents[l], 1) * (taken.length - 1);
    live.push(all.filter((l) => output.includes(l) || live.some((t) => t.includes(l))).join(""));
  }
  return cost;
};

describe("explainEinsum", () => {
  test.each(golden)("$spec costs no more than NumPy's optimal path", ({ spec, extents, optimal, greedy }) => {
    const e = extents as unknown as Record<string, number>;
    const plan = explainEinsum(spec, ...shapesOf(spec, e));
    const best = costOf(spec, e, optimal as number[][]);
    if (plan.optimal) expect(plan.multiplications).toBeLessThanOrEqual(best);
    else expect(plan.multiplications).toBeLessThanOrEqual(1.5 * costOf(spec, e, greedy as number[][]));
    expect(plan.multiplications).toBeLessThanOrEqual(plan.naive);
  });
  test("the textbook chain: 10 × 100, 100 × 5, 5 × 50 is 7500 from the left, 75000 from the right", () => {
    const plan = explainEinsum("ij,jk,kl->il", { shape: [10, 100] }, { shape: [100, 5] }, { shape: [5, 50] });
    expect(plan.multiplications).toBe(7500);
    expect(plan.steps.map((s) => s.spec)).toEqual(["ij,jk->ik", "kl,ik->il"]);
    expect(plan.largest).toBe(500);
    expect(plan.naive).toBe(2 * 10 * 100 * 5 * 50);
    expect(String(plan)).toMatch(/7500 multiplications in pairs/);
  });
  test("the four-index transformation of quantum chemistry falls from D⁸ to 4 D⁵", () => {
    const d = 10;
    const matrix = { shape: [d, d] };
    const plan = explainEinsum("pi,qj,ijkl,rk,sl->pqrs", matrix, matrix, { shape: [d, d, d, d] }, matrix, matrix);
    expect(plan.multiplications).toBe(4 * d ** 5);
    expect(plan.naive).toBe(4 * d ** 8);
  });
  test("the contraction of exercise 1.1.3 is D⁴", () => {
    expect(explainEinsum("ij,jkl->ikl", { shape: [7, 7] }, { shape: [7, 7, 7] }).multiplications).toBe(7 ** 4);
  });
  test("eight operands in any order give what the plan says, and the numbers stay", () => {
    const spec = "ab,bc,cd,de,ef,fg,gh,hi->ai";
    const extents = { a: 2, b: 3, c: 4, d: 2, e: 5, f: 3, g: 2, h: 4, i: 3 };
    const tensors = shapesOf(spec, extents).map(({ shape }, i) =>
      normal(foldIn(key(1), i), shape, { dtype: "float64" }),
    );
    const plan = explainEinsum(spec, ...tensors);
    expect(plan.optimal).toBe(true);
    expect(plan.steps).toHaveLength(7);
    const chain = tensors.reduce((x, y) => einsum("ij,jk->ik", x, y));
    assertClose(einsum(spec, ...tensors), chain, { rtol: 1e-12, atol: 1e-12 });
  });
  test("diagonals, lone letters, dots and single operands", () => {
    expect(explainEinsum("ii->", { shape: [4, 4] }).steps).toEqual([]);
    expect(explainEinsum("ij,kj->i", { shape: [3, 4] }, { shape: [5, 4] }).multiplications).toBe(3 * 4);
    expect(explainEinsum("...ij,...jk->...ik", { shape: [6, 2, 3] }, { shape: [6, 3, 4] }).multiplications).toBe(144);
    expect(() => explainEinsum("ij,jk->ik", { shape: [2, 3] }, { shape: [4, 5] })).toThrow(/two extents/);
  });
});
