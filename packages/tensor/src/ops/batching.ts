import type { CoreOp } from "@ansatz/backend";
import type { Tensor } from "../core/tensor";
import { broadcast, transpose } from "./shape";

/** Helpers of batching rules. A batched operand is the unbatched one with one more axis, of extent `size`, at some place. */

/** The parameters of a core op. */
export type ParamsOf<O> = O extends CoreOp<infer P> ? P : never;

/** Permutation that takes axis `from` to `to` and keeps the order of the others. */
export const movement = (rank: number, from: number, to: number): number[] => {
  const order = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== from);
  order.splice(to, 0, from);
  return order;
};

export const moveAxis = (x: Tensor, from: number, to: number): Tensor =>
  from === to ? x : transpose(x, movement(x.shape.length, from, to));

/** The operand with its batch axis at `at` (0 unless told); one that is not batched repeats. */
export const batchedAt = (x: Tensor, axis: number | null, size: number, at = 0): Tensor => {
  if (axis !== null) return moveAxis(x, axis, at);
  const shape = [...x.shape];
  shape.splice(at, 0, size);
  return broadcast(
    x,
    shape,
    x.shape.map((_, i) => (i < at ? i : i + 1)),
  );
};

/** An axis of the unbatched operand in the batched one. */
export const shifted = (axis: number, batchAxis: number): number => (axis >= batchAxis ? axis + 1 : axis);

export const range = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => i + from);
