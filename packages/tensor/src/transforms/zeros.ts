import { type Aval, hostArray, isFloat } from "@ansatz/backend";
import { hostTensor, type Tensor } from "../core/tensor";
import { bitcast, broadcast } from "./raw";

/** A scalar that no one else holds: staged as a literal. */
export const scalar = (value: number, dtype: Aval["dtype"]): Tensor => {
  const data = hostArray(dtype, 1);
  data[0] = value as never;
  return hostTensor(data, [], dtype, true);
};

/** A tensor full of one number. */
export const filled = (value: number, a: Aval): Tensor => {
  if (a.dtype === "key") return bitcast(broadcast(scalar(0, "uint32"), [...a.shape, 2], []), "key");
  return a.shape.length === 0 ? scalar(value, a.dtype) : broadcast(scalar(value, a.dtype), a.shape, []);
};

export const zeros = (a: Aval): Tensor => filled(0, a);

export const hasTangent = (a: Aval): boolean => isFloat(a.dtype);
