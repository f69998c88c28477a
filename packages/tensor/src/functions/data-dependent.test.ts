import fc from "fast-check";
import { expect, test } from "vitest";
import * as T from "../index";

const numbers = (t: T.Tensor): number[] => Array.from(t.dataSync(), Number);

test("unique agrees with a Map", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(0, 1, 2, 3, -5, Number.NaN), { maxLength: 12 }), async (xs) => {
      const { values, counts, indices, inverse } = await T.unique(Float64Array.from(xs));
      const tally = new Map<number, number>();
      for (const x of xs) tally.set(x, (tally.get(x) ?? 0) + 1);
      const want = [...tally.keys()].sort((a, b) => (Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a - b));
      expect(numbers(values)).toEqual(want);
      expect(numbers(counts)).toEqual(want.map((v) => tally.get(v)));
      expect(numbers(indices)).toEqual(want.map((v) => xs.findIndex((x) => Object.is(x, v))));
      expect(numbers(inverse)).toEqual(xs.map((x) => want.findIndex((v) => Object.is(x, v))));
    }),
    { numRuns: 60 },
  );
});

test("nonzero finds every place, in order", async () => {
  const [rows, columns] = await T.nonzero([
    [0, 1, 0],
    [2, 0, 3],
  ]);
  expect(numbers(rows)).toEqual([0, 1, 1]);
  expect(numbers(columns)).toEqual([1, 0, 2]);
  expect((await T.argwhere([0, 5, 6])).toArray()).toEqual([[1], [2]]);
});

test("the sized forms pad, cut, and trace", () => {
  const f = T.jit((x: T.Tensor) => T.booleanMaskSized(x, T.greater(x, 0), 3));
  expect(numbers(f(T.tensor([-1, 2, -3, 4])))).toEqual([2, 4, 0]);
  expect(numbers(T.booleanMaskSized([1, 2, 3], [true, true, true], 2))).toEqual([1, 2]);
  expect(numbers(T.nonzeroSized([0, 7, 0], 2, -1)[0])).toEqual([1, -1]);
  expect(numbers(T.uniqueSized([3, 3, 1], 4).counts)).toEqual([1, 2, 0, 0]);
});

test("a mask with fewer axes selects slices", async () => {
  const picked = await T.booleanMask(
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    [true, false, true],
  );
  expect(picked.toArray()).toEqual([
    [1, 2],
    [5, 6],
  ]);
});
