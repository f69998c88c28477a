import { valueAndGrad } from "@ansatz/autodiff";
import { add, type Like, type Tensor, zeros } from "@ansatz/tensor";
import { applyUpdates, type GradientTransform, leafwise } from "./transform";
import { globalNorm } from "./transforms";

export interface DescentState<P> {
  readonly params: P;
  /** What the method remembers: a plain tree. */
  readonly optimizer: unknown;
  /** int32: updates made so far. */
  readonly step: Tensor;
}

export interface DescentInfo {
  /** At the point where the gradient was taken, that is before the update. */
  readonly loss: Tensor;
  /** Euclidean norm of the gradient over the whole tree. */
  readonly gradientNorm: Tensor;
}

export interface Descent<P, A extends readonly unknown[]> {
  init(params: Like<P>): DescentState<P>;
  step(state: DescentState<P>, ...data: A): { readonly state: DescentState<P>; readonly info: DescentInfo };
}

/** The loss and its gradient at a point. */
export const evaluate = <P, A extends readonly unknown[]>(
  loss: (params: P, ...data: A) => Tensor,
  at: P,
  data: A,
): { readonly value: Tensor; readonly grad: P } => {
  const f = (p: unknown): Tensor => loss(p as P, ...data);
  return (valueAndGrad as (f: (p: unknown) => Tensor) => (p: unknown) => unknown)(f)(at) as {
    readonly value: Tensor;
    readonly grad: P;
  };
};

/** The state before the first step; parameters given as numbers or arrays become tensors. */
export const start = <P>(params: Like<P>, optimizer: (params: P) => unknown): DescentState<P> => {
  const tensors = leafwise((p) => p, params as unknown) as P;
  return { params: tensors, optimizer: optimizer(tensors), step: zeros([], { dtype: "int32" }) };
};

/**
 * First-order descent on `loss(params, ...data)` as an `init`/`step` pair of pure functions: compile `step`, scan it, or run it with values.
 * The parameters may be any tree of floats and keep their dtypes.
 *
 * @param loss       (params, ...data) ↦ a scalar; data (a batch, a key) is passed to every step
 * @param optimizer  from gradients to updates: `sgd`, `adam`, a `chain`, …
 * @example
 * const descent = gradientDescent((x) => square(sub(x, 3)), sgd(0.25));
 * let state = descent.init(0);
 * for (let i = 0; i < 20; i++) state = descent.step(state).state;
 * console.log(state.params.item()); // 2.999997…
 */
export function gradientDescent<A extends readonly unknown[]>(
  loss: (params: Tensor, ...data: A) => Tensor,
  optimizer: GradientTransform,
): Descent<Tensor, A>;
export function gradientDescent<P, A extends readonly unknown[]>(
  loss: (params: P, ...data: A) => Tensor,
  optimizer: GradientTransform,
): Descent<P, A>;
export function gradientDescent<P, A extends readonly unknown[]>(
  loss: (params: P, ...data: A) => Tensor,
  { init, update }: GradientTransform,
): Descent<P, A> {
  return {
    init: (params) => start(params, init),
    step: (state, ...data) => {
      const { value, grad } = evaluate(loss, state.params, data);
      const { updates, state: optimizer } = update(grad, state.optimizer, state.params);
      return {
        state: { params: applyUpdates(state.params, updates), optimizer, step: add(state.step, 1) },
        info: { loss: value, gradientNorm: globalNorm(grad) },
      };
    },
  };
}
