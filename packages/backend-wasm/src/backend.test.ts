import {
  type Atom,
  type Aval,
  aval,
  type Backend,
  buildProgram,
  core,
  type DeviceBuffer,
  literal,
  type Op,
  type Program,
  singleton,
} from "@ansatz/backend";
import { describe, expect, test } from "vitest";
import { explain } from "./explain";
import { wasmBackend } from "./index";
import { allLowerings } from "./lowerings";

const f64 = (...shape: number[]): Aval => aval(shape, "float64");
const put = (b: Backend, values: readonly number[], a: Aval = f64(values.length)): DeviceBuffer =>
  b.upload(Float64Array.from(values), a);
const get = (b: Backend, x: DeviceBuffer): number[] => [...(b.readSync!(x) as Float64Array)];

/** An elementwise program that stores every intermediate: each is read twice and is costly. */
const chain = (a: Aval, length: number): Program =>
  buildProgram([a], (emit, x) => {
    let v: Atom = x;
    for (let i = 0; i < length; i++) {
      const s: Atom = emit(core.sin, {}, v)[0];
      const t: Atom = emit(core.reverse, { axes: [0] }, s)[0];
      [v] = emit(core.add, {}, s, t);
    }
    return [v];
  });

describe("modules", () => {
  test("10,000 lengths of exp(x) make at most 50 modules, and give exp", () => {
    const b = wasmBackend({ lowerings: allLowerings });
    for (let n = 1; n <= 10_000; n++) {
      const exe = b.compile(singleton(core.exp, {}, [f64(n)]));
      if (n % 997 !== 0) continue;
      const x = put(
        b,
        Array.from({ length: n }, (_, i) => i / n),
      );
      const [y] = exe.run([x]);
      const values = get(b, y);
      expect(values.every((v, i) => Math.abs(v / Math.exp(i / n) - 1) < 1e-15)).toBe(true);
      b.free(x);
      b.free(y);
    }
    expect(b.stats().modulesMade).toBeLessThanOrEqual(50);
  });

  test.each([
    ["a sum along the rows", (n: number, m: number) => singleton(core.reduceSum, { axes: [1] }, [f64(n, m)])],
    ["a transpose", (n: number, m: number) => singleton(core.transpose, { permutation: [1, 0] }, [f64(n, m)])],
    [
      "a product",
      (n: number, m: number) =>
        singleton(core.dotGeneral, { lhsContract: [1], rhsContract: [0], lhsBatch: [], rhsBatch: [] }, [
          f64(n, m),
          f64(m, 7),
        ]),
    ],
    ["a sort", (n: number, m: number) => singleton(core.sort, { axis: 0, keys: 1 }, [f64(n, m)])],
    [
      "padding",
      (n: number, m: number) =>
        singleton(core.pad, { low: [1, 2], high: [3, 4], interior: [0, 1] }, [f64(n, m), f64()]),
    ],
  ])("%s of 400 shapes makes a handful of modules", (_, program) => {
    const b = wasmBackend({ lowerings: allLowerings });
    for (let n = 1; n <= 20; n++) for (let m = 1; m <= 20; m++) b.compile(program(3 * n, 5 * m));
    expect(b.stats().modulesMade).toBeLessThanOrEqual(8);
  });

  test("a program of 500 equations compiles fast, and its second tracing is the first one's module", () => {
    const b = wasmBackend({ lowerings: allLowerings });
    b.compile(chain(f64(7), 20)); // the compiler itself is warm
    const times = [8, 9, 10, 11, 12].map((n) => {
      const p = chain(f64(n), 167);
      expect(p.equations.length).toBe(501);
      const start = performance.now();
      b.compile(p);
      return performance.now() - start;
    });
    const best = Math.min(...times);
    expect(best, `500 equations took ${times.map((t) => t.toFixed(1)).join(", ")} ms`).toBeLessThan(100);
    const { modulesMade } = b.stats();
    b.compile(chain(f64(8), 167));
    expect(b.stats().modulesMade).toBe(modulesMade);
  });

  test("modules beyond the bound are put out, and come back when they run again", () => {
    const b = wasmBackend({ lowerings: allLowerings, modules: 8 });
    const exes = Array.from({ length: 40 }, (_, i) => b.compile(chain(f64(4), i + 1)));
    expect(b.stats().modulesKept).toBeLessThanOrEqual(8);
    const x = put(b, [1, 2, 3, 4]);
    const ys = exes.map((e) => e.run([x])[0]);
    expect(get(b, ys[0])[0]).toBeCloseTo(Math.sin(1) + Math.sin(4), 14);
    expect(b.stats().modulesKept).toBeLessThanOrEqual(8);
  });

  test("captured tensors are inputs: their size leaves the module alone", () => {
    const b = wasmBackend({ lowerings: allLowerings });
    const make = (n: number) => b.compile(buildProgram([f64(n), f64(n)], (emit, x, c) => emit(core.mul, {}, x, c)));
    make(10);
    make(1_000_000);
    expect(b.stats().modulesMade).toBe(1);
  });
});

describe("reading and writing", () => {
  test.each(["float64", "float32"] as const)("arrays of %s come back bit for bit, few numbers and many", (dtype) => {
    const b = wasmBackend();
    const special = [-0, Infinity, -Infinity, 5e-324, 2 ** -149, 1 / 3, -1e308];
    const View = dtype === "float64" ? Float64Array : Float32Array;
    for (const [n, nan] of [0, 1, 2, 15, 16, 17, 40].flatMap((n) => [[n, false] as const, [n, true] as const])) {
      const data = new View(Array.from({ length: n }, (_, i) => special[i % 7] * (i + 1)));
      // a NaN with a payload, signalling
      if (nan && n > 0) new Uint32Array(data.buffer).set(dtype === "float64" ? [77, 0x7ff00000] : [0x7f800077]);
      for (const shape of n === 1 ? [[], [1], [1, 1]] : [[n]]) {
        // neighbours on either side stay as they are
        const [before, x, after] = [put(b, [7]), b.upload(data, aval(shape, dtype)), put(b, [9])];
        const back = b.readSync(x);
        expect(back.constructor).toBe(data.constructor);
        expect(new Uint8Array(back.buffer)).toEqual(new Uint8Array(data.buffer));
        if (n > 0) back[0] = 3;
        expect(new Uint8Array(b.readSync(x).buffer)).toEqual(new Uint8Array(data.buffer));
        expect([get(b, before), get(b, after)]).toEqual([[7], [9]]);
        for (const y of [before, x, after]) b.free(y);
      }
    }
  });
});

describe("memory", () => {
  test("temporaries share memory: a chain of 100 needs as much as a chain of 2", () => {
    const b = wasmBackend({ lowerings: allLowerings });
    const text = (n: number) => /temporaries (\S+ \S+)/.exec(explain(b, chain(f64(1000), n)))?.[1];
    expect(text(100)).toBe(text(3));
  });

  test("a donated input becomes the output", () => {
    const b = wasmBackend({ lowerings: allLowerings });
    const exe = b.compile(buildProgram([f64(1000)], (emit, x) => emit(core.sin, {}, x)));
    const x = put(b, new Array(1000).fill(1));
    const before = (x as { ptr?: number }).ptr;
    const [y] = exe.run([x], [true]);
    expect((y as { ptr?: number }).ptr).toBe(before);
    expect(get(b, y)[999]).toBeCloseTo(Math.sin(1), 15);
    expect(b.live()).toEqual({ buffers: 1, bytes: 8000 });
  });

  test("an allocation that fails is a memory error; nothing leaks and the backend goes on", () => {
    const b = wasmBackend({ lowerings: allLowerings, maxBytes: 8 << 20 });
    const exe = b.compile(
      buildProgram([f64(400_000)], (emit, x) => [
        ...emit(core.sin, {}, x),
        ...emit(core.cos, {}, x),
        ...emit(core.exp, {}, x),
      ]),
    );
    const x = put(b, new Array(400_000).fill(0));
    const before = b.live();
    for (let i = 0; i < 100; i++)
      expect(() => exe.run([x], [i % 2 === 1])).toThrow(expect.objectContaining({ code: "memory" }));
    expect(b.live()).toEqual(before);
    expect(get(b, x)[0]).toBe(0); // not consumed by the failed call
    const small = b.compile(buildProgram([f64(400_000)], (emit, y) => emit(core.cos, {}, y)));
    const [y] = small.run([x]);
    expect(get(b, y)[7]).toBe(1);
    b.free(x);
    b.free(y);
    expect(b.live()).toEqual({ buffers: 0, bytes: 0 });
  });

  test("memory may grow in the middle of a program, in a loop", () => {
    const b = wasmBackend({ lowerings: allLowerings });
    const held: DeviceBuffer[] = [];
    const grower: Op = {
      name: "grower",
      core: false,
      abstract: ([a]) => [a],
      host: ([v]) => {
        held.push(b.upload(new Float64Array(1 << 20), f64(1 << 20)));
        return [(v.data as Float64Array).map((t) => t + 1)];
      },
    };
    const body = buildProgram([f64(3)], (emit, c) => {
      const [g] = emit(grower, {}, c);
      return emit(core.add, {}, g, c);
    });
    const exe = b.compile(
      buildProgram([f64(3)], (emit, x) => emit(core.scan, { body, length: 4, consts: 0, carry: 1, reverse: false }, x)),
    );
    const size = b.stats().memoryBytes;
    const [y] = exe.run([put(b, [0, 1, 2])]);
    expect(get(b, y)).toEqual([15, 31, 47]); // c ← 2c + 1, four times
    expect(held.length).toBe(4);
    expect(b.stats().memoryBytes).toBeGreaterThan(size);
  });

  test("a host function that takes arrays to fill sees memory without a copy, and may still return others", () => {
    const b = wasmBackend({ lowerings: allLowerings });
    const seen: boolean[] = [];
    const negate = (fills: boolean): Op => ({
      name: "negate",
      core: false,
      abstract: ([a]) => [a],
      host: ([v], _, into) => {
        const x = v.data as Float64Array;
        seen.push(x.buffer === b.heap.memory.buffer && into?.[0].buffer === x.buffer);
        const to = fills ? (into?.[0] as Float64Array) : new Float64Array(x.length);
        for (let i = 0; i < x.length; i++) to[i] = -x[i];
        return [to];
      },
    });
    for (const fills of [true, false]) {
      const op = negate(fills);
      const twice = buildProgram([f64(3)], (emit, x) => emit(op, {}, emit(op, {}, x)[0]));
      const input = put(b, [1, 2, 3]);
      const [y] = b.compile(twice).run([input]);
      expect(get(b, y)).toEqual([1, 2, 3]);
      expect(get(b, input)).toEqual([1, 2, 3]);
    }
    expect(seen).toEqual([true, true, true, true]);
  });

  test("a host function may run other programs of the same backend", () => {
    const b = wasmBackend({ lowerings: allLowerings });
    const square = b.compile(buildProgram([f64(2)], (emit, x) => emit(core.mul, {}, x, x)));
    const inner: Op = {
      name: "inner",
      core: false,
      abstract: ([a]) => [a],
      host: ([v]) => {
        const x = b.upload(v.data, v.aval);
        const [y] = square.run([x]);
        const out = b.readSync(y);
        b.free(x);
        b.free(y);
        return [out];
      },
    };
    const exe = b.compile(
      buildProgram([f64(2)], (emit, x) => {
        const [s] = emit(core.exp, {}, x);
        const [y] = emit(inner, {}, s);
        return emit(core.add, {}, y, s);
      }),
    );
    const [y] = exe.run([put(b, [0, 1])]);
    const e = Math.E;
    expect(get(b, y)[0]).toBe(2);
    expect(get(b, y)[1]).toBeCloseTo(e * e + e, 13);
  });

  test("100,000 calls leave no byte behind", () => {
    const b = wasmBackend({ lowerings: allLowerings });
    const exe = b.compile(
      buildProgram([f64(64), f64(64)], (emit, x, y) => [...emit(core.add, {}, x, y), ...emit(core.mul, {}, x, y)]),
    );
    const [x, y] = [put(b, new Array(64).fill(1)), put(b, new Array(64).fill(2))];
    for (const o of exe.run([x, y])) b.free(o);
    const before = { live: b.live(), size: b.stats().memoryBytes };
    for (let i = 0; i < 100_000; i++) for (const o of exe.run([x, y])) b.free(o);
    expect({ live: b.live(), size: b.stats().memoryBytes }).toEqual(before);
  });
});

describe("calls", () => {
  test("a compiled scalar function and an eager op on four numbers stay near a microsecond", () => {
    const b = wasmBackend({ lowerings: allLowerings });
    const measure = (p: Program, inputs: DeviceBuffer[]): number => {
      const exe = b.compile(p);
      let best = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 30; round++) {
        const start = performance.now();
        for (let i = 0; i < 2000; i++) b.free(exe.run(inputs)[0]);
        best = Math.min(best, (performance.now() - start) / 2);
      }
      return best;
    };
    const scalar = measure(
      buildProgram([f64()], (emit, x) => {
        const [s] = emit(core.sin, {}, x);
        return emit(core.mul, {}, s, literal(2, "float64"));
      }),
      [put(b, [1], f64())],
    );
    const eager = measure(singleton(core.add, {}, [f64(4), f64(4)]), [put(b, [1, 2, 3, 4]), put(b, [1, 2, 3, 4])]);
    // Goals 1 and 2 µs; the margin is for a busy machine.
    expect(scalar, `scalar call ${scalar.toFixed(3)} µs`).toBeLessThan(5);
    expect(eager, `eager op ${eager.toFixed(3)} µs`).toBeLessThan(5);
  });

  test("explain tells what was fused, where values live, and what leaves for the host", () => {
    const b = wasmBackend({ lowerings: allLowerings });
    const text = explain(
      b,
      buildProgram([f64(8, 16), f64(16)], (emit, x, w) => {
        const [wb] = emit(core.broadcast, { shape: [8, 16], axes: [1] }, w);
        const [p] = emit(core.mul, {}, x, wb);
        const [s] = emit(core.reduceSum, { axes: [1] }, p);
        const [e] = emit(core.exp, {}, s);
        emit(core.tap, { callback: () => {} }, e);
        return [e];
      }),
    );
    expect(text).toContain("loop 8, reduced over 16, 2 lanes: mul sum exp ← i0 i1 → o0");
    expect(text).toContain("host calls: tap");
  });
});
