import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Heap } from "./heap";

const page = 65536;

describe("the heap", () => {
  test("gives blocks that never overlap, aligned to 16 bytes, and takes them back in any order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 40_000 }), fc.nat()), {
          maxLength: 200,
        }),
        (script) => {
          const heap = new Heap({ maxBytes: 2 ** 26 });
          const held: { ptr: number; bytes: number }[] = [];
          for (const [choice, bytes, which] of script) {
            if (choice > 0 || held.length === 0) {
              const size = choice === 1 ? bytes % 600 : bytes;
              const ptr = heap.alloc(size);
              if (size === 0) continue;
              expect(ptr % 16).toBe(0);
              expect(ptr + size).toBeLessThanOrEqual(heap.memory.buffer.byteLength);
              for (const h of held) expect(ptr + size <= h.ptr || h.ptr + h.bytes <= ptr).toBe(true);
              held.push({ ptr, bytes: size });
            } else {
              const [h] = held.splice(which % held.length, 1);
              heap.free(h.ptr, h.bytes);
            }
          }
        },
      ),
    );
  });

  test("uses again what was freed: a loop of large and small blocks does not grow", () => {
    const heap = new Heap({ maxBytes: 2 ** 28 });
    const round = () => {
      const blocks = [8, 100, 4000, 1 << 20, 70_000, 3 << 20].map((bytes) => ({ bytes, ptr: heap.alloc(bytes) }));
      for (const b of [...blocks].reverse()) heap.free(b.ptr, b.bytes);
    };
    round();
    const { size } = heap;
    for (let i = 0; i < 1000; i++) round();
    expect(heap.size).toBe(size);
  });

  test("merges neighbours, so that many small large blocks become one", () => {
    const heap = new Heap({ maxBytes: 64 * page });
    const blocks = Array.from({ length: 50 }, () => heap.alloc(page));
    for (const [i, ptr] of blocks.entries()) if (i % 2 === 0) heap.free(ptr, page);
    for (const [i, ptr] of blocks.entries()) if (i % 2 === 1) heap.free(ptr, page);
    const before = heap.size;
    heap.alloc(50 * page);
    expect(heap.size).toBe(before);
  });

  test("makes its views anew when it grows", () => {
    const heap = new Heap({ maxBytes: 2 ** 28 });
    const ptr = heap.alloc(16);
    heap.f64[ptr >> 3] = 42;
    const old = heap.f64;
    heap.alloc(2 ** 25);
    expect(old.length).toBe(0); // detached
    expect(heap.f64[ptr >> 3]).toBe(42);
  });

  test("refuses beyond its limit with a memory error, and goes on", () => {
    const heap = new Heap({ maxBytes: 64 * page });
    const first = heap.alloc(40 * page);
    const size = heap.size;
    expect(() => heap.alloc(40 * page)).toThrow(
      expect.objectContaining({
        code: "memory",
        message: expect.stringMatching(/cannot allocate 2621440 bytes.*maxBytes/),
      }),
    );
    expect(heap.size).toBe(size);
    heap.free(first, 40 * page);
    expect(heap.alloc(40 * page)).toBe(first);
  });

  test("says so when the machine gives no more memory", () => {
    const heap = new Heap({ maxBytes: 2 ** 30 });
    heap.memory.grow = () => {
      throw new RangeError("WebAssembly.Memory.grow(): Unable to grow instance memory");
    };
    expect(() => heap.alloc(2 ** 28)).toThrow(expect.objectContaining({ code: "memory" }));
    expect(heap.alloc(64)).toBeGreaterThan(0);
  });

  test("frames are a stack, and the large ones come from the heap", () => {
    const heap = new Heap({ maxBytes: 2 ** 28 });
    const small = heap.pushFrame(1000);
    const large = heap.pushFrame(2 ** 22);
    const inner = heap.pushFrame(100);
    expect(inner).toBeGreaterThanOrEqual(small + 1000);
    expect(large).toBeGreaterThan(inner);
    heap.popFrame(inner, 100);
    heap.popFrame(large, 2 ** 22);
    heap.popFrame(small, 1000);
    expect(heap.pushFrame(8)).toBe(small);
  });
});
