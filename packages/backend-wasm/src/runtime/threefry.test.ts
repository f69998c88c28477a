import { describe, expect, test } from "vitest";
import { testRuntime } from "./testing";

/** The generator as its paper prints it, one block at a time. */
function threefry2x32(key: readonly [number, number], counter: readonly [number, number]): [number, number] {
  const ks = [key[0], key[1], key[0] ^ key[1] ^ 0x1bd11bda] as const;
  const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;
  let x0 = (counter[0] + ks[0]) | 0;
  let x1 = (counter[1] + ks[1]) | 0;
  for (let round = 0; round < 20; round++) {
    const r = rotations[round % 8] as number;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << r) | (x1 >>> (32 - r))) ^ x0;
    if (round % 4 === 3) {
      const s = (round + 1) / 4;
      x0 = (x0 + (ks[s % 3] as number)) | 0;
      x1 = (x1 + (ks[(s + 1) % 3] as number) + s) | 0;
    }
  }
  return [x0 >>> 0, x1 >>> 0];
}

describe("Threefry-2x32", () => {
  const { memory, call, heap } = testRuntime();
  const pair = (key: readonly [number, number], hi: number, lo: number, n: number) => {
    const [first, second] = [heap, heap + 4 * n + 64];
    call("threefry_pair", ...key, hi, lo, n, first, second);
    return [
      new Uint32Array(memory.buffer, first, n).slice(),
      new Uint32Array(memory.buffer, second, n).slice(),
    ] as const;
  };

  test("gives the known answers of Random123", () => {
    const answers = [
      [
        [0, 0],
        [0, 0],
        [0x6b200159, 0x99ba4efe],
      ],
      [
        [0xffffffff, 0xffffffff],
        [0xffffffff, 0xffffffff],
        [0x1cb996fc, 0xbb002be7],
      ],
      [
        [0x13198a2e, 0x03707344],
        [0x243f6a88, 0x85a308d3],
        [0xc4923a9c, 0x483df7a0],
      ],
    ] as const;
    for (const [key, counter, [a, b]] of answers) {
      const [y0, y1] = pair(key, counter[0], counter[1], 1);
      expect([y0[0], y1[0]]).toEqual([a, b]);
      expect(threefry2x32(key, counter)).toEqual([a, b]);
    }
  });

  test("uniform floats of key 0 begin as JAX's do", () => {
    call("threefry_bits", 0, 0, 0, 0, 1, heap);
    const bits = new Uint32Array(memory.buffer, heap, 1)[0] as number;
    expect((bits >>> 9) / 2 ** 23).toBeCloseTo(0.947667, 6);
  });

  test("counts on over the carry into the high word, for every length and nothing more", () => {
    const key = [123, 456] as const;
    for (const n of [0, 1, 2, 3, 4, 5, 7, 15, 16, 17, 31, 33, 100]) {
      const start = 2 ** 32 - 9;
      const out = new Uint32Array(memory.buffer, heap, n + 1).fill(77);
      call("threefry_bits", ...key, 5, start | 0, n, heap);
      const [y0, y1] = [
        new Uint32Array(memory.buffer, heap + 4096, n + 1),
        new Uint32Array(memory.buffer, heap + 8192, n + 1),
      ];
      y0.fill(77);
      y1.fill(77);
      call("threefry_pair", ...key, 5, start | 0, n, heap + 4096, heap + 8192);
      for (let i = 0; i < n; i++) {
        const [a, b] = threefry2x32(key, [5 + (i >= 9 ? 1 : 0), (start + i) >>> 0]);
        expect([y0[i], y1[i], out[i]]).toEqual([a, b, (a ^ b) >>> 0]);
      }
      expect([out[n], y0[n], y1[n]]).toEqual([77, 77, 77]);
    }
  });
});
