import type { Tensor } from "@ansatz/tensor";
import { decodeIdx } from "./idx";
import type { NdArray } from "./nd-array";
import { decodeNpy, encodeNpy } from "./npy";
import { decodeNpz, encodeNpz } from "./npz";
import { decodeSafetensors, encodeSafetensors } from "./safetensors";
import { arrayFromTensor, tensorFromArray } from "./tensors";

type Tensors = Readonly<Record<string, Tensor>>;

const toTensors = (arrays: Readonly<Record<string, NdArray>>, caller: string): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(arrays).map(([name, a]) => [name, tensorFromArray(a, `${caller} (${name})`)]));

const fromTensors = async (tensors: Tensors): Promise<Record<string, NdArray>> =>
  Object.fromEntries(
    await Promise.all(Object.entries(tensors).map(async ([name, t]) => [name, await arrayFromTensor(t)] as const)),
  );

/** The tensor in a `.npy` file. @throws {FormatError} with the byte at which the file stopped being one */
export const readNpy = (bytes: Uint8Array): Tensor => tensorFromArray(decodeNpy(bytes, "readNpy"), "readNpy");

/** A `.npy` file of a tensor, as NumPy writes it. */
export const writeNpy = async (t: Tensor): Promise<Uint8Array<ArrayBuffer>> => encodeNpy(await arrayFromTensor(t));

/** The tensors in a `.npz` file by name. */
export const readNpz = async (
  bytes: Uint8Array,
  options: { readonly only?: readonly string[] } = {},
): Promise<Record<string, Tensor>> => toTensors(await decodeNpz(bytes, options), "readNpz");

/** A `.npz` file of named tensors; deflated unless told otherwise. */
export const writeNpz = async (
  tensors: Tensors,
  options: { readonly deflate?: boolean } = {},
): Promise<Uint8Array<ArrayBuffer>> => encodeNpz(await fromTensors(tensors), options);

/** The tensors and the metadata in a safetensors file. @throws {FormatError} names the tensor and the byte */
export const readSafetensors = (
  bytes: Uint8Array,
): { readonly tensors: Record<string, Tensor>; readonly metadata: Readonly<Record<string, string>> } => {
  const { tensors, metadata } = decodeSafetensors(bytes);
  return { tensors: toTensors(tensors, "readSafetensors"), metadata };
};

/** A safetensors file of named tensors and text. */
export const writeSafetensors = async (
  tensors: Tensors,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array<ArrayBuffer>> => encodeSafetensors({ tensors: await fromTensors(tensors), metadata });

/** The tensor in an IDX file, such as MNIST's (unpack `.gz` first: `readIdx(await gunzip(bytes))`). */
export const readIdx = (bytes: Uint8Array): Tensor => tensorFromArray(decodeIdx(bytes), "readIdx");
