import { DomainError, type Shape, ShapeError, sizeOf } from "@ansatz/backend";
import type { Tensor } from "../core/tensor";
import { type TensorLike, toTensor } from "../core/tensor-like";
import { moveAxis as move, range } from "../ops/batching";
import * as raw from "../ops/shape";
import { slice } from "../ops/slicing";
import { type AxisArgument, normalAxes, normalAxis } from "./axes";
import { broadcastShapes, stretch } from "./promotion";

/** The same elements in row-major order in another shape; one extent may be -1 and is found. @example reshape(arange(6), [2, -1]) */
export const reshape = (x: TensorLike, shape: Shape | number): Tensor => {
  const t = toTensor(x, "reshape");
  const wanted = typeof shape === "number" ? [shape] : shape;
  const open = wanted.indexOf(-1);
  if (open < 0) return raw.reshape(t, wanted);
  const rest = sizeOf(wanted.filter((_, i) => i !== open));
  if (wanted.indexOf(-1, open + 1) >= 0 || (rest === 0 ? t.size !== 0 : t.size % rest !== 0))
    throw new ShapeError(
      "reshape",
      "cannot find the extent -1",
      { from: t.shape, to: wanted },
      "at most one -1, and the others must divide the size",
    );
  return raw.reshape(
    t,
    wanted.map((d, i) => (i === open ? (rest === 0 ? 0 : t.size / rest) : d)),
  );
};

/** All elements in one axis. */
export const ravel = (x: TensorLike): Tensor => {
  const t = toTensor(x, "ravel");
  return raw.reshape(t, [t.size]);
};

/** Axes reordered: axis i of the result is axis `axes[i]` of x; reversed without `axes`. */
export const transpose = (x: TensorLike, axes?: readonly number[]): Tensor => {
  const t = toTensor(x, "transpose");
  const rank = t.shape.length;
  if (axes === undefined) return rank < 2 ? t : raw.transpose(t, range(rank).reverse());
  const order = axes.map((a) => normalAxis("transpose", a, rank));
  if (order.length !== rank || new Set(order).size !== rank)
    throw new ShapeError("transpose", "axes must name every axis once", { axes, shape: t.shape });
  return raw.transpose(t, order);
};
/** The last two axes exchanged: the transpose of each matrix in a stack. */
export const matrixTranspose = (x: TensorLike): Tensor => swapAxes(x, -1, -2);

/** Two axes exchanged. */
export const swapAxes = (x: TensorLike, a: number, b: number): Tensor => {
  const t = toTensor(x, "swapAxes");
  const order = range(t.shape.length);
  const [i, j] = [normalAxis("swapAxes", a, t.shape.length), normalAxis("swapAxes", b, t.shape.length)];
  [order[i], order[j]] = [j, i];
  return raw.transpose(t, order);
};
/** Axes moved to new places, the others keeping their order. */
export const moveAxis = (x: TensorLike, from: number | readonly number[], to: number | readonly number[]): Tensor => {
  const t = toTensor(x, "moveAxis");
  const rank = t.shape.length;
  const list = (v: number | readonly number[]): number[] =>
    (typeof v === "number" ? [v] : v).map((a) => normalAxis("moveAxis", a, rank));
  const [source, target] = [list(from), list(to)];
  if (
    source.length !== target.length ||
    new Set(source).size !== source.length ||
    new Set(target).size !== target.length
  )
    throw new ShapeError("moveAxis", "needs as many distinct targets as sources", { from, to });
  if (source.length === 1) return move(t, source[0], target[0]);
  const order = new Array<number>(rank).fill(-1);
  target.forEach((k, i) => {
    order[k] = source[i];
  });
  const rest = range(rank).filter((k) => !source.includes(k));
  return raw.transpose(
    t,
    order.map((k) => (k < 0 ? (rest.shift() as number) : k)),
  );
};

/** New axes of extent 1 at these places of the result. @example expandDims([1, 2], 0) // [[1, 2]] */
export const expandDims = (x: TensorLike, axis: number | readonly number[]): Tensor => {
  const t = toTensor(x, "expandDims");
  const list = typeof axis === "number" ? [axis] : axis;
  const rank = t.shape.length + list.length;
  const places = normalAxes("expandDims", list, rank);
  const rest = [...t.shape];
  return raw.reshape(
    t,
    range(rank).map((k) => (places.includes(k) ? 1 : (rest.shift() as number))),
  );
};
/** Axes of extent 1 left out: these, or all there are. */
export const squeeze = (x: TensorLike, axis?: AxisArgument): Tensor => {
  const t = toTensor(x, "squeeze");
  const drop =
    axis === undefined || axis === null
      ? range(t.shape.length).filter((k) => t.shape[k] === 1)
      : normalAxes("squeeze", axis, t.shape.length);
  for (const k of drop)
    if (t.shape[k] !== 1) throw new ShapeError("squeeze", `axis ${k} must have extent 1`, { shape: t.shape });
  return raw.reshape(
    t,
    t.shape.filter((_, i) => !drop.includes(i)),
  );
};

/** x repeated to a shape it broadcasts to. */
export const broadcastTo = (x: TensorLike, shape: Shape): Tensor => {
  const t = toTensor(x, "broadcastTo");
  const common = broadcastShapes("broadcastTo", t.shape, shape);
  if (common.length !== shape.length || common.some((d, i) => d !== shape[i]))
    throw new ShapeError("broadcastTo", "extents must be equal or 1, counted from the last axis", {
      from: t.shape,
      to: shape,
    });
  return stretch(t, shape);
};
/** All operands stretched to their common shape; dtypes stay. */
export const broadcastTensors = (...xs: readonly TensorLike[]): Tensor[] => {
  const ts = xs.map((x) => toTensor(x, "broadcastTensors"));
  const shape = broadcastShapes("broadcastTensors", ...ts.map((t) => t.shape));
  return ts.map((t) => stretch(t, shape));
};

/** The order of elements reversed along axes (all without `axis`). */
export const flip = (x: TensorLike, axis?: AxisArgument): Tensor => {
  const t = toTensor(x, "flip");
  const axes = normalAxes("flip", axis, t.shape.length);
  return axes.length === 0 ? t : raw.reverse(t, axes);
};

/** Elements moved by `shift` places along an axis, those that fall off entering at the other end; without axis over the flattened tensor. */
export const roll = (x: TensorLike, shift: number | readonly number[], axis?: AxisArgument): Tensor => {
  const t = toTensor(x, "roll");
  if (axis === undefined || axis === null) {
    if (typeof shift !== "number") throw new DomainError("roll", "without axis takes one shift", { shift });
    return raw.reshape(rollOne(raw.reshape(t, [t.size]), shift, 0), t.shape);
  }
  const axes = typeof axis === "number" ? [axis] : axis;
  const shifts = typeof shift === "number" ? axes.map(() => shift) : shift;
  if (shifts.length !== axes.length) throw new ShapeError("roll", "needs one shift per axis", { shift, axis });
  return axes.reduce<Tensor>((y, a, i) => rollOne(y, shifts[i], normalAxis("roll", a, t.shape.length)), t);
};
const rollOne = (t: Tensor, shift: number, axis: number): Tensor => {
  const n = t.shape[axis];
  const k = n === 0 ? 0 : ((shift % n) + n) % n;
  if (k === 0) return t;
  return raw.concatenate([part(t, axis, n - k, n), part(t, axis, 0, n - k)], axis);
};
/** Elements from … to - 1 along an axis. */
export const part = (t: Tensor, axis: number, from: number, to: number): Tensor =>
  from === 0 && to === t.shape[axis]
    ? t
    : slice(
        t,
        t.shape.map((_, i) => (i === axis ? from : 0)),
        t.shape.map((d, i) => (i === axis ? to : d)),
      );

/** A quarter turn of two axes, `turns` times, from the first towards the second. */
export const rot90 = (x: TensorLike, turns = 1, axes: readonly [number, number] = [0, 1]): Tensor => {
  const t = toTensor(x, "rot90");
  const [a, b] = axes.map((k) => normalAxis("rot90", k, t.shape.length));
  const k = ((turns % 4) + 4) % 4;
  if (k === 0) return t;
  if (k === 2) return raw.reverse(t, [a, b]);
  return k === 1 ? raw.reverse(swapAxes(t, a, b), [a]) : raw.reverse(swapAxes(t, a, b), [b]);
};

/** At least this many axes, new ones in front. */
export const atLeast = (x: TensorLike, rank: number): Tensor => {
  const t = toTensor(x, "atLeast");
  return t.shape.length >= rank ? t : raw.reshape(t, [...new Array<number>(rank - t.shape.length).fill(1), ...t.shape]);
};
