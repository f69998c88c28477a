import { DTypeError, isFloat, ShapeError, showAval } from "@ansatz/backend";
import { linearizeFlat, ones, unflattenFrom, withWeak, zeros } from "@ansatz/tensor/transforms";
import { flatFunction, nameOf } from "./arguments";
import type { Like, Likes, OfTree, Tensor, TensorLike, Tensors } from "./types";

/**
 * The gradient of a scalar function with respect to its first argument:
 *
 *   grad(f)(x)ᵢ = ∂f/∂xᵢ(x)
 *
 * The first argument may be any tree of floats; the gradient is a tree of the same structure. Further arguments are constants. Reverse
 * mode: the cost is a small multiple of f's, however many entries x has. Outside jit, f runs with values: branches and item() work.
 *
 * @throws {ShapeError} f does not return a scalar: use jacobian   @throws {DTypeError} an argument is not a float
 * @example grad((x) => mul(x, x))(3) // 6
 */
export function grad(f: (x: Tensor) => Tensor): (x: TensorLike) => Tensor;
export function grad<P, A extends readonly unknown[]>(
  f: ((p: P, ...rest: A) => Tensor) & OfTree<P>,
): (p: Like<P>, ...rest: Likes<A>) => Tensors<P>;
export function grad(f: (...args: never[]) => unknown): unknown {
  const caller = nameOf("grad", f);
  return (p: unknown, ...rest: unknown[]) => scalarPullback(f, p, rest, caller).grad;
}

export interface ValueAndGrad<P> {
  readonly value: Tensor;
  readonly grad: Tensors<P>;
}

/**
 * f(x) and its gradient, for the price of the gradient.
 *
 * @example
 * const loss = ({ w, b }, x) => sum(square(add(mul(w, x), b)));
 * const { value, grad } = valueAndGrad(loss)({ w: 2, b: 1 }, [1, 2]); // 34, { w: 26, b: 16 }
 */
export function valueAndGrad(f: (x: Tensor) => Tensor): (x: TensorLike) => ValueAndGrad<Tensor>;
export function valueAndGrad<P, A extends readonly unknown[]>(
  f: ((p: P, ...rest: A) => Tensor) & OfTree<P>,
): (p: Like<P>, ...rest: Likes<A>) => ValueAndGrad<P>;
export function valueAndGrad(f: (...args: never[]) => unknown): unknown {
  const caller = nameOf("valueAndGrad", f);
  return (p: unknown, ...rest: unknown[]) => {
    const { value, grad: g } = scalarPullback(f, p, rest, caller);
    return { value, grad: g };
  };
}

/**
 * As valueAndGrad for a function that returns { value, aux }: aux, any tree, comes along undifferentiated.
 *
 * @example const { value, grad, aux } = valueAndGradAux((x) => ({ value: sum(square(x)), aux: { largest: max(x) } }))([1, 2])
 */
export function valueAndGradAux<P, A extends readonly unknown[], X>(
  f: ((p: P, ...rest: A) => { readonly value: Tensor; readonly aux: X }) & OfTree<P>,
): (p: Like<P>, ...rest: Likes<A>) => ValueAndGrad<P> & { readonly aux: Tensors<X> };
export function valueAndGradAux(f: (...args: never[]) => unknown): unknown {
  const caller = nameOf("valueAndGradAux", f);
  return (p: unknown, ...rest: unknown[]) => scalarPullback(f, p, rest, caller, true);
}

const scalarPullback = (
  f: (...args: never[]) => unknown,
  p: unknown,
  rest: readonly unknown[],
  caller: string,
  hasAux = false,
): { value: Tensor; grad: unknown; aux?: unknown } => {
  const flat = flatFunction(f, p, rest, caller);
  const lin = linearizeFlat(flat.call, flat.primals, caller);
  const result = flat.result();
  let at = 0;
  if (hasAux) {
    if (result.kind !== "record" || result.keys.join() !== "aux,value" || result.children[1].kind !== "leaf")
      throw new ShapeError(caller, "the function must return { value, aux } with a scalar value");
    at = lin.outs.length - 1; // records are flattened by sorted key: aux first
  } else if (result.kind !== "leaf")
    throw new ShapeError(
      caller,
      "the function must return one scalar tensor",
      undefined,
      "use vjp or jacobian for other results",
    );
  const value = lin.outs[at];
  if (value.shape.length !== 0)
    throw new ShapeError(
      caller,
      "the function must return a scalar",
      { result: showAval(value) },
      "sum it, or use jacobian",
    );
  if (!isFloat(value.dtype))
    throw new DTypeError(caller, "the function must return a float", { result: showAval(value) });
  const cts = lin.transpose(lin.outs.map((_, i) => (i === at ? ones(value) : null)));
  const grads = cts.map((g, i) => withWeak(g ?? zeros(flat.primals[i]), flat.primals[i].weak));
  const grad = unflattenFrom(flat.structure, grads, { at: 0 });
  if (!hasAux || result.kind !== "record") return { value, grad };
  return { value, grad, aux: unflattenFrom(result.children[0], lin.outs, { at: 0 }) };
};
