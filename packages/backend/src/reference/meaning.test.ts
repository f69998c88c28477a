import { describe, expect, test } from "vitest";
import { type CoreOp, core, coreOps, type DType, type HostValue, type Params } from "../index";
import { evaluateOp, hostValue, kernels } from "./evaluate";

const f64 = (shape: number[], values: number[]) => hostValue("float64", shape, values);
const i32 = (shape: number[], values: number[]) => hostValue("int32", shape, values);
const one = <P extends Params>(
  op: { abstract: CoreOp<P>["abstract"]; name: string; core: true },
  params: P,
  ...ins: HostValue[]
) => [...evaluateOp(op, params, ins)[0].data].map(Number);

test("every core op has a meaning, and names are unique", () => {
  expect(coreOps.length).toBeGreaterThan(80);
  expect(coreOps.filter((op) => !kernels.has(op.name))).toEqual([]);
  expect(new Set(coreOps.map((op) => op.name)).size).toBe(coreOps.length);
});

describe("integers", () => {
  test("arithmetic wraps modulo 2^32", () => {
    expect(one(core.add, {}, i32([1], [2 ** 31 - 1]), i32([1], [1]))).toEqual([-(2 ** 31)]);
    expect(one(core.mul, {}, i32([2], [2 ** 31 - 1, 123456789]), i32([2], [2 ** 31 - 1, 987654321]))).toEqual([
      1, -67153019,
    ]);
    expect(one(core.sub, {}, hostValue("uint32", [1], [0]), hostValue("uint32", [1], [1]))).toEqual([2 ** 32 - 1]);
    expect(one(core.reduceProd, { axes: [0] }, i32([33], Array(33).fill(3)))).toEqual([
      Number(BigInt.asIntN(32, 3n ** 33n)),
    ]);
    expect(one(core.cumSum, { axis: 0, reverse: false }, i32([2], [2 ** 31 - 1, 1]))).toEqual([
      2 ** 31 - 1,
      -(2 ** 31),
    ]);
    const dims = { lhsContract: [0], rhsContract: [0], lhsBatch: [], rhsBatch: [] };
    const big = i32([3], [2 ** 31 - 1, 2 ** 30, -5]);
    expect(one(core.dotGeneral, dims, big, big)).toEqual([
      Number(BigInt.asIntN(32, (2n ** 31n - 1n) ** 2n + 2n ** 60n + 25n)),
    ]);
  });
  test("division and modulo by zero give 0; minimum / -1 is the minimum", () => {
    const [x, y] = [i32([3], [5, -5, -(2 ** 31)]), i32([3], [0, 0, -1])];
    expect(one(core.floorDiv, {}, x, y)).toEqual([0, 0, -(2 ** 31)]);
    expect(one(core.mod, {}, x, y)).toEqual([0, 0, 0]);
  });
  test("shifts by 32 or more give 0, arithmetic ones the sign", () => {
    const [x, n] = [i32([4], [-8, -8, -8, 8]), i32([4], [1, 32, -1, 40])];
    expect(one(core.shiftLeft, {}, x, n)).toEqual([-16, 0, 0, 0]);
    expect(one(core.shiftRightLogical, {}, x, n)).toEqual([2 ** 31 - 4, 0, 0, 0]);
    expect(one(core.shiftRightArithmetic, {}, x, n)).toEqual([-4, -1, -1, 0]);
    expect(
      one(core.shiftRightArithmetic, {}, hostValue("uint32", [1], [2 ** 31]), hostValue("uint32", [1], [31])),
    ).toEqual([2 ** 32 - 1]);
  });
});

describe("convert", () => {
  const x = f64([9], [1.9, -1.9, 3e9, -3e9, 5e9, Number.NaN, Infinity, -Infinity, -0]);
  const to = (dtype: DType, v: HostValue) => one(core.convert, { dtype }, v);
  test("float to integer truncates and saturates, NaN gives 0", () => {
    expect(to("int32", x)).toEqual([1, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31 - 1, 0, 2 ** 31 - 1, -(2 ** 31), 0]);
    expect(to("uint32", x)).toEqual([1, 0, 3e9, 0, 2 ** 32 - 1, 0, 2 ** 32 - 1, 0, 0]);
  });
  test("to bool is x ≠ 0, so NaN is true", () => expect(to("bool", x)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0]));
  test("between integers the bits stay", () => {
    expect(to("uint32", i32([1], [-1]))).toEqual([2 ** 32 - 1]);
    expect(to("int32", hostValue("uint32", [1], [2 ** 31]))).toEqual([-(2 ** 31)]);
  });
  test("to float32 rounds once", () => expect(to("float32", f64([1], [0.1]))).toEqual([Math.fround(0.1)]));
});

test("bitcast keeps bytes: halves of a float64 and of a key, low word first", () => {
  const wide = evaluateOp(core.bitcast, { dtype: "uint32" }, [f64([2], [1, -2])])[0];
  expect(wide.aval.shape).toEqual([2, 2]);
  expect([...wide.data]).toEqual([0, 0x3ff00000, 0, 0xc0000000]);
  expect([...evaluateOp(core.bitcast, { dtype: "float64" }, [wide])[0].data]).toEqual([1, -2]);
  expect(one(core.bitcast, { dtype: "uint32" }, hostValue("key", [], [(7n << 32n) | 5n]))).toEqual([5, 7]);
});

describe("zeros and NaN", () => {
  const special = f64([4], [-0, 0, Number.NaN, 1]);
  test("max and min order the zeros and carry NaN", () => {
    expect(one(core.max, {}, special, f64([4], [0, -0, 1, Number.NaN]))).toEqual([0, 0, Number.NaN, Number.NaN]);
    expect(one(core.min, {}, special, f64([4], [0, -0, 1, Number.NaN]))).toEqual([-0, -0, Number.NaN, Number.NaN]);
  });
  test("clamp carries NaN of any operand", () => {
    expect(one(core.clamp, {}, f64([], [0]), f64([3], [Number.NaN, -1, 9]), f64([], [2]))).toEqual([Number.NaN, 0, 2]);
    expect(one(core.clamp, {}, f64([], [Number.NaN]), f64([1], [1]), f64([], [2]))).toEqual([Number.NaN]);
  });
  test("round takes ties to even and keeps -0", () => {
    const x = f64([8], [0.5, 1.5, 2.5, -0.5, -1.5, 0.49999999999999994, -0.2, 2 ** 53]);
    expect(one(core.round, {}, x)).toEqual([0, 2, 2, -0, -2, 0, -0, 2 ** 53]);
  });
  test("rsqrt of ±0 is ±∞ and below 0 NaN", () => {
    expect(one(core.rsqrt, {}, f64([4], [0, -0, -1, Infinity]))).toEqual([Infinity, -Infinity, Number.NaN, 0]);
  });
  test("erf is odd, erfc runs from 2 to 0, and both carry NaN", () => {
    expect(one(core.erf, {}, f64([4], [-0, Infinity, -Infinity, Number.NaN]))).toEqual([-0, 1, -1, Number.NaN]);
    expect(one(core.erfc, {}, f64([4], [-0, Infinity, -Infinity, Number.NaN]))).toEqual([1, 0, 2, Number.NaN]);
  });
});

describe("reductions", () => {
  test("over empty axes give identities; max and argmax refuse", () => {
    const empty = f64([2, 0], []);
    expect(one(core.reduceSum, { axes: [1] }, empty)).toEqual([0, 0]);
    expect(one(core.reduceProd, { axes: [1] }, empty)).toEqual([1, 1]);
    expect(one(core.reduceAnd, { axes: [0] }, hostValue("bool", [0], []))).toEqual([1]);
    expect(one(core.reduceOr, { axes: [0] }, hostValue("bool", [0], []))).toEqual([0]);
    expect(() => evaluateOp(core.reduceMax, { axes: [1] }, [empty])).toThrow(/empty axis/);
    expect(() => evaluateOp(core.argmin, { axis: 1 }, [empty])).toThrow(/empty axis/);
    expect(evaluateOp(core.reduceMax, { axes: [0] }, [empty])[0].aval.shape).toEqual([0]);
  });
  test("float32 accumulates in float64 and rounds once", () => {
    const x = hostValue("float32", [3], [2 ** 24, 1, 1]);
    expect(one(core.reduceSum, { axes: [0] }, x)).toEqual([2 ** 24 + 2]);
    expect(one(core.cumSum, { axis: 0, reverse: false }, x)).toEqual([2 ** 24, 2 ** 24, 2 ** 24 + 2]);
  });
  test("rank 8: the sum over four axes of eight is the sum of all its slices", () => {
    const shape = Array(8).fill(2);
    const x = f64(shape, [...Array(256).keys()]);
    const part = evaluateOp(core.reduceSum, { axes: [1, 3, 5, 7] }, [x])[0];
    expect(part.aval.shape).toEqual([2, 2, 2, 2]);
    expect(one(core.reduceSum, { axes: [0, 1, 2, 3] }, part)).toEqual([(255 * 256) / 2]);
    // the first kept element sums the indices whose odd-numbered bits are free
    expect(Number(part.data[0])).toBe(
      [...Array(256).keys()].filter((i) => (i & 0b10101010) === 0).reduce((a, b) => a + b, 0),
    );
  });
  test("cumulative sums from the end are reversed cumulative sums of the reverse", () => {
    expect(one(core.cumSum, { axis: 1, reverse: true }, f64([2, 3], [1, 2, 3, 4, 5, 6]))).toEqual([6, 5, 3, 15, 11, 6]);
  });
});

describe("contractions", () => {
  test("dotGeneral puts batch axes first, then free axes of left and right", () => {
    const a = f64([2, 3, 4], [...Array(24).keys()]);
    const b = f64([4, 5, 3], [...Array(60).keys()]);
    const p = { lhsContract: [2], rhsContract: [0], lhsBatch: [1], rhsBatch: [2] };
    const out = evaluateOp(core.dotGeneral, p, [a, b])[0];
    expect(out.aval.shape).toEqual([3, 2, 5]);
    const want = [];
    for (let g = 0; g < 3; g++)
      for (let i = 0; i < 2; i++)
        for (let j = 0; j < 5; j++) {
          let s = 0;
          for (let k = 0; k < 4; k++) s += (i * 12 + g * 4 + k) * (k * 15 + j * 3 + g);
          want.push(s);
        }
    expect([...out.data]).toEqual(want);
  });
  test("a contraction over an empty axis is 0", () => {
    const p = { lhsContract: [1], rhsContract: [0], lhsBatch: [], rhsBatch: [] };
    expect(one(core.dotGeneral, p, f64([2, 0], []), f64([0, 2], []))).toEqual([0, 0, 0, 0]);
  });
  const conv = {
    strides: [1],
    padding: [[0, 0]] as const,
    lhsDilation: [1],
    rhsDilation: [1],
    groups: 1,
    batchGroups: 1,
  };
  const x = f64([1, 1, 4], [1, 2, 3, 4]);
  const k = f64([1, 1, 2], [10, 1]);
  test("convolution is cross-correlation", () => expect(one(core.convGeneral, conv, x, k)).toEqual([12, 23, 34]));
  test("it pads with zeros, crops, strides and dilates", () => {
    expect(one(core.convGeneral, { ...conv, padding: [[1, 1]] }, x, k)).toEqual([1, 12, 23, 34, 40]);
    expect(one(core.convGeneral, { ...conv, padding: [[-1, 0]] }, x, k)).toEqual([23, 34]);
    expect(one(core.convGeneral, { ...conv, strides: [2] }, x, k)).toEqual([12, 34]);
    expect(one(core.convGeneral, { ...conv, lhsDilation: [2] }, x, k)).toEqual([10, 2, 20, 3, 30, 4]);
    expect(one(core.convGeneral, { ...conv, rhsDilation: [3] }, x, k)).toEqual([14]);
  });
  test("channel groups see their own channels, batch groups their own part of the batch", () => {
    const two = f64([1, 2, 2], [1, 2, 3, 4]);
    const kernels = f64([2, 1, 1], [10, 100]);
    expect(one(core.convGeneral, { ...conv, groups: 2 }, two, kernels)).toEqual([10, 20, 300, 400]);
    const batch = f64([2, 1, 2], [1, 2, 3, 4]);
    const out = evaluateOp(core.convGeneral, { ...conv, batchGroups: 2 }, [batch, kernels])[0];
    expect(out.aval.shape).toEqual([1, 2, 2]);
    expect([...out.data]).toEqual([10, 20, 300, 400]);
  });
  test("a window all in the padding holds the identity", () => {
    const p = { window: [2], strides: [2], padding: [[2, 0]] as const, dilation: [1] };
    expect(one(core.reduceWindow, { ...p, kind: "max" }, f64([2], [3, 4]))).toEqual([-Infinity, 4]);
    expect(one(core.reduceWindow, { ...p, kind: "sum" }, f64([2], [3, 4]))).toEqual([0, 7]);
    expect(one(core.reduceWindow, { ...p, kind: "min" }, hostValue("uint32", [2], [3, 4]))).toEqual([2 ** 32 - 1, 3]);
  });
});

describe("moving elements", () => {
  const m = f64([2, 3], [1, 2, 3, 4, 5, 6]);
  test("transpose, broadcast, reverse, slice", () => {
    expect(one(core.transpose, { permutation: [1, 0] }, m)).toEqual([1, 4, 2, 5, 3, 6]);
    expect(one(core.broadcast, { shape: [2, 2, 3], axes: [0, 2] }, f64([2, 1], [1, 2]))).toEqual([
      1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2,
    ]);
    expect(one(core.broadcast, { shape: [2, 2], axes: [] }, f64([], [7]))).toEqual([7, 7, 7, 7]);
    expect(one(core.reverse, { axes: [1] }, m)).toEqual([3, 2, 1, 6, 5, 4]);
    expect(one(core.slice, { start: [0, 0], limit: [2, 3], strides: [1, 2] }, m)).toEqual([1, 3, 4, 6]);
    expect(one(core.concatenate, { axis: 1 }, m, f64([2, 1], [9, 8]))).toEqual([1, 2, 3, 9, 4, 5, 6, 8]);
  });
  test("pad puts values before, between and after, and crops where negative", () => {
    expect(one(core.pad, { low: [1], high: [2], interior: [1] }, f64([2], [1, 2]), f64([], [9]))).toEqual([
      9, 1, 9, 2, 9, 9,
    ]);
    expect(one(core.pad, { low: [-1], high: [-1], interior: [1] }, f64([3], [1, 2, 3]), f64([], [9]))).toEqual([
      9, 2, 9,
    ]);
    expect(one(core.pad, { low: [1], high: [0], interior: [3] }, f64([0], []), f64([], [9]))).toEqual([9]);
  });
  test("dynamic starts are clamped so that the block lies inside", () => {
    const at = (i: number, j: number) => [i32([], [i]), i32([], [j])];
    expect(one(core.dynamicSlice, { sizes: [1, 2] }, m, ...at(5, 2))).toEqual([5, 6]);
    expect(one(core.dynamicSlice, { sizes: [1, 2] }, m, ...at(-3, -1))).toEqual([1, 2]);
    expect(one(core.dynamicUpdateSlice, {}, m, f64([1, 2], [8, 9]), ...at(9, 9))).toEqual([1, 2, 3, 4, 8, 9]);
  });
});

describe("gather and scatter", () => {
  const x = f64([3, 2], [0, 1, 10, 11, 20, 21]);
  const rows = i32([4, 1], [2, -1, 3, 0]);
  test("an index out of range is clipped or filled", () => {
    const p = { batch: 0, axes: [0], fillValue: Number.NaN };
    expect(one(core.gather, { ...p, mode: "clip" }, x, rows)).toEqual([20, 21, 0, 1, 20, 21, 0, 1]);
    expect(one(core.gather, { ...p, mode: "fill" }, x, rows)).toEqual([
      20,
      21,
      Number.NaN,
      Number.NaN,
      Number.NaN,
      Number.NaN,
      0,
      1,
    ]);
    expect(() => evaluateOp(core.gather, { ...p, mode: "clip" }, [f64([0], []), i32([1, 1], [0])])).toThrow(
      /empty axis/,
    );
  });
  test("indexed axes may come in any order, behind batch axes", () => {
    const y = f64([2, 2, 3], [...Array(12).keys()]);
    const ix = i32([2, 1, 2], [2, 1, 0, 1]);
    const p = { batch: 1, axes: [2, 1], mode: "fill", fillValue: 0 } as const;
    expect(one(core.gather, p, y, ix)).toEqual([5, 9]);
  });
  test("scatter drops what is out of range and combines in order", () => {
    const at = i32([4, 1], [1, 1, 7, -1]);
    const u = f64([4], [5, 6, 7, 8]);
    const base = f64([3], [1, 2, 3]);
    const p = { batch: 0, axes: [0] };
    expect(one(core.scatter, { ...p, kind: "add" }, base, at, u)).toEqual([1, 13, 3]);
    expect(one(core.scatter, { ...p, kind: "set" }, base, at, u)).toEqual([1, 6, 3]);
    expect(one(core.scatter, { ...p, kind: "min" }, base, at, u)).toEqual([1, 2, 3]);
    expect(one(core.scatter, { ...p, kind: "max" }, base, at, u)).toEqual([1, 6, 3]);
    expect([...base.data]).toEqual([1, 2, 3]);
  });
  test("a missing key is the zero key", () => {
    const keys = hostValue("key", [1], [5n]);
    const out = evaluateOp(core.gather, { batch: 0, axes: [0], mode: "fill", fillValue: 1 }, [
      keys,
      i32([2, 1], [0, 4]),
    ]);
    expect([...out[0].data]).toEqual([5n, 0n]);
  });
});

test("sort is lexicographic in its keys and stable in its payload", () => {
  const a = i32([4], [1, 0, 1, 0]);
  const b = f64([4], [0, 2, -0, 1]);
  const payload = hostValue("key", [4], [10n, 11n, 12n, 13n]);
  const out = evaluateOp(core.sort, { axis: 0, keys: 2 }, [a, b, payload]);
  expect(out.map((v) => [...v.data].map(Number))).toEqual([
    [0, 0, 1, 1],
    [1, 2, 0, -0],
    [13, 11, 10, 12],
  ]);
});
