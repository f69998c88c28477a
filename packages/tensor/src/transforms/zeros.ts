import { type Aval, isFloat } from "@ansatz/backend";
import { scalar, type Tensor } from "../core/tensor";
import { bitcast } from "../ops/choice";
import { broadcast } from "../ops/shape";

/** A tensor full of zeros (keys too, where a value that nobody reads is wanted). */
export const zeros = (a: Aval): Tensor => {
  if (a.dtype === "key") return bitcast(broadcast(scalar(0, "uint32"), [...a.shape, 2], []), "key");
  return a.shape.length === 0 ? scalar(0, a.dtype) : broadcast(scalar(0, a.dtype), a.shape, []);
};

export const hasTangent = (a: Aval): boolean => isFloat(a.dtype);
