import { newVar } from "@ansatz/backend";
import { type TensorOp, zeroDerivative } from "../core/op";
import type { Tensor } from "../core/tensor";
import { bind1 } from "../core/trace";

/** The identity whose derivative is zero. It leaves no trace in a lowered program. */
export const stopGradientOp: TensorOp<Record<never, never>> = {
  name: "stopGradient",
  core: false,
  abstract: (ins) => ins,
  compose: ([a]) => {
    const x = newVar(a);
    return { inputs: [x], equations: [], outputs: [x] };
  },
  derivative: zeroDerivative,
  batch: "elementwise",
};
/** x, as a constant to every derivative. */
export const stopGradient = (x: Tensor): Tensor => bind1(stopGradientOp, [x], {});
