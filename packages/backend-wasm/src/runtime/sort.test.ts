import { describe, expect, test } from "vitest";
import { sortKeys, sortScratchBytes } from "./index";
import { testRuntime } from "./testing";

const { memory, call, heap } = testRuntime(64);
const views = { f64: Float64Array, f32: Float32Array, i32: Int32Array, u32: Uint32Array, u8: Uint8Array };

let seed = 99;
const random = () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

/** NaN last, -0 equal to 0; the language's own sort is stable. */
const compare = (x: number, y: number) =>
  x < y ? -1 : x > y ? 1 : x === y ? 0 : Number(Number.isNaN(x)) - Number(Number.isNaN(y));

function values(key: (typeof sortKeys)[number], n: number, few: boolean): number[] {
  const special = [Number.NaN, 0, -0, Infinity, -Infinity, -Number.NaN];
  return Array.from({ length: n }, () => {
    if (key === "u8") return Math.floor(random() * (few ? 2 : 256));
    if (key === "i32") return Math.floor((random() - 0.5) * (few ? 6 : 2 ** 32));
    if (key === "u32") return Math.floor(random() * (few ? 6 : 2 ** 32));
    if (few) return random() < 0.5 ? (special[Math.floor(random() * 6)] as number) : Math.floor(random() * 3);
    return Math.fround((random() - 0.5) * 100);
  });
}

const lengths = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 24, 31, 33, 64, 100, 129, 1000, 1536, 4001];

describe.each(sortKeys)("sorting %s", (key) => {
  const View = views[key];
  const put = (line: number[], stride: number) => {
    const view = new View(memory.buffer, heap, Math.max(1, line.length * stride)).fill(1);
    for (const [i, x] of line.entries()) view[i * stride] = x;
  };
  const order = heap + 2 * 65536;
  const to = heap + 3 * 65536;
  const scratch = heap + 6 * 65536;
  const guard = (n: number) => new Uint8Array(memory.buffer, scratch + sortScratchBytes(key, n), 32).fill(0xa5);

  test("argsort is the stable order of every strided line", () => {
    for (const n of lengths)
      for (const few of [true, false])
        for (const stride of [1, 3]) {
          const line = values(key, n, few);
          put(line, stride);
          const after = guard(n);
          call(`argsort_${key}`, n, heap, stride, order, 1, scratch);
          const want = line.map((_, i) => i).sort((i, j) => compare(line[i] as number, line[j] as number) || i - j);
          expect([...new Int32Array(memory.buffer, order, n)]).toEqual(want);
          expect(after.every((x) => x === 0xa5)).toBe(true);
        }
  });

  test("sort gives the values themselves, zeros with their signs in their order", () => {
    for (const n of lengths)
      for (const few of [true, false]) {
        const line = values(key, n, few);
        put(line, 2);
        const out = new View(memory.buffer, to, 3 * n + 1).fill(5);
        call(`sort_${key}`, n, heap, 2, to, 3, scratch);
        const want = line.slice().sort(compare);
        for (let i = 0; i < n; i++) expect(Object.is(out[3 * i], want[i]), `${n}: ${out[3 * i]} ${want[i]}`).toBe(true);
        for (let i = 0; i < n; i++) expect([out[3 * i + 1], out[3 * i + 2]]).toEqual([5, 5]);
      }
  });

  test("sorts in place, sorted and reversed lines included", () => {
    for (const n of [5, 40, 1000, 5000])
      for (const direction of [1, -1]) {
        const line = values(key, n, false).sort((x, y) => direction * compare(x, y));
        put(line, 1);
        call(`sort_${key}`, n, heap, 1, heap, 1, scratch);
        expect([...new View(memory.buffer, heap, n)]).toEqual(line.sort(compare));
      }
  });
});

test("sorting by the last key first sorts by several", () => {
  const n = 2000;
  const [a, b] = [values("i32", n, true), values("f32", n, true)];
  new Int32Array(memory.buffer, heap, n).set(a);
  new Float32Array(memory.buffer, heap + 16384, n).set(b);
  const order = heap + 32768;
  call("argsort_f32", n, heap + 16384, 1, order, 1, heap + 65536);
  call("argsort_i32", n, heap, 1, order, 0, heap + 65536);
  const want = a
    .map((_, i) => i)
    .sort((i, j) => compare(a[i] as number, a[j] as number) || compare(b[i] as number, b[j] as number) || i - j);
  expect([...new Int32Array(memory.buffer, order, n)]).toEqual(want);
});
