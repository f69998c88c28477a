import { isFloat } from "@ansatz/backend";
import * as core from "../core/core-ops";
import { jvp, withCalculus } from "../core/op";
import type { Tensor } from "../core/tensor";
import { bind } from "../core/trace";
import { batchedAt } from "./batching";
import { iota } from "./choice";
import { takeAlong } from "./cumulative";

export const sortOp = withCalculus(core.sort, {
  // sorting permutes, so tangents take the same permutation: the sorted index is one more payload (stable: ties keep their order)
  derivative: jvp((xs, dxs, { axis, keys }) => {
    const sorted = sort([...xs, iota(xs[0].shape, "int32", axis)], axis, keys);
    const order = sorted[xs.length];
    return dxs.map((dx, i) => (dx && isFloat(xs[i].dtype) ? takeAlong(dx, order, axis) : null));
  }),
  batch: (size, xs, axes, { axis, keys }) => {
    const outs = sort(
      xs.map((x, i) => batchedAt(x, axes[i], size)),
      axis + 1,
      keys,
    );
    return { outs, axes: outs.map(() => 0) };
  },
});
/** Operands sorted together along an axis by the first `keys` of them. */
export const sort = (xs: readonly Tensor[], axis: number, keys = 1): readonly Tensor[] =>
  bind(sortOp, xs, { axis, keys });
