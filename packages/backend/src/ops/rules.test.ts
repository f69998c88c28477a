import { describe, expect, test } from "vitest";
import { type Aval, aval, type CoreOp, core, type DType, DTypeError, type Params, ShapeError } from "../index";

const f = (...shape: number[]): Aval => aval(shape, "float32");
const i = (...shape: number[]): Aval => aval(shape, "int32");

/** What an op says of these operands. */
const of =
  <P extends Params>(op: CoreOp<P>, params: P, ...ins: Aval[]) =>
  () =>
    op.abstract(ins, params);

const conv = {
  strides: [1],
  padding: [[0, 0]],
  lhsDilation: [1],
  rhsDilation: [1],
  groups: 1,
  batchGroups: 1,
} as const;
const window = { kind: "sum", window: [2], strides: [1], padding: [[0, 0]], dilation: [1] } as const;
const at = { batch: 0, axes: [0], mode: "clip", fillValue: 0 } as const;
const none: readonly number[] = [];
const dot = { lhsContract: none, rhsContract: none, lhsBatch: none, rhsBatch: none };

describe("misuse is refused by a sentence that names the op and what it saw", () => {
  test.each<[string, () => unknown, typeof ShapeError | typeof DTypeError, RegExp]>([
    ["arity", of(core.add, {}, f(2)), ShapeError, /add: takes 2 operands, got operands: \[float32\[2\]\]/],
    ["unequal shapes", of(core.add, {}, f(2), f(3)), ShapeError, /add: operands must share one shape/],
    ["unequal dtypes", of(core.add, {}, f(2), i(2)), DTypeError, /add: operands must share one dtype/],
    ["dtype", of(core.exp, {}, i(2)), DTypeError, /exp: operand must be one of float64, float32/],
    ["bits of floats", of(core.and, {}, f(2), f(2)), DTypeError, /and: operand must be one of int32, uint32, bool/],
    ["predicate", of(core.select, {}, f(2), f(2), f(2)), DTypeError, /select: predicate/],
    [
      "predicate's shape",
      of(core.select, {}, aval([3], "bool"), f(2), f(2)),
      ShapeError,
      /select: predicate must be a scalar/,
    ],
    ["bounds", of(core.clamp, {}, f(3), f(2), f()), ShapeError, /clamp: bounds must be scalars/],
    [
      "a key from a number",
      of(core.convert, { dtype: "key" as DType }, i(2)),
      DTypeError,
      /not a random key.*key\(seed\)/,
    ],
    [
      "bits of a bool",
      of(core.bitcast, { dtype: "bool" as DType }, i(2)),
      DTypeError,
      /bitcast: bool has no bit layout/,
    ],
    ["odd halves", of(core.bitcast, { dtype: "float64" as DType }, i(3)), ShapeError, /trailing axis of 2/],
    [
      "a long iota",
      of(core.iota, { shape: [2 ** 24 + 1], dtype: "float32" as DType, axis: 0 }),
      DTypeError,
      /cannot count/,
    ],
    ["axis", of(core.reduceSum, { axes: [2] }, f(2, 3)), ShapeError, /axis 2 is out of range for rank 2/],
    ["axis twice", of(core.reduceSum, { axes: [1, 1] }, f(2, 3)), ShapeError, /axes must be distinct/],
    [
      "an empty maximum",
      of(core.reduceMax, { axes: [0] }, f(0, 3)),
      ShapeError,
      /reduceMax: has no value over an empty axis/,
    ],
    [
      "contracted extents",
      of(core.dotGeneral, { ...dot, lhsContract: [1], rhsContract: [0] }, f(2, 3), f(4, 5)),
      ShapeError,
      /contracted extents must agree/,
    ],
    [
      "batch extents",
      of(core.dotGeneral, { ...dot, lhsBatch: [0], rhsBatch: [0] }, f(2, 3), f(4, 3)),
      ShapeError,
      /batch extents must agree/,
    ],
    [
      "channels",
      of(core.convGeneral, conv, f(1, 3, 5), f(2, 2, 3)),
      ShapeError,
      /input channels must be groups × kernel input channels/,
    ],
    [
      "a stride of 0",
      of(core.convGeneral, { ...conv, strides: [0] }, f(1, 1, 5), f(1, 1, 3)),
      ShapeError,
      /strides must be positive/,
    ],
    ["an empty window", of(core.reduceWindow, { ...window, window: [0] }, f(3)), ShapeError, /window must be positive/],
    ["sizes", of(core.reshape, { shape: [5] }, f(2, 3)), ShapeError, /reshape: sizes must agree.*6 elements against 5/],
    ["permutation", of(core.transpose, { permutation: [0] }, f(2, 3)), ShapeError, /must name every axis once/],
    [
      "broadcast",
      of(core.broadcast, { shape: [3], axes: [0] }, f(2)),
      ShapeError,
      /broadcast: operand axes must map in order/,
    ],
    ["slice", of(core.slice, { start: [0], limit: [4], strides: [1] }, f(3)), ShapeError, /0 ≤ start ≤ limit ≤ extent/],
    ["a slice by halves", of(core.slice, { start: [0.5], limit: [2], strides: [1] }, f(3)), ShapeError, /slice/],
    ["starts", of(core.dynamicSlice, { sizes: [1] }, f(3), f()), ShapeError, /start 0 must be an int32 scalar/],
    ["no operand", of(core.dynamicSlice, { sizes: [] }), ShapeError, /at least one operand/],
    ["update", of(core.dynamicUpdateSlice, {}, f(2), f(3), i()), ShapeError, /update must fit/],
    [
      "cropping",
      of(core.pad, { low: [-2], high: [-2], interior: [0] }, f(3), f()),
      ShapeError,
      /cropping must not exceed/,
    ],
    ["concatenation", of(core.concatenate, { axis: 0 }, f(2, 3), f(2, 4)), ShapeError, /agree on every axis but 0/],
    ["indices", of(core.gather, at, f(3), i(4)), ShapeError, /indices must be \[B…, I…, k\]/],
    [
      "clipping to nothing",
      of(core.gather, at, f(0), i(1, 1)),
      ShapeError,
      /empty axis has no element to clip to.*mode "fill"/,
    ],
    [
      "updates",
      of(core.scatter, { batch: 0, axes: [0], kind: "add" }, f(3), i(2, 1), f(3)),
      ShapeError,
      /updates must have the shape that gather would return/,
    ],
    ["sort keys", of(core.sort, { axis: 0, keys: 2 }, f(3)), ShapeError, /1 ≤ keys ≤ operands/],
    [
      "a number for a key",
      of(core.randomBits, { shape: [2], width: 32 }, i()),
      DTypeError,
      /randomBits: operand must be one of key/,
    ],
    ["no branch", of(core.cond, { branches: [] }, i()), ShapeError, /at least one branch/],
  ])("%s", (_, action, kind, sentence) => {
    expect(action).toThrow(kind);
    expect(action).toThrow(sentence);
  });
});

test("a clip of no indices from an empty axis is empty", () => {
  expect(core.gather.abstract([f(0), i(0, 1)], at)).toEqual([f(0)]);
});
