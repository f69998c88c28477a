/** Element types. `key` is a random key: opaque to users, eight bytes (two uint32 words, low word first) to a backend. */
export type DType = "float64" | "float32" | "int32" | "uint32" | "bool" | "key";
/** The dtypes that derivatives exist in. */
export type FloatDType = "float64" | "float32";

/** Host storage of each dtype; bool is a byte holding 0 or 1. */
export interface TypedArrays {
  float64: Float64Array;
  float32: Float32Array;
  int32: Int32Array;
  uint32: Uint32Array;
  bool: Uint8Array;
  key: BigUint64Array;
}
/** The storage of any dtype. */
export type TypedArray = TypedArrays[DType];

/** All of them, floats first. */
export const dtypes: readonly DType[] = ["float64", "float32", "int32", "uint32", "bool", "key"];

const constructors = {
  float64: Float64Array,
  float32: Float32Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
  key: BigUint64Array,
} as const;

/** Bytes of one element. */
export const bytesPer: Readonly<Record<DType, number>> = {
  float64: 8,
  float32: 4,
  int32: 4,
  uint32: 4,
  bool: 1,
  key: 8,
};

/** A zeroed host array of `n` elements. */
export const hostArray = <D extends DType>(dtype: D, n: number): TypedArrays[D] =>
  new constructors[dtype](n) as TypedArrays[D];

/** A typed view on `n` elements of `buffer` from `offset` bytes. */
export const hostView = <D extends DType>(
  dtype: D,
  buffer: ArrayBufferLike,
  offset: number,
  n: number,
): TypedArrays[D] => new constructors[dtype](buffer as ArrayBuffer, offset, n) as TypedArrays[D];

/** The dtype whose storage a typed array is, or undefined (int8, bigint64, …). Uint8Array reads as bool. */
export const dtypeOf = (a: ArrayBufferView): DType | undefined => {
  for (const d of dtypes) if (a instanceof constructors[d]) return d;
  return undefined;
};

/** float64 or float32. */
export const isFloat = (d: DType): d is FloatDType => d === "float64" || d === "float32";
/** int32 or uint32. */
export const isInteger = (d: DType): d is "int32" | "uint32" => d === "int32" || d === "uint32";
/** Any dtype with arithmetic: neither bool nor key. */
export const isNumeric = (d: DType): boolean => isFloat(d) || isInteger(d);

/**
 * What the `convert` op makes of one number: floats are rounded; float→int truncates and saturates with NaN→0; int→int keeps the
 * bits; to bool is x ≠ 0 (so NaN is true).
 */
export const convertNumber = (x: number, to: DType, from: DType = "float64"): number => {
  switch (to) {
    case "float64":
      return x;
    case "float32":
      return Math.fround(x);
    case "bool":
      return x !== 0 ? 1 : 0;
    default: {
      if (isInteger(from)) return to === "int32" ? x | 0 : x >>> 0;
      if (Number.isNaN(x)) return 0;
      return Math.min(Math.max(Math.trunc(x), lowest(to)), highest(to)) + 0;
    }
  }
};

/** Machine epsilon; 0 for exact dtypes. */
export const epsOf = (d: DType): number => (d === "float64" ? 2 ** -52 : d === "float32" ? 2 ** -23 : 0);

/** The smallest value, the identity of max. */
export const lowest = (d: DType): number => (isFloat(d) ? -Infinity : d === "int32" ? -(2 ** 31) : 0);
/** The largest value, the identity of min. */
export const highest = (d: DType): number =>
  isFloat(d) ? Infinity : d === "int32" ? 2 ** 31 - 1 : d === "uint32" ? 2 ** 32 - 1 : 1;
