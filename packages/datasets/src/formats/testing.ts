import { readFileSync } from "node:fs";
import fc from "fast-check";
import { arrayFromBytes, elementCount, type NdArray, type StorageType, storageBytes, storageTypes } from "./nd-array";

export const fixture = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`./fixtures/${name}`, import.meta.url)));

/** Arrays of any shape (empty extents too) whose elements are arbitrary bits: every NaN, infinity and denormal. */
export const anyArray = (types: readonly StorageType[] = storageTypes): fc.Arbitrary<NdArray> =>
  fc.tuple(fc.constantFrom(...types), fc.array(fc.nat(4), { maxLength: 4 })).chain(([dtype, shape]) => {
    const length = elementCount("test", shape) * storageBytes(dtype);
    return fc
      .uint8Array({ minLength: length, maxLength: length, max: dtype === "bool" ? 1 : 255 })
      .map((bytes) => arrayFromBytes(dtype, shape, bytes));
  });

/** Equality of everything, bits included. */
export const sameArray = (a: NdArray | undefined, b: NdArray): boolean =>
  a !== undefined &&
  a.dtype === b.dtype &&
  a.shape.join() === b.shape.join() &&
  Buffer.from(a.data.buffer, a.data.byteOffset, a.data.byteLength).equals(
    Buffer.from(b.data.buffer, b.data.byteOffset, b.data.byteLength),
  );
