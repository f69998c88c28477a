import { add, astype, type Tensor, type Tree, tree } from "@ansatz/tensor";

/**
 * A gradient transformation: gradients in, updates to add to the parameters out. Pure: whatever changes is in the state, a plain tree
 * that can be printed, saved and resumed; `null` is the empty state. The design is optax's.
 * @see Babuschkin et al. 2020, The DeepMind JAX Ecosystem (optax)
 */
export interface GradientTransform<S extends Tree = Tree> {
  init(params: Tree): S;
  update<P extends Tree>(grads: P, state: S, params: P): { readonly updates: P; readonly state: S };
}

/** A transformation without memory, leaf by leaf. */
export const stateless = (f: (gradient: Tensor, parameter: Tensor) => Tensor): GradientTransform<null> => ({
  init: () => null,
  update: (grads, state, params) => ({ updates: tree.map(f, grads, params), state }),
});

/** Transformations one after the other; the state is the list of theirs. */
export const chain = (...transforms: readonly GradientTransform[]): GradientTransform<Tree[]> => ({
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
export const applyUpdates = <P extends Tree>(params: P, updates: P): P =>
  tree.map((p: Tensor, u: Tensor) => astype(add(p, u), p.dtype), params, updates);
