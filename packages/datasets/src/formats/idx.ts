import { FormatError } from "./format-error";
import { arrayFromBytes, bytesOfArray, elementCount, type NdArray, type StorageType, storageBytes } from "./nd-array";

const codes: Readonly<Record<number, StorageType>> = {
  8: "uint8",
  9: "int8",
  11: "int16",
  12: "int32",
  13: "float32",
  14: "float64",
};

/**
 * An IDX file, the format of the original MNIST distribution: two zero bytes, a type code, the rank, the extents as big-endian
 * 32-bit integers, then the elements in C order, big end first. Gzipped files are to be unpacked first (`gunzip`).
 *
 * @throws {FormatError} not an IDX file, an unknown type code, or a length other than the header's
 * @see http://yann.lecun.com/exdb/mnist/ ("the IDX file format")
 */
export const decodeIdx = (bytes: Uint8Array): NdArray => {
  const who = "decodeIdx";
  if (bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b)
    throw new FormatError(who, "the bytes are gzipped", undefined, "unpack them first: decodeIdx(await gunzip(bytes))");
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0)
    throw new FormatError(who, "an IDX file begins with two zero bytes, a type code and the rank", {
      bytes: [...bytes.subarray(0, 4)],
    });
  const code = bytes[2] ?? 0;
  const dtype = codes[code];
  if (!dtype)
    throw new FormatError(who, "unknown type code at byte 2", { code }, `known are ${Object.keys(codes).join(", ")}`);
  const rank = bytes[3] ?? 0;
  const start = 4 + 4 * rank;
  if (bytes.length < start)
    throw new FormatError(who, `the file ends inside the header (${start} bytes for rank ${rank})`, {
      bytes: bytes.length,
    });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = start + elementCount(who, shape) * storageBytes(dtype);
  if (bytes.length !== expected)
    throw new FormatError(who, bytes.length < expected ? "the file is truncated" : "bytes follow the last element", {
      shape,
      dtype,
      expected: `${expected} bytes`,
      got: `${bytes.length} bytes`,
    });
  return arrayFromBytes(dtype, shape, bytes.subarray(start), false);
};

/** The IDX file of an array; only the six types that the format knows. */
export const encodeIdx = (a: NdArray): Uint8Array<ArrayBuffer> => {
  const code = Object.entries(codes).find(([, t]) => t === a.dtype)?.[0];
  if (!code)
    throw new FormatError("encodeIdx", "IDX has no code for this type", { dtype: a.dtype }, "use npy or safetensors");
  const rank = a.shape.length;
  if (rank > 255) throw new FormatError("encodeIdx", "the rank must fit in a byte", { rank });
  const payload = bytesOfArray(a).slice();
  const width = storageBytes(a.dtype);
  if (width > 1) for (let i = 0; i < payload.length; i += width) payload.subarray(i, i + width).reverse();
  const out = new Uint8Array(4 + 4 * rank + payload.length);
  out[2] = Number(code);
  out[3] = rank;
  const view = new DataView(out.buffer);
  a.shape.forEach((extent, i) => {
    view.setUint32(4 + 4 * i, extent);
  });
  out.set(payload, 4 + 4 * rank);
  return out;
};
