import { DomainError, DTypeError, type Shape, ShapeError } from "@ansatz/backend";
import { hostTensor, isTensor, scalar, type Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import { asIndices } from "../functions/create";
import { broadcastShapes, stretch } from "../functions/promotion";
import { bitcast } from "../ops/choice";
import * as raw from "../ops/random";

/**
 * Random keys. A key is a value: what is drawn from it depends on it alone, so use each key once and split it for more. Threefry-2x32 in
 * JAX's partitionable layout: equal seeds, shapes and dtypes give JAX's numbers, on every backend.
 */

/** The key of a seed, a nonnegative integer below 2⁵³ or a bigint below 2⁶⁴. @example uniform(key(0), [3], { dtype: "float32" }) */
export const key = (seed: number | bigint): Tensor => {
  if (typeof seed === "number" && !(Number.isSafeInteger(seed) && seed >= -(2 ** 31)))
    throw new DomainError("key", "a seed is an integer from -2³¹ to 2⁵³", { seed });
  const bits = BigInt.asUintN(64, BigInt(seed));
  // the high word of the seed is the key's first word
  const data = BigUint64Array.of(((bits & 0xffffffffn) << 32n) | (bits >> 32n));
  return hostTensor(data, [], "key");
};

const keysOf = (caller: string, k: unknown): Tensor => {
  if (isTensor(k) && k.dtype === "key") return k;
  throw new DTypeError(
    caller,
    "takes a random key",
    { seen: isTensor(k) ? k.dtype : typeof k },
    "make one with key(seed)",
  );
};

export { keysOf as asKey };

/** `count` new keys as one tensor, or a whole shape of them. A tensor of keys is iterated like an array. @example const [k1, k2] = split(k) */
export const split = (k: Tensor, count: number | Shape = 2): Tensor => {
  const shape = typeof count === "number" ? [count] : count;
  if (!shape.every((d) => Number.isInteger(d) && d >= 0))
    throw new ShapeError("split", "the number of keys must be a nonnegative integer", { count: shape });
  return raw.randomSplit(keysOf("split", k), shape);
};

/** A new key from a key and an integer (below 2³²), say the number of a step. */
export const foldIn = (k: Tensor, data: TensorLike): Tensor => {
  const keys = keysOf("foldIn", k);
  const d = typeof data === "number" ? literalWord(data) : asIndices(data, "foldIn");
  const words = d.dtype === "uint32" ? d : bitcast(d, "uint32");
  const shape = broadcastShapes("foldIn", keys.shape, words.shape);
  return raw.randomFoldIn(stretch(keys, shape), stretch(words, shape));
};
const literalWord = (data: number): Tensor => {
  if (!Number.isInteger(data) || data < 0 || data >= 2 ** 32)
    throw new DomainError("foldIn", "data must be an integer from 0 to 2³² - 1", { data });
  return scalar(data, "uint32");
};

/** The two uint32 words of keys, on a new last axis: to look at, or to keep in a file. */
export const keyData = (k: Tensor): Tensor => bitcast(keysOf("keyData", k), "uint32");
/** Keys from their words [..., 2]. */
export const wrapKeyData = (words: Tensor): Tensor => {
  if (words.dtype !== "uint32" || words.shape[words.shape.length - 1] !== 2)
    throw new ShapeError("wrapKeyData", "needs uint32 words [..., 2]", { shape: words.shape });
  return bitcast(words, "key");
};

/** Uniform uint32 bits. */
export const bits = (k: Tensor, shape: Shape = []): Tensor => raw.randomBits(keysOf("bits", k), shape);
