import { type Aval, isFloat } from "@ansatz/backend";
import type { Tensor } from "../core/tensor";
import { convert } from "../ops/choice";

export { onesLike as ones, zerosLike as zeros } from "../ops/fill";

export const hasTangent = (a: Aval): boolean => isFloat(a.dtype);

/** A weak float in the float dtype of `like`; anything else as it is. */
export const convertLike = (t: Tensor, like: Aval): Tensor =>
  t.weak && isFloat(t.dtype) && isFloat(like.dtype) ? convert(t, like.dtype) : t;
