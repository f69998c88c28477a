import { type Aval, isFloat } from "@ansatz/backend";
import { scalar, type Tensor } from "../core/tensor";
import { bitcast, convert } from "../ops/choice";
import { broadcast } from "../ops/shape";

/** A tensor full of zeros (keys too, where a value that nobody reads is wanted). */
export const zeros = (a: Aval): Tensor => {
  if (a.dtype === "key") return bitcast(broadcast(scalar(0, "uint32"), [...a.shape, 2], []), "key");
  return a.shape.length === 0 ? scalar(0, a.dtype) : broadcast(scalar(0, a.dtype), a.shape, []);
};

export const hasTangent = (a: Aval): boolean => isFloat(a.dtype);

/** A weak float in the float dtype of `like`; anything else as it is. */
export const convertLike = (t: Tensor, like: Aval): Tensor =>
  t.weak && isFloat(t.dtype) && isFloat(like.dtype) ? convert(t, like.dtype) : t;

/** A tensor full of ones. */
export const ones = (a: Aval): Tensor =>
  a.shape.length === 0 ? scalar(1, a.dtype) : broadcast(scalar(1, a.dtype), a.shape, []);
