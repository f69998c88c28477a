import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { aval, buildProgram, core, literal } from "@ansatz/backend";
import { hostValue, referenceBackend } from "@ansatz/backend/reference";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { type TfjsBackend, tfjsBackend } from "./index";

// Loops of 10,000 on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

describe.each(["cpu", "wasm"])("on the %s engine", (engine) => {
  let backend: TfjsBackend;
  const x = aval([4], "float32");
  const put = (values: number[]) =>
    backend.upload(hostValue("float32", [values.length], values).data, aval([values.length], "float32"));
  beforeEach(async () => {
    await tf.setBackend(engine);
    backend = tfjsBackend(tf, { host: referenceBackend() });
  });

  test("tensors made inside a caller's tf.tidy outlive it", async () => {
    const exe = backend.compile(buildProgram([x], (e, a) => e(core.add, {}, a, a)));
    const input = put([1, 2, 3, 4]);
    let out: ReturnType<typeof put> | undefined;
    tf.tidy(() => {
      [out] = exe.run([input]);
    });
    expect([...(await backend.read(out!))]).toEqual([2, 4, 6, 8]);
    backend.free(input);
    backend.free(out!);
  });

  test("what a chain makes on its way is disposed at its last use, and nothing goes to the host", () => {
    const exe = backend.compile(
      buildProgram([x], (e, a) => {
        let y = a;
        for (let i = 0; i < 50; i++) [y] = e(i % 2 ? core.exp : core.neg, {}, y);
        return [y];
      }),
    );
    const input = put([1, 2, 3, 4]);
    const before = tf.memory().numTensors;
    const [out] = exe.run([input]);
    expect(tf.memory().numTensors - before).toBe(1);
    expect(backend.counts()).toMatchObject({ dispatches: 50, reads: 0, fallbacks: {} });
    backend.free(input);
    backend.free(out);
  });

  test("a scan of 1,000 steps reads nothing back; a while reads its predicate once a round", async () => {
    const body = buildProgram([x], (e, c) => {
      const [d] = e(core.mul, {}, c, e(core.broadcast, { shape: [4], axes: [] }, literal(0.999, "float32"))[0]);
      return [d, e(core.reduceSum, { axes: [0] }, d)[0]];
    });
    const scan = backend.compile(
      buildProgram([x], (e, a) => e(core.scan, { body, length: 1000, consts: 0, carry: 1, reverse: false }, a)),
    );
    const input = put([1, 2, 3, 4]);
    const before = tf.memory().numTensors;
    const outs = scan.run([input]);
    // The product and the sum, each round; the literal is spread on the host, being a few numbers.
    expect(backend.counts()).toMatchObject({ dispatches: 2000, reads: 0, fallbacks: {} });
    const sums = await backend.read(outs[1]);
    expect(sums).toHaveLength(1000);
    expect(Math.abs(Number(sums[999]) / (10 * 0.999 ** 1000) - 1)).toBeLessThan(1e-4);
    for (const o of outs) backend.free(o);
    scan.dispose();
    expect(tf.memory().numTensors).toBe(before);

    const cond = buildProgram([x], (e, c) =>
      e(core.lt, {}, e(core.reduceMax, { axes: [0] }, c)[0], literal(100, "float32")),
    );
    const double = buildProgram([x], (e, c) => e(core.add, {}, c, c));
    const loop = backend.compile(
      buildProgram([x], (e, a) => e(core.whileLoop, { cond, body: double, condConsts: 0, bodyConsts: 0 }, a)),
    );
    const start = backend.counts();
    const [grown] = loop.run([input]);
    const end = backend.counts();
    expect({ dispatches: end.dispatches - start.dispatches, reads: end.reads - start.reads }).toEqual({
      dispatches: 17,
      reads: 6,
    });
    expect([...(await backend.read(grown))]).toEqual([32, 64, 96, 128]);
    backend.free(grown);
    backend.free(input);
  });

  test("an eager loop of 10,000 holds one tensor", async () => {
    const exe = backend.compile(buildProgram([x], (e, a) => e(core.tanh, {}, a)));
    let y = put([1, 2, 3, 4]);
    const before = tf.memory();
    for (let i = 0; i < 10_000; i++) {
      const [next] = exe.run([y], [true]);
      y = next;
    }
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numBytes).toBe(before.numBytes);
    expect([...(await backend.read(y))].every(Number.isFinite)).toBe(true);
    backend.free(y);
  });

  test("a bool takes no more memory than it has: selecting and moving bools leaves other tensors whole", async () => {
    // tfjs-wasm's Select, Transpose, Tile and others write four bytes for every bool.
    const b = aval([7, 9], "bool");
    const program = buildProgram([b, b, b], (e, p, u, v) => {
      const [s] = e(core.select, {}, p, u, v);
      return e(core.transpose, { permutation: [1, 0] }, e(core.reverse, { axes: [0] }, s)[0]);
    });
    const exe = backend.compile(program);
    const bits = (f: (i: number) => boolean) =>
      hostValue(
        "bool",
        [7, 9],
        Array.from({ length: 63 }, (_, i) => Number(f(i))),
      );
    const ins = [bits((i) => i % 2 === 0), bits((i) => i % 3 === 0), bits((i) => i % 5 === 0)];
    const guards = Array.from({ length: 20 }, (_, k) => put([k, k, k, k]));
    for (let round = 0; round < 20; round++) {
      const buffers = ins.map((v) => backend.upload(v.data, v.aval));
      const [out] = exe.run(buffers);
      const seen = [...(await backend.read(out))].map(Number);
      for (let i = 0; i < 9; i++)
        for (let j = 0; j < 7; j++) {
          const at = (6 - j) * 9 + i;
          expect(seen[i * 7 + j]).toBe(Number(at % 2 === 0 ? at % 3 === 0 : at % 5 === 0));
        }
      for (const q of [...buffers, out]) backend.free(q);
    }
    for (const [k, g] of guards.entries()) expect([...(await backend.read(g))]).toEqual([k, k, k, k]);
    for (const g of guards) backend.free(g);
  });

  test("with syncRead: false everything is read asynchronously, loops that read their predicate too", async () => {
    const asynchronous = tfjsBackend(tf, { host: referenceBackend(), syncRead: false });
    expect([asynchronous.can.syncRead, asynchronous.readSync]).toEqual([false, undefined]);
    const cond = buildProgram([x], (e, c) =>
      e(core.lt, {}, e(core.reduceMax, { axes: [0] }, c)[0], literal(100, "float32")),
    );
    const double = buildProgram([x], (e, c) => e(core.add, {}, c, c));
    const exe = asynchronous.compile(
      buildProgram([x], (e, a) => e(core.whileLoop, { cond, body: double, condConsts: 0, bodyConsts: 0 }, a)),
    );
    const input = asynchronous.upload(hostValue("float32", [4], [1, 2, 3, 4]).data, x);
    const [out] = exe.run([input]);
    expect([...(await asynchronous.read(out))]).toEqual([32, 64, 96, 128]);
    for (const b of [input, out]) asynchronous.free(b);
  });

  test("float64 is refused with a word for wasm", () => {
    expect(() => backend.upload(Float64Array.of(1), aval([1], "float64"))).toThrow(/float64.*wasm/);
  });
});

test("a module without a running engine is refused", () => {
  expect(() => tfjsBackend({} as never, { host: referenceBackend() })).toThrow(/await tf\.ready\(\)/);
});
