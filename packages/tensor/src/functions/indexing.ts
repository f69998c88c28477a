import { DTypeError, type Shape, ShapeError, sizeOf } from "@ansatz/backend";
import { isTensor, scalar, type Tensor } from "../core/tensor";
import { type NestedArray, type TensorLike, toTensor } from "../core/tensor-like";
import { add, mod } from "../ops/arithmetic";
import { range } from "../ops/batching";
import { convert, iota, select } from "../ops/choice";
import { lt } from "../ops/comparison";
import { takeAlong } from "../ops/cumulative";
import { fill } from "../ops/fill";
import { gather as rawGather, scatter as rawScatter } from "../ops/indexing";
import { concatenate, reshape, transpose } from "../ops/shape";
import * as slicing from "../ops/slicing";
import { normalAxis } from "./axes";
import { pickBasic, ranges, reshapeTo } from "./basic-index";
import { asIndices } from "./create";
import { type Index, inside, type Many, type Part, parseIndex } from "./index-spec";
import { broadcastShapes, cast, stretch } from "./promotion";

type RangePart = Extract<Part, { kind: "range" }>;
type Advanced = Extract<Part, { kind: "advanced" }>;

/**
 * Elements by NumPy's indexing. Integers and ranges known now are checked now; integers in tensors are clipped into range (negative ones
 * count from the end). Several arrays of integers broadcast and pick element by element; their axes stand where the arrays stood, or first
 * if something stood between them.
 *
 * @example index([[1, 2], [3, 4]], 0) // the first slice
 * @example index([1, 2, 3], "1:-1", null) // [[2]]: without the ends, and a new axis
 * @example index([[1, 2, 3]], "...", [2, 0]) // [[3, 1]]: two entries of the last axis
 */
export const index = (x: TensorLike, ...spec: readonly Index[]): Tensor =>
  pick("index", toTensor(x, "index"), spec, "clip");

const pick = (caller: string, t: Tensor, spec: readonly Index[], mode: "clip" | "fill"): Tensor => {
  const parts = parseIndex(caller, t.shape, spec, indicesOf);
  const advanced = parts.filter((p): p is Advanced => p.kind === "advanced");
  return advanced.length === 0 ? pickBasic(t, parts) : pickAdvanced(caller, ranges(t, parts), parts, mode);
};
/** Indices known now are checked now; those of tensors are clipped, or dropped in updates. */
const indicesOf = (caller: string, i: Many, n: number, axis: number): Tensor => {
  const visit = (x: unknown): unknown => {
    if (typeof x === "boolean") refuseMask(caller);
    return typeof x === "number" ? inside(caller, x, n, axis) : Array.from(x as ArrayLike<unknown>, visit);
  };
  if (!isTensor(i)) return asIndices(visit(i) as NestedArray, caller);
  if (i.dtype === "bool") refuseMask(caller);
  return fromEnd(asIndices(i, caller), n);
};
const refuseMask = (caller: string): never => {
  throw new DTypeError(
    caller,
    "a mask selects as many elements as it has trues: a shape that depends on data",
    undefined,
    "use await booleanMask(x, mask), or where(mask, x, y)",
  );
};

const pickAdvanced = (caller: string, t: Tensor, parts: readonly Part[], mode: "clip" | "fill"): Tensor => {
  // beside arrays an integer is an array of rank 0; its axis has extent 1 by now
  const chosen = parts.filter((p) => p.kind === "advanced" || p.kind === "integer");
  const tensors = chosen.map((p) => (p.kind === "advanced" ? p.indices : scalar(0, "int32")));
  const shape = broadcastShapes(caller, ...tensors.map((i) => i.shape));
  const column = (i: Tensor): Tensor => {
    const same = i.dtype === "int32" ? i : convert(i, "int32");
    return reshape(stretch(same, shape), [...shape, 1]);
  };
  const indices = tensors.length === 1 ? column(tensors[0]) : concatenate(tensors.map(column), shape.length);
  const axes = chosen.map((p) => (p as Advanced).axis);
  const out = rawGather(t, indices, { batch: 0, axes, mode, fillValue: mode === "fill" ? -1 : 0 });
  // out: [picked…, the other axes in order]; put the picked where the arrays stood
  const first = parts.indexOf(chosen[0]);
  const last = parts.indexOf(chosen[chosen.length - 1]);
  const together = last - first + 1 === chosen.length;
  const before = together ? parts.slice(0, first) : [];
  const others = parts.filter((p) => p.kind === "new" || p.kind === "range");
  const behind = others.filter((p) => !before.includes(p));
  const rest = (ps: readonly Part[]): number[] => ps.flatMap((p) => (p.kind === "range" ? [p.count] : []));
  const n = shape.length;
  const b = rest(before).length;
  const total = out.shape.length;
  const moved = b === 0 ? out : transpose(out, [...range(b, n), ...range(n), ...range(total - n - b, n + b)]);
  const extents = (ps: readonly Part[]): number[] => ps.map((p) => (p.kind === "range" ? (p as RangePart).count : 1));
  return reshapeTo(moved, [...extents(before), ...shape, ...extents(behind)]);
};

/**
 * Elements start, start + step, … below stop on every axis, or on the first few; negative numbers count from the end.
 *
 * @example slice([1, 2, 3, 4], 1, -1) // [2, 3]
 */
export const slice = (
  x: TensorLike,
  start: number | readonly (number | null)[],
  stop?: number | readonly (number | null)[] | null,
  step?: number | readonly (number | null)[] | null,
): Tensor => {
  const list = (v: number | readonly (number | null)[] | null | undefined): readonly (number | null)[] =>
    v === null || v === undefined ? [] : typeof v === "number" ? [v] : v;
  const [a, b, c] = [list(start), list(stop), list(step)];
  const n = Math.max(a.length, b.length, c.length);
  return pick(
    "slice",
    toTensor(x, "slice"),
    range(n).map((i) => ({ start: a[i], stop: b[i], step: c[i] })),
    "clip",
  );
};

export interface TakeOptions {
  /** Indices out of range: clipped (the default), taken modulo the extent, or read as `fillValue`. */
  readonly mode?: "clip" | "wrap" | "fill";
  readonly fillValue?: number;
}
/** Slices of x along an axis (of the flattened tensor without one) at integers of any shape, which takes the axis's place. */
export const take = (
  x: TensorLike,
  indices: TensorLike,
  axis?: number | null,
  { mode = "clip", fillValue = Number.NaN }: TakeOptions = {},
): Tensor => {
  const t0 = toTensor(x, "take");
  const flat = axis === undefined || axis === null;
  const t = flat ? reshape(t0, [t0.size]) : t0;
  const k = flat ? 0 : normalAxis("take", axis, t.shape.length);
  const n = t.shape[k];
  const given = asIndices(indices, "take");
  if (n === 0 && given.size > 0 && mode !== "fill")
    throw new ShapeError("take", "nothing to take from an empty axis", { shape: t.shape, axis });
  const i = mode === "wrap" ? mod(given, fill(n, given)) : fromEnd(given, n);
  const out = rawGather(t, reshape(i, [...i.shape, 1]), {
    batch: 0,
    axes: [k],
    mode: mode === "fill" ? "fill" : "clip",
    fillValue: fillFor(t, fillValue),
  });
  const m = i.shape.length;
  return k === 0 ? out : transpose(out, [...range(k, m), ...range(m), ...range(out.shape.length - m - k, m + k)]);
};
const fromEnd = (i: Tensor, n: number): Tensor =>
  i.dtype === "uint32" ? i : select(lt(i, fill(0, i)), add(i, fill(n, i)), i);
const fillFor = (t: Tensor, v: number): number =>
  t.dtype === "float64" || t.dtype === "float32" || !Number.isNaN(v) ? v : 0;

/** x at indices[…, n, …] along an axis: indices match x on every other axis, or broadcast. As argsort's result: takeAlongAxis(x, argsort(x)). */
export const takeAlongAxis = (x: TensorLike, indices: TensorLike, axis = -1): Tensor => {
  const t = toTensor(x, "takeAlongAxis");
  const i = asIndices(indices, "takeAlongAxis");
  const k = normalAxis("takeAlongAxis", axis, t.shape.length);
  if (i.shape.length !== t.shape.length)
    throw new ShapeError("takeAlongAxis", "indices must have x's rank", { x: t.shape, indices: i.shape });
  const at = (s: Shape, d: number): number[] => s.map((v, j) => (j === k ? d : v));
  const common = broadcastShapes("takeAlongAxis", at(t.shape, 1), at(i.shape, 1));
  const xs = stretch(t, at(common, t.shape[k]));
  const is = stretch(i, at(common, i.shape[k]));
  return takeAlong(xs, fromEnd(is, t.shape[k]), k);
};

type Kind = "set" | "add" | "min" | "max";
const update = (
  caller: string,
  kind: Kind,
  x: TensorLike,
  spec: Index | readonly Index[],
  values: TensorLike,
): Tensor => {
  const t = toTensor(x, caller);
  if (t.dtype === "key" && kind !== "set") throw new DTypeError(caller, "keys are not numbers");
  // an array of numbers alone would be ambiguous: a list of specifications is meant
  const list = (Array.isArray(spec) ? spec : [spec]) as readonly Index[];
  const v = cast(caller, values, t);
  const parts = parseIndex(caller, t.shape, list, indicesOf);
  const box = parts.every((p) => p.kind === "integer" || p.kind === "new" || (p.kind === "range" && p.step === 1));
  if (box && kind === "set") return setBox(caller, t, parts, v);
  const rows =
    parts[0]?.kind === "advanced" &&
    parts.slice(1).every((p) => p.kind === "range" && p.step === 1 && p.count === t.shape[p.axis]);
  if (rows) {
    const i = (parts[0] as Advanced).indices;
    const u = fit(caller, v, [...i.shape, ...t.shape.slice(1)]);
    return rawScatter(t, reshape(i, [...i.shape, 1]), u, { batch: 0, axes: [0], kind });
  }
  // in general: the flat places that the specification names, out of range -1, which a scatter drops
  const places = pick(caller, reshape(iota([t.size], "int32", 0), t.shape), list, "fill");
  const u = fit(caller, v, places.shape);
  const out = rawScatter(reshape(t, [t.size]), reshape(places, [...places.shape, 1]), u, { batch: 0, axes: [0], kind });
  return reshape(out, t.shape);
};
const fit = (caller: string, v: Tensor, shape: Shape): Tensor => {
  const common = broadcastShapes(caller, v.shape, shape);
  if (sizeOf(common) !== sizeOf(shape))
    throw new ShapeError(caller, "values must broadcast to the elements named", { values: v.shape, elements: shape });
  return reshapeTo(stretch(v, common), shape);
};
const setBox = (caller: string, t: Tensor, parts: readonly Part[], v: Tensor): Tensor => {
  const shape = parts.flatMap((p) => (p.kind === "new" ? [1] : p.kind === "range" ? [p.count] : []));
  const block = t.shape.map((_, k) => {
    const p = parts.find((q) => q.kind !== "new" && q.axis === k) as RangePart;
    return p.kind === "range" ? p.count : 1;
  });
  const starts = t.shape.map((_, k) => {
    const p = parts.find((q) => q.kind !== "new" && q.axis === k) as Part;
    return scalar(p.kind === "range" ? p.start : p.kind === "integer" ? p.at : 0, "int32");
  });
  const u = reshapeTo(fit(caller, v, shape), block);
  return u.size === 0 ? t : slicing.dynamicUpdateSlice(t, u, starts);
};

/** x with the elements that an index names replaced; values broadcast and take x's dtype. Where one is named twice the last value stays. */
export const indexUpdate = (x: TensorLike, spec: Index | readonly Index[], values: TensorLike): Tensor =>
  update("indexUpdate", "set", x, spec, values);
/** x with values added at the elements that an index names; where one is named twice both count. @example indexAdd(zeros(3), [[0, 0, 2]], 1) // [2, 0, 1] */
export const indexAdd = (x: TensorLike, spec: Index | readonly Index[], values: TensorLike): Tensor =>
  update("indexAdd", "add", x, spec, values);
/** x with the smaller of element and value at the elements that an index names. */
export const indexMin = (x: TensorLike, spec: Index | readonly Index[], values: TensorLike): Tensor =>
  update("indexMin", "min", x, spec, values);
/** x with the larger of element and value at the elements that an index names. */
export const indexMax = (x: TensorLike, spec: Index | readonly Index[], values: TensorLike): Tensor =>
  update("indexMax", "max", x, spec, values);

const startsOf = (caller: string, starts: readonly TensorLike[], rank: number): Tensor[] => {
  if (starts.length !== rank) throw new ShapeError(caller, "needs one start per axis", { starts: starts.length, rank });
  return starts.map((s) => (typeof s === "number" ? scalar(s, "int32") : convert(asIndices(s, caller), "int32")));
};
/** A block of fixed sizes at starts that may be traced; clamped so that it lies inside. */
export const dynamicSlice = (x: TensorLike, starts: readonly TensorLike[], sizes: Shape): Tensor => {
  const t = toTensor(x, "dynamicSlice");
  return slicing.dynamicSlice(t, startsOf("dynamicSlice", starts, t.shape.length), sizes);
};
/** x with a block replaced at starts that may be traced; clamped so that it lies inside. */
export const dynamicUpdateSlice = (x: TensorLike, block: TensorLike, starts: readonly TensorLike[]): Tensor => {
  const t = toTensor(x, "dynamicUpdateSlice");
  const u = cast("dynamicUpdateSlice", block, t);
  return slicing.dynamicUpdateSlice(t, u, startsOf("dynamicUpdateSlice", starts, t.shape.length));
};
