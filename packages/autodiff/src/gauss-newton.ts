import type { Tensor } from "@ansatz/tensor";
import { linearizeFlat, unflattenFrom, withWeak, zeros } from "@ansatz/tensor/transforms";
import { flatFunction, likeLeaves, nameOf } from "./arguments";
import { hvp } from "./jacobian";
import type { Like, Likes, OfTree, Tensors } from "./types";

/**
 * The product of the Gauss–Newton matrix with a vector, without the matrix, for a small multiple of the price of f:
 *
 *   gvp(f, ℓ)(x, v) = Jᵀ ∇²ℓ(f(x)) J v,   J = Df(x)
 *
 * the Hessian of ℓ∘f without the second derivatives of f: positive semidefinite where ℓ is convex, and equal to the Hessian where f is linear or the
 * residual is 0. Without ℓ it is Jᵀ J v, that of ½‖f(x)‖².
 *
 * @param f    the model, from a tree to a tree   @param loss ℓ, from what f returns to a scalar
 * @see Schraudolph 2002, "Fast curvature matrix-vector products for second-order gradient descent"
 * @example gvp((x) => mul(x, x))([1, 2], [1, 1]) // 4 x² v = [4, 16]
 */
export function gvp<P, A extends readonly unknown[], R>(
  f: ((p: P, ...rest: A) => R) & OfTree<P>,
  loss?: (y: Tensors<R>) => Tensor,
): (p: Like<P>, v: Like<P>, ...rest: Likes<A>) => Tensors<P>;
export function gvp(f: (...args: never[]) => unknown, loss?: (y: never) => Tensor): unknown {
  const caller = nameOf("gvp", f);
  return (p: unknown, v: unknown, ...rest: unknown[]) => {
    const flat = flatFunction(f, p, rest, caller);
    const dx = likeLeaves(v, flat.structure, flat.primals, caller, "v");
    const lin = linearizeFlat(flat.call, flat.primals, caller);
    const result = flat.result();
    const tree = (xs: readonly Tensor[]): unknown => unflattenFrom(result, xs, { at: 0 });
    let w = lin.apply(dx);
    if (loss !== undefined) {
      const y = tree(lin.outs);
      const dy = tree(w.map((t, i) => t ?? zeros(lin.outs[i])));
      const product = (hvp as (l: unknown) => (y: unknown, v: unknown) => unknown)(loss)(y, dy);
      w = likeLeaves(product, result, lin.outs, caller, "the Hessian of the loss times a vector");
    }
    const gs = lin.transpose(w).map((g, i) => withWeak(g ?? zeros(flat.primals[i]), flat.primals[i].weak));
    return unflattenFrom(flat.structure, gs, { at: 0 });
  };
}
