import { createHash } from "node:crypto";
import { type Atom, aval, buildProgram, core, type DType, type Program, singleton } from "@ansatz/backend";
import { arbitraryProgram, conformanceGroups, contractLaws, runCase, runCases } from "@ansatz/backend/conformance";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { type WasmBackend, wasmBackend } from "../index";
import { allLowerings } from "../lowerings";
import { startThreads, type Threads } from "./index";

const started: Threads[] = [];
const withThreads = async (count: number, options: object = {}): Promise<WasmBackend> => {
  const threads = await startThreads(count);
  started.push(threads);
  return wasmBackend({ lowerings: allLowerings, threads, ...options });
};
afterAll(() => {
  for (const t of started) t.dispose();
});

/** Numbers of both signs and many sizes, the same at every call. */
const numbers = (dtype: DType, n: number): Float64Array | Float32Array => {
  const values = dtype === "float64" ? new Float64Array(n) : new Float32Array(n);
  for (let i = 0; i < n; i++) values[i] = (((i * 7919) % 10007) / 5003.5 - 1) * (1 + (i % 17));
  return values;
};

/** A digest of everything that a program gives. */
const digest = (b: WasmBackend, p: Program): string => {
  const size = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);
  const inputs = p.inputs.map(({ aval: a }) => b.upload(numbers(a.dtype, size(a.shape)), a));
  const outputs = b.compile(p).run(inputs);
  const hash = createHash("sha256");
  for (const o of outputs) hash.update(b.readSync(o));
  for (const o of [...inputs, ...outputs]) b.free(o);
  return hash.digest("hex");
};

const dot = { lhsContract: [1], rhsContract: [0], lhsBatch: [], rhsBatch: [] };
const product = (dtype: DType, m: number, k: number, n: number): Program =>
  singleton(core.dotGeneral, dot, [aval([m, k], dtype), aval([k, n], dtype)]);

/** Layers that are walked in strips. */
const layers: Program = (() => {
  const [x, w, v, bias] = [[5003, 33], [33, 70], [5, 70], [70]].map((shape) => aval(shape, "float32"));
  return buildProgram([x, w, v, bias], (emit, a, b, c, d) => {
    const [h]: Atom[] = emit(core.dotGeneral, dot, a, b);
    const [e] = emit(core.broadcast, { shape: [5003, 70], axes: [1] }, d);
    const [t] = emit(core.tanh, {}, emit(core.add, {}, h, e)[0]);
    return [emit(core.dotGeneral, { ...dot, rhsContract: [1] }, t, c)[0]];
  });
})();

/** Heads of attention, walked in strips, too: 8 times 250 rows. */
const heads: Program = (() => {
  const [q, k] = [aval([8, 250, 40], "float32"), aval([8, 250, 40], "float32")];
  const batched = (rhs: number) => ({ lhsContract: [2], rhsContract: [rhs], lhsBatch: [0], rhsBatch: [0] });
  return buildProgram([q, k], (emit, x, y) => {
    const [s]: Atom[] = emit(core.dotGeneral, batched(2), x, y);
    return emit(core.dotGeneral, batched(1), emit(core.tanh, {}, s)[0], y);
  });
})();

/** Large enough to be shared, one of each kind of step that can be. */
const large: [string, Program][] = [
  ["layers in strips", layers],
  ["heads in strips", heads],
  ["an elementwise op", singleton(core.exp, {}, [aval([100_003], "float64")])],
  ["a sum along rows", singleton(core.reduceSum, { axes: [1] }, [aval([1501, 517], "float32")])],
  ["a running sum along columns", singleton(core.cumSum, { axis: 0, reverse: false }, [aval([100, 9001], "float64")])],
  ["a largest of everything", singleton(core.reduceMax, { axes: [0, 1] }, [aval([1003, 811], "float64")])],
  [
    "a sum of exponentials of everything",
    buildProgram([aval([700_001], "float32")], (emit, x) => {
      const [y] = emit(core.exp, {}, x);
      return [emit(core.reduceSum, { axes: [0] }, y)[0], emit(core.reduceMin, { axes: [0] }, y)[0]];
    }),
  ],
  ["many lines sorted", singleton(core.sort, { axis: 1, keys: 1 }, [aval([31, 2001], "float64")])],
  [
    "many columns sorted, with a payload",
    singleton(core.sort, { axis: 0, keys: 1 }, [aval([701, 37], "float32"), aval([701, 37], "float64")]),
  ],
  ["a product of many rows", product("float32", 603, 67, 64)],
  ["a product of many columns", product("float64", 64, 130, 777)],
  ["a thin product", product("float32", 20_001, 40, 3)],
  ["a matrix and a vector", product("float64", 2501, 1030, 1)],
  [
    "a batch of products",
    singleton(core.dotGeneral, { lhsContract: [2], rhsContract: [1], lhsBatch: [0], rhsBatch: [0] }, [
      aval([37, 50, 60], "float64"),
      aval([37, 60, 41], "float64"),
    ]),
  ],
  [
    "a program with a loop",
    (() => {
      const [w, x] = [aval([200, 200], "float32"), aval([200, 200], "float32")];
      const body = buildProgram([w, x], (emit, a, c) => emit(core.tanh, {}, emit(core.dotGeneral, dot, a, c)[0]));
      const scan = { body, length: 3, consts: 1, carry: 1, reverse: false };
      return buildProgram([w, x], (emit, a, c) => {
        const [y]: Atom[] = emit(core.scan, scan, a, c);
        return [y, emit(core.reduceSum, { axes: [0] }, y)[0]];
      });
    })(),
  ],
];

describe("results do not depend on the number of threads", () => {
  test.each(large)(
    "%s is the same, bit for bit, on 1, 2 and 4 threads, and was shared",
    async (_, p) => {
      const alone = digest(wasmBackend({ lowerings: allLowerings }), p);
      for (const count of [1, 2, 4]) {
        const b = await withThreads(count);
        expect(digest(b, p)).toBe(alone);
        expect(b.stats().jobsShared).toBeGreaterThan(0);
      }
    },
    60_000,
  );

  test("random products of every shape", async () => {
    const alone = wasmBackend({ lowerings: allLowerings });
    const shared = await withThreads(3);
    const extent = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 700 }));
    fc.assert(
      fc.property(fc.constantFrom<DType>("float32", "float64"), extent, extent, extent, (dtype, m, k, n) => {
        const p = product(dtype, m, k, n);
        expect(digest(shared, p)).toBe(digest(alone, p));
      }),
      { numRuns: 60 },
    );
    expect(shared.stats().jobsShared).toBeGreaterThan(0);
  });
});

describe("a backend with threads is a backend", () => {
  test("it agrees with the reference on every conformance case", async () => {
    const b = await withThreads(2);
    for (const { cases } of conformanceGroups({ dtypes: b.can.dtypes })) expect(await runCases(b, cases)).toEqual([]);
  }, 120_000);

  test("it keeps the contract", async () => {
    for (const law of contractLaws) await law.check(await withThreads(2));
  });

  test("random programs mean what the reference says", async () => {
    const b = await withThreads(2);
    await fc.assert(
      fc.asyncProperty(arbitraryProgram(fc, { dtypes: b.can.dtypes }), async (c) => {
        const mismatch = await runCase(b, c);
        if (mismatch) throw new Error(mismatch.message);
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});

describe("sharing", () => {
  test("small work stays with the caller", async () => {
    const b = await withThreads(4);
    digest(b, singleton(core.exp, {}, [aval([10_000], "float64")]));
    digest(b, product("float32", 64, 64, 64));
    digest(b, singleton(core.add, {}, [aval([100_000], "float64"), aval([100_000], "float64")]));
    expect(b.stats().jobsShared).toBe(0);
  });

  test("threads do take part", async () => {
    const b = await withThreads(2);
    const p = singleton(core.dotGeneral, dot, [aval([64, 64], "float32"), aval([64, 20_000], "float32")]);
    // A thread sleeps until it is woken; the caller alone may be done first, but not every time.
    const taken = () =>
      b
        .stats()
        .chunksTaken.slice(1)
        .some((n) => n > 0);
    for (const end = Date.now() + 20_000; Date.now() < end && !taken(); ) digest(b, p);
    expect(taken()).toBe(true);
  });

  test("memory grows between jobs and threads see it", async () => {
    const b = await withThreads(3);
    const alone = wasmBackend({ lowerings: allLowerings });
    for (const n of [50_000, 300_000, 1_500_000]) {
      const p = singleton(core.log1p, {}, [aval([n], "float32")]);
      expect(digest(b, p)).toBe(digest(alone, p));
    }
  });

  test("modules that were put out of the cache are shared again", async () => {
    const b = await withThreads(2, { modules: 4 });
    const alone = wasmBackend({ lowerings: allLowerings });
    const before = b.live().bytes;
    for (let round = 0; round < 3; round++)
      for (const op of [core.exp, core.log, core.sin, core.cos, core.tanh, core.erf]) {
        const p = singleton(op, {}, [aval([100_000], "float64")]);
        expect(digest(b, p)).toBe(digest(alone, p));
      }
    expect(b.stats().modulesMade).toBeGreaterThan(6);
    expect(b.live().bytes).toBe(before);
  });

  test("without memory for their share the caller works alone", async () => {
    const b = await withThreads(2, { maxBytes: 2 ** 20 });
    const p = product("float32", 300, 100, 100);
    expect(digest(b, p)).toBe(digest(wasmBackend({ lowerings: allLowerings }), p));
  });

  test("when they have ended, their backend goes on alone", async () => {
    const threads = await startThreads(2);
    const b = wasmBackend({ lowerings: allLowerings, threads });
    const [, p] = large[0];
    const first = digest(b, p);
    threads.dispose();
    expect(digest(b, p)).toEqual(first);
  });

  test("a number of threads that is none, and a second backend, are refused", async () => {
    await expect(startThreads(0)).rejects.toThrow("takes an integer from 1 to 256");
    const threads = await startThreads(1);
    wasmBackend({ threads });
    expect(() => wasmBackend({ threads })).toThrow("these threads serve another backend");
  });
});
