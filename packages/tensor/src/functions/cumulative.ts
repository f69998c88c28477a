import type { Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import * as raw from "../ops/cumulative";
import { reshape } from "../ops/shape";
import { slice } from "../ops/slicing";
import { sub } from "./arithmetic";
import { normalAxis } from "./axes";
import { type Need, operand } from "./promotion";

export interface CumulativeOptions {
  /** Run from the last element to the first. */
  readonly reverse?: boolean;
}
export type Cumulative = (x: TensorLike, axis?: number | null, options?: CumulativeOptions) => Tensor;

const running =
  (caller: string, need: Need, op: (x: Tensor, axis: number, fromEnd: boolean) => Tensor): Cumulative =>
  (x, axis, { reverse = false } = {}) => {
    const t = operand(caller, x, need);
    // without an axis, over the flattened tensor, as NumPy
    if (axis === null || axis === undefined) return op(reshape(t, [t.size]), 0, reverse);
    return op(t, normalAxis(caller, axis, t.shape.length), reverse);
  };

/** Running sums along an axis; of the flattened tensor without one. @example cumsum([1, 2, 3]) // [1, 3, 6] */
export const cumsum: Cumulative = /* @__PURE__ */ running("cumsum", "numeric", raw.cumSum);
/** Running products. The derivative is right at zeros. */
export const cumprod: Cumulative = /* @__PURE__ */ running("cumprod", "numeric", raw.cumProd);
/** Running maximum. Its derivative goes to the first element that attained it. */
export const cummax: Cumulative = /* @__PURE__ */ running("cummax", "plain", raw.cumMax);
/** Running minimum. */
export const cummin: Cumulative = /* @__PURE__ */ running("cummin", "plain", raw.cumMin);

/** Differences of neighbours along an axis, n times over. @example diff([1, 4, 9]) // [3, 5] */
export const diff = (
  x: TensorLike,
  { n = 1, axis = -1 }: { readonly n?: number; readonly axis?: number } = {},
): Tensor => {
  let t = operand("diff", x, "numeric");
  const k = normalAxis("diff", axis, t.shape.length);
  for (let i = 0; i < n && t.shape[k] > 0; i++) {
    const part = (from: number, to: number): Tensor =>
      slice(
        t,
        t.shape.map((_, j) => (j === k ? from : 0)),
        t.shape.map((d, j) => (j === k ? to : d)),
      );
    const d = t.shape[k];
    t = sub(part(1, d), part(0, d - 1));
  }
  return t;
};
