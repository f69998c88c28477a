import { FormatError } from "./format-error";

/** Element types that files hold; more than tensors do. float16 and bfloat16 are kept as their 16 raw bits, bool as bytes 0 and 1. */
export interface StorageArrays {
  float64: Float64Array<ArrayBuffer>;
  float32: Float32Array<ArrayBuffer>;
  float16: Uint16Array<ArrayBuffer>;
  bfloat16: Uint16Array<ArrayBuffer>;
  int64: BigInt64Array<ArrayBuffer>;
  uint64: BigUint64Array<ArrayBuffer>;
  int32: Int32Array<ArrayBuffer>;
  uint32: Uint32Array<ArrayBuffer>;
  int16: Int16Array<ArrayBuffer>;
  uint16: Uint16Array<ArrayBuffer>;
  int8: Int8Array<ArrayBuffer>;
  uint8: Uint8Array<ArrayBuffer>;
  bool: Uint8Array<ArrayBuffer>;
}
export type StorageType = keyof StorageArrays;

/** What a file says an array is: elements in C order (the last index runs fastest), exactly as stored. */
export type NdArray = {
  [T in StorageType]: { readonly dtype: T; readonly shape: readonly number[]; readonly data: StorageArrays[T] };
}[StorageType];

const constructors = {
  float64: Float64Array,
  float32: Float32Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

export const storageTypes = Object.keys(constructors) as readonly StorageType[];

export const storageBytes = (dtype: StorageType): number => constructors[dtype].BYTES_PER_ELEMENT;

/** The number of elements of a shape read from a file: each extent a nonnegative integer, the product exact. */
export const elementCount = (caller: string, shape: readonly number[]): number => {
  let n = 1;
  for (const extent of shape) {
    if (!Number.isSafeInteger(extent) || extent < 0)
      throw new FormatError(caller, "extents must be nonnegative integers", { shape });
    n *= extent;
    if (!Number.isSafeInteger(n))
      throw new FormatError(caller, "the shape has more elements than can be counted", { shape });
  }
  return n;
};

/** An array over a copy of `bytes`, which may start at any alignment and be of either byte order. */
export const arrayFromBytes = (
  dtype: StorageType,
  shape: readonly number[],
  bytes: Uint8Array,
  littleEndian = true,
): NdArray => {
  // Not bytes.slice(): a Buffer's is a view.
  const copy = new Uint8Array(bytes);
  const width = storageBytes(dtype);
  if (!littleEndian && width > 1) for (let i = 0; i < copy.length; i += width) copy.subarray(i, i + width).reverse();
  const data = new constructors[dtype](copy.buffer);
  return { dtype, shape: [...shape], data } as NdArray;
};

/** The bytes of an array's elements, little end first: a view, not a copy. */
export const bytesOfArray = (a: NdArray): Uint8Array =>
  new Uint8Array(a.data.buffer, a.data.byteOffset, a.data.byteLength);

/** An array around typed elements; refuses a length that the shape does not have. */
export const ndArray = <T extends StorageType>(
  dtype: T,
  shape: readonly number[],
  data: StorageArrays[T],
): Extract<NdArray, { dtype: T }> => {
  const n = elementCount("ndArray", shape);
  if (!(data instanceof constructors[dtype]) || data.length !== n)
    throw new FormatError("ndArray", `${dtype} data must have as many elements as the shape`, {
      shape,
      data: `${data.constructor.name} of ${data.length}`,
    });
  return { dtype, shape: [...shape], data } as unknown as Extract<NdArray, { dtype: T }>;
};

/** The value of a 16-bit IEEE float (binary16), exact in float32. */
export const halfToNumber = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
};

/** The values of bfloat16 bits: the upper halves of float32s. */
export const bfloat16ToFloat32 = (bits: Uint16Array): Float32Array<ArrayBuffer> =>
  new Float32Array(Uint32Array.from(bits, (b) => b << 16).buffer);
