import { DomainError, sizeOf } from "@ansatz/backend";
import { eye, type MapLeaves, moveAxis, reshape, type Tensor } from "@ansatz/tensor";
import { batchFlat, jvpFlat, linearizeFlat, state, unflattenFrom, withWeak, zeros } from "@ansatz/tensor/transforms";
import { flatFunction, likeLeaves, nameOf } from "./arguments";
import { grad } from "./grad";
import type { Like, Likes, OfTree, TensorLike, Tensors } from "./types";

export interface JacobianOptions {
  /** One pass per entry of x ("forward") or of f(x) ("reverse"); by default whichever are fewer. */
  readonly mode?: "forward" | "reverse";
}

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

/**
 * The matrix of second derivatives of a scalar function, forward over reverse:
 *
 *   hessian(f)(x)[i, j] = ∂²f/∂xᵢ∂xⱼ(x)
 *
 * @example hessian((x) => sum(mul(x, mul(x, x))))([1, 2]) // [[6, 0], [0, 12]]
 */
export function hessian(f: (x: Tensor) => Tensor): (x: TensorLike) => Tensor;
export function hessian<P, A extends readonly unknown[]>(
  f: ((p: P, ...rest: A) => Tensor) & OfTree<P>,
): (p: Like<P>, ...rest: Likes<A>) => MapLeaves<Tensors<P>, Tensors<P>>;
export function hessian(f: (...args: never[]) => unknown): unknown {
  const caller = nameOf("hessian", f);
  const g = grad(f as (x: Tensor) => Tensor) as (...args: never[]) => unknown;
  return (p: unknown, ...rest: unknown[]) => matrix(g, p, rest, caller, "forward");
}

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
  mode: "forward" | "reverse" | undefined,
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

/** A linear map on every unit vector of the space of `t` at once; null where it gives zero. */
const along = (t: Tensor, f: (v: Tensor) => (Tensor | null)[]): (Tensor | null)[] => {
  const n = sizeOf(t.shape);
  const units = reshape(eye(n, n, { dtype: t.dtype }), [n, ...t.shape]);
  let given: boolean[] = [];
  const r = batchFlat(
    ([v]) => {
      const out = f(v);
      given = out.map((o) => o !== null);
      return out.filter((o) => o !== null);
    },
    n,
    [units],
    [0],
  );
  let k = 0;
  return given.map((g) => {
    if (!g) return null;
    const y = r.outs[k];
    const axis = r.axes[k++];
    return axis === null ? null : moveAxis(y, axis, 0); // linear and the same for every v: zero
  });
};
