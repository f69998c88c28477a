import { valueAndGrad } from "@ansatz/autodiff";
import { add, scalar, type Tensor, type Tree } from "@ansatz/tensor";
import { applyUpdates, type GradientTransform } from "./transform";
import { globalNorm } from "./transforms";

export interface DescentState<P extends Tree> {
  readonly [k: string]: Tree;
  readonly params: P;
  readonly optimizer: Tree;
  /** int32: updates made so far. */
  readonly step: Tensor;
}

export interface DescentInfo {
  readonly [k: string]: Tensor;
  readonly loss: Tensor;
  readonly gradientNorm: Tensor;
}

/**
 * First-order descent on `loss(params, ...data)` as an `init`/`step` pair of pure functions: compile `step`, scan it, or run it with values.
 *
 *   const descent = gradientDescent(loss, adam(1e-3));
 *   let state = descent.init(params);
 *   ({ state, info } = descent.step(state, x, y));
 */
export const gradientDescent = <P extends Tree, A extends readonly Tree[]>(
  loss: (params: P, ...data: A) => Tensor,
  optimizer: GradientTransform,
): {
  init(params: P): DescentState<P>;
  step(state: DescentState<P>, ...data: A): { state: DescentState<P>; info: DescentInfo };
} => ({
  init: (params) => ({ params, optimizer: optimizer.init(params), step: scalar(0, "int32") }),
  step: (state, ...data) => {
    const { value, grad } = valueAndGrad((p: P) => loss(p, ...data))(state.params);
    const { updates, state: next } = optimizer.update(grad as P, state.optimizer, state.params);
    return {
      state: { params: applyUpdates(state.params, updates), optimizer: next, step: add(state.step, 1) },
      info: { loss: value, gradientNorm: globalNorm(grad as Tree) },
    };
  },
});
