import { DomainError, isFloat, ShapeError } from "@ansatz/backend";
import { scalar, type Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import { add, floorDiv, mul, sub } from "../ops/arithmetic";
import { moveAxis, range } from "../ops/batching";
import { clamp, convert, iota, select } from "../ops/choice";
import { and, ceil, eq, floor, le, lt, ne, or, round } from "../ops/comparison";
import { fill } from "../ops/fill";
import { gather, scatter } from "../ops/indexing";
import { broadcast, reshape, reverse, transpose as transposed } from "../ops/shape";
import { sort as rawSort } from "../ops/sorting";
import { type AxisArgument, kept, normalAxes, normalAxis } from "./axes";
import { asIndices } from "./create";
import { operand, promote, stretch } from "./promotion";
import { part } from "./shape";

export interface SortOptions {
  /** The last unless told; null sorts the flattened tensor. */
  readonly axis?: number | null;
  /** From the largest to the smallest; NaN counts as the largest. Equal elements keep their order either way. */
  readonly descending?: boolean;
}

const along = (caller: string, x: TensorLike, axis: number | null): { t: Tensor; k: number } => {
  const t = operand(caller, x, "plain");
  if (axis === null || t.shape.length === 0) return { t: reshape(t, [t.size]), k: 0 };
  return { t, k: normalAxis(caller, axis, t.shape.length) };
};

/** Values and the int32 places they came from. */
const ordered = (t: Tensor, k: number, descending: boolean): { values: Tensor; indices: Tensor } => {
  const places = iota(t.shape, "int32", k);
  if (!descending) {
    const [values, indices] = rawSort([t, places], k);
    return { values, indices };
  }
  // backwards in, ascending, backwards out: equal elements end in their first order
  const [values, indices] = rawSort([reverse(t, [k]), reverse(places, [k])], k);
  return { values: reverse(values, [k]), indices: reverse(indices, [k]) };
};

/** Sorted along an axis; NaN last (first if descending). Tangents follow their elements. @example sort([3, 1, 2]) // [1, 2, 3] */
export const sort = (x: TensorLike, { axis = -1, descending = false }: SortOptions = {}): Tensor => {
  const { t, k } = along("sort", x, axis);
  const up = rawSort([t], k)[0];
  return descending ? reverse(up, [k]) : up;
};
/** int32 indices that sort x along an axis; equal elements keep their order. */
export const argsort = (x: TensorLike, { axis = -1, descending = false }: SortOptions = {}): Tensor => {
  const { t, k } = along("argsort", x, axis);
  return ordered(t, k, descending).indices;
};

/** The k largest along an axis, largest first, and where they were; of equal ones the first. */
export const topK = (
  x: TensorLike,
  k: number,
  { axis = -1 }: { readonly axis?: number } = {},
): { values: Tensor; indices: Tensor } => {
  const { t, k: a } = along("topK", x, axis);
  if (!(Number.isInteger(k) && k >= 0 && k <= t.shape[a]))
    throw new ShapeError("topK", `cannot take ${k} along the axis`, { shape: t.shape, axis });
  const { values, indices } = ordered(t, a, true);
  return { values: part(values, a, 0, k), indices: part(indices, a, 0, k) };
};

/** Indices that sort by several keys, the last key first in importance (as NumPy), along the last axis. */
export const lexsort = (keys: readonly TensorLike[]): Tensor => {
  if (keys.length === 0) throw new ShapeError("lexsort", "needs at least one key");
  const ts = keys.map((v) => operand("lexsort", v, "plain")).reverse();
  const k = ts[0].shape.length - 1;
  return rawSort([...ts, iota(ts[0].shape, "int32", k)], k, ts.length)[ts.length];
};

/**
 * Where values would be inserted into a sorted vector to keep it sorted: before equal elements ("left") or after them ("right"). int32, by
 * bisection.
 */
export const searchsorted = (
  sorted: TensorLike,
  values: TensorLike,
  { side = "left" }: { readonly side?: "left" | "right" } = {},
): Tensor => {
  const [a, v] = promote("searchsorted", [sorted, values], "plain");
  if (a.shape.length !== 1) throw new ShapeError("searchsorted", "takes one sorted vector", { sorted: a.shape });
  const n = a.shape[0];
  const index = { shape: v.shape, dtype: "int32" } as const;
  let low = fill(0, index);
  let high = fill(n, index);
  const missing = isFloat(v.dtype) ? ne(v, v) : null;
  const before = (e: Tensor): Tensor => {
    const less = side === "left" ? lt(e, v) : le(e, v);
    // NaN sorts behind all numbers
    return missing ? or(less, side === "left" ? and(missing, eq(e, e)) : missing) : less;
  };
  for (let reach = n; reach > 0; reach >>= 1) {
    const open = lt(low, high);
    const mid = floorDiv(add(low, high), fill(2, index));
    const e = gather(a, reshape(mid, [...v.shape, 1]), { batch: 0, axes: [0], mode: "clip" });
    const right = and(open, before(e));
    high = select(and(open, right), high, select(open, mid, high));
    low = select(right, add(mid, fill(1, index)), low);
  }
  return low;
};

/** Bins of values: i where edges[i - 1] ≤ x < edges[i]. */
export const digitize = (x: TensorLike, edges: TensorLike): Tensor => searchsorted(edges, x, { side: "right" });

export interface QuantileOptions {
  readonly keepDims?: boolean;
  /** Between the two neighbours in order: on the line (the default), the lower, the higher, the nearer, or their midpoint. */
  readonly method?: "linear" | "lower" | "higher" | "nearest" | "midpoint";
}
/**
 * The q-quantiles, q in [0, 1]: the value at place q(n - 1) in order; NaN if any element is NaN. Axes of q lead the result.
 *
 * @example quantile([1, 2, 3, 4], 0.25) // 1.75
 */
export const quantile = (
  x: TensorLike,
  q: TensorLike,
  axis?: AxisArgument,
  { keepDims = false, method = "linear" }: QuantileOptions = {},
): Tensor => {
  const t = operand("quantile", x, "float");
  const [qs] = promote("quantile", [q], "float");
  if (typeof q === "number" && !(q >= 0 && q <= 1)) throw new DomainError("quantile", "q must lie in [0, 1]", { q });
  const axes = normalAxes("quantile", axis, t.shape.length);
  // reduced axes last, in one
  const rest = range(t.shape.length).filter((k) => !axes.includes(k));
  const shape = rest.map((k) => t.shape[k]);
  const n = axes.reduce((m, k) => m * t.shape[k], 1);
  if (n === 0) throw new ShapeError("quantile", "has no value over an empty axis", { shape: t.shape, axis });
  const order = [...rest, ...axes];
  const flat = reshape(order.every((k, i) => k === i) ? t : transposed(t, order), [...shape, n]);
  const sorted = moveAxis(rawSort([flat], shape.length)[0], shape.length, 0);
  const place = mul(convert(qs, t.dtype), fill(n - 1, { shape: qs.shape, dtype: t.dtype }));
  const at = (p: Tensor): Tensor => {
    const i = clamp(scalar(0, "int32"), convert(p, "int32"), scalar(n - 1, "int32"));
    return gather(sorted, reshape(i, [...i.shape, 1]), { batch: 0, axes: [0], mode: "clip" });
  };
  const [below, above] = [floor(place), ceil(place)];
  const spread = (w: Tensor, like: Tensor): Tensor => broadcast(w, like.shape, range(w.shape.length));
  const value = (): Tensor => {
    if (method === "lower") return at(below);
    if (method === "higher") return at(above);
    if (method === "nearest") return at(round(place));
    const [lo, hi] = [at(below), at(above)];
    const w = method === "midpoint" ? fill(0.5, lo) : spread(sub(place, below), lo);
    const gap = sub(hi, lo);
    // equal neighbours, infinite ones too, need no interpolation
    return select(eq(lo, hi), lo, add(lo, mul(gap, w)));
  };
  const y = value();
  const last = reshape(part(sorted, 0, n - 1, n), shape);
  const bad = broadcast(ne(last, last), y.shape, range(shape.length, qs.shape.length));
  const out = select(bad, fill(Number.NaN, y), y);
  return keepDims ? reshape(out, [...qs.shape, ...kept(t.shape, axes)]) : out;
};
/** The middle value in order; of an even number, halfway between the middle two. */
export const median = (x: TensorLike, axis?: AxisArgument, options: { readonly keepDims?: boolean } = {}): Tensor =>
  quantile(x, 0.5, axis, options);
/** quantile with q in percent. */
export const percentile = (x: TensorLike, q: TensorLike, axis?: AxisArgument, options: QuantileOptions = {}): Tensor =>
  quantile(
    x,
    typeof q === "number"
      ? q / 100
      : mul(operand("percentile", q, "float"), fill(0.01, operand("percentile", q, "float"))),
    axis,
    options,
  );

/** How often each of 0 … length - 1 occurs among integers; others are not counted. With weights, their sums. */
export const bincount = (
  x: TensorLike,
  length: number,
  { weights }: { readonly weights?: TensorLike } = {},
): Tensor => {
  const i = asIndices(x, "bincount");
  const w =
    weights === undefined
      ? fill(1, { shape: i.shape, dtype: "int32" })
      : stretch(operand("bincount", weights, "numeric"), i.shape);
  const zeros = fill(0, { shape: [length], dtype: w.dtype });
  return scatter(zeros, reshape(i, [...i.shape, 1]), w, { batch: 0, axes: [0], kind: "add" });
};
