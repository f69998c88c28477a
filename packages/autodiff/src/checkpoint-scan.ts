import { DomainError } from "@ansatz/backend";
import type { ScanOptions } from "@ansatz/tensor";
import { bind, checkpointScanOp, stageScan } from "@ansatz/tensor/transforms";
import type { Like, Tensors } from "./types";

export interface CheckpointScanOptions extends ScanOptions {
  /**
   * How many carries the reverse pass keeps at one time. √(2n) unless told, for which no step of the n runs more than twice again; with s snapshots
   * none runs more than r times again for the least r with (s + r)!/(s! r!) ≥ n: with 17 for 10⁵ steps, six times.
   */
  readonly snapshots?: number;
}

/**
 * scan, with a reverse pass that keeps a few carries instead of all and computes the others again, by the binomial schedule that needs the least work for
 * so many (treeverse, Revolve). The same values and the same gradients; memory for `snapshots` carries instead of n; at most about twice the work
 * unless fewer snapshots are asked for.
 *
 * Differentiates to every order; a gradient of a gradient in reverse mode keeps all carries of the inner one.
 *
 * @param f (carry, x) ↦ [carry, y], as in scan   @returns [the last carry, the ys stacked along axis 0]
 * @see Griewank 1992, "Achieving logarithmic growth of temporal and spatial complexity in reverse automatic differentiation"
 * @see Griewank & Walther 2000, "Algorithm 799: revolve", ACM TOMS 26(1)
 * @example
 * const end = (w) => checkpointScan((x) => [sin(mul(w, x)), null], 0.5, null, { length: 1000, snapshots: 10 })[0];
 * grad(end)(1.1)
 */
export const checkpointScan = <C, X, Y>(
  f: (carry: Tensors<NoInfer<C>>, x: Tensors<NoInfer<X>>) => readonly [Like<Tensors<NoInfer<C>>>, Y],
  init: C,
  xs: X,
  options: CheckpointScanOptions = {},
): [Tensors<C>, Tensors<Y>] => {
  const { snapshots, ...rest } = options;
  const staged = stageScan("checkpointScan", f as (...args: never[]) => unknown, init, xs, rest);
  const kept = snapshots ?? Math.ceil(Math.sqrt(2 * staged.params.length));
  if (snapshots !== undefined && (!Number.isInteger(snapshots) || snapshots < 1))
    throw new DomainError("checkpointScan", "snapshots is a whole number ≥ 1", { snapshots });
  const outs = bind(checkpointScanOp, staged.inputs, { ...staged.params, snapshots: Math.max(1, kept) });
  return staged.results(outs) as [Tensors<C>, Tensors<Y>];
};
