import { type Shape, sizeOf } from "../aval";
import { type DType, highest, isFloat, lowest } from "../dtype";
import type { HostValue } from "../op";
import { hostValue } from "../reference/evaluate";

/** Kinds of special values; every case holds ordinary ones and at most one kind. */
export type Special = "ordinary" | "zeros" | "infinite" | "nan" | "extreme" | "ties";

/** A stream of numbers in [0, 1) from a seed (mulberry32): the cases are the same on every run and machine. */
export const stream = (seed: number): (() => number) => {
  let s = seed | 0;
  return () => {
    s = (s + 0x6d2b79f5) | 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** Seeds from text (FNV-1a), so that adding a case moves no other. */
export const seedOf = (text: string): number => {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h;
};

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Ordinary values: floats uniform in a range, small integers, fair bools, random keys. */
export const ordinary = (dtype: DType, shape: Shape, seed: string, range: Range = { low: -3, high: 3 }): HostValue => {
  const next = stream(seedOf(`${seed} ${dtype} ${shape.join("x")}`));
  const { low, high } = range;
  const draw = (): number | bigint => {
    switch (dtype) {
      case "key":
        return (BigInt(Math.floor(next() * 2 ** 32)) << 32n) | BigInt(Math.floor(next() * 2 ** 32));
      case "bool":
        return next() < 0.5 ? 1 : 0;
      case "int32":
        return Math.round(low * 10 + next() * (high - low) * 10);
      case "uint32":
        return Math.round(Math.max(0, low) * 10 + next() * (high - Math.max(0, low)) * 10);
      default:
        return low + next() * (high - low);
    }
  };
  return hostValue(dtype, shape, Array.from({ length: sizeOf(shape) }, draw) as number[]);
};

/** The kinds of special values a dtype has. */
export const specialsOf = (dtype: DType): readonly Special[] =>
  isFloat(dtype)
    ? ["zeros", "infinite", "nan", "extreme", "ties"]
    : dtype === "bool" || dtype === "key"
      ? []
      : ["extreme"];

/** A short list that holds one kind of special values among ordinary ones. */
export const specialValues = (dtype: DType, kind: Special): readonly number[] => {
  const sign = (xs: readonly number[]): number[] => xs.flatMap((x) => [x, -x]);
  if (dtype === "int32") return [0, 1, -1, 2, -3, 31, 32, 33, highest(dtype), lowest(dtype), lowest(dtype) + 1, 65537];
  if (dtype === "uint32")
    return [0, 1, 2, 3, 31, 32, 33, highest(dtype), highest(dtype) - 1, 2 ** 31, 2 ** 31 - 1, 65537];
  const half = dtype === "float32" ? 2 ** 22 : 2 ** 51;
  switch (kind) {
    case "zeros":
      return [...sign([0]), ...sign([1, 0.75, 2])];
    case "infinite":
      return [...sign([Infinity, 1, 0.5, 3]), 0];
    case "nan":
      return [Number.NaN, 0, Infinity, ...sign([1, 2.5])];
    case "ties":
      return sign([0.5, 1.5, 2.5, 3.5, 0.49999997, 1, half + 0.5, half + 1, 2 * half - 0.5, 4 * half + 2]);
    case "extreme":
      return dtype === "float32"
        ? sign([
            3.4028234663852886e38,
            1.1754943508222875e-38,
            1.401298464324817e-45,
            2 ** -23,
            1e-20,
            1e10,
            1e30,
            88.5,
            103.5,
            9,
          ])
        : sign([Number.MAX_VALUE, 2 ** -1022, 5e-324, 2 ** -52, 1e-200, 1e15, 1e300, 709.5, 744.5, 27]);
    default:
      return sign([0.25, 1, 2.5]);
  }
};

/** Shapes that have broken a compiler before: no element, one, odd tails of vectors, several tiles, many axes. */
export const shapeClasses: readonly (readonly [name: string, shape: readonly number[]])[] = [
  ["scalar", []],
  ["one", [1]],
  ["empty", [3, 0, 2]],
  ["vector", [7]],
  ["long", [1031]],
  ["matrix", [5, 9]],
  ["rank 4", [2, 3, 1, 4]],
  ["rank 8", [1, 2, 1, 3, 2, 1, 2, 1]],
];
