import { add, astype, isTensor, type Tensor, type TensorLike, toTensor, tree } from "@ansatz/tensor";

/**
 * A gradient transformation: gradients in, updates to add to the parameters out. Pure: whatever changes is in the state, a plain tree
 * that can be printed, saved and resumed; `null` is the empty state. The design is optax's.
 *
 * @see Babuschkin et al. 2020, The DeepMind JAX Ecosystem (optax)
 * @example
 * const { init, update } = adam(0.1);
 * const params = { w: tensor([1, 2]), b: tensor(0) };
 * const { updates, state } = update({ w: tensor([0.5, -0.5]), b: tensor(1) }, init(params), params);
 * applyUpdates(params, updates); // { w: [0.9, 2.1], b: -0.1 }
 */
export interface GradientTransform<S = unknown> {
  /** The state before the first update, for parameters of this structure, these shapes and dtypes. */
  init<P>(params: P): S;
  /** What to add to the parameters, and the next state. */
  update<P>(grads: P, state: S, params: P): { readonly updates: P; readonly state: S };
}

type Leafwise = (...leaves: readonly Tensor[]) => Tensor;

const leaf = (x: TensorLike): Tensor => (isTensor(x) ? x : toTensor(x, "optimization"));

/** `f` leaf by leaf over trees of the structure of the first, which stays the type of the result. */
export const leafwise = <P>(f: Leafwise, first: P, ...others: readonly unknown[]): P =>
  (tree.map as (f: (...leaves: TensorLike[]) => Tensor, ...trees: readonly unknown[]) => unknown)(
    (...leaves) => f(...leaves.map(leaf)),
    first,
    ...others,
  ) as P;

/**
 * A transformation without memory, leaf by leaf.
 *
 * @example chain(stateless((g) => sign(g)), scaleByLearningRate(0.01)) // sign descent
 */
export const stateless = (f: (gradient: Tensor, parameter: Tensor) => Tensor): GradientTransform<null> => ({
  init: () => null,
  update: (grads, state, params) => ({ updates: leafwise(f, grads, params), state }),
});

/**
 * Transformations one after the other, the first nearest to the gradient; the state is the list of theirs. `chain()` passes gradients on.
 *
 * @example chain(clipByGlobalNorm(1), adam(1e-3))
 */
export const chain = (...transforms: readonly GradientTransform[]): GradientTransform<unknown[]> => ({
  init: (params) => transforms.map((t) => t.init(params)),
  update: (grads, state, params) => {
    let updates = grads;
    const next = transforms.map((t, i) => {
      const r = t.update(updates, state[i], params);
      updates = r.updates;
      return r.state;
    });
    return { updates, state: next };
  },
});

/** x in p's dtype, untouched where it has it: a weak number stays weak. */
export const inDtypeOf = (p: Tensor, x: Tensor): Tensor => (x.dtype === p.dtype ? x : astype(x, p.dtype));

/**
 * params + updates, leaf by leaf, in the dtypes of the parameters.
 *
 * @example applyUpdates({ x: tensor(1) }, { x: tensor(-0.25) }) // { x: 0.75 }
 */
export const applyUpdates = <P>(params: P, updates: P): P =>
  leafwise((p, u) => inDtypeOf(p, add(p, u)), params, updates);
