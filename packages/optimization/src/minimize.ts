import { valueAndGrad } from "@ansatz/autodiff";
import { add, type Tensor, zeros } from "@ansatz/tensor";
import { applyUpdates, type GradientTransform } from "./transform";
import { globalNorm } from "./transforms";

export interface DescentState<P> {
  readonly params: P;
  readonly optimizer: unknown;
  /** int32: updates made so far. */
  readonly step: Tensor;
}

export interface DescentInfo {
  readonly loss: Tensor;
  /** Euclidean norm of the gradient over the whole tree. */
  readonly gradientNorm: Tensor;
}

export interface Descent<P, A extends readonly unknown[]> {
  init(params: P): DescentState<P>;
  step(state: DescentState<P>, ...data: A): { readonly state: DescentState<P>; readonly info: DescentInfo };
}

/**
 * First-order descent on `loss(params, ...data)` as an `init`/`step` pair of pure functions: compile `step`, scan it, or run it with values.
 *
 * @example
 * const descent = gradientDescent((x) => square(sub(x, 3)), sgd(0.25));
 * let state = descent.init(tensor(0));
 * for (let i = 0; i < 20; i++) state = descent.step(state).state;
 * console.log(state.params.item()); // 2.999997
 */
export const gradientDescent = <P, A extends readonly unknown[]>(
  loss: (params: P, ...data: A) => Tensor,
  optimizer: GradientTransform,
): Descent<P, A> => {
  const { init, update } = optimizer;
  return {
    init: (params) => ({ params, optimizer: init(params), step: zeros([], { dtype: "int32" }) }),
    step: (state, ...data) => {
      const lossOf = (p: unknown): Tensor => loss(p as P, ...data);
      const { value, grad } = valueAndGrad(lossOf as (p: Tensor) => Tensor)(state.params as Tensor);
      const { updates, state: next } = update(grad as unknown as P, state.optimizer, state.params);
      return {
        state: { params: applyUpdates(state.params, updates), optimizer: next, step: add(state.step, 1) },
        info: { loss: value, gradientNorm: globalNorm(grad) },
      };
    },
  };
};
