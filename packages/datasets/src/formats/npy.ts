import { FormatError } from "./format-error";
import { arrayFromBytes, bytesOfArray, elementCount, type NdArray, type StorageType, storageBytes } from "./nd-array";

const kinds: Readonly<Record<string, StorageType>> = {
  f8: "float64",
  f4: "float32",
  f2: "float16",
  i8: "int64",
  u8: "uint64",
  i4: "int32",
  u4: "uint32",
  i2: "int16",
  u2: "uint16",
  i1: "int8",
  u1: "uint8",
  b1: "bool",
};
const descrs = Object.fromEntries(Object.entries(kinds).map(([k, t]) => [t, k]));

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

interface Header {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/** The header is a Python dictionary literal with exactly three entries; only what NumPy writes is taken. */
const parseHeader = (who: string, text: string): Header => {
  const field = (name: string, value: string): string => {
    const found = new RegExp(`['"]${name}['"]\\s*:\\s*${value}`).exec(text);
    if (!found?.[1])
      throw new FormatError(
        who,
        name === "descr" && /['"]descr['"]\s*:\s*\[/.test(text)
          ? "structured arrays are not supported"
          : `the header has no readable '${name}'`,
        { header: text.trim() },
      );
    return found[1];
  };
  const descr = field("descr", `['"]([^'"]*)['"]`);
  const order = field("fortran_order", "(True|False)");
  const tuple = field("shape", "(\\([^()]*\\))");
  const shape = tuple
    .slice(1, -1)
    .split(",")
    .map((s) => s.trim())
    .filter((s) => s !== "")
    .map((s) => {
      if (!/^\d+L?$/.test(s)) throw new FormatError(who, "extents must be nonnegative integers", { shape: tuple });
      return Number.parseInt(s, 10);
    });
  return { descr, fortranOrder: order === "True", shape };
};

/** Elements in Fortran order (the first index runs fastest) brought into C order. */
const fromFortran = (a: NdArray): NdArray => {
  if (a.shape.length < 2 || a.data.length === 0) return a;
  const out = a.data.slice();
  const rank = a.shape.length;
  const index = new Array<number>(rank).fill(0);
  const strides = new Array<number>(rank).fill(1);
  for (let i = 1; i < rank; i++) strides[i] = (strides[i - 1] ?? 1) * (a.shape[i - 1] ?? 1);
  let from = 0;
  for (let to = 0; to < out.length; to++) {
    out[to] = a.data[from] as never;
    for (let axis = rank - 1; axis >= 0; axis--) {
      const stride = strides[axis] ?? 0;
      index[axis] = (index[axis] ?? 0) + 1;
      from += stride;
      if (index[axis] !== a.shape[axis]) break;
      from -= stride * (a.shape[axis] ?? 0);
      index[axis] = 0;
    }
  }
  return { ...a, data: out } as NdArray;
};

/**
 * A `.npy` file: NumPy's format for one array. Versions 1 to 3, both byte orders, C and Fortran order; no structured, string,
 * object or complex arrays.
 *
 * @throws {FormatError} with the byte at which the file stopped being one
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export const decodeNpy = (bytes: Uint8Array, who = "decodeNpy"): NdArray => {
  if (bytes.length < 10 || magic.some((b, i) => bytes[i] !== b))
    throw new FormatError(who, "a .npy file begins with \\x93NUMPY and a version (10 bytes)", {
      bytes: [...bytes.subarray(0, 6)],
      length: bytes.length,
    });
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3)
    throw new FormatError(who, "unknown version at byte 6", { version }, "1, 2 and 3 exist");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) throw new FormatError(who, "the file ends inside the header", { length: bytes.length });
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const end = start + length;
  if (end > bytes.length)
    throw new FormatError(who, "the file ends inside the header", {
      header: `bytes ${start} to ${end}`,
      length: bytes.length,
    });
  const text = new TextDecoder(version === 3 ? "utf-8" : "latin1").decode(bytes.subarray(start, end));
  const { descr, fortranOrder, shape } = parseHeader(who, text);
  const match = /^([<>=|]?)([a-zA-Z]\d+)$/.exec(descr);
  const dtype = kinds[match?.[2] ?? ""];
  if (!dtype)
    throw new FormatError(
      who,
      "this element type is not supported",
      { descr },
      `known are ${Object.keys(kinds).join(", ")}`,
    );
  const expected = end + elementCount(who, shape) * storageBytes(dtype);
  if (bytes.length !== expected)
    throw new FormatError(who, bytes.length < expected ? "the file is truncated" : "bytes follow the last element", {
      shape,
      descr,
      expected: `${expected} bytes`,
      got: `${bytes.length} bytes`,
    });
  const stored = arrayFromBytes(dtype, shape, bytes.subarray(end), match?.[1] !== ">");
  return fortranOrder ? fromFortran(stored) : stored;
};

/** The `.npy` file of an array (version 1, little-endian, C order, data at a multiple of 64 bytes, as NumPy itself writes). */
export const encodeNpy = (a: NdArray): Uint8Array<ArrayBuffer> => {
  const kind = descrs[a.dtype];
  if (!kind)
    throw new FormatError(
      "encodeNpy",
      "NumPy has no such type",
      { dtype: a.dtype },
      "convert to float32 first, or use safetensors",
    );
  const descr = `${storageBytes(a.dtype) === 1 ? "|" : "<"}${kind}`;
  const shape = a.shape.length === 1 ? `(${a.shape[0]},)` : `(${a.shape.join(", ")})`;
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
  const start = Math.ceil((10 + dict.length + 1) / 64) * 64;
  if (start - 10 > 0xffff)
    throw new FormatError("encodeNpy", "the rank is too large for a version 1 header", { rank: a.shape.length });
  const header = `${dict.padEnd(start - 11, " ")}\n`;
  const payload = bytesOfArray(a);
  const out = new Uint8Array(start + payload.length);
  out.set(magic);
  out[6] = 1;
  new DataView(out.buffer).setUint16(8, header.length, true);
  out.set(new TextEncoder().encode(header), 10);
  out.set(payload, start);
  return out;
};
