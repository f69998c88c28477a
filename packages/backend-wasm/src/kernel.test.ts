import { aval, buildProgram, core, type Op, singleton } from "@ansatz/backend";
import { describe, expect, test } from "vitest";
import { f64, i32 } from "./asm";
import { type WasmKernel, wasmBackend } from "./index";
import { allLowerings } from "./lowerings";
import { exp } from "./runtime/math";
import { startThreads } from "./threads";

/** Σ e^xᵢ of each row, by the runtime's exponential, over a copy in scratch memory. */
const kernel: WasmKernel = {
  rank: { inputs: [1], outputs: [0] },
  dims: ([x]) => [x.shape[0]],
  scratchBytes: ([x]) => 8 * x.shape[0],
  build: ({ module, math }) =>
    module.func([i32, i32, i32, i32], [], (f, x, y, scratch, n) => {
      const [i, sum] = [f.local(i32), f.local(f64)];
      f.get(scratch).get(x).get(n).i32.const(3).i32.shl().memoryCopy();
      f.forRange(i, 0, n, 1, () => {
        f.address(scratch, i, 3).f64.load().call(math(exp, "float64")).get(sum).f64.add().set(sum);
      });
      f.get(y).get(sum).f64.store();
    }),
};
const sumExp: Op = {
  name: "sumExp",
  core: false,
  abstract: ([x]) => [{ dtype: x.dtype, shape: x.shape.slice(0, -1) }],
  kernels: { wasm: kernel },
};

describe("kernels of extension ops", () => {
  test("run over leading axes as a batch, eagerly with one module for every extent", () => {
    const b = wasmBackend({ lowerings: allLowerings });
    for (const shape of [[4], [3, 4], [2, 3, 5], [0, 3], [2, 0]]) {
      const a = aval(shape, "float64");
      const n = shape.reduce((s, d) => s * d, 1);
      const x = b.upload(
        Float64Array.from({ length: n }, (_, i) => i / 10),
        a,
      );
      const [y] = b.compile(singleton(sumExp, {}, [a])).run([x]);
      const width = shape[shape.length - 1];
      const rows = shape.slice(0, -1).reduce((s, d) => s * d, 1);
      const want = Array.from({ length: rows }, (_, r) => {
        let sum = 0;
        for (let i = 0; i < width; i++) sum += Math.exp((r * width + i) / 10);
        return sum;
      });
      const got = [...(b.readSync(y) as Float64Array)];
      expect(got.length).toBe(rows);
      got.forEach((v, i) => {
        expect(v).toBeCloseTo(want[i], 12);
      });
    }
    // One for all extents, one for rows of nothing (they need no scratch memory), one for no rows.
    expect(b.stats().modulesMade).toBeLessThanOrEqual(3);
  });

  test("a large batch is shared by threads, each with scratch memory of its own; a small one is not", async () => {
    const threads = await startThreads(3);
    const alone = wasmBackend({ lowerings: allLowerings });
    const shared = wasmBackend({ lowerings: allLowerings, threads });
    const rows = (b: typeof alone, count: number, width: number): number[] => {
      const a = aval([count, width], "float64");
      const x = Float64Array.from({ length: count * width }, (_, i) => ((i * 7919) % 1013) / 1013);
      return [...(b.readSync(b.compile(singleton(sumExp, {}, [a])).run([b.upload(x, a)])[0]) as Float64Array)];
    };
    expect(rows(shared, 1, 200_000)).toEqual(rows(alone, 1, 200_000));
    expect(rows(shared, 100, 1000)).toEqual(rows(alone, 100, 1000));
    expect(shared.stats().jobsShared).toBe(0);
    // several times: a thread that wakes late takes nothing
    for (let turn = 1; turn <= 20; turn++) {
      expect(rows(shared, 301, 1001)).toEqual(rows(alone, 301, 1001));
      expect(shared.stats().jobsShared).toBe(turn);
    }
    threads.dispose();
  });

  test("run inside loops of a program", () => {
    const b = wasmBackend({ lowerings: allLowerings });
    const a = aval([3], "float64");
    const body = buildProgram([a], (emit, c) => {
      const [s] = emit(sumExp, {}, c);
      const [t] = emit(core.broadcast, { shape: [3], axes: [] }, s);
      return emit(core.log, {}, t);
    });
    const p = buildProgram([a], (emit, x) =>
      emit(core.scan, { body, length: 2, consts: 0, carry: 1, reverse: false }, x),
    );
    const [y] = b.compile(p).run([b.upload(new Float64Array([0, 0, 0]), a)]);
    // log 3e^(log 3) = 2 log 3
    for (const v of b.readSync(y) as Float64Array) expect(v).toBeCloseTo(2 * Math.log(3), 14);
  });
});
