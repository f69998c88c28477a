import { DomainError, ShapeError, sizeOf } from "@ansatz/backend";
import { isTensor, type MapLeaves, moveAxis, reshape, type Tensor } from "@ansatz/tensor";
import { jvpFlat, linearizeFlat, state, unflattenFrom, withWeak, zeros } from "@ansatz/tensor/transforms";
import { flatFunction, likeLeaves, nameOf } from "./arguments";
import { grad } from "./grad";
import type { Like, Likes, OfTree, TensorLike, Tensors } from "./types";
import { along } from "./units";

export interface JacobianOptions {
  /** One pass per entry of x ("forward") or of f(x) ("reverse"); by default whichever are fewer. */
  readonly mode?: Mode;
}

type Mode = "forward" | "reverse";

/**
 * The matrix of all partial derivatives with respect to the first argument:
 *
 *   jacobian(f)(x)[i, j] = ∂fᵢ/∂xⱼ(x),   of shape [...shape of f(x), ...shape of x]
 *
 * For trees, the result has the structure of f(x), with trees of the structure of x in place of its leaves. All rows (or columns) are
 * computed together by vmap.
 *
 * @example jacobian((x) => mul(x, x))([1, 2]) // [[2, 0], [0, 4]]
 */
export function jacobian(f: (x: Tensor) => Tensor, options?: JacobianOptions): (x: TensorLike) => Tensor;
export function jacobian<P, A extends readonly unknown[], R>(
  f: ((p: P, ...rest: A) => R) & OfTree<P>,
  options?: JacobianOptions,
): (p: Like<P>, ...rest: Likes<A>) => MapLeaves<Tensors<R>, Tensors<P>>;
export function jacobian(f: (...args: never[]) => unknown, options: JacobianOptions = {}): unknown {
  const caller = nameOf("jacobian", f);
  const { mode } = options;
  if (mode !== undefined && mode !== "forward" && mode !== "reverse")
    throw new DomainError("jacobian", "mode is forward or reverse", { mode });
  return (p: unknown, ...rest: unknown[]) => matrix(f, p, rest, caller, mode);
}

/** jacobian in forward mode: one pass per entry of x, for few inputs and many outputs. @example jacfwd((x) => mul(x, x))([1, 2]) */
export function jacfwd(f: (x: Tensor) => Tensor): (x: TensorLike) => Tensor;
export function jacfwd<P, A extends readonly unknown[], R>(
  f: ((p: P, ...rest: A) => R) & OfTree<P>,
): (p: Like<P>, ...rest: Likes<A>) => MapLeaves<Tensors<R>, Tensors<P>>;
export function jacfwd(f: (...args: never[]) => unknown): unknown {
  return jacobian(f as (x: Tensor) => Tensor, { mode: "forward" });
}

/** jacobian in reverse mode: one pass per entry of f(x), for many inputs and few outputs. @example jacrev((x) => mul(x, x))([1, 2]) */
export function jacrev(f: (x: Tensor) => Tensor): (x: TensorLike) => Tensor;
export function jacrev<P, A extends readonly unknown[], R>(
  f: ((p: P, ...rest: A) => R) & OfTree<P>,
): (p: Like<P>, ...rest: Likes<A>) => MapLeaves<Tensors<R>, Tensors<P>>;
export function jacrev(f: (...args: never[]) => unknown): unknown {
  return jacobian(f as (x: Tensor) => Tensor, { mode: "reverse" });
}

/** Outer mode over inner mode: how the gradient is made comes last. */
export type HessianMode =
  | "forward-over-reverse"
  | "reverse-over-reverse"
  | "forward-over-forward"
  | "reverse-over-forward";

export interface HessianOptions {
  /** "forward-over-reverse" unless told: a gradient in reverse, and one direction of it per entry of x. */
  readonly mode?: HessianMode;
}

/**
 * The matrix of second derivatives of a scalar function:
 *
 *   hessian(f)(x)[i, j] = ∂²f/∂xᵢ∂xⱼ(x)
 *
 * @example hessian((x) => sum(mul(x, mul(x, x))))([1, 2]) // [[6, 0], [0, 12]]
 */
export function hessian(f: (x: Tensor) => Tensor, options?: HessianOptions): (x: TensorLike) => Tensor;
export function hessian<P, A extends readonly unknown[]>(
  f: ((p: P, ...rest: A) => Tensor) & OfTree<P>,
  options?: HessianOptions,
): (p: Like<P>, ...rest: Likes<A>) => MapLeaves<Tensors<P>, Tensors<P>>;
export function hessian(f: (...args: never[]) => unknown, options: HessianOptions = {}): unknown {
  const caller = nameOf("hessian", f);
  const { mode = "forward-over-reverse" } = options;
  const modes = mode.split("-over-") as Mode[];
  if (modes.length !== 2 || !modes.every((m) => m === "forward" || m === "reverse"))
    throw new DomainError("hessian", "mode is forward or reverse over forward or reverse", { mode });
  const [outer, inner] = modes;
  const g = (inner === "reverse" ? grad(f as (x: Tensor) => Tensor) : forwardGradient(f, caller)) as (
    ...args: never[]
  ) => unknown;
  return (p: unknown, ...rest: unknown[]) => matrix(g, p, rest, caller, outer);
}

/** The gradient by one direction per entry of x. */
const forwardGradient =
  (f: (...args: never[]) => unknown, caller: string) =>
  (p: unknown, ...rest: unknown[]): unknown => {
    const scalar = (...args: never[]): unknown => {
      const y = f(...args);
      if (!isTensor(y) || y.shape.length !== 0)
        throw new ShapeError(caller, "the function must return one scalar tensor", undefined, "use jacobian twice");
      return y;
    };
    return matrix(scalar, p, rest, caller, "forward");
  };

/**
 * The product of the Hessian with a vector, without the Hessian, for a small multiple of the price of f:
 *
 *   hvp(f)(x, v) = ∇²f(x) v = d/dε ∇f(x + εv)
 *
 * @example hvp((x) => sum(mul(x, mul(x, x))))([1, 2], [1, 1]) // [6, 12]
 */
export function hvp(f: (x: Tensor) => Tensor): (x: TensorLike, v: TensorLike) => Tensor;
export function hvp<P, A extends readonly unknown[]>(
  f: ((p: P, ...rest: A) => Tensor) & OfTree<P>,
): (p: Like<P>, v: Like<P>, ...rest: Likes<A>) => Tensors<P>;
export function hvp(f: (...args: never[]) => unknown): unknown {
  const caller = nameOf("hvp", f);
  const g = grad(f as (x: Tensor) => Tensor) as (...args: never[]) => unknown;
  return (p: unknown, v: unknown, ...rest: unknown[]) => {
    const flat = flatFunction(g, p, rest, caller);
    const dx = likeLeaves(v, flat.structure, flat.primals, caller, "v");
    const r = jvpFlat(flat.call, flat.primals, dx, state.trace, caller);
    const out = r.tangents.map((t, i) => t ?? zeros(r.outs[i]));
    return unflattenFrom(flat.structure, out, { at: 0 });
  };
}

const matrix = (
  f: (...args: never[]) => unknown,
  p: unknown,
  rest: readonly unknown[],
  caller: string,
  mode: Mode | undefined,
): unknown => {
  const flat = flatFunction(f, p, rest, caller);
  const lin = linearizeFlat(flat.call, flat.primals, caller);
  const xs = flat.primals;
  const ys = lin.outs;
  const size = (ts: readonly Tensor[]): number => ts.reduce((n, t) => n + sizeOf(t.shape), 0);
  const forward = (mode ?? (size(xs) <= size(ys) ? "forward" : "reverse")) === "forward";
  const blocks: Tensor[][] = ys.map(() => []);
  if (forward)
    xs.forEach((x, j) => {
      const n = sizeOf(x.shape);
      const columns = along(x, (v) => lin.apply(xs.map((_, k) => (k === j ? v : null))));
      ys.forEach((y, i) => {
        const c = columns[i];
        blocks[i][j] = c === null ? zeros(block(y, x)) : shaped(moveAxis(reshape(c, [n, sizeOf(y.shape)]), 0, 1), y, x);
      });
    });
  else
    ys.forEach((y, i) => {
      const rows = along(y, (w) => lin.transpose(ys.map((_, k) => (k === i ? w : null))));
      xs.forEach((x, j) => {
        const r = rows[j];
        blocks[i][j] = r === null ? zeros(block(y, x)) : shaped(r, y, x);
      });
    });
  const trees = blocks.map((row) => unflattenFrom(flat.structure, row, { at: 0 }));
  return unflattenFrom(flat.result(), trees, { at: 0 });
};

const block = (y: Tensor, x: Tensor) => ({ shape: [...y.shape, ...x.shape], dtype: y.dtype });
const shaped = (t: Tensor, y: Tensor, x: Tensor): Tensor => withWeak(reshape(t, block(y, x).shape), x.weak && y.weak);
