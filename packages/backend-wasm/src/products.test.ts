import { type Aval, aval, type Backend, core, type DType, type Program, singleton, sizeOf } from "@ansatz/backend";
import { referenceBackend } from "@ansatz/backend/reference";
import { describe, expect, test } from "vitest";
import { explain } from "./explain";
import { wasmBackend } from "./index";
import { allLowerings } from "./lowerings";

const answer = (b: Backend, p: Program): Float64Array => {
  const inputs = p.inputs.map(({ aval: a }, k) => {
    const values = Array.from({ length: sizeOf(a.shape) }, (_, i) => ((i * 37 + 11 * k) % 19) / 8 - 1);
    return b.upload(a.dtype === "float64" ? Float64Array.from(values) : Float32Array.from(values), a);
  });
  const [y] = b.compile(p).run(inputs);
  return b.readSync!(y) as Float64Array;
};

/** Sums of multiples of 1/64 are exact in both dtypes, in any order: results are equal, not near. */
const same = (p: Program, expected: string): void => {
  const b = wasmBackend({ lowerings: allLowerings });
  expect(explain(b, p)).toContain(expected);
  expect(answer(b, p)).toEqual(answer(referenceBackend(), p));
};

const of = (dtype: DType, ...shapes: number[][]): Aval[] => shapes.map((s) => aval(s, dtype));

describe.each(["float64", "float32"] as const)("products in %s", (dtype) => {
  test.each([
    ["plain", [40, 30], [30, 50], { lhsContract: [1], rhsContract: [0], lhsBatch: [], rhsBatch: [] }],
    ["left transposed", [30, 40], [30, 50], { lhsContract: [0], rhsContract: [0], lhsBatch: [], rhsBatch: [] }],
    ["right transposed", [40, 30], [50, 30], { lhsContract: [1], rhsContract: [1], lhsBatch: [], rhsBatch: [] }],
    ["both transposed", [30, 40], [50, 30], { lhsContract: [0], rhsContract: [1], lhsBatch: [], rhsBatch: [] }],
    ["with a vector", [70, 90], [90], { lhsContract: [1], rhsContract: [0], lhsBatch: [], rhsBatch: [] }],
    ["batched", [3, 20, 17], [3, 17, 9], { lhsContract: [2], rhsContract: [1], lhsBatch: [0], rhsBatch: [0] }],
    [
      "batched by inner axes",
      [20, 3, 17],
      [17, 9, 3],
      { lhsContract: [2], rhsContract: [0], lhsBatch: [1], rhsBatch: [2] },
    ],
    [
      "batched twice",
      [2, 3, 12, 17],
      [3, 2, 17, 13],
      { lhsContract: [3], rhsContract: [2], lhsBatch: [0, 1], rhsBatch: [1, 0] },
    ],
    [
      "over two axes",
      [9, 6, 5, 8],
      [5, 10, 6],
      { lhsContract: [1, 2], rhsContract: [2, 0], lhsBatch: [], rhsBatch: [] },
    ],
    [
      "over outer and inner axes",
      [6, 40, 7],
      [7, 30, 6],
      { lhsContract: [0, 2], rhsContract: [2, 0], lhsBatch: [], rhsBatch: [] },
    ],
  ] as const)("%s", (_, a, b, params) => {
    same(singleton(core.dotGeneral, params, of(dtype, [...a], [...b])), "product [");
  });

  const conv = (over: Partial<core.ConvParams>, d = 2): core.ConvParams => ({
    strides: new Array(d).fill(1),
    padding: new Array(d).fill([0, 0]),
    lhsDilation: new Array(d).fill(1),
    rhsDilation: new Array(d).fill(1),
    groups: 1,
    batchGroups: 1,
    ...over,
  });
  test.each([
    ["plain", [3, 4, 12, 11], [6, 4, 3, 3], conv({})],
    [
      "padded and strided",
      [3, 4, 12, 11],
      [6, 4, 3, 3],
      conv({
        padding: [
          [1, 1],
          [2, 0],
        ],
        strides: [2, 1],
      }),
    ],
    [
      "cropped",
      [2, 4, 14, 13],
      [6, 4, 3, 3],
      conv({
        padding: [
          [-1, 1],
          [0, -2],
        ],
      }),
    ],
    [
      "dilated input (transposed convolution)",
      [2, 4, 7, 6],
      [6, 4, 3, 3],
      conv({
        padding: [
          [2, 2],
          [2, 2],
        ],
        lhsDilation: [2, 3],
      }),
    ],
    [
      "dilated kernel",
      [2, 4, 14, 13],
      [6, 4, 3, 3],
      conv({
        padding: [
          [2, 2],
          [2, 2],
        ],
        rhsDilation: [2, 2],
      }),
    ],
    [
      "in groups",
      [2, 8, 12, 11],
      [6, 4, 3, 3],
      conv({
        groups: 2,
        padding: [
          [1, 1],
          [1, 1],
        ],
      }),
    ],
    ["in batch groups", [4, 8, 12, 11], [6, 8, 3, 3], conv({ batchGroups: 2 })],
    ["of one dimension", [3, 8, 60], [10, 8, 5], conv({ strides: [2], padding: [[2, 2]] }, 1)],
    [
      "of three dimensions",
      [2, 3, 7, 8, 6],
      [5, 3, 3, 2, 3],
      conv(
        {
          padding: [
            [1, 1],
            [0, 1],
            [1, 1],
          ],
        },
        3,
      ),
    ],
    ["of a point", [2, 8, 12, 12], [16, 8, 1, 1], conv({})],
  ] as const)("convolution %s", (_, x, k, params) => {
    same(singleton(core.convGeneral, params, of(dtype, [...x], [...k])), "product [");
  });
});

test("a convolution whose windows would fill much memory unfolds a part at a time", () => {
  const params = {
    strides: [1, 1],
    padding: [
      [1, 1],
      [1, 1],
    ],
    lhsDilation: [1, 1],
    rhsDilation: [1, 1],
    groups: 1,
    batchGroups: 1,
  } as const;
  const p = singleton(
    core.convGeneral,
    params as unknown as core.ConvParams,
    of("float64", [21, 8, 28, 28], [4, 8, 3, 3]),
  );
  const b = wasmBackend({ lowerings: allLowerings });
  expect(explain(b, p).match(/^product /gm)?.length).toBe(2);
  expect(answer(b, p)).toEqual(answer(referenceBackend(), p));
});
