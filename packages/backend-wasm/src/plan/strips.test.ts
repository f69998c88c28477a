import { type Atom, aval, type Backend, buildProgram, core, type DType, type Program, sizeOf } from "@ansatz/backend";
import { referenceBackend } from "@ansatz/backend/reference";
import fc from "fast-check";
import { expect, test } from "vitest";
import { explain } from "../explain";
import { wasmBackend } from "../index";
import { allLowerings } from "../lowerings";

type Emit = Parameters<Parameters<typeof buildProgram>[1]>[0];
type Floats = Float64Array | Float32Array;

const product = (lhs: number, rhs: number) => ({ lhsContract: [lhs], rhsContract: [rhs], lhsBatch: [], rhsBatch: [] });
const withProducts = /strips of \d+ among \d+:\n(?: {2}.*\n)*? {2}product/;

/** One layer: a product from the right, and what comes before and after it. */
interface Layer {
  readonly before?: boolean;
  readonly width: number;
  /** The weights lie transposed. */
  readonly turned: boolean;
  readonly after: readonly ("bias" | "tanh" | "peak" | "residual" | "softmax" | "square")[];
  /** Whether it is a result as well. */
  readonly kept: boolean;
}

/** Layers over rows that know nothing of each other: inputs are x [rows, first], then the weights and the bias of each layer. */
const network = (rows: number, first: number, layers: readonly Layer[], dtype: DType): Program => {
  const columns = (l: number) => (l === 0 ? first : layers[l - 1].width);
  const avals = layers.flatMap(({ width, turned }, l) => [
    aval(turned ? [width, columns(l)] : [columns(l), width], dtype),
    aval([width], dtype),
  ]);
  return buildProgram([aval([rows, first], dtype), ...avals], (emit: Emit, x: Atom, ...weights: Atom[]) => {
    const one = (...a: Parameters<Emit>): Atom => emit(...a)[0];
    const results: Atom[] = [];
    let h = x;
    layers.forEach(({ width, before, turned, after, kept }, l) => {
      const wide = (v: Atom, axes: number[]) => one(core.broadcast, { shape: [rows, width], axes }, v);
      const from = h;
      if (before) h = one(core.tanh, {}, h);
      h = one(core.dotGeneral, product(1, turned ? 1 : 0), h, weights[2 * l]);
      for (const what of after) {
        if (what === "bias") h = one(core.add, {}, h, wide(weights[2 * l + 1], [1]));
        else if (what === "tanh") h = one(core.tanh, {}, h);
        else if (what === "peak") h = one(core.max, {}, h, one(core.mul, {}, h, h));
        else if (what === "square") h = one(core.mul, {}, h, one(core.tanh, {}, h));
        else if (what === "residual" && columns(l) === width) h = one(core.add, {}, h, from);
        else if (what === "softmax") {
          const e = one(core.exp, {}, one(core.sub, {}, h, wide(one(core.reduceMax, { axes: [1] }, h), [0])));
          h = one(core.div, {}, e, wide(one(core.reduceSum, { axes: [1] }, e), [0]));
        }
      }
      if (kept) results.push(h);
    });
    return results.includes(h) ? results : [...results, h];
  });
};

const numbers = (dtype: DType, n: number, seed: number, scale: number): Floats =>
  (dtype === "float64" ? Float64Array : Float32Array).from(
    Array.from({ length: n }, (_, i) => scale * Math.sin(7 * i + seed)),
  );

const inputsOf = (p: Program): Floats[] =>
  p.inputs.map(({ aval: { shape, dtype } }, i) =>
    // sums of products stay within a few units
    numbers(dtype, sizeOf(shape), i, i === 0 ? 1 : 1.5 / Math.sqrt(Math.max(...shape))),
  );

const run = (b: Backend, p: Program, data: readonly Floats[], donated = false): Floats[] => {
  const inputs = p.inputs.map((v, i) => b.upload(data[i], v.aval));
  const outputs = b.compile(p).run(
    inputs,
    inputs.map(() => donated),
  );
  const values = outputs.map((o) => b.readSync!(o) as Floats);
  for (const o of donated ? outputs : [...inputs, ...outputs]) b.free(o);
  return values;
};

// often equal, so that there are residuals; below a tile, and none that tiles divide but one
const width = fc.constantFrom(5, 16, 19, 19, 19, 34);
const layer: fc.Arbitrary<Layer> = fc.record({
  width,
  before: fc.boolean(),
  turned: fc.boolean(),
  after: fc.array(fc.constantFrom("bias", "tanh", "peak", "residual", "softmax", "square"), { maxLength: 4 }),
  kept: fc.boolean(),
});

// The bound of one product is (k + 1)·eps·Σ|terms|, with at most 40 terms of a few units; slopes along five layers are at most a few, too.
test.each([
  ["float64", 1e-12],
  ["float32", 1e-3],
] as const)(
  "random %s layers over many rows, walked in strips, agree with the reference, and with themselves on a few rows bit for bit",
  (dtype, tolerance) => {
    const b = wasmBackend({ lowerings: allLowerings });
    let walked = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 1500, max: 2500 }),
        width,
        fc.array(layer, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        (rows, first, layers, donated) => {
          const p = network(rows, first, layers, dtype);
          if (withProducts.test(explain(b, p))) walked++;
          const data = inputsOf(p);
          const got = run(b, p, data, donated);
          const want = run(referenceBackend(), p, data);
          want.forEach((w, i) => {
            const wrong = w.findIndex((x, k) => !(Math.abs(x - got[i][k]) <= tolerance * (1 + Math.abs(x))));
            expect(wrong, `output ${i} at ${wrong}: ${got[i][wrong]}, expected ${w[wrong]}`).toBe(-1);
          });
          // so few rows stay in the cache, and are not walked in strips
          const few = network(96, first, layers, dtype);
          expect(explain(b, few)).not.toMatch(withProducts);
          const from = 24 * 13;
          const part = run(b, few, [data[0].slice(from * first, (from + 96) * first), ...data.slice(1)]);
          part.forEach((values, i) => {
            const at = (from * values.length) / 96;
            expect(values.findIndex((x, k) => !Object.is(x, got[i][at + k]))).toBe(-1);
          });
        },
      ),
      { numRuns: 25, seed: 11 },
    );
    expect(walked).toBeGreaterThan(12);
    expect(b.live().buffers).toBe(0);
  },
  120_000,
);

test("a network over many rows is one group of strips, as large as a strip", () => {
  const b = wasmBackend({ lowerings: allLowerings });
  const layers: Layer[] = [
    { width: 64, turned: false, after: ["bias", "tanh"], kept: false },
    { width: 64, turned: true, after: ["bias", "tanh"], kept: false },
    { width: 2, turned: false, after: ["bias"], kept: false },
  ];
  const text = explain(b, network(50_000, 20, layers, "float32"));
  expect(text.match(/strips of/g)).toHaveLength(1);
  expect(text.match(/^ {2}product .*$/gm)).toEqual([
    "  product [50000, 20]·[20, 64] float32: i0 i1 → t of strip 0",
    "  product [50000, 64]·[64, 64] float32: t of strip 0 i3, packed before → t of strip 1",
    "  product [50000, 64]·[64, 2] float32: t of strip 1 i5, packed before → t of strip 2",
  ]);
  // one layer alone would take 12.2 MiB
  expect(Number(/temporaries ([\d.]+) KiB/.exec(text)?.[1])).toBeLessThan(400);
});

test("attention is one group of strips: the scores of all rows never are in memory", () => {
  const n = 600;
  const a = aval([n, 40], "float32");
  const attention = buildProgram([a, a, a], (emit: Emit, q, k, v) => {
    const one = (...x: Parameters<Emit>): Atom => emit(...x)[0];
    const wide = (x: Atom) => one(core.broadcast, { shape: [n, n], axes: [0] }, x);
    const s = one(core.dotGeneral, product(1, 1), q, k);
    const e = one(core.exp, {}, one(core.sub, {}, s, wide(one(core.reduceMax, { axes: [1] }, s))));
    return [one(core.dotGeneral, product(1, 0), one(core.div, {}, e, wide(one(core.reduceSum, { axes: [1] }, e))), v)];
  });
  const b = wasmBackend({ lowerings: allLowerings });
  const text = explain(b, attention);
  expect(text.match(/^\S*product/gm)).toBeNull();
  // 1.4 MiB for the scores alone
  expect(Number(/temporaries ([\d.]+) KiB/.exec(text)?.[1])).toBeLessThan(600);
  const data = [0, 1, 2].map((seed) => numbers("float32", n * 40, seed, 0.5));
  const [got, want] = [b, referenceBackend()].map((x) => run(x, attention, data)[0]);
  // weights sum to 1, scores are sums of 40 terms below 1/4: 41·eps·10 in the exponent, then n terms
  expect(got.findIndex((x, i) => !(Math.abs(x - want[i]) <= 1e-4))).toBe(-1);
});

// Heads of a batch: rows and heads in the order of memory, or turned about; strips that end with a head, and in the middle of one.
test.each([
  { batch: [7], n: 96, d: 16, turned: false },
  { batch: [3], n: 173, d: 20, turned: true },
  { batch: [2, 3], n: 130, d: 9, turned: true },
  { batch: [4, 2], n: 144, d: 5, turned: false },
])(
  "attention of $batch heads, $n tokens, is one group of strips, and each head has its own bits",
  ({ batch, n, d, turned }) => {
    const heads = batch.reduce((x, y) => x * y, 1);
    const axes = batch.map((_, i) => i);
    const rank = batch.length;
    // [batch…, n, d] as it lies, or seen through a transpose of [n, batch…, d]
    const shape = turned ? [n, ...batch, d] : [...batch, n, d];
    const permutation = turned ? [...axes.map((i) => i + 1), 0, rank + 1] : [...axes, rank, rank + 1];
    const of = (batch: readonly number[], shape: readonly number[], permutation: readonly number[]) => {
      const rank = batch.length;
      const all = batch.map((_, i) => i);
      const a = aval(shape, "float32");
      return buildProgram([a, a, a], (emit: Emit, ...lying) => {
        const one = (...x: Parameters<Emit>): Atom => emit(...x)[0];
        const [q, k, v] = lying.map((x) => one(core.transpose, { permutation }, x));
        const wide = (x: Atom) => one(core.broadcast, { shape: [...batch, n, n], axes: [...all, rank] }, x);
        const times = (rhs: number) => ({ lhsContract: [rank + 1], rhsContract: [rhs], lhsBatch: all, rhsBatch: all });
        const s = one(core.dotGeneral, times(rank + 1), q, k);
        const e = one(core.exp, {}, one(core.sub, {}, s, wide(one(core.reduceMax, { axes: [rank + 1] }, s))));
        const p = one(core.div, {}, e, wide(one(core.reduceSum, { axes: [rank + 1] }, e)));
        return [one(core.dotGeneral, times(rank), p, v)];
      });
    };
    const b = wasmBackend({ lowerings: allLowerings });
    const attention = of(batch, shape, permutation);
    const text = explain(b, attention);
    expect(text).toMatch(withProducts);
    expect(text.match(/^product/gm)).toBeNull();
    const data = [0, 1, 2].map((seed) => numbers("float32", heads * n * d, seed, 0.5));
    const [got, want] = [b, referenceBackend()].map((x) => run(x, attention, data)[0]);
    // weights sum to 1; scores are sums of d terms below 1/4
    expect(got.findIndex((x, i) => !(Math.abs(x - want[i]) <= 1e-5))).toBe(-1);
    // one head alone is small, and not walked in strips with its products
    const alone = of([], [n, d], [0, 1]);
    expect(explain(b, alone)).not.toMatch(withProducts);
    const head = heads - 2;
    const part = data.map((x) =>
      Float32Array.from({ length: n * d }, (_, i) =>
        turned ? x[(Math.floor(i / d) * heads + head) * d + (i % d)] : x[head * n * d + i],
      ),
    );
    const [own] = run(b, alone, part);
    expect(own.findIndex((x, i) => !Object.is(x, got[head * n * d + i]))).toBe(-1);
  },
);

test("a right operand that is made by the run itself is there before the product begins", () => {
  const a = aval([2000, 30], "float64");
  const p = buildProgram([a], (emit: Emit, x) => {
    const [t] = emit(core.tanh, {}, x);
    const [g] = emit(core.dotGeneral, product(0, 0), t, t);
    const [y] = emit(core.dotGeneral, product(1, 0), t, g);
    return [emit(core.add, {}, y, x)[0]];
  });
  const b = wasmBackend({ lowerings: allLowerings });
  expect(explain(b, p)).toMatch(/product \[30, 2000\][^\n]*\n(.*\n)*? {2}product \[2000, 30\]/);
  const data = [numbers("float64", 60_000, 0, 1)];
  const [got, want] = [run(b, p, data, true)[0], run(referenceBackend(), p, data)[0]];
  // sums of 2000, then of 30 terms of at most 2000
  expect(got.findIndex((x, i) => !(Math.abs(x - want[i]) <= 1e-10 * (1 + Math.abs(want[i]))))).toBe(-1);
});
