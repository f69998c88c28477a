import { DTypeError } from "@ansatz/backend";
import { type Tensor, tensor } from "@ansatz/tensor";
import { FormatError } from "./format-error";
import { bfloat16ToFloat32, halfToNumber, type NdArray } from "./nd-array";

/** 64-bit integers that fit 32 bits, as such; any other is refused, never rounded. */
const narrow = (caller: string, a: Extract<NdArray, { dtype: "int64" | "uint64" }>): Tensor => {
  const low = a.dtype === "int64" ? -(2n ** 31n) : 0n;
  const high = a.dtype === "int64" ? 2n ** 31n - 1n : 2n ** 32n - 1n;
  const at = a.data.findIndex((v) => v < low || v > high);
  if (at >= 0)
    throw new FormatError(
      caller,
      `this ${a.dtype} does not fit 32 bits, and tensors have no 64-bit integers`,
      { index: at, value: a.data[at] },
      "take the plain array (decode… instead of read…) and convert it yourself",
    );
  const data =
    a.dtype === "int64" ? Int32Array.from(a.data, (v) => Number(v)) : Uint32Array.from(a.data, (v) => Number(v));
  return tensor(data, { shape: a.shape });
};

/**
 * The tensor of an array out of a file. Types that tensors have stay; 8- and 16-bit integers become int32, 16-bit floats float32,
 * 64-bit integers 32-bit ones where all values fit.
 *
 * @throws {FormatError} a 64-bit integer that does not fit
 */
export const tensorFromArray = (a: NdArray, caller = "tensorFromArray"): Tensor => {
  const { shape } = a;
  switch (a.dtype) {
    case "bool":
      return tensor(a.data, { shape, dtype: "bool" });
    case "float16":
      return tensor(Float32Array.from(a.data, halfToNumber), { shape });
    case "bfloat16":
      return tensor(bfloat16ToFloat32(a.data), { shape });
    case "int64":
    case "uint64":
      return narrow(caller, a);
    default:
      return tensor(a.data, { shape });
  }
};

/** The array that a file holds for a tensor: elements as they are. */
export const arrayFromTensor = async (t: Tensor): Promise<NdArray> => {
  if (t.dtype === "key")
    throw new DTypeError(
      "arrayFromTensor",
      "a random key is not an array of numbers",
      undefined,
      "store keyData(key), two uint32 numbers, and read it back with wrapKeyData",
    );
  const data = await t.data();
  return { dtype: t.dtype, shape: [...t.shape], data } as NdArray;
};
