import type { Shape } from "@ansatz/backend";
import type { Tensor } from "../core/tensor";
import { generator, randomPlain, tensorOf } from "../testing/arrays";
import * as o from ".";

/** One op at one place: inputs (several members for batching), parameters, and the groups of inputs it is jointly affine in. */
export interface RuleCase {
  readonly name: string;
  readonly op: unknown;
  readonly params: unknown;
  readonly inputs: (member?: number) => Tensor[];
  readonly linearIn?: number[][];
  readonly tolerance?: number;
}

type Spec = { shape: Shape; low?: number; high?: number; int?: boolean; values?: number[]; bool?: boolean };
const make = (specs: readonly Spec[], seed: number): Tensor[] => {
  const next = generator(seed);
  return specs.map((s) => {
    const p = randomPlain(s.shape, next, s.low ?? -1, s.high ?? 1);
    if (s.values) return tensorOf({ shape: s.shape, data: s.values }, s.int ? "int32" : s.bool ? "bool" : "float64");
    if (s.bool) return tensorOf({ shape: s.shape, data: p.data.map((v) => (v > 0 ? 1 : 0)) }, "bool");
    if (s.int) return tensorOf({ shape: s.shape, data: p.data.map(Math.floor) }, "int32");
    return tensorOf(p);
  });
};
const f = (shape: Shape, low = -1, high = 1): Spec => ({ shape, low, high });
const int = (shape: Shape, low: number, high: number): Spec => ({ shape, low, high, int: true });
const bool = (shape: Shape): Spec => ({ shape, bool: true });

const of = (
  name: string,
  op: unknown,
  specs: readonly Spec[],
  params: object = {},
  linearIn?: number[][],
): RuleCase => ({
  name,
  op,
  params,
  inputs: (member = 0) => make(specs, name.length * 31 + specs.length + member * 7919),
  ...(linearIn && { linearIn }),
});

const unary = (name: string, op: unknown, low = -1, high = 1): RuleCase => of(name, op, [f([5], low, high)]);
const dot = (lc: number[], rc: number[], lb: number[], rb: number[]) => ({
  lhsContract: lc,
  rhsContract: rc,
  lhsBatch: lb,
  rhsBatch: rb,
});
const conv = (c: object) => ({
  strides: [1, 1],
  padding: [
    [0, 0],
    [0, 0],
  ],
  lhsDilation: [1, 1],
  rhsDilation: [1, 1],
  groups: 1,
  batchGroups: 1,
  ...c,
});
const two = [[0], [1]];

export const cases: readonly RuleCase[] = [
  of("neg", o.negOp, [f([5])], {}, [[0]]),
  unary("abs", o.absOp),
  unary("sign", o.signOp),
  of("add", o.addOp, [f([4]), f([4])], {}, [[0], [1], [0, 1]]),
  of("sub", o.subOp, [f([4]), f([4])], {}, [[0], [1], [0, 1]]),
  of("mul", o.mulOp, [f([4]), f([4])], {}, two),
  of("div", o.divOp, [f([4]), f([4], 0.5, 2)], {}, [[0]]),
  of("mod", o.modOp, [f([6], -5, 5), f([6], 0.7, 1.1)]),
  of("pow", o.powOp, [f([5], 0.3, 2), f([5], -2, 2)]),
  of("atan2", o.atan2Op, [f([5]), f([5])]),
  of("max", o.maxOp, [f([5]), f([5])]),
  of("min", o.minOp, [f([5]), f([5])]),
  unary("floor", o.floorOp),
  unary("sqrt", o.sqrtOp, 0.2, 2),
  unary("rsqrt", o.rsqrtOp, 0.2, 2),
  unary("cbrt", o.cbrtOp, 0.2, 2),
  unary("exp", o.expOp),
  unary("expm1", o.expm1Op),
  unary("log", o.logOp, 0.2, 2),
  unary("log1p", o.log1pOp, -0.5, 2),
  unary("sin", o.sinOp, -3, 3),
  unary("cos", o.cosOp, -3, 3),
  unary("tan", o.tanOp),
  unary("asin", o.asinOp, -0.9, 0.9),
  unary("acos", o.acosOp, -0.9, 0.9),
  unary("atan", o.atanOp, -3, 3),
  unary("sinh", o.sinhOp),
  unary("cosh", o.coshOp),
  unary("tanh", o.tanhOp, -2, 2),
  unary("asinh", o.asinhOp, -3, 3),
  unary("acosh", o.acoshOp, 1.5, 4),
  unary("atanh", o.atanhOp, -0.8, 0.8),
  unary("erf", o.erfOp, -2, 2),
  unary("erfc", o.erfcOp, -2, 2),
  of("select", o.selectOp, [bool([5]), f([5]), f([5])], {}, [[1], [2], [1, 2]]),
  of("select by a scalar", o.selectOp, [bool([]), f([2, 3]), f([2, 3])], {}, [[1], [1, 2]]),
  of("select of scalars", o.selectOp, [bool([]), f([]), f([])], {}, [[1]]),
  of("clamp", o.clampOp, [f([6], -0.5, -0.2), f([6]), f([6], 0.2, 0.5)]),
  of("clamp by scalars", o.clampOp, [f([], -0.5, -0.2), f([2, 3]), f([], 0.2, 0.5)]),
  of("convert to float32", o.convertOp, [int([4], -5, 5)], { dtype: "float64" }),
  of("convert to int32", o.convertOp, [f([4], -5, 5)], { dtype: "int32" }),
  of("bitcast", o.bitcastOp, [f([3])], { dtype: "uint32" }),
  of("reduceSum", o.reduceSumOp, [f([2, 3, 2])], { axes: [0, 2] }, [[0]]),
  of("reduceProd", o.reduceProdOp, [f([3, 2, 5])], { axes: [2, 0] }),
  of("reduceProd at a zero", o.reduceProdOp, [{ shape: [3], values: [2, 0, 5] }], { axes: [0] }),
  of("reduceMax", o.reduceMaxOp, [f([2, 3, 2])], { axes: [1] }),
  of("reduceMin", o.reduceMinOp, [f([2, 3, 2])], { axes: [0, 1] }),
  of("reduceAnd", o.reduceAndOp, [bool([2, 3])], { axes: [1] }),
  of("reduceOr", o.reduceOrOp, [bool([2, 3])], { axes: [0] }),
  of("argmax", o.argmaxOp, [f([2, 3])], { axis: 1 }),
  of("argmin", o.argminOp, [f([2, 3])], { axis: 0 }),
  of("cumSum", o.cumSumOp, [f([2, 5])], { axis: 1, reverse: false }, [[0]]),
  of("cumSum from the end", o.cumSumOp, [f([5, 2])], { axis: 0, reverse: true }, [[0]]),
  of("cumProd", o.cumProdOp, [f([2, 5])], { axis: 1, reverse: false }),
  of("cumProd from the end", o.cumProdOp, [f([5, 2])], { axis: 0, reverse: true }),
  of("cumProd at a zero", o.cumProdOp, [{ shape: [4], values: [2, 0, 5, 3] }], { axis: 0, reverse: false }),
  of("cumMax", o.cumMaxOp, [f([2, 6])], { axis: 1, reverse: false }),
  of("cumMax from the end", o.cumMaxOp, [f([6, 2])], { axis: 0, reverse: true }),
  of("cumMin", o.cumMinOp, [f([2, 6])], { axis: 1, reverse: false }),
  of("cumMin from the end", o.cumMinOp, [f([6])], { axis: 0, reverse: true }),
  of("dotGeneral matrix", o.dotGeneralOp, [f([2, 3]), f([3, 4])], dot([1], [0], [], []), two),
  of("dotGeneral vector", o.dotGeneralOp, [f([3]), f([3])], dot([0], [0], [], []), two),
  of("dotGeneral outer", o.dotGeneralOp, [f([3]), f([2, 2])], dot([], [], [], []), two),
  of("dotGeneral batch", o.dotGeneralOp, [f([2, 5, 3]), f([3, 4, 2])], dot([2], [0], [0], [2]), two),
  of("dotGeneral crossed", o.dotGeneralOp, [f([4, 2, 5, 3]), f([3, 2, 6, 4])], dot([3, 0], [0, 3], [1], [1]), two),
  of("conv", o.convGeneralOp, [f([2, 3, 5, 4]), f([4, 3, 3, 2])], conv({}), two),
  of(
    "conv strided, padded, dilated",
    o.convGeneralOp,
    [f([2, 2, 6, 5]), f([3, 2, 2, 3])],
    conv({
      strides: [2, 3],
      padding: [
        [1, 2],
        [2, 0],
      ],
      lhsDilation: [1, 2],
      rhsDilation: [3, 1],
    }),
    two,
  ),
  of(
    "conv cropped",
    o.convGeneralOp,
    [f([1, 2, 6, 5]), f([2, 2, 2, 2])],
    conv({
      padding: [
        [-1, 1],
        [0, -2],
      ],
      strides: [2, 1],
    }),
    two,
  ),
  of("conv in groups", o.convGeneralOp, [f([2, 4, 3, 3]), f([6, 2, 2, 2])], conv({ groups: 2 }), two),
  of("conv in batch groups", o.convGeneralOp, [f([4, 3, 3, 3]), f([6, 3, 2, 2])], conv({ batchGroups: 2 }), two),
  of(
    "conv without space",
    o.convGeneralOp,
    [f([2, 3]), f([4, 3])],
    conv({ strides: [], padding: [], lhsDilation: [], rhsDilation: [] }),
    two,
  ),
  ...(["sum", "max", "min"] as const).map((kind) =>
    of(
      `reduceWindow ${kind}`,
      o.reduceWindowOp,
      [f([7, 6])],
      {
        kind,
        window: [3, 2],
        strides: [2, 1],
        padding: [
          [1, 1],
          [0, 2],
        ],
        dilation: [1, 2],
      },
      kind === "sum" ? [[0]] : undefined,
    ),
  ),
  of("reshape", o.reshapeOp, [f([2, 6])], { shape: [3, 4] }, [[0]]),
  of("transpose", o.transposeOp, [f([2, 3, 4])], { permutation: [1, 2, 0] }, [[0]]),
  of("broadcast", o.broadcastOp, [f([3, 1])], { shape: [2, 3, 4], axes: [1, 2] }, [[0]]),
  of("broadcast a scalar", o.broadcastOp, [f([])], { shape: [2, 3], axes: [] }, [[0]]),
  of("slice", o.sliceOp, [f([7, 4])], { start: [1, 0], limit: [6, 3], strides: [2, 3] }, [[0]]),
  of("empty slice", o.sliceOp, [f([3])], { start: [2], limit: [2], strides: [1] }, [[0]]),
  of(
    "dynamicSlice",
    o.dynamicSliceOp,
    [f([5, 4, 3]), int([], 0, 3), int([], 0, 3), int([], 0, 3)],
    { sizes: [2, 4, 1] },
    [[0]],
  ),
  of("dynamicSlice of everything", o.dynamicSliceOp, [f([3]), int([], 0, 3)], { sizes: [3] }, [[0]]),
  of("dynamicSlice of a scalar", o.dynamicSliceOp, [f([])], { sizes: [] }, [[0]]),
  of("dynamicUpdateSlice", o.dynamicUpdateSliceOp, [f([5, 4]), f([2, 3]), int([], -1, 7), int([], 0, 3)], {}, [
    [0],
    [1],
    [0, 1],
  ]),
  of("pad", o.padOp, [f([3, 2]), f([])], { low: [1, 0], high: [2, 1], interior: [1, 0] }, [[0], [1], [0, 1]]),
  of("pad cropping", o.padOp, [f([4, 5]), f([])], { low: [-1, 1], high: [0, -2], interior: [0, 2] }, [[0], [1]]),
  of("concatenate", o.concatenateOp, [f([2, 3]), f([2, 1]), f([2, 2])], { axis: 1 }, [[0], [1], [0, 2], [0, 1, 2]]),
  of("reverse", o.reverseOp, [f([2, 3])], { axes: [1] }, [[0]]),
  of("gather", o.gatherOp, [f([5, 3]), int([4, 1], -2, 7)], { batch: 0, axes: [0], mode: "clip", fillValue: 0 }, [[0]]),
  of(
    "gather filling",
    o.gatherOp,
    [f([5, 3]), int([4, 2], -1, 5)],
    { batch: 0, axes: [1, 0], mode: "fill", fillValue: 7 },
    [[0]],
  ),
  of(
    "gather in two extents",
    o.gatherOp,
    [f([5, 3]), int([4, 2], -1, 7)],
    { batch: 0, axes: [1, 0], mode: "clip", fillValue: 0 },
    [[0]],
  ),
  of(
    "gather in batches",
    o.gatherOp,
    [f([2, 4, 3]), int([2, 3, 1], 0, 3)],
    { batch: 1, axes: [2], mode: "clip", fillValue: 0 },
    [[0]],
  ),
  ...(["add", "set", "min", "max"] as const).map((kind) =>
    of(
      `scatter ${kind}`,
      o.scatterOp,
      [f([5, 3]), int([6, 1], -1, 6), f([6, 3])],
      { batch: 0, axes: [0], kind },
      kind === "add" || kind === "set" ? [[0], [2], [0, 2]] : undefined,
    ),
  ),
  of(
    "scatter in batches",
    o.scatterOp,
    [f([2, 4, 3]), int([2, 3, 1], 0, 3), f([2, 3, 4])],
    { batch: 1, axes: [2], kind: "add" },
    [[0], [2]],
  ),
  of("sort", o.sortOp, [f([3, 4])], { axis: 1, keys: 1 }),
  of("sort with payload", o.sortOp, [f([4, 2]), f([4, 2])], { axis: 0, keys: 1 }),
];
