import { compress, decompress } from "./deflate";
import { FormatError } from "./format-error";

/** Where an entry of a zip archive lies and how it is packed. */
export interface ZipEntry {
  readonly name: string;
  readonly method: 0 | 8;
  readonly crc: number;
  readonly packed: Uint8Array;
  readonly size: number;
}

const table = /* @__PURE__ */ (() => {
  const t = new Uint32Array(256);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    t[n] = c;
  }
  return t;
})();

/** CRC-32 as in zip, gzip and PNG (reflected polynomial 0xEDB88320). */
export const crc32 = (bytes: Uint8Array): number => {
  let c = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) c = (table[(c ^ (bytes[i] as number)) & 0xff] as number) ^ (c >>> 8);
  return ~c >>> 0;
};

const endSignature = 0x06054b50;
const centralSignature = 0x02014b50;
const localSignature = 0x04034b50;

/** The entries of a zip archive, by its central directory. Stored and deflated entries; no encryption, no parts, no 64-bit sizes. */
export const zipEntries = (bytes: Uint8Array, who: string): readonly ZipEntry[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const need = (at: number, n: number, what: string): void => {
    if (at < 0 || at + n > bytes.length)
      throw new FormatError(who, `the archive ends inside ${what}`, {
        at: `byte ${at}`,
        needs: n,
        length: bytes.length,
      });
  };
  let end = bytes.length - 22;
  const lowest = Math.max(0, end - 0xffff);
  while (end >= lowest && view.getUint32(end, true) !== endSignature) end--;
  if (end < lowest || end < 0)
    throw new FormatError(who, "no end-of-archive record: not a zip archive, or a truncated one", {
      length: bytes.length,
    });
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count === 0xffff || at === 0xffffffff) throw new FormatError(who, "64-bit zip archives are not supported");
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  for (let i = 0; i < count; i++) {
    need(at, 46, "its directory");
    if (view.getUint32(at, true) !== centralSignature)
      throw new FormatError(who, "the directory entry does not begin with its signature", {
        entry: i,
        at: `byte ${at}`,
      });
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    const crc = view.getUint32(at + 16, true);
    const packedSize = view.getUint32(at + 20, true);
    const size = view.getUint32(at + 24, true);
    const nameLength = view.getUint16(at + 28, true);
    const rest = view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    const local = view.getUint32(at + 42, true);
    need(at + 46, nameLength, "its directory");
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    if (flags & 1) throw new FormatError(who, "the entry is encrypted", { name });
    if (method !== 0 && method !== 8)
      throw new FormatError(
        who,
        "the entry is packed by an unknown method",
        { name, method },
        "stored (0) and deflated (8) are known",
      );
    if (packedSize === 0xffffffff || size === 0xffffffff || local === 0xffffffff)
      throw new FormatError(who, "64-bit zip entries are not supported", { name });
    if (names.has(name)) throw new FormatError(who, "two entries have the same name", { name });
    names.add(name);
    need(local, 30, `the entry ${name}`);
    if (view.getUint32(local, true) !== localSignature)
      throw new FormatError(who, "the entry does not begin with its signature", { name, at: `byte ${local}` });
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    need(start, packedSize, `the entry ${name}`);
    entries.push({ name, method, crc, size, packed: bytes.subarray(start, start + packedSize) });
    at += 46 + nameLength + rest;
  }
  return entries;
};

/** The contents of an entry, its size and checksum verified. */
export const unzipEntry = async (entry: ZipEntry, who: string): Promise<Uint8Array> => {
  const { name, method, packed, size } = entry;
  const bytes = method === 8 ? await decompress(`${who} (${name})`, "deflate-raw", packed, size) : packed;
  if (bytes.length !== size)
    throw new FormatError(who, "the entry does not have the size the directory promises", {
      name,
      promised: size,
      got: bytes.length,
    });
  const crc = crc32(bytes);
  if (crc !== entry.crc)
    throw new FormatError(who, "the entry is corrupt: its checksum is wrong", {
      name,
      promised: entry.crc.toString(16),
      got: crc.toString(16),
    });
  return bytes;
};

/** A zip archive of named contents; the same contents give the same bytes (the date is 1980-01-01) on one zlib. */
export const zip = async (
  contents: Readonly<Record<string, Uint8Array>>,
  options: { readonly deflate: boolean },
  who: string,
): Promise<Uint8Array<ArrayBuffer>> => {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const [name, bytes] of Object.entries(contents)) {
    const packed = options.deflate ? await compress(who, "deflate-raw", bytes) : bytes;
    const label = new TextEncoder().encode(name);
    // Fields that the local header and the directory share, from "version needed" to "extra length".
    const common = new Uint8Array(26);
    const v = new DataView(common.buffer);
    v.setUint16(0, 20, true);
    v.setUint16(2, 1 << 11, true); // the name is UTF-8
    v.setUint16(4, options.deflate ? 8 : 0, true);
    v.setUint16(8, (1 << 5) | 1, true); // 1980-01-01
    v.setUint32(10, crc32(bytes), true);
    v.setUint32(14, packed.length, true);
    v.setUint32(18, bytes.length, true);
    v.setUint16(22, label.length, true);
    const local = new Uint8Array(30);
    new DataView(local.buffer).setUint32(0, localSignature, true);
    local.set(common, 4);
    parts.push(local, label, packed);
    const central = new Uint8Array(46);
    const c = new DataView(central.buffer);
    c.setUint32(0, centralSignature, true);
    c.setUint16(4, 20, true);
    central.set(common, 6);
    c.setUint32(42, at, true);
    directory.push(central, label);
    at += 30 + label.length + packed.length;
  }
  const directorySize = directory.reduce((n, p) => n + p.length, 0);
  const end = new Uint8Array(22);
  const e = new DataView(end.buffer);
  e.setUint32(0, endSignature, true);
  e.setUint16(8, directory.length / 2, true);
  e.setUint16(10, directory.length / 2, true);
  e.setUint32(12, directorySize, true);
  e.setUint32(16, at, true);
  if (at + directorySize > 0xfffffffe || directory.length / 2 >= 0xffff)
    throw new FormatError(who, "the archive would need 64-bit zip records", { bytes: at + directorySize });
  const all = [...parts, ...directory, end];
  const out = new Uint8Array(at + directorySize + 22);
  let to = 0;
  for (const part of all) {
    out.set(part, to);
    to += part.length;
  }
  return out;
};
