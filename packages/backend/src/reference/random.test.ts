import { describe, expect, test } from "vitest";
import { core } from "../index";
import { evaluateOp, hostValue } from "./evaluate";
import { threefry2x32 } from "./random";

const key = (k0: number, k1: number): bigint => BigInt(k0) | (BigInt(k1) << 32n);
const words = (keys: BigUint64Array): number[][] => [...keys].map((k) => [Number(k & 0xffffffffn), Number(k >> 32n)]);
const zero = hostValue("key", [], [0n]);

// Random123 kat_vectors, threefry2x32 with 20 rounds: counter, key, result
test.each([
  [0, 0, 0, 0, 0x6b200159, 0x99ba4efe],
  [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x1cb996fc, 0xbb002be7],
  [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xc4923a9c, 0x483df7a0],
])("threefry of counter (%i, %i) under key (%i, %i) is Random123's known answer", (x0, x1, k0, k1, y0, y1) => {
  expect(threefry2x32(k0, k1, x0, x1)).toEqual([y0, y1]);
});

describe("JAX's partitionable layout", () => {
  test("uniform(key(0), float32) begins 0.947667", () => {
    const [bits] = evaluateOp(core.randomBits, { shape: [], width: 32 }, [zero]);
    // JAX: the 23 high bits as the fraction of a float in [1, 2), minus 1
    expect(Math.fround((Number(bits.data[0]) >>> 9) / 2 ** 23)).toBeCloseTo(0.947667, 6);
  });
  test("split(key(0)) gives JAX's two keys", () => {
    const [keys] = evaluateOp(core.randomSplit, { shape: [2] }, [zero]);
    expect(words(keys.data as BigUint64Array)).toEqual([
      [1797259609, 2579123966],
      [928981903, 3453687069],
    ]);
  });
  test("element i depends on i alone, not on the shape around it", () => {
    const draw = (shape: number[]) => evaluateOp(core.randomBits, { shape, width: 32 }, [zero])[0].data;
    expect(draw([2, 3])).toEqual(draw([6]));
    expect(draw([4])).toEqual(draw([6]).slice(0, 4));
  });
  test("width 64 gives the two words whose xor is the 32-bit draw", () => {
    const [high, low] = evaluateOp(core.randomBits, { shape: [5], width: 64 }, [zero]);
    const [narrow] = evaluateOp(core.randomBits, { shape: [5], width: 32 }, [zero]);
    expect([...narrow.data]).toEqual([...high.data].map((h, i) => (Number(h) ^ Number(low.data[i])) >>> 0));
  });
  test("folding in i is splitting off the i-th key", () => {
    const k = key(7, 0x80000001);
    const split = evaluateOp(core.randomSplit, { shape: [9] }, [hostValue("key", [], [k])])[0];
    const data = hostValue("uint32", [9], [...Array(9).keys()]);
    const folded = evaluateOp(core.randomFoldIn, {}, [hostValue("key", [9], Array(9).fill(k)), data])[0];
    expect(folded.data).toEqual(split.data);
  });
  test("an array of keys draws for each key what that key draws alone", () => {
    const keys = hostValue("key", [2], [key(1, 2), key(3, 4)]);
    const together = evaluateOp(core.randomBits, { shape: [3], width: 32 }, [keys])[0];
    const second = evaluateOp(core.randomBits, { shape: [3], width: 32 }, [hostValue("key", [], [key(3, 4)])])[0];
    expect(together.aval.shape).toEqual([2, 3]);
    expect(together.data.slice(3)).toEqual(second.data);
  });
});
