import { FormatError } from "./format-error";
import type { NdArray } from "./nd-array";
import { decodeNpy, encodeNpy } from "./npy";
import { unzipEntry, zip, zipEntries } from "./zip";

/**
 * The arrays of a `.npz` file by name (NumPy's `savez` and `savez_compressed`): a zip archive of `.npy` files.
 *
 * @param options.only  names to unpack; the others are not touched
 * @throws {FormatError} not a zip archive, a wrong checksum, an entry that is no array, or a name in `only` that is missing
 */
export const decodeNpz = async (
  bytes: Uint8Array,
  options: { readonly only?: readonly string[] } = {},
): Promise<Record<string, NdArray>> => {
  const who = "decodeNpz";
  const entries = zipEntries(bytes, who);
  const nameOf = (file: string): string => file.replace(/\.npy$/, "");
  const present = entries.map((e) => nameOf(e.name));
  for (const name of options.only ?? [])
    if (!present.includes(name)) throw new FormatError(who, "the archive has no such array", { name, present });
  const out: [string, NdArray][] = [];
  for (const entry of entries) {
    const name = nameOf(entry.name);
    if (options.only && !options.only.includes(name)) continue;
    out.push([name, decodeNpy(await unzipEntry(entry, who), `${who} (${entry.name})`)]);
  }
  return Object.fromEntries(out);
};

/** A `.npz` file of named arrays; deflated unless told otherwise. */
export const encodeNpz = (
  arrays: Readonly<Record<string, NdArray>>,
  options: { readonly deflate?: boolean } = {},
): Promise<Uint8Array<ArrayBuffer>> =>
  zip(
    Object.fromEntries(Object.entries(arrays).map(([name, a]) => [`${name}.npy`, encodeNpy(a)])),
    { deflate: options.deflate ?? true },
    "encodeNpz",
  );
