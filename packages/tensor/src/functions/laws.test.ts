import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as T from "../index";
import { at, build, generator, indicesOf, type Plain, plainOf, randomPlain, tensorOf } from "../testing/arrays";

/** Functions against loops over plain arrays. */
const close = (got: Plain, want: Plain, tol = 1e-12): void => {
  expect(got.shape).toEqual(want.shape);
  got.data.forEach((g, i) => expect(Math.abs(g - want.data[i]) / (1 + Math.abs(want.data[i]))).toBeLessThan(tol));
};

test("einsum is the sum of products over all letters", () => {
  const letters = ["a", "b", "c", "d"];
  const extents: Record<string, number> = { a: 2, b: 3, c: 2, d: 4 };
  const term = fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(
      fc.array(term, { minLength: 1, maxLength: 4 }),
      fc.nat(1000),
      fc.shuffledSubarray(letters),
      (terms, seed, subset) => {
        const seen = [...new Set(terms.flat())];
        const output = subset.filter((l) => seen.includes(l));
        const next = generator(seed);
        const xs = terms.map((t) =>
          randomPlain(
            t.map((l) => extents[l]),
            next,
          ),
        );
        const want = build(
          output.map((l) => extents[l]),
          (o) => {
            const summed = seen.filter((l) => !output.includes(l));
            return indicesOf(summed.map((l) => extents[l])).reduce((total, s) => {
              const value = (l: string): number => (output.includes(l) ? o[output.indexOf(l)] : s[summed.indexOf(l)]);
              return total + xs.reduce((p, x, i) => p * at(x, terms[i].map(value)), 1);
            }, 0);
          },
        );
        const spec = `${terms.map((t) => t.join("")).join(",")}->${output.join("")}`;
        close(plainOf(T.einsum(spec, ...xs.map((x) => tensorOf(x)))), want);
      },
    ),
    { numRuns: 120 },
  );
});

test("einsum of many operands takes the greedy order to the same sum", () => {
  const n = 9;
  const ms = Array.from({ length: n }, (_, i) => T.normal(T.key(i), [2, 2]));
  const spec = ms.map((_, i) => String.fromCharCode(97 + i, 98 + i)).join(",");
  const chain = ms.reduce((a, b) => T.matmul(a, b));
  close(plainOf(T.einsum(`${spec}->aj`, ...ms)), plainOf(chain));
});

test("einsum names what does not fit", () => {
  expect(() => T.einsum("ij,jk", T.zeros([2, 3]), T.zeros([4, 5]))).toThrow(/einsum: "j" stands for two extents/);
  expect(() => T.einsum("ij", T.zeros([2]))).toThrow(/does not fit operand 0/);
  expect(() => T.einsum("ij->ijk", T.zeros([2, 2]))).toThrow(/names "k"/);
});

const shape = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });

test("broadcasting repeats extents of 1, aligned at the last axis", () => {
  fc.assert(
    fc.property(
      shape,
      fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      fc.nat(4),
      fc.nat(999),
      (full, m1, m2, drop, seed) => {
        const next = generator(seed);
        const a = randomPlain(
          full.map((d, i) => (m1[i] ? 1 : d)),
          next,
        );
        const b = randomPlain(full.map((d, i) => (m2[i] ? 1 : d)).slice(Math.min(drop, full.length)), next);
        const rank = full.length;
        const out = full.map((d, i) => (m1[i] && (i < rank - b.shape.length || m2[i]) ? 1 : d));
        const read = (p: Plain, index: readonly number[]): number =>
          at(
            p,
            index.slice(rank - p.shape.length).map((k, i) => (p.shape[i] === 1 ? 0 : k)),
          );
        close(
          plainOf(T.sub(tensorOf(a), tensorOf(b))),
          build(out, (i) => read(a, i) - read(b, i)),
          1e-15,
        );
      },
    ),
  );
});

describe("reductions over any axes agree with loops", () => {
  test.each<[string, (x: T.Tensor, axes: number[]) => T.Tensor, (xs: number[]) => number]>([
    ["sum", (x, axes) => T.sum(x, axes), (xs) => xs.reduce((a, b) => a + b, 0)],
    ["prod", (x, axes) => T.prod(x, axes), (xs) => xs.reduce((a, b) => a * b, 1)],
    ["max", (x, axes) => T.max(x, axes), (xs) => Math.max(...xs)],
    ["logsumexp", (x, axes) => T.logsumexp(x, axes), (xs) => Math.log(xs.reduce((a, b) => a + Math.exp(b), 0))],
    [
      "median",
      (x, axes) => T.median(x, axes),
      (xs) => {
        const s = [...xs].sort((a, b) => a - b);
        return (s[(s.length - 1) >> 1] + s[s.length >> 1]) / 2;
      },
    ],
    [
      "variance",
      (x, axes) => T.variance(x, axes),
      (xs) => {
        const m = xs.reduce((a, b) => a + b, 0) / xs.length;
        return xs.reduce((a, b) => a + (b - m) ** 2, 0) / xs.length;
      },
    ],
  ])("%s", (_, f, oracle) => {
    fc.assert(
      fc.property(shape, fc.nat(15), fc.nat(999), (s, mask, seed) => {
        const x = randomPlain(s, generator(seed));
        const axes = s.map((_, i) => i).filter((i) => (mask >> i) & 1);
        const kept = s.map((_, i) => i).filter((i) => !axes.includes(i));
        const want = build(
          kept.map((i) => s[i]),
          (o) =>
            oracle(
              indicesOf(axes.map((i) => s[i])).map((r) => {
                const full = new Array<number>(s.length);
                kept.forEach((k, i) => {
                  full[k] = o[i];
                });
                axes.forEach((k, i) => {
                  full[k] = r[i];
                });
                return at(x, full);
              }),
            ),
        );
        close(plainOf(f(tensorOf(x), axes)), want);
      }),
      { numRuns: 60 },
    );
  });
});

describe("sorting", () => {
  const floats = fc.array(
    fc.oneof(
      fc.double({ noNaN: true, min: -5, max: 5 }),
      fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 1, 1),
    ),
    {
      maxLength: 20,
    },
  );
  const order = (a: number, b: number): number =>
    Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : Number.isNaN(b) ? -1 : a - b || 0;
  const finite = (v: number): number => (Number.isNaN(v) ? 0 : v);

  test("argsort is stable, and sort is take of argsort", () => {
    fc.assert(
      fc.property(floats, (xs) => {
        const x = T.tensor(Float64Array.from(xs));
        const by = (a: number, b: number): number => (a === b ? 0 : order(a, b));
        const want = xs.map((_, i) => i).sort((i, j) => by(xs[i], xs[j]) || i - j);
        expect(plainOf(T.argsort(x)).data).toEqual(want);
        expect(plainOf(T.sort(x)).data).toEqual(want.map((i) => xs[i]));
        const down = xs.map((_, i) => i).sort((i, j) => -by(xs[i], xs[j]) || i - j);
        expect(plainOf(T.argsort(x, { descending: true })).data).toEqual(down);
      }),
    );
  });

  test("searchsorted keeps a sorted vector sorted", () => {
    fc.assert(
      fc.property(floats, floats, (xs, vs) => {
        const sorted = [...xs].sort(order);
        const a = T.tensor(Float64Array.from(sorted));
        const v = T.tensor(Float64Array.from(vs));
        const count = (test: (s: number, w: number) => boolean): number[] =>
          vs.map((w) => sorted.filter((s) => test(s, w)).length);
        expect(plainOf(T.searchsorted(a, v)).data).toEqual(count((s, w) => order(s, w) < 0));
        expect(plainOf(T.searchsorted(a, v, { side: "right" })).data).toEqual(count((s, w) => order(s, w) <= 0));
      }),
    );
  });

  test("topK takes the largest, the first of equals first", () => {
    fc.assert(
      fc.property(
        floats.filter((x) => x.length > 0),
        fc.nat(19),
        (xs, n) => {
          const k = Math.min(xs.length, n);
          const { values, indices } = T.topK(Float64Array.from(xs.map(finite)), k);
          const want = xs.map((_, i) => i).sort((i, j) => finite(xs[j]) - finite(xs[i]) || i - j);
          expect(plainOf(indices).data).toEqual(want.slice(0, k));
          expect(plainOf(values).data.map((v) => v + 0)).toEqual(want.slice(0, k).map((i) => finite(xs[i]) + 0));
        },
      ),
    );
  });
});

describe("shapes without elements, and scalars", () => {
  test.each<[string, () => T.Tensor, number[], number[]]>([
    ["sum over an empty axis is 0", () => T.sum(T.zeros([2, 0]), 1), [2], [0, 0]],
    ["prod over an empty axis is 1", () => T.prod(T.zeros([2, 0]), 1), [2], [1, 1]],
    ["all over an empty axis is true", () => T.all(T.zeros([0])), [], [1]],
    ["matmul with an inner extent of 0 is 0", () => T.matmul(T.zeros([2, 0]), T.zeros([0, 2])), [2, 2], [0, 0, 0, 0]],
    ["concatenate with nothing", () => T.concatenate([T.zeros([0]), [1]]), [1], [1]],
    ["sort of nothing", () => T.sort(T.zeros([0])), [0], []],
    ["sort of a scalar", () => T.sort(3), [1], [3]],
    ["cumsum of nothing", () => T.cumsum(T.zeros([0])), [0], []],
    ["arange of nothing", () => T.arange(3, 1), [0], []],
    ["linspace of one", () => T.linspace(2, 5, 1), [1], [2]],
    ["mean of a scalar", () => T.mean(3), [], [3]],
    ["take of nothing", () => T.take([1, 2], T.astype(T.zeros([0]), "int32")), [0], []],
    ["searchsorted in nothing", () => T.searchsorted(T.zeros([0]), [1]), [1], [0]],
    ["an empty uniform sample", () => T.uniform(T.key(0), [0]), [0], []],
    ["a transposed scalar", () => T.transpose(3), [], [3]],
    [
      "a histogram counts the last edge",
      () => T.histogram([0, 1, 1, 2, 9], { bins: 2, limits: [0, 2] }).counts,
      [2],
      [1, 3],
    ],
  ])("%s", (_, f, s, data) => {
    expect(plainOf(f())).toEqual({ shape: s, data });
  });

  test("the maximum of nothing is an error that names the function", () => {
    expect(() => T.max(T.zeros([0]))).toThrow(/^max: has no value over an empty axis/);
    expect(() => T.argmin(T.zeros([0]))).toThrow(/^argmin/);
    expect(() => T.softmax(T.zeros([0]))).toThrow(/^softmax/);
  });
});
