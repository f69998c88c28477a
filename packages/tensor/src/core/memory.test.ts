import type { Backend } from "@ansatz/backend";
import { referenceBackend } from "@ansatz/backend/reference";
import { wasmBackend } from "@ansatz/backend-wasm";
import { describe, expect, test } from "vitest";
import {
  add,
  jit,
  mul,
  ready,
  scope,
  sum,
  type Tensor,
  tap,
  tensor,
  toBackend,
  useBackend,
  withBackend,
  zeros,
} from "../index";
import { residency } from "./residency";

const on = <T>(backend: Backend, f: () => T): T => withBackend(backend, f);
const small = () => wasmBackend({ residentBytes: 100_000 });

describe("residency", () => {
  test("the oldest tensors are spilled, and come back with their values", () =>
    on(small(), () => {
      const kept: Tensor[] = [];
      for (let i = 0; i < 30; i++) kept.push(add(zeros([1000]), i)); // 8 kB each: far beyond the budget
      expect(kept[0].cell!.buffer).toBeNull();
      expect(kept[29].cell!.buffer).not.toBeNull();
      kept.forEach((t, i) => expect([...new Set(t.dataSync() as Float64Array)]).toEqual([i]));
      const total = kept.reduce((a, b) => add(a, b));
      expect((total.dataSync() as Float64Array)[7]).toBe(435);
    }));
  test("live bytes stay under the budget plus one step, without any disposal", () => {
    const backend = small();
    on(backend, () => {
      let x = zeros([1000]);
      for (let i = 0; i < 500; i++) x = add(x, 1);
      expect(backend.live().bytes).toBeLessThanOrEqual(100_000 + 16_000);
      expect((x.dataSync() as Float64Array)[0]).toBe(500);
    });
  });
  test("results that nobody keeps do not pile up, long before the budget is full", () => {
    const backend = wasmBackend();
    on(backend, () => {
      const x = add(zeros([131_072]), 1); // 1 MiB
      for (let i = 0; i < 100; i++) mul(x, i);
      expect(backend.live().bytes).toBeLessThanOrEqual(2 ** 24);
    });
  });
  test("what every step uses stays, however much is dropped", () => {
    const backend = wasmBackend({ residentBytes: 2 ** 22 });
    on(backend, () => {
      const x = add(zeros([131_072]), 1);
      const { buffer } = x.cell!;
      for (let i = 0; i < 50; i++) {
        mul(x, i);
        expect(x.cell!.buffer).toBe(buffer);
      }
    });
  });
  test("what comes back makes room for itself and pushes nothing out", () => {
    const backend = wasmBackend();
    on(backend, () => {
      const kept = Array.from({ length: 48 }, (_, i) => add(zeros([131_072]), i)); // 48 MiB, three times what is kept at first
      const { spills } = residency(backend);
      expect(spills).toBeGreaterThan(30);
      for (let turn = 0; turn < 3; turn++) for (const t of kept) sum(t);
      expect(residency(backend).spills).toBe(spills);
      expect(kept.map((t) => (t.dataSync() as Float64Array)[9])).toEqual(kept.map((_, i) => i));
    });
  });
  test("out of memory spills everything else and tries again", () => {
    const backend = wasmBackend({ maxBytes: 6_000_000, residentBytes: 100_000_000 });
    on(backend, () => {
      const kept: Tensor[] = [];
      for (let i = 0; i < 30; i++) kept.push(add(zeros([50_000]), i)); // 400 kB each
      expect((kept[3].dataSync() as Float64Array)[5]).toBe(3);
    });
  });
  test("what a running program uses is not spilled by a callback inside it", () =>
    on(small(), () => {
      const x = add(zeros([2000]), 1);
      const f = jit((a: Tensor) => {
        const seen = tap(sum(a), () => {
          for (let i = 0; i < 20; i++) add(zeros([5000]), i);
        });
        return add(mul(a, 2), seen);
      });
      expect((f(x).dataSync() as Float64Array)[1999]).toBe(2002);
      expect((x.dataSync() as Float64Array)[1999]).toBe(1);
    }));
  test("what can never fit is a clear error, and the process goes on", () => {
    const backend = wasmBackend({ maxBytes: 4_000_000 });
    on(backend, () => {
      const x = add(zeros([1000]), 1);
      expect(() => add(zeros([10_000_000]), 1)).toThrow(/cannot allocate 80000000 bytes/);
      expect((add(x, 1).dataSync() as Float64Array)[0]).toBe(2);
    });
  });
});

describe("scope", () => {
  test("frees all but what it returns", () => {
    const backend = wasmBackend();
    on(backend, () => {
      const x = add(zeros([1000]), 1);
      const before = backend.live().bytes;
      let inner: Tensor | null = null;
      const { y } = scope(() => {
        inner = mul(x, 2);
        return { y: add(inner, inner) };
      });
      expect(backend.live().bytes).toBe(before + 8000);
      expect((y.dataSync() as Float64Array)[0]).toBe(4);
      expect((x.dataSync() as Float64Array)[0]).toBe(1);
      expect(() => add(inner as never, 1)).toThrow(/made in a scope that has ended/);
    });
  });
  test("nests, frees on errors, and refuses promises", () => {
    const backend = wasmBackend();
    on(backend, () => {
      const x = add(zeros([10]), 1);
      const before = backend.live().bytes;
      const y = scope(() =>
        add(
          scope(() => mul(x, 3)),
          1,
        ),
      );
      expect((y.dataSync() as Float64Array)[0]).toBe(4);
      expect(backend.live().bytes).toBe(before + 80);
      expect(() =>
        scope(() => {
          mul(x, 3);
          throw new Error("no");
        }),
      ).toThrow("no");
      expect(backend.live().bytes).toBe(before + 80);
      expect(() => scope(async () => mul(x, 3))).toThrow(/synchronous/);
    });
  });
});

describe("disposal and donation", () => {
  test("a disposed tensor says so; a tensor that shares its elements lives on", () =>
    on(wasmBackend(), () => {
      const x = add(zeros([3]), 1);
      const same = jit((a: Tensor) => a)(x);
      same[Symbol.dispose]();
      same.dispose();
      expect(x.toArray()).toEqual([1, 1, 1]);
      x.dispose();
      expect(() => add(x, 1)).toThrow(/can no longer be used: it was disposed/);
      expect(() => x.item()).toThrow();
    }));
  test("donation takes the memory over, and later use is an error that names the function", () => {
    const backend = wasmBackend();
    on(backend, () => {
      const step = jit((p: { w: Tensor; b: Tensor }, g: Tensor) => ({ w: add(p.w, g), b: mul(p.b, 2) }), {
        donate: [0],
        name: "step",
      });
      let p = { w: add(zeros([1000]), 0), b: add(zeros([10]), 1) };
      const g = add(zeros([1000]), 1);
      p = step(p, g);
      const before = backend.live();
      const old = p;
      for (let i = 0; i < 5; i++) p = step(p, g);
      expect(backend.live()).toEqual(before);
      expect([(p.w.dataSync() as Float64Array)[0], (p.b.dataSync() as Float64Array)[0]]).toEqual([6, 64]);
      expect(() => old.w.dataSync()).toThrow(/donated to jit\(step\)/);
      expect(() => step(old, g)).toThrow(/donated to jit\(step\)/);
      expect((g.dataSync() as Float64Array)[0]).toBe(1);
      // the same tensor twice is not given away
      const twice = jit((a: Tensor, b: Tensor) => add(a, b), { donate: [0] });
      expect((twice(g, g).dataSync() as Float64Array)[0]).toBe(2);
      expect((g.dataSync() as Float64Array)[0]).toBe(1);
    });
  });
});

describe("placement", () => {
  test("uncommitted tensors follow, committed ones must agree", async () => {
    const a = wasmBackend();
    const b = referenceBackend();
    useBackend(a);
    const x = tensor([1, 2]);
    const y = add(x, 1); // committed to a; x was uploaded there and stays free
    const z = await toBackend({ v: [1, 2] }, b);
    expect(z.v.cell!.backend).toBe(b);
    expect(add(z.v, x).toArray()).toEqual([2, 4]);
    expect(() => add(z.v, y)).toThrow(
      /two backends, got backends: \[reference, wasm\]; move one of them with toBackend/,
    );
    expect(add(z.v, await toBackend(y, b)).toArray()).toEqual([3, 5]);
    const s = await ready(sum(y));
    expect(s.item()).toBe(5);
    expect(() => withBackend(b, async () => 1)).toThrow(/synchronous/);
  });

  test("host data given a shape are uncommitted, too", async () => {
    const x = withBackend(wasmBackend(), () => tensor(Float32Array.of(1, 2, 3, 4), { shape: [2, 2] }));
    expect(x.cell!.committed).toBe(false);
    const z = await toBackend(tensor([[1, 1]], { dtype: "float32" }), referenceBackend());
    expect(add(z, x).toArray()).toEqual([
      [2, 3],
      [4, 5],
    ]);
  });
});

test("data, dataSync and toArray give copies", async () => {
  const x = tensor([1, 2, 3]);
  const d = x.dataSync() as Float64Array;
  d[0] = 9;
  ((await x.data()) as Float64Array)[1] = 9;
  expect(x.toArray()).toEqual([1, 2, 3]);
  const y = add(x, 0);
  (y.dataSync() as Float64Array)[0] = 9;
  expect(y.toArray()).toEqual([1, 2, 3]);
  const source = Float64Array.of(1, 2);
  const z = tensor(source);
  source[0] = 9;
  expect(z.toArray()).toEqual([1, 2]);
  expect(tensor([[true], [false]]).toArray()).toEqual([[true], [false]]);
});
