import type { Shape } from "@ansatz/backend";
import * as core from "../core/core-ops";
import { type TensorOp, withCalculus, zeroDerivative } from "../core/op";
import type { Tensor } from "../core/tensor";
import { bind, bind1 } from "../core/trace";
import type { ParamsOf } from "./batching";

/** Each member has its own key, so the key's batch axis is the result's. */
export const randomBitsOp: TensorOp<ParamsOf<typeof core.randomBits>> = withCalculus(core.randomBits, {
  derivative: zeroDerivative,
  batch: (_, [k], [a], p) => {
    const outs = bind(randomBitsOp, [k], p);
    return { outs, axes: outs.map(() => a) };
  },
});
/** uint32 bits [K…, …shape]. */
export const randomBits = (key: Tensor, shape: Shape): Tensor => bind1(randomBitsOp, [key], { shape, width: 32 });
/** The high and the low words of 64 bits. */
export const randomBits64 = (key: Tensor, shape: Shape): { high: Tensor; low: Tensor } => {
  const [high, low] = bind(randomBitsOp, [key], { shape, width: 64 });
  return { high, low };
};

export const randomSplitOp: TensorOp<ParamsOf<typeof core.randomSplit>> = withCalculus(core.randomSplit, {
  derivative: zeroDerivative,
  batch: (_, [k], [a], p) => ({ outs: [bind1(randomSplitOp, [k], p)], axes: [a] }),
});
export const randomSplit = (key: Tensor, shape: Shape): Tensor => bind1(randomSplitOp, [key], { shape });

export const randomFoldInOp = withCalculus(core.randomFoldIn, { derivative: zeroDerivative, batch: "elementwise" });
export const randomFoldIn = (key: Tensor, data: Tensor): Tensor => bind1(randomFoldInOp, [key, data], {});
