import { DomainError, type Shape, ShapeError } from "@ansatz/backend";
import type { Tensor } from "../core/tensor";
import { type TensorLike, toTensor } from "../core/tensor-like";
import { range } from "../ops/batching";
import * as raw from "../ops/shape";
import { normalAxis } from "./axes";
import { promote } from "./promotion";
import { expandDims, part } from "./shape";

/** Tensors end to end along an axis; they agree on all others, and promote. @example concatenate([[1, 2], [3]]) // [1, 2, 3] */
export const concatenate = (xs: readonly TensorLike[], axis = 0): Tensor => {
  if (xs.length === 0) throw new ShapeError("concatenate", "needs at least one tensor");
  const ts = promote("concatenate", xs, "any");
  return raw.concatenate(ts, normalAxis("concatenate", axis, ts[0].shape.length));
};

/** Tensors of one shape side by side along a new axis. */
export const stack = (xs: readonly TensorLike[], axis = 0): Tensor => {
  if (xs.length === 0) throw new ShapeError("stack", "needs at least one tensor");
  const ts = promote("stack", xs, "any");
  for (const t of ts)
    if (t.shape.length !== ts[0].shape.length || t.shape.some((d, i) => d !== ts[0].shape[i]))
      throw new ShapeError("stack", "tensors must share one shape", { shapes: ts.map((s) => [...s.shape]) });
  const k = normalAxis("stack", axis, ts[0].shape.length + 1);
  return raw.concatenate(
    ts.map((t) => expandDims(t, k)),
    k,
  );
};
/** The slices along an axis, without it. */
export const unstack = (x: TensorLike, axis = 0): Tensor[] => {
  const t = toTensor(x, "unstack");
  const k = normalAxis("unstack", axis, t.shape.length);
  const shape = t.shape.filter((_, i) => i !== k);
  return range(t.shape[k]).map((i) => raw.reshape(part(t, k, i, i + 1), shape));
};

/**
 * Pieces along an axis: a number of pieces, as equal as can be (the longer ones first), or the places where to cut.
 *
 * @example arraySplit(arange(5), 2)      // [0, 1, 2] and [3, 4]
 * @example arraySplit(arange(5), [1, 3]) // [0], [1, 2] and [3, 4]
 */
export const arraySplit = (x: TensorLike, sections: number | readonly number[], axis = 0): Tensor[] => {
  const t = toTensor(x, "arraySplit");
  const k = normalAxis("arraySplit", axis, t.shape.length);
  const n = t.shape[k];
  if (typeof sections === "number" && !(Number.isInteger(sections) && sections >= 1))
    throw new DomainError("arraySplit", "needs a positive number of pieces", { sections });
  const place = (v: number): number => Math.min(n, Math.max(0, v < 0 ? v + n : v));
  const inner =
    typeof sections === "number"
      ? range(sections - 1, 1).map((i) => i * Math.floor(n / sections) + Math.min(i, n % sections))
      : sections.map(place);
  const cuts = [0, ...inner, n];
  return range(cuts.length - 1).map((i) => part(t, k, cuts[i], Math.max(cuts[i], cuts[i + 1])));
};

/** x laid out `repeats` times along its last axes. @example tile([1, 2], 2) // [1, 2, 1, 2] */
export const tile = (x: TensorLike, repeats: number | Shape): Tensor => {
  const t = toTensor(x, "tile");
  const reps = typeof repeats === "number" ? [repeats] : [...repeats];
  const rank = Math.max(reps.length, t.shape.length);
  const shape = [...new Array<number>(rank - t.shape.length).fill(1), ...t.shape];
  const times = [...new Array<number>(rank - reps.length).fill(1), ...reps];
  // [d] → [1, d] → [r, d] → [r·d] on every axis
  const spread = shape.flatMap((d, i) => [times[i], d]);
  const y = raw.broadcast(
    raw.reshape(t, shape),
    spread,
    range(rank).map((i) => 2 * i + 1),
  );
  return raw.reshape(
    y,
    shape.map((d, i) => d * times[i]),
  );
};

/** Each element `times` times in a row along an axis (of the flattened tensor without one). @example repeat([1, 2], 2) // [1, 1, 2, 2] */
export const repeat = (x: TensorLike, times: number, axis?: number | null): Tensor => {
  const t0 = toTensor(x, "repeat");
  if (!Number.isInteger(times) || times < 0)
    throw new DomainError("repeat", "times must be a nonnegative integer", { times });
  const flat = axis === undefined || axis === null;
  const t = flat ? raw.reshape(t0, [t0.size]) : t0;
  const k = flat ? 0 : normalAxis("repeat", axis, t.shape.length);
  const shape = [...t.shape.slice(0, k + 1), times, ...t.shape.slice(k + 1)];
  const y = raw.broadcast(
    t,
    shape,
    range(t.shape.length).map((i) => (i <= k ? i : i + 1)),
  );
  return raw.reshape(
    y,
    t.shape.map((d, i) => (i === k ? d * times : d)),
  );
};

export interface PadOptions {
  /** "constant": `value`; "edge": the outermost element; "reflect": mirrored without repeating it; "symmetric": with; "wrap": around. */
  readonly mode?: "constant" | "edge" | "reflect" | "symmetric" | "wrap";
  readonly value?: number;
}
export type PadWidth = number | readonly [number, number] | readonly (readonly [number, number])[];

/** Elements before and after each axis: one width for all sides, one pair for all axes, or a pair per axis. */
export const pad = (x: TensorLike, width: PadWidth, { mode = "constant", value = 0 }: PadOptions = {}): Tensor => {
  const t = toTensor(x, "pad");
  const rank = t.shape.length;
  const pairs: (readonly [number, number])[] =
    typeof width === "number"
      ? range(rank).map(() => [width, width])
      : typeof width[0] === "number"
        ? range(rank).map(() => width as readonly [number, number])
        : [...(width as readonly (readonly [number, number])[])];
  if (pairs.length !== rank || pairs.some(([a, b]) => !(a >= 0 && b >= 0)))
    throw new ShapeError("pad", "needs a pair of nonnegative widths for every axis", { width, shape: t.shape });
  if (mode === "constant")
    return raw.pad(
      t,
      pairs.map(([a]) => a),
      pairs.map(([, b]) => b),
      value,
    );
  return pairs.reduce<Tensor>((y, [a, b], k) => (a + b === 0 ? y : extend(y, k, a, b, mode)), t);
};

/** One axis extended by what it holds. */
const extend = (
  t: Tensor,
  k: number,
  before: number,
  after: number,
  mode: "edge" | "reflect" | "symmetric" | "wrap",
): Tensor => {
  const n = t.shape[k];
  if (n === 0) throw new ShapeError("pad", `mode ${mode} needs something to repeat`, { shape: t.shape, axis: k });
  if (mode === "edge") {
    const edge = (from: number, count: number): Tensor => repeat(part(t, k, from, from + 1), count, k);
    return raw.concatenate([edge(0, before), t, edge(n - 1, after)], k);
  }
  const skip = mode === "reflect" ? 1 : 0;
  const most = mode === "wrap" ? n : n - skip;
  if (most === 0) return extend(t, k, before, after, "edge");
  // what one mirror image cannot fill, further ones do
  const [a, b] = [Math.min(before, most), Math.min(after, most)];
  const left = mode === "wrap" ? part(t, k, n - a, n) : raw.reverse(part(t, k, skip, skip + a), [k]);
  const right = mode === "wrap" ? part(t, k, 0, b) : raw.reverse(part(t, k, n - skip - b, n - skip), [k]);
  const y = raw.concatenate([left, t, right], k);
  if (a === before && b === after) return y;
  if (mode === "wrap") return wrap(t, k, before, after);
  return extend(y, k, before - a, after - b, mode);
};
const wrap = (t: Tensor, k: number, before: number, after: number): Tensor => {
  const n = t.shape[k];
  const copies = Math.ceil(before / n) + 1 + Math.ceil(after / n);
  const all = tile(
    t,
    t.shape.map((_, i) => (i === k ? copies : 1)),
  );
  const from = Math.ceil(before / n) * n - before;
  return part(all, k, from, from + before + n + after);
};

/** Rows on top of each other: concatenate on axis 0, vectors being rows. */
export const vstack = (xs: readonly TensorLike[]): Tensor =>
  concatenate(
    xs.map((x) => {
      const t = toTensor(x, "vstack");
      return t.shape.length < 2 ? raw.reshape(t, [1, t.size]) : t;
    }),
    0,
  );
/** Side by side: concatenate on axis 1, vectors on axis 0. */
export const hstack = (xs: readonly TensorLike[]): Tensor => {
  const ts = xs.map((x) => {
    const t = toTensor(x, "hstack");
    return t.shape.length === 0 ? raw.reshape(t, [1]) : t;
  });
  return concatenate(ts, ts[0]?.shape.length === 1 ? 0 : 1);
};
