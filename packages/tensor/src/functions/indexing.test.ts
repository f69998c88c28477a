import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as T from "../index";
import { at, build, indicesOf, type Plain, plainOf } from "../testing/arrays";

/** The oracle: basic and advanced indexing by loops over plain arrays. */
type Item = number | null | "..." | { start: number | null; stop: number | null; step: number } | number[] | number[][];

const python = (n: number, start: number | null, stop: number | null, step: number): number[] => {
  const out: number[] = [];
  const wrap = (v: number): number => (v < 0 ? v + n : v);
  const lo = start === null ? (step > 0 ? 0 : n - 1) : wrap(start);
  const hi = stop === null ? (step > 0 ? n : -1) : wrap(stop);
  for (
    let i = Math.max(step > 0 ? 0 : -1, Math.min(lo, step > 0 ? n : n - 1));
    step > 0 ? i < Math.min(hi, n) : i > Math.max(hi, -1);
    i += step
  )
    if (i >= 0 && i < n) out.push(i);
  return out;
};
const rectangle = (v: number | number[] | number[][]): Plain => {
  if (typeof v === "number") return { shape: [], data: [v] };
  if (v.length > 0 && Array.isArray(v[0]))
    return { shape: [v.length, (v[0] as number[]).length], data: (v as number[][]).flat() };
  return { shape: [v.length], data: v as number[] };
};

const oracle = (x: Plain, spec: readonly Item[]): Plain => {
  const used = spec.filter((s) => s !== null && s !== "...").length;
  const full: Item[] = spec.includes("...") ? [...spec] : [...spec, "..."];
  const items = full.flatMap((s): Item[] =>
    s === "..." ? Array.from({ length: x.shape.length - used }, () => ({ start: null, stop: null, step: 1 })) : [s],
  );
  const advancedHere = items.some(Array.isArray);
  const isPicked = (s: Item): boolean => Array.isArray(s) || (advancedHere && typeof s === "number");
  const picked = items.filter(isPicked).map((s) => rectangle(s as number[]));
  const common = picked.reduce<number[]>((shape, p) => {
    const rank = Math.max(shape.length, p.shape.length);
    const pad = (s: readonly number[]): number[] => [...new Array<number>(rank - s.length).fill(1), ...s];
    const [a, b] = [pad(shape), pad(p.shape)];
    return a.map((d, i) => (d === 1 ? b[i] : d));
  }, []);
  const read = (p: Plain, index: readonly number[]): number =>
    at(
      p,
      index.slice(index.length - p.shape.length).map((i, k) => (p.shape[k] === 1 ? 0 : i)),
    );
  // positions of the picked among the items decide where their axes go
  const places = items.flatMap((s, i) => (isPicked(s) ? [i] : []));
  const together = places.length > 0 && places[places.length - 1] - places[0] + 1 === places.length;
  let axis = 0;
  const axisOf = items.map((s) => (s === null ? -1 : axis++));
  const extents = items.map((s, i) =>
    s === null
      ? [0]
      : typeof s === "object" && !Array.isArray(s)
        ? python(x.shape[axisOf[i]], s.start, s.stop, s.step)
        : [],
  );
  const keep = (i: number): boolean => items[i] === null || (typeof items[i] === "object" && !Array.isArray(items[i]));
  const kept = items.map((_, i) => i).filter(keep);
  const before = together ? kept.filter((i) => i < places[0]) : [];
  const after = kept.filter((i) => !before.includes(i));
  const shape = [...before.map((i) => extents[i].length), ...common, ...after.map((i) => extents[i].length)];
  return build(shape, (index) => {
    const source = new Array<number>(x.shape.length).fill(0);
    const pick = index.slice(before.length, before.length + common.length);
    const set = (i: number, k: number): void => {
      if (axisOf[i] >= 0) source[axisOf[i]] = extents[i][k];
    };
    before.forEach((i, k) => set(i, index[k]));
    after.forEach((i, k) => set(i, index[before.length + common.length + k]));
    let p = 0;
    items.forEach((s, i) => {
      const n = x.shape[axisOf[i]];
      if (isPicked(s)) {
        const v = read(picked[p++], pick);
        source[axisOf[i]] = v < 0 ? v + n : v;
      } else if (typeof s === "number") source[axisOf[i]] = s < 0 ? s + n : s;
    });
    return at(x, source);
  });
};

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
const bound = fc.option(fc.integer({ min: -6, max: 6 }), { nil: null });
const range = fc.record({ start: bound, stop: bound, step: fc.constantFrom(1, 1, 2, 3, -1, -2) });
const itemFor = (n: number, advanced: boolean): fc.Arbitrary<Item> => {
  const one = fc.integer({ min: -n, max: n - 1 });
  const basic: fc.Arbitrary<Item>[] = [one, range];
  if (!advanced) return fc.oneof(...basic);
  return fc.oneof(
    ...basic,
    fc.array(one, { minLength: 2, maxLength: 2 }),
    fc
      .constantFrom(1, 3)
      .chain((rows) => fc.array(fc.array(one, { minLength: 2, maxLength: 2 }), { minLength: rows, maxLength: rows })),
  );
};
const cases = (advanced: boolean) =>
  shapes.chain((shape) =>
    fc.integer({ min: 0, max: shape.length }).chain((used) =>
      fc.tuple(
        fc.constant(shape),
        fc.tuple(...shape.slice(0, used).map((n) => itemFor(n, advanced))).chain((items) =>
          fc
            .tuple(fc.constant(items as Item[]), fc.option(fc.nat(used), { nil: null }), fc.boolean())
            .map(([list, newAt, dots]) => {
              const out: Item[] = [...list];
              if (newAt !== null) out.splice(newAt, 0, null);
              if (dots) out.push("...");
              return out;
            }),
        ),
      ),
    ),
  );
const counting = (shape: readonly number[]): Plain => ({ shape, data: indicesOf(shape).map((_, i) => i) });
const asTensor = (p: Plain): T.Tensor => T.tensor(Float64Array.from(p.data), { shape: p.shape });
const asSpec = (s: Item): T.Index => (typeof s === "object" && s !== null && !Array.isArray(s) ? s : (s as T.Index));

describe("index", () => {
  test.each([
    ["integers, ranges and new axes", false],
    ["arrays of integers", true],
  ])("agrees with loops over plain arrays: %s", (_, advanced) => {
    fc.assert(
      fc.property(cases(advanced), ([shape, spec]) => {
        const x = counting(shape);
        const got = plainOf(T.index(asTensor(x), ...spec.map(asSpec)));
        expect(got).toEqual(oracle(x, spec));
      }),
      { numRuns: 250 },
    );
  });

  test("indexUpdate changes exactly the elements that index names, the last value staying", () => {
    fc.assert(
      fc.property(cases(true), ([shape, spec]) => {
        const x = counting(shape);
        const named = oracle(x, spec);
        const values = build(
          named.shape,
          (i) => -1 - indicesOf(named.shape).findIndex((j) => j.every((v, k) => v === i[k])),
        );
        const got = plainOf(T.indexUpdate(asTensor(x), spec.map(asSpec), asTensor(values)));
        const want = [...x.data];
        named.data.forEach((place, i) => {
          want[place] = values.data[i];
        });
        expect(got.data).toEqual(want);
      }),
      { numRuns: 150 },
    );
  });

  test("indexAdd counts an element named twice twice", () => {
    fc.assert(
      fc.property(cases(true), ([shape, spec]) => {
        const x = counting(shape);
        const got = plainOf(T.indexAdd(asTensor(x), spec.map(asSpec), 100));
        const want = [...x.data];
        for (const place of oracle(x, spec).data) want[place] += 100;
        expect(got.data).toEqual(want);
      }),
      { numRuns: 150 },
    );
  });

  test("indices in tensors may be negative, and are clipped where they point outside", () => {
    const i = T.astype([-1, 0, 9, -9], "int32");
    expect(T.index([10, 20, 30], i).toArray()).toEqual([30, 10, 30, 10]);
    expect(T.jit((k: T.Tensor) => T.index([10, 20, 30], T.astype(k, "int32")))(T.tensor(1)).item()).toBe(20);
  });

  test("updates at places outside are dropped", () => {
    const i = T.astype([0, 7], "int32");
    expect(T.indexAdd(T.zeros(3), i, 1).toArray()).toEqual([1, 0, 0]);
    expect(T.indexAdd(T.zeros([2, 2]), [0, i], 1).toArray()).toEqual([
      [1, 0],
      [0, 0],
    ]);
  });

  test("misuse is named", () => {
    expect(() => T.index(T.zeros([2, 3]), 2)).toThrow(/index: index 2 is out of range for axis 0 of extent 2/);
    expect(() => T.index(T.zeros([2, 3]), 0, 0, 0)).toThrow(/names 3 axes of 2/);
    expect(() => T.index(T.zeros(2), T.tensor([true, false]))).toThrow(/booleanMask/);
    expect(() => T.index(T.zeros(2), "1;2")).toThrow(/cannot read the range/);
    expect(() => T.index(T.zeros(2), T.ones([1], { dtype: "float32" }))).toThrow(/integers/);
  });
});

test("take reads outside as asked", () => {
  const x = [10, 20, 30];
  expect(T.take(x, [0, 3], 0).toArray()).toEqual([10, 30]);
  expect(T.take(x, [-1, 4], 0, { mode: "wrap" }).toArray()).toEqual([30, 20]);
  expect(T.take(x, [1, 3], 0, { mode: "fill", fillValue: -5 }).toArray()).toEqual([20, -5]);
});
