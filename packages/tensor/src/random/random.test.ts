import { readFileSync } from "node:fs";
import { referenceBackend } from "@ansatz/backend/reference";
import { wasmBackend } from "@ansatz/backend-wasm";
import { describe, expect, test } from "vitest";
import * as T from "../index";

/** Numbers of an independent implementation of JAX's algorithms: tools/oracle/random_keys.py. */
type Golden = Record<string, Record<string, unknown>>;
const golden = JSON.parse(readFileSync(new URL("../../golden/random.json", import.meta.url), "utf8")) as Golden;
const numbers = (t: T.Tensor): number[] => Array.from(t.dataSync(), Number);
const f32 = { dtype: "float32" } as const;
const f64 = { dtype: "float64" } as const;

describe.each([
  ["reference", () => referenceBackend()],
  ["wasm", () => wasmBackend()],
] as const)("on %s", (_, make) => {
  const backend = make();
  test.each(Object.keys(golden))("seed %s gives JAX's numbers", (seed) => {
    T.withBackend(backend, () => {
      const k = T.key(Number(seed));
      const g = golden[seed];
      const exact = (t: T.Tensor, want: unknown) => expect(numbers(t)).toEqual((want as unknown[]).flat().map(Number));
      const near = (t: T.Tensor, want: unknown, rtol: number) =>
        numbers(t).forEach((v, i) => {
          const w = (want as number[])[i];
          expect(Math.abs(v - w), `${v} against ${w}`).toBeLessThanOrEqual(rtol * Math.max(1e-3, Math.abs(w)));
        });
      exact(T.keyData(k), g.key);
      exact(T.bits(k, [2, 3]), g.bits);
      exact(T.keyData(T.split(k, 3)), g.split);
      exact(T.keyData(T.foldIn(k, new Uint32Array([0, 1, 12345, 2 ** 32 - 1]))), g.foldIn);
      exact(T.uniform(k, [5], f32), g.uniform32);
      exact(T.uniform(k, [5], f64), g.uniform64);
      exact(T.uniform(k, [5], { ...f32, min: -3, max: 7 }), g.uniformBetween32);
      near(T.normal(k, [5], f32), g.normal32, 1e-6);
      near(T.normal(k, [5], f64), g.normal64, 1e-14);
      near(T.gumbel(k, [5], f64), g.gumbel64, 1e-13);
      near(T.exponential(k, [5], f64), g.exponential64, 1e-14);
      exact(T.bernoulli(k, T.tensor(0.3, f64), [9]), g.bernoulli64);
      for (const [bounds, want] of Object.entries(g.randint as Record<string, number[]>)) {
        const [low, high] = bounds.split(",").map(Number);
        exact(T.randint(k, [6], low, high), want);
      }
      exact(T.categorical(k, [0, 1, 2], { shape: [6] }), g.categorical64);
      for (const [n, want] of Object.entries(g.permutation as Record<string, number[]>))
        exact(T.permutation(k, Number(n)), want);
      exact(T.choice(k, 10, { shape: [4] }), g.choice);
      exact(T.choice(k, 10, { shape: [4], replace: false }), g.choiceWithout);
      exact(T.choice(k, 4, { shape: [6], p: [0.1, 0.2, 0.3, 0.4] }), g.choiceWeighted);
      exact(T.choice(k, 4, { shape: [3], replace: false, p: [0.1, 0.2, 0.3, 0.4] }), g.choiceWeightedWithout);
    });
  });
});

test("uniform(key(0)) begins 0.947667 in float32", () => {
  expect(T.uniform(T.key(0), [1], f32).item()).toBeCloseTo(0.947667, 6);
});

/** Kolmogorov and Smirnov's distance of a sample from a law; √n D > 1.95 happens by chance once in 1000 (and keys are fixed). */
const ks = (sample: T.Tensor, cdf: (x: number) => number): number => {
  const xs = numbers(T.sort(sample));
  const n = xs.length;
  return Math.sqrt(n) * Math.max(...xs.map((x, i) => Math.max((i + 1) / n - cdf(x), cdf(x) - i / n)));
};
const phi = (x: number): number => T.ndtr(x).item() as number;
const laws: [string, (k: T.Tensor) => T.Tensor, (x: number) => number][] = [
  ["uniform", (k) => T.uniform(k, [2000]), (x) => x],
  ["normal", (k) => T.normal(k, [2000]), phi],
  ["normal in float32", (k) => T.normal(k, [2000], f32), phi],
  ["exponential", (k) => T.exponential(k, [2000]), (x) => 1 - Math.exp(-x)],
  ["gumbel", (k) => T.gumbel(k, [2000]), (x) => Math.exp(-Math.exp(-x))],
  ["logistic", (k) => T.logistic(k, [2000]), (x) => 1 / (1 + Math.exp(-x))],
  ["laplace", (k) => T.laplace(k, [2000]), (x) => (x < 0 ? Math.exp(x) / 2 : 1 - Math.exp(-x) / 2)],
  ["cauchy", (k) => T.cauchy(k, [2000]), (x) => 0.5 + Math.atan(x) / Math.PI],
  ["truncatedNormal", (k) => T.truncatedNormal(k, -1, 2, [2000]), (x) => (phi(x) - phi(-1)) / (phi(2) - phi(-1))],
];
test.each(laws)("%s follows its law", (_, sample, cdf) => {
  for (const seed of [3, 4]) expect(ks(sample(T.key(seed)), cdf)).toBeLessThan(1.95);
});

/** χ² of counts against expectations, in standard deviations beyond its mean. */
const chi2 = (counts: readonly number[], p: readonly number[]): number => {
  const n = counts.reduce((a, b) => a + b, 0);
  const x = counts.reduce((s, c, i) => s + (c - n * p[i]) ** 2 / (n * p[i]), 0);
  const df = counts.length - 1;
  return (x - df) / Math.sqrt(2 * df);
};
const tally = (t: T.Tensor, n: number): number[] => numbers(T.bincount(T.ravel(t), n));
test.each<[string, (k: T.Tensor) => T.Tensor, number[]]>([
  ["randint", (k) => T.randint(k, [6000], 0, 6), new Array(6).fill(1 / 6)],
  ["bernoulli", (k) => T.astype(T.bernoulli(k, 0.3, [6000]), "int32"), [0.7, 0.3]],
  [
    "categorical",
    (k) => T.categorical(k, [Math.log(1), Math.log(2), Math.log(5)], { shape: [6000] }),
    [1 / 8, 2 / 8, 5 / 8],
  ],
  ["choice", (k) => T.choice(k, 3, { shape: [6000], p: [0.2, 0.3, 0.5] }), [0.2, 0.3, 0.5]],
  [
    "the first of a permutation",
    (k) => T.stack(Array.from(T.split(k, 800), (s) => T.index(T.permutation(s, 5), 0))),
    new Array(5).fill(0.2),
  ],
  ["rademacher", (k) => T.astype(T.div(T.add(T.rademacher(k, [6000]), 1), 2), "int32"), [0.5, 0.5]],
])("%s has its frequencies", (_, sample, p) => {
  expect(chi2(tally(sample(T.key(11)), p.length), p)).toBeLessThan(3.5);
});

test("streams of split keys are uncorrelated", () => {
  const draws = Array.from(T.split(T.key(5), 4), (k) => numbers(T.normal(k, [4000])));
  for (let i = 0; i < 4; i++)
    for (let j = 0; j < i; j++)
      expect(Math.abs(draws[i].reduce((s, x, n) => s + x * draws[j][n], 0)) / Math.sqrt(4000)).toBeLessThan(4);
});

test("permutation without independence keeps slices together, and with it shuffles each", () => {
  const x = T.tensor([
    [1, 2, 3, 4, 5, 6],
    [1, 2, 3, 4, 5, 6],
  ]);
  const together = T.permutation(T.key(1), x, { axis: 1 }).toArray() as number[][];
  expect(together[0]).toEqual(together[1]);
  const apart = T.permutation(T.key(1), x, { axis: 1, independent: true }).toArray() as number[][];
  expect(apart[0]).not.toEqual(apart[1]);
  expect([...apart[1]].sort()).toEqual([1, 2, 3, 4, 5, 6]);
});

test("a batch of keys under vmap draws what each key draws", () => {
  const keys = T.split(T.key(9), 3);
  const all = T.vmap((k: T.Tensor) => T.normal(k, [2]))(keys);
  const one = Array.from(keys, (k) => numbers(T.normal(k, [2])));
  expect(numbers(all)).toEqual(one.flat());
});

test("integers may be asked for up to the last one", () => {
  const most = numbers(T.randint(T.key(0), [1000], 0, 2 ** 32, { dtype: "uint32" }));
  expect(Math.max(...most)).toBeGreaterThan(2 ** 31);
  const all = numbers(T.randint(T.key(0), [1000], -(2 ** 31), 2 ** 31));
  expect(Math.min(...all)).toBeLessThan(0);
});

test("misuse is named", () => {
  expect(() => T.key(0.5)).toThrow(/seed/);
  expect(() => T.uniform(T.zeros(2) as T.Tensor)).toThrow(/takes a random key/);
  expect(() => T.add(T.key(0), 1)).toThrow(/keys are not numbers/);
  expect(() => T.normal(T.key(0), [2], { dtype: "int32" })).toThrow(/randint/);
  expect(() => T.choice(T.key(0), 3, { shape: [4], replace: false })).toThrow(/without replacement/);
});
