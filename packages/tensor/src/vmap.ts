import { DomainError } from "@ansatz/backend";
import type { Tensor } from "./core/tensor";
import { nameOf, type TensorLike } from "./core/tensor-like";
import type { Likes } from "./jit/types";
import { batchedAt } from "./ops/batching";
import { type Axis, batchFlat, batchSize } from "./transforms/batch-trace";
import { leafTensor, onLeaves } from "./trees/on-leaves";
import { flattenInto, leafPaths, type Structure, unflattenFrom } from "./trees/structure";
import type { OfTree, Tensors } from "./trees/types";

/** An axis for a whole argument or result (null: not mapped), or a tree of them. */
export type Axes = number | null | readonly Axes[] | { readonly [k: string]: Axes };

export interface VmapOptions {
  /** One entry per argument, or one for all; default 0. */
  readonly in?: number | readonly Axes[];
  /** Default 0. */
  readonly out?: Axes;
}

/**
 * Maps a function of single examples over an axis of its arguments:
 *
 *   vmap(f)(x)[i] = f(x[i])
 *
 * in one pass, without a loop. Arguments with axis null are the same for all.
 *
 * @throws {ShapeError} mapped axes of different extents, or an argument without that axis
 * @example vmap((x) => sum(mul(x, x)))([[1, 2], [3, 4]]) // [5, 25]
 */
export function vmap<R>(f: (x: Tensor) => R, options?: VmapOptions): (x: TensorLike) => Tensors<R>;
export function vmap<A extends readonly unknown[], R>(
  f: ((...args: A) => R) & OfTree<A>,
  options?: VmapOptions,
): (...args: Likes<A>) => Tensors<R>;
export function vmap(f: (...args: never[]) => unknown, options: VmapOptions = {}): (...args: never[]) => unknown {
  const origin = `vmap(${f.name === "" ? "function" : f.name})`;
  const mapped = (...args: unknown[]): unknown => {
    const leaves: unknown[] = [];
    const structures = args.map((a, i) => flattenInto(a, leaves, origin, `argument ${i}`));
    const paths = structures.flatMap((s, i) => leafPaths(s, `argument ${i}`));
    const inAxes = options.in ?? 0;
    const axes = structures.flatMap((s, i) =>
      axesOf(s, typeof inAxes === "number" ? inAxes : pick(inAxes, i, args.length, origin), origin, `in[${i}]`),
    );
    const values = leaves.map((x) => leafTensor(x, origin));
    const at = axes.map((a, i): Axis => (a !== null && a < 0 ? a + values[i].shape.length : a));
    const size = batchSize(origin, values, at, paths);
    const { call, result } = onLeaves(f, structures, origin);
    const r = batchFlat(call, size, values, at, origin);
    const outAxes = axesOf(result(), options.out ?? 0, origin, "out");
    const results = r.outs.map((y, i) => place(y, r.axes[i], outAxes[i], size, origin));
    return unflattenFrom(result(), results, { at: 0 });
  };
  return mapped as never;
}

const place = (y: Tensor, axis: Axis, to: Axis, size: number, origin: string): Tensor => {
  if (to === null) {
    if (axis === null) return y;
    throw new DomainError(
      origin,
      "a result differs between examples, so it needs an axis",
      { out: null },
      "give out: 0 for it",
    );
  }
  const rank = axis === null ? y.shape.length + 1 : y.shape.length;
  return batchedAt(y, axis, size, to < 0 ? to + rank : to);
};

const pick = (axes: readonly Axes[], i: number, n: number, origin: string): Axes => {
  if (axes.length !== n)
    throw new DomainError(origin, "`in` needs one entry per argument", { entries: axes.length, arguments: n });
  return axes[i];
};

/** One axis per leaf: `axes` is a tree that ends where one axis holds for all below. */
const axesOf = (s: Structure, axes: Axes, origin: string, path: string): Axis[] => {
  if (axes === null || typeof axes === "number")
    return s.kind === "leaf" ? [axes] : "children" in s ? s.children.flatMap((c) => axesOf(c, axes, origin, path)) : [];
  if (s.kind === "array" && Array.isArray(axes) && axes.length === s.children.length)
    return s.children.flatMap((c, i) => axesOf(c, axes[i], origin, `${path}[${i}]`));
  if (s.kind === "record" && !Array.isArray(axes))
    return s.children.flatMap((c, i) =>
      axesOf(c, (axes as Record<string, Axes>)[s.keys[i]] ?? null, origin, `${path}.${s.keys[i]}`),
    );
  if (s.kind === "empty" || s.kind === "static") return [];
  throw new DomainError(origin, "axes must have the structure of what they map", { [path]: nameOf(axes) });
};
