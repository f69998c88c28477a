import { add, astype, type Tensor, tree } from "@ansatz/tensor";

/**
 * A gradient transformation: gradients in, updates to add to the parameters out. Pure: whatever changes is in the state, a plain tree
 * that can be printed, saved and resumed; `null` is the empty state. The design is optax's.
 * @see Babuschkin et al. 2020, The DeepMind JAX Ecosystem (optax)
 */
export interface GradientTransform<S = unknown> {
  init<P>(params: P): S;
  update<P>(grads: P, state: S, params: P): { readonly updates: P; readonly state: S };
}

type Leafwise = (...leaves: readonly Tensor[]) => Tensor;

/** `f` leaf by leaf over trees of the structure of the first, which stays the type of the result. */
export const leafwise = <P>(f: Leafwise, first: P, ...others: readonly unknown[]): P =>
  (tree.map as (f: Leafwise, ...trees: readonly unknown[]) => unknown)(f, first, ...others) as P;

/** A transformation without memory, leaf by leaf. */
export const stateless = (f: (gradient: Tensor, parameter: Tensor) => Tensor): GradientTransform<null> => ({
  init: () => null,
  update: (grads, state, params) => ({ updates: leafwise(f, grads, params), state }),
});

/** Transformations one after the other; the state is the list of theirs. */
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

/** params + updates, leaf by leaf, in the dtypes of the parameters. */
export const applyUpdates = <P>(params: P, updates: P): P =>
  leafwise((p, u) => astype(add(p, u), p.dtype), params, updates);
