import { FormatError } from "./format-error";
import { arrayFromBytes, bytesOfArray, elementCount, type NdArray, type StorageType, storageBytes } from "./nd-array";

/** Named arrays and the text that goes with them. */
export interface Safetensors {
  readonly tensors: Readonly<Record<string, NdArray>>;
  readonly metadata: Readonly<Record<string, string>>;
}

const codes: Readonly<Record<string, StorageType>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  U64: "uint64",
  I32: "int32",
  U32: "uint32",
  I16: "int16",
  U16: "uint16",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
};
const codeOf = Object.fromEntries(Object.entries(codes).map(([c, t]) => [t, c])) as Record<StorageType, string>;

/** As in the format's own reader: larger headers are attacks or damage. */
const maxHeader = 100_000_000;

const isRecord = (x: unknown): x is Record<string, unknown> => typeof x === "object" && x !== null && !Array.isArray(x);
const isSize = (x: unknown): x is number => Number.isSafeInteger(x) && (x as number) >= 0;

const headerOf = (bytes: Uint8Array, who: string): { header: Record<string, unknown>; start: number } => {
  if (bytes.length < 8)
    throw new FormatError(who, "the file ends inside the header's length (8 bytes)", { length: bytes.length });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(maxHeader))
    throw new FormatError(
      who,
      `the header's length at byte 0 is over ${maxHeader}`,
      { length },
      "this is no safetensors file",
    );
  const start = 8 + Number(length);
  if (start > bytes.length)
    throw new FormatError(who, "the file is truncated inside its header", {
      header: `bytes 8 to ${start}`,
      length: bytes.length,
    });
  if (bytes[8] !== 0x7b)
    throw new FormatError(
      who,
      "the header must begin with { at byte 8",
      { byte: bytes[8] },
      "this is no safetensors file",
    );
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, start)));
  } catch (error) {
    throw new FormatError(who, "the header (from byte 8) is no JSON", { reason: (error as Error).message });
  }
  if (!isRecord(header)) throw new FormatError(who, "the header (from byte 8) must be a JSON object");
  return { header, start };
};

/**
 * A safetensors file: 8 bytes with the header's length, a JSON header, then the elements. Everything the header says is
 * checked before anything is read: known types, extents, sizes that agree, and offsets that tile the data without a gap, an
 * overlap or an end outside the file.
 *
 * @throws {FormatError} names the tensor and the byte
 * @see https://github.com/huggingface/safetensors (format)
 */
export const decodeSafetensors = (bytes: Uint8Array): Safetensors => {
  const who = "decodeSafetensors";
  const { header, start } = headerOf(bytes, who);
  const { __metadata__: meta = {}, ...entries } = header;
  if (!isRecord(meta) || Object.values(meta).some((v) => typeof v !== "string"))
    throw new FormatError(who, "__metadata__ must map names to strings", { metadata: meta });
  const found = Object.entries(entries).map(([name, entry]) => {
    if (!isRecord(entry)) throw new FormatError(who, `the entry of ${name} must be an object`, { entry });
    const { dtype: code, shape, data_offsets: offsets } = entry;
    const dtype = typeof code === "string" ? codes[code] : undefined;
    if (!dtype)
      throw new FormatError(
        who,
        `${name} has a type that is not supported`,
        { dtype: code },
        `known are ${Object.keys(codes).join(", ")}`,
      );
    if (!Array.isArray(shape) || !shape.every(isSize))
      throw new FormatError(who, `${name} must have a shape of nonnegative integers`, { shape });
    if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize) || offsets[1] < offsets[0])
      throw new FormatError(who, `${name} must have data_offsets [begin, end]`, { data_offsets: offsets });
    const [begin, end] = offsets as [number, number];
    const size = elementCount(who, shape) * storageBytes(dtype);
    if (end - begin !== size)
      throw new FormatError(who, `${name} has a shape and offsets of different sizes`, {
        shape,
        dtype: code,
        size,
        data_offsets: offsets,
      });
    if (start + end > bytes.length)
      throw new FormatError(who, `the file is truncated: ${name} ends outside it`, {
        ends: `byte ${start + end}`,
        length: bytes.length,
      });
    return { name, dtype, shape: shape as number[], begin, end };
  });
  let at = 0;
  let before = "the header";
  for (const t of [...found].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (t.begin !== at)
      throw new FormatError(
        who,
        t.begin < at ? `${t.name} overlaps ${before}` : `there is a gap between ${before} and ${t.name}`,
        {
          begins: `byte ${start + t.begin}`,
          expected: `byte ${start + at}`,
        },
      );
    at = t.end;
    before = t.name;
  }
  if (start + at !== bytes.length)
    throw new FormatError(who, "bytes follow the last tensor", { ends: `byte ${start + at}`, length: bytes.length });
  const tensors = found.map(
    (t) => [t.name, arrayFromBytes(t.dtype, t.shape, bytes.subarray(start + t.begin, start + t.end))] as const,
  );
  return { tensors: Object.fromEntries(tensors), metadata: { ...(meta as Record<string, string>) } };
};

/** A safetensors file. Wide elements come first, so that all lie aligned; equal contents give equal bytes. */
export const encodeSafetensors = (contents: {
  readonly tensors: Readonly<Record<string, NdArray>>;
  readonly metadata?: Readonly<Record<string, string>>;
}): Uint8Array<ArrayBuffer> => {
  const who = "encodeSafetensors";
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  const list = Object.entries(contents.tensors).sort(
    ([m, a], [n, b]) => storageBytes(b.dtype) - storageBytes(a.dtype) || compare(m, n),
  );
  const header: [string, unknown][] = [];
  const metadata = Object.entries(contents.metadata ?? {}).sort(([m], [n]) => compare(m, n));
  for (const [name, value] of metadata)
    if (typeof value !== "string") throw new FormatError(who, "metadata values must be strings", { [name]: value });
  if (metadata.length > 0) header.push(["__metadata__", Object.fromEntries(metadata)]);
  let size = 0;
  for (const [name, a] of list) {
    if (name === "__metadata__") throw new FormatError(who, "no tensor may be called __metadata__");
    header.push([name, { dtype: codeOf[a.dtype], shape: a.shape, data_offsets: [size, size + a.data.byteLength] }]);
    size += a.data.byteLength;
  }
  // JSON written entry by entry: an object would move integer-like names to the front.
  const json = new TextEncoder().encode(
    `{${header.map(([n, e]) => `${JSON.stringify(n)}:${JSON.stringify(e)}`).join(",")}}`,
  );
  const padded = Math.ceil(json.length / 8) * 8;
  const out = new Uint8Array(8 + padded + size).fill(0x20, 8 + json.length, 8 + padded);
  new DataView(out.buffer).setBigUint64(0, BigInt(padded), true);
  out.set(json, 8);
  let at = 8 + padded;
  for (const [, a] of list) {
    out.set(bytesOfArray(a), at);
    at += a.data.byteLength;
  }
  return out;
};
