import { sizeOf } from "../aval";
import type { DType } from "../dtype";
import type { HostValue } from "../op";
import { bitcast } from "../ops/elementwise";
import * as core from "../ops/shape";
import { hostValue } from "../reference/evaluate";
import { type ConformanceCase, opCase } from "./case";
import { ordinary, shapeClasses, specialsOf, specialValues } from "./values";

const i32 = (...values: number[]): HostValue[] => values.map((v) => hostValue("int32", [], [v]));

const movingCases = (dtype: DType): ConformanceCase[] => {
  const x = (shape: readonly number[], seed = "x") => ordinary(dtype, shape, seed);
  const all: ConformanceCase[] = [];
  for (const [shapeClass, shape] of shapeClasses) {
    const v = x(shape);
    const rank = shape.length;
    const axes = [...shape.keys()];
    all.push(
      opCase(core.reshape, { shape: [sizeOf(shape)] }, [v], { shapeClass, variant: "to a vector" }),
      opCase(core.reshape, { shape: [1, ...shape, 1] }, [v], { shapeClass, variant: "with ones" }),
      opCase(core.transpose, { permutation: axes.toReversed() }, [v], { shapeClass, variant: "reversed" }),
      opCase(core.transpose, { permutation: [...axes.slice(1), ...axes.slice(0, 1)] }, [v], {
        shapeClass,
        variant: "rotated",
      }),
      opCase(core.broadcast, { shape: [3, ...shape], axes: axes.map((k) => k + 1) }, [v], {
        shapeClass,
        variant: "in front",
      }),
      opCase(core.broadcast, { shape: [...shape, 3], axes }, [v], { shapeClass, variant: "behind" }),
      opCase(core.broadcast, { shape: shape.map((d) => (d === 1 ? 4 : d)), axes }, [v], {
        shapeClass,
        variant: "stretching ones",
      }),
      opCase(core.reverse, { axes }, [v], { shapeClass, variant: "all axes" }),
      opCase(core.reverse, { axes: axes.slice(-1) }, [v], { shapeClass, variant: "the last axis" }),
      opCase(core.slice, { start: shape.map(() => 0), limit: shape, strides: shape.map(() => 1) }, [v], {
        shapeClass,
        variant: "whole",
      }),
      opCase(core.slice, { start: shape.map((d) => d >> 1), limit: shape, strides: shape.map(() => 1) }, [v], {
        shapeClass,
        variant: "upper half",
      }),
      opCase(core.slice, { start: shape.map((d) => Math.min(1, d)), limit: shape, strides: shape.map(() => 3) }, [v], {
        shapeClass,
        variant: "every third",
      }),
      opCase(core.slice, { start: shape.map(() => 0), limit: shape.map(() => 0), strides: shape.map(() => 1) }, [v], {
        shapeClass,
        variant: "nothing",
      }),
    );
    for (const [variant, starts] of [
      ["inside", shape.map((d) => d >> 2)],
      ["below", shape.map(() => -5)],
      ["above", shape.map((d) => d + 5)],
    ] as const) {
      const sizes = shape.map((d) => d >> 1);
      all.push(
        opCase(core.dynamicSlice, { sizes }, [v, ...i32(...starts)], { shapeClass, variant }),
        opCase(core.dynamicUpdateSlice, {}, [v, x(sizes, "u"), ...i32(...starts)], { shapeClass, variant }),
      );
    }
    const pad = (low: number, high: number, interior: number, variant: string) =>
      shape.every((d) => d + Math.max(0, d - 1) * interior + low + high >= 0) &&
      all.push(
        opCase(
          core.pad,
          { low: shape.map(() => low), high: shape.map(() => high), interior: shape.map(() => interior) },
          [v, x([], "value")],
          { shapeClass, variant },
        ),
      );
    pad(1, 2, 0, "around");
    pad(0, 0, 2, "between");
    pad(-1, 2, 1, "cropped below");
    pad(1, -1, 1, "cropped above");
    for (const axis of new Set([0, rank - 1].filter((k) => k >= 0 && k < rank))) {
      const grown = shape.map((d, k) => (k === axis ? d + 2 : d));
      const none = shape.map((d, k) => (k === axis ? 0 : d));
      all.push(
        opCase(core.concatenate, { axis }, [v, x(grown, "y")], { shapeClass, variant: `two along ${axis}` }),
        opCase(core.concatenate, { axis }, [v, x(none, "y"), v, x(grown, "z")], {
          shapeClass,
          variant: `four along ${axis}`,
        }),
      );
    }
  }
  return all;
};

/** Every special value must survive being moved. */
const specialMoves = (dtype: DType): ConformanceCase[] =>
  specialsOf(dtype).map((special) => {
    const values = specialValues(dtype, special);
    return opCase(core.reverse, { axes: [0] }, [hostValue(dtype, [values.length], values)], {
      shapeClass: "vector",
      special,
    });
  });

const indexDTypes = ["int32", "uint32"] as const;

interface Indexing {
  readonly name: string;
  readonly operand: readonly number[];
  readonly indices: readonly number[];
  readonly batch: number;
  readonly axes: readonly number[];
}
const indexings: readonly Indexing[] = [
  { name: "elements", operand: [7], indices: [5, 1], batch: 0, axes: [0] },
  { name: "one element", operand: [7], indices: [1], batch: 0, axes: [0] },
  { name: "rows", operand: [6, 4], indices: [9, 1], batch: 0, axes: [0] },
  { name: "columns", operand: [3, 8], indices: [5, 1], batch: 0, axes: [1] },
  { name: "many rows", operand: [40, 3], indices: [301, 1], batch: 0, axes: [0] },
  { name: "a table of rows", operand: [6, 4], indices: [2, 3, 1], batch: 0, axes: [0] },
  { name: "entries", operand: [5, 6], indices: [8, 2], batch: 0, axes: [0, 1] },
  { name: "entries, axes swapped", operand: [5, 6], indices: [8, 2], batch: 0, axes: [1, 0] },
  { name: "around a middle axis", operand: [4, 3, 5], indices: [6, 2], batch: 0, axes: [2, 0] },
  { name: "whole operand", operand: [2, 3], indices: [4, 0], batch: 0, axes: [] },
  { name: "batched", operand: [3, 5, 2], indices: [3, 4, 1], batch: 1, axes: [1] },
  { name: "batched entries", operand: [2, 2, 4, 3], indices: [2, 2, 5, 2], batch: 2, axes: [3, 2] },
  { name: "one each", operand: [4, 6], indices: [4, 1], batch: 1, axes: [1] },
  { name: "no index", operand: [5, 2], indices: [0, 1], batch: 0, axes: [0] },
  { name: "rank 8", operand: [2, 1, 3, 1, 2, 2, 1, 2], indices: [2, 3, 2], batch: 1, axes: [2, 5] },
];

/** Indices from below 0 to past the end, with repetitions. */
const indicesFor = (p: Indexing, dtype: "int32" | "uint32", seed: string): HostValue => {
  const v = ordinary("int32", p.indices, seed, { low: -0.3, high: 0.8 });
  return hostValue(
    dtype,
    p.indices,
    [...v.data].map((i) => (dtype === "uint32" ? Math.abs(Number(i)) : Number(i))),
  );
};

const indexCases = (dtype: DType): ConformanceCase[] =>
  indexings.flatMap((p) => {
    const x = ordinary(dtype, p.operand, `operand ${p.name}`);
    const { batch, axes } = p;
    const shapeClass = `rank ${p.operand.length}`;
    const rest = p.operand.filter((_, k) => k >= batch && !axes.includes(k));
    const u = ordinary(dtype, [...p.indices.slice(0, -1), ...rest], `updates ${p.name}`);
    const numeric = dtype !== "bool" && dtype !== "key";
    return indexDTypes.flatMap((at) => {
      const index = indicesFor(p, at, `index ${p.name}`);
      const variant = (what: string) => `${what} ${p.name} by ${at}`;
      return [
        opCase(core.gather, { batch, axes, mode: "clip", fillValue: 0 }, [x, index], {
          shapeClass,
          variant: variant("clip"),
        }),
        opCase(core.gather, { batch, axes, mode: "fill", fillValue: numeric ? 7 : 1 }, [x, index], {
          shapeClass,
          variant: variant("fill"),
        }),
        ...(dtype === "float32" || dtype === "float64"
          ? [
              opCase(core.gather, { batch, axes, mode: "fill", fillValue: Number.NaN }, [x, index], {
                shapeClass,
                special: "nan",
                variant: variant("fill"),
              }),
            ]
          : []),
        ...(["set", "add", "min", "max"] as const)
          .filter((kind) => kind === "set" || numeric)
          .map((kind) =>
            opCase(core.scatter, { batch, axes, kind }, [x, index, u], {
              shapeClass,
              variant: variant(kind),
              terms: sizeOf(p.indices.slice(0, -1)) + 1,
            }),
          ),
      ];
    });
  });

const sortCases = (dtype: DType): ConformanceCase[] => {
  if (dtype === "key") return [];
  const order = (shape: readonly number[]) => hostValue("int32", shape, [...Array(sizeOf(shape)).keys()]);
  return [
    ...shapeClasses
      .filter(([, shape]) => shape.length > 0)
      .flatMap(([shapeClass, shape]) =>
        [...new Set([0, shape.length - 1])].map((axis) =>
          opCase(core.sort, { axis, keys: 1 }, [ordinary(dtype, shape, "sort"), order(shape)], {
            shapeClass,
            variant: `axis ${axis} with payload`,
          }),
        ),
      ),
    // Few distinct keys: stability shows.
    opCase(
      core.sort,
      { axis: 0, keys: 2 },
      [ordinary("bool", [65], "first"), ordinary(dtype, [65], "second"), order([65])],
      {
        shapeClass: "vector",
        variant: "two keys",
        dtype,
      },
    ),
    opCase(core.sort, { axis: 1, keys: 1 }, [ordinary("bool", [3, 70], "ties"), ordinary(dtype, [3, 70], "payload")], {
      shapeClass: "matrix",
      variant: "ties keep their order",
      dtype,
    }),
    ...specialsOf(dtype).map((special) => {
      const values = specialValues(dtype, special);
      const twice = [...values, ...values.toReversed()];
      return opCase(core.sort, { axis: 0, keys: 1 }, [hostValue(dtype, [twice.length], twice), order([twice.length])], {
        shapeClass: "vector",
        special,
      });
    }),
  ];
};

const bitcastCases = (dtype: DType): ConformanceCase[] => {
  if (dtype === "bool") return [];
  const wide = dtype === "float64" || dtype === "key";
  const same: readonly DType[] = wide ? ["float64", "key"] : ["float32", "int32", "uint32"];
  const across: readonly DType[] = wide ? ["int32", "uint32", "float32"] : ["float64", "key"];
  return shapeClasses.flatMap(([shapeClass, shape]) => [
    ...same.map((to) =>
      opCase(bitcast, { dtype: to }, [ordinary(dtype, shape, "bits")], { shapeClass, variant: `to ${to}` }),
    ),
    ...across.map((to) =>
      opCase(bitcast, { dtype: to }, [ordinary(dtype, wide ? shape : [...shape, 2], "bits")], {
        shapeClass,
        variant: `to ${to}`,
      }),
    ),
  ]);
};

const randomCases = (dtype: DType): ConformanceCase[] =>
  dtype !== "key"
    ? []
    : shapeClasses.flatMap(([shapeClass, shape]) => {
        const key = ordinary("key", [], "one key");
        const keys = ordinary("key", [3], "keys");
        const bits = (k: HostValue, width: 32 | 64, variant: string) =>
          opCase(core.randomBits, { shape, width }, [k], { shapeClass, variant: `${width} bits of ${variant}` });
        return [
          bits(key, 32, "one key"),
          bits(key, 64, "one key"),
          bits(keys, 32, "three keys"),
          bits(keys, 64, "three keys"),
          opCase(core.randomSplit, { shape }, [key], { shapeClass, variant: "one key" }),
          opCase(core.randomSplit, { shape }, [keys], { shapeClass, variant: "three keys" }),
          opCase(
            core.randomFoldIn,
            {},
            [ordinary("key", shape, "folded"), ordinary("uint32", shape, "data", { low: 0, high: 1e8 })],
            {
              shapeClass,
            },
          ),
        ];
      });

export const shapeCases = (dtype: DType): ConformanceCase[] => [
  ...movingCases(dtype),
  ...specialMoves(dtype),
  ...indexCases(dtype),
  ...sortCases(dtype),
  ...bitcastCases(dtype),
  ...randomCases(dtype),
];
