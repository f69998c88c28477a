import { sizeOf } from "../aval";
import { type DType, isFloat } from "../dtype";
import type { CoreOp, HostValue } from "../op";
import * as core from "../ops/reductions";
import { hostValue } from "../reference/evaluate";
import { type ConformanceCase, opCase } from "./case";
import { ordinary, specialsOf, specialValues } from "./values";

const takes = (op: CoreOp<never>, dtype: DType, params: object): boolean => {
  try {
    op.abstract([{ shape: [1], dtype }], params as never);
    return true;
  } catch {
    return false;
  }
};

/** Shapes with the axes to reduce: the last, the first, a middle one, several, none, all. */
const axesOf: readonly (readonly [shapeClass: string, shape: readonly number[], axes: readonly number[]])[] = [
  ["scalar", [], []],
  ["one", [1], [0]],
  ["empty", [3, 0, 2], [0]],
  ["empty", [3, 0, 2], [1]],
  ["vector", [7], [0]],
  ["vector", [7], []],
  ["long", [1031], [0]],
  ["matrix", [5, 9], [0]],
  ["matrix", [5, 9], [1]],
  ["matrix", [5, 9], [0, 1]],
  ["matrix", [3, 257], [1]],
  ["matrix", [257, 3], [0]],
  ["rank 4", [2, 3, 4, 5], [1, 3]],
  ["rank 4", [2, 3, 4, 5], [0, 2]],
  ["rank 4", [2, 3, 4, 5], [3, 1]],
  ["rank 8", [1, 2, 1, 3, 2, 1, 2, 2], [1, 4, 7]],
];

/** Special values along one axis, each row beginning with another of them. */
const rows = (dtype: DType, values: readonly number[]): HostValue => {
  const n = values.length;
  return hostValue(
    dtype,
    [n, n],
    Array.from({ length: n * n }, (_, i) => values[(Math.floor(i / n) + (i % n)) % n]),
  );
};

const reduces = [core.reduceSum, core.reduceProd, core.reduceMax, core.reduceMin, core.reduceAnd, core.reduceOr];
const lacksEmpty = new Set<string>(["reduceMax", "reduceMin", "argmax", "argmin"]);
/** Sums of the largest values overflow in one order of summation and not in another. */
const specials = (op: string, dtype: DType) =>
  specialsOf(dtype).filter((s) => !(isFloat(dtype) && /Sum|Prod/.test(op) && (s === "extreme" || s === "ties")));

const reduceCases = (dtype: DType): ConformanceCase[] =>
  reduces
    .filter((op) => takes(op, dtype, { axes: [] }))
    .flatMap((op) => [
      ...axesOf
        .filter(([, shape, axes]) => !(lacksEmpty.has(op.name) && axes.some((k) => shape[k] === 0)))
        .map(([shapeClass, shape, axes]) => {
          const range = op.name === "reduceProd" ? { low: 0.5, high: 1.5 } : undefined;
          const terms = sizeOf(axes.map((k) => shape[k]));
          const variant = `[${shape}] over [${axes}]`;
          return opCase(op, { axes }, [ordinary(dtype, shape, op.name, range)], { shapeClass, variant, terms });
        }),
      ...specials(op.name, dtype).map((special) => {
        const values = specialValues(dtype, special);
        return opCase(op, { axes: [1] }, [rows(dtype, values)], {
          shapeClass: "matrix",
          special,
          terms: values.length,
        });
      }),
    ]);

const argCases = (dtype: DType): ConformanceCase[] =>
  [core.argmax, core.argmin]
    .filter((op) => takes(op, dtype, { axis: 0 }))
    .flatMap((op) => [
      ...axesOf
        .filter(([, shape, axes]) => axes.length === 1 && shape[axes[0]] > 0)
        .map(([shapeClass, shape, [axis]]) =>
          opCase(op, { axis }, [ordinary(dtype, shape, op.name)], { shapeClass, variant: `[${shape}] axis ${axis}` }),
        ),
      // Ties: the first extremum wins.
      opCase(op, { axis: 1 }, [hostValue(dtype, [2, 5], [0, 1, 0, 1, 1, 1, 1, 0, 0, 1])], {
        shapeClass: "matrix",
        variant: "with ties",
      }),
      ...specialsOf(dtype).map((special) =>
        opCase(op, { axis: 1 }, [rows(dtype, specialValues(dtype, special))], { shapeClass: "matrix", special }),
      ),
    ]);

const cumulativeCases = (dtype: DType): ConformanceCase[] =>
  [core.cumSum, core.cumProd, core.cumMax, core.cumMin]
    .filter((op) => takes(op, dtype, { axis: 0, reverse: false }))
    .flatMap((op) =>
      [false, true].flatMap((reverse) => [
        ...axesOf
          .filter(([, , axes]) => axes.length === 1)
          .map(([shapeClass, shape, [axis]]) => {
            const range = op.name === "cumProd" ? { low: 0.5, high: 1.5 } : undefined;
            const variant = `[${shape}] axis ${axis}${reverse ? " reversed" : ""}`;
            return opCase(op, { axis, reverse }, [ordinary(dtype, shape, op.name, range)], {
              shapeClass,
              variant,
              terms: shape[axis],
            });
          }),
        ...specials(op.name, dtype).map((special) => {
          const values = specialValues(dtype, special);
          return opCase(op, { axis: 1, reverse }, [rows(dtype, values)], {
            shapeClass: "matrix",
            special,
            terms: values.length,
            variant: reverse ? "reversed" : "forward",
          });
        }),
      ]),
    );

const product = (
  name: string,
  lhs: readonly number[],
  rhs: readonly number[],
  lhsContract: readonly number[],
  rhsContract: readonly number[],
  lhsBatch: readonly number[] = [],
  rhsBatch: readonly number[] = [],
) => ({ name, lhs, rhs, params: { lhsContract, rhsContract, lhsBatch, rhsBatch } });

const products = [
  product("inner", [7], [7], [0], [0]),
  product("outer", [3], [5], [], []),
  product("scalars", [], [], [], []),
  product("matrix vector", [5, 9], [9], [1], [0]),
  product("vector matrix", [5], [5, 9], [0], [0]),
  product("matrices", [4, 6], [6, 5], [1], [0]),
  product("left transposed", [6, 4], [6, 5], [0], [0]),
  product("right transposed", [4, 6], [5, 6], [1], [1]),
  product("both transposed", [6, 4], [5, 6], [0], [1]),
  product("one row", [1, 33], [33, 17], [1], [0]),
  product("one column", [17, 33], [33, 1], [1], [0]),
  product("thin", [65, 2], [2, 67], [1], [0]),
  product("past every tile", [37, 131], [131, 29], [1], [0]),
  product("tall", [133, 5], [5, 3], [1], [0]),
  product("empty contraction", [3, 0], [0, 2], [1], [0]),
  product("empty rows", [0, 3], [3, 2], [1], [0]),
  product("batched", [3, 4, 5], [3, 5, 6], [2], [1], [0], [0]),
  product("batch behind", [4, 5, 3], [5, 6, 3], [1], [0], [2], [2]),
  product("two batches", [2, 3, 4, 5], [3, 2, 5, 2], [3], [2], [0, 1], [1, 0]),
  product("two contractions", [4, 3, 5], [5, 3, 2], [1, 2], [1, 0]),
  product("contraction order", [3, 5, 4], [5, 3, 2], [0, 1], [1, 0]),
  product("middle axes", [2, 6, 3], [4, 6, 5], [1], [1]),
  product("rank 8", [2, 1, 3, 1, 2, 1, 2, 1], [3, 2, 1, 2], [2, 4], [0, 3]),
];

const shapeClassOf = (name: string): string =>
  /rank 8/.test(name) ? "rank 8" : /empty/.test(name) ? "empty" : "matrix";

const dotCases = (dtype: DType): ConformanceCase[] =>
  dtype === "bool" || dtype === "key"
    ? []
    : [
        ...products.map(({ name, lhs, rhs, params }) =>
          opCase(
            core.dotGeneral,
            params,
            [ordinary(dtype, lhs, `dot ${name} lhs`), ordinary(dtype, rhs, `dot ${name} rhs`)],
            {
              shapeClass: shapeClassOf(name),
              variant: name,
              terms: sizeOf(params.lhsContract.map((k) => lhs[k])),
            },
          ),
        ),
        ...specials("Sum", dtype).map((special) => {
          const x = rows(dtype, specialValues(dtype, special));
          const params = { lhsContract: [1], rhsContract: [0], lhsBatch: [], rhsBatch: [] };
          return opCase(core.dotGeneral, params, [x, x], { shapeClass: "matrix", special, terms: x.aval.shape[0] });
        }),
      ];

const convDefaults = (rank: number) => ({
  strides: Array<number>(rank).fill(1),
  padding: Array.from({ length: rank }, () => [0, 0] as const),
  lhsDilation: Array<number>(rank).fill(1),
  rhsDilation: Array<number>(rank).fill(1),
  groups: 1,
  batchGroups: 1,
});

const convolutions: readonly (readonly [
  name: string,
  input: readonly number[],
  kernel: readonly number[],
  params?: Partial<core.ConvParams>,
])[] = [
  ["spatial rank 0", [3, 4], [5, 4]],
  ["signal", [2, 3, 11], [4, 3, 3]],
  ["image", [2, 3, 7, 6], [4, 3, 3, 3]],
  ["volume", [1, 2, 4, 3, 5], [3, 2, 2, 2, 2]],
  ["1×1", [2, 5, 4, 4], [3, 5, 1, 1]],
  [
    "same padding",
    [1, 2, 8, 8],
    [3, 2, 3, 3],
    {
      padding: [
        [1, 1],
        [1, 1],
      ],
    },
  ],
  [
    "uneven padding",
    [1, 2, 5, 6],
    [3, 2, 3, 2],
    {
      padding: [
        [2, 0],
        [0, 3],
      ],
    },
  ],
  [
    "cropping",
    [1, 2, 7, 7],
    [3, 2, 2, 2],
    {
      padding: [
        [-1, 0],
        [-2, 1],
      ],
    },
  ],
  ["strides", [2, 2, 9, 8], [3, 2, 3, 2], { strides: [2, 3] }],
  ["kernel dilation", [1, 2, 9, 9], [2, 2, 3, 2], { rhsDilation: [2, 3] }],
  [
    "input dilation",
    [1, 2, 4, 3],
    [2, 2, 3, 3],
    {
      lhsDilation: [2, 3],
      padding: [
        [1, 1],
        [2, 2],
      ],
    },
  ],
  [
    "everything",
    [2, 2, 6, 5],
    [2, 2, 2, 3],
    {
      strides: [2, 1],
      lhsDilation: [2, 1],
      rhsDilation: [1, 2],
      padding: [
        [1, 2],
        [0, 1],
      ],
    },
  ],
  ["groups", [2, 6, 5, 5], [4, 3, 3, 3], { groups: 2 }],
  ["depthwise", [1, 4, 6, 6], [8, 1, 3, 3], { groups: 4 }],
  ["batch groups", [4, 3, 5, 5], [6, 3, 2, 2], { batchGroups: 2 }],
  ["kernel larger than input", [1, 1, 2, 2], [1, 1, 3, 3]],
  ["no channels", [2, 0, 4], [3, 0, 2]],
  ["no images", [0, 2, 4], [3, 2, 2]],
];

const convCases = (dtype: DType): ConformanceCase[] =>
  isFloat(dtype)
    ? convolutions.map(([name, input, kernel, params]) =>
        opCase(
          core.convGeneral,
          { ...convDefaults(input.length - 2), ...params } as core.ConvParams,
          [ordinary(dtype, input, `conv ${name} input`), ordinary(dtype, kernel, `conv ${name} kernel`)],
          { shapeClass: `rank ${input.length}`, variant: name, terms: sizeOf(kernel.slice(1)) },
        ),
      )
    : [];

const windows: readonly (readonly [name: string, shape: readonly number[], params: Partial<core.WindowParams>])[] = [
  ["scalar", [], { window: [] }],
  ["vector", [9], { window: [3] }],
  ["image", [2, 3, 8, 8], { window: [1, 1, 2, 2], strides: [1, 1, 2, 2] }],
  ["padded", [7], { window: [3], padding: [[2, 1]] }],
  ["padding wider than the window", [4], { window: [2], strides: [2], padding: [[4, 3]] }],
  ["dilated", [5, 11], { window: [2, 3], dilation: [2, 4] }],
  ["window larger than input", [3], { window: [5] }],
  ["empty", [0, 3], { window: [1, 2] }],
];

const windowCases = (dtype: DType): ConformanceCase[] =>
  dtype === "bool" || dtype === "key"
    ? []
    : (["sum", "max", "min"] as const).flatMap((kind) =>
        windows.map(([name, shape, given]) => {
          const params: core.WindowParams = {
            kind,
            window: [],
            strides: shape.map(() => 1),
            padding: shape.map(() => [0, 0] as const),
            dilation: shape.map(() => 1),
            ...given,
          };
          return opCase(core.reduceWindow, params, [ordinary(dtype, shape, `window ${name}`)], {
            shapeClass: `rank ${shape.length}`,
            variant: `${kind} ${name}`,
            terms: sizeOf(params.window),
          });
        }),
      );

export const reductionCases = (dtype: DType): ConformanceCase[] => [
  ...reduceCases(dtype),
  ...argCases(dtype),
  ...cumulativeCases(dtype),
  ...dotCases(dtype),
  ...convCases(dtype),
  ...windowCases(dtype),
];
