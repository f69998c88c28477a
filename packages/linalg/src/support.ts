import {
  type Aval,
  aval,
  type DType,
  type HostValue,
  hostArray,
  type Params,
  type Shape,
  ShapeError,
  sameShape,
  sizeOf,
  type TypedArray,
} from "@ansatz/backend";
import { add, expandDims, matrixTranspose, mul, slice, type Tensor, type TensorLike } from "@ansatz/tensor";
import { batchedAt, bind, broadcastShapes, operand, promote, stretch, type TensorOp } from "@ansatz/tensor/transforms";
import { mark, release, reserve, workspace } from "./host/memory";

/** What the ops of this package share. Every op takes matrices behind any number of batch axes, the same for all its operands. */

/** Batching: one more leading axis for all operands. The op is named by a closure, since it is being defined. */
export const leading =
  <P extends Params>(op: () => TensorOp<P>) =>
  (size: number, xs: readonly Tensor[], axes: readonly (number | null)[], params: P) => {
    const outs = bind(
      op(),
      xs.map((x, i) => batchedAt(x, axes[i], size)),
      params,
    );
    return { outs, axes: outs.map(() => 0) };
  };

export interface HostOutput {
  readonly shape: Shape;
  readonly dtype: DType;
  /** It is what the member makes of its copy of this input, and lies in its place. */
  readonly inPlaceOf?: number;
}

/**
 * Runs a function on every member of a batch, in float64 whatever the dtype. It gets copies of the members, its own to destroy, and zeroed
 * arrays to fill (Int32Array for int32 outputs); they are the same arrays for every member, so it may not keep them. Results go `into` the
 * backend's own arrays where it gives some.
 */
export const overBatch = (
  inputs: readonly HostValue[],
  ranks: readonly number[],
  outputs: readonly HostOutput[],
  into: readonly TypedArray[] | undefined,
  member: (ins: Float64Array[], outs: Float64Array[], ints: Int32Array[]) => void,
): readonly TypedArray[] => {
  const lead = inputs[0].aval.shape.slice(0, inputs[0].aval.shape.length - ranks[0]);
  const count = sizeOf(lead);
  const results = into ?? outputs.map((o) => hostArray(o.dtype, count * sizeOf(o.shape)));
  const sizes = inputs.map((x, i) => sizeOf(x.aval.shape.slice(x.aval.shape.length - ranks[i])));
  const room = outputs.map((o) => sizeOf(o.shape));
  reserve(8 * Math.max(...sizes, ...room) + sizes.reduce((a, b) => a + b, 0) + room.reduce((a, b) => a + b, 0) + 8192);
  const ins = sizes.map(workspace);
  const outs = outputs.map((o, i) =>
    o.dtype === "int32" ? new Int32Array(room[i]) : o.inPlaceOf === undefined ? workspace(room[i]) : ins[o.inPlaceOf],
  );
  const floats = outs.filter((_, i) => outputs[i].dtype !== "int32") as Float64Array[];
  const ints = outs.filter((_, i) => outputs[i].dtype === "int32") as Int32Array[];
  const start = mark();
  for (let b = 0; b < count; b++) {
    release(start);
    for (let i = 0; i < ins.length; i++) fetch(inputs[i].data as Float64Array, b * sizes[i], ins[i]);
    for (let i = 0; i < outs.length; i++) if (outputs[i].inPlaceOf === undefined) outs[i].fill(0);
    member(ins, floats, ints);
    for (let i = 0; i < outs.length; i++) deliver(outs[i], results[i] as Float64Array, b * room[i]);
  }
  return results;
};
/** Short arrays are copied by a loop: a view costs more. */
const short = 128;
const fetch = (from: Float64Array, at: number, to: Float64Array): void => {
  const n = to.length;
  if (n > short) to.set(from.subarray(at, at + n));
  else for (let i = 0; i < n; i++) to[i] = from[at + i];
};
const deliver = (from: Float64Array | Int32Array, to: Float64Array, at: number): void => {
  const n = from.length;
  if (n > short) to.set(from, at);
  else for (let i = 0; i < n; i++) to[at + i] = from[i];
};

/** Batch axes of an operand whose core has `rank` axes. */
export const batchOf = (x: { readonly shape: Shape }, rank: number): Shape => x.shape.slice(0, x.shape.length - rank);

export const like = (x: Aval, core: Shape, rank = 2): Aval => aval([...batchOf(x, rank), ...core], x.dtype);
export const infoOf = (x: Aval, rank = 2): Aval => aval(batchOf(x, rank), "int32");

export const rows = (x: { readonly shape: Shape }): number => x.shape[x.shape.length - 2];
export const columns = (x: { readonly shape: Shape }): number => x.shape[x.shape.length - 1];

/** A matrix, or a stack of them, in floats. */
export const matrix = (caller: string, x: TensorLike): Tensor => {
  const t = operand(caller, x, "float");
  if (t.shape.length < 2)
    throw new ShapeError(caller, "takes a matrix, or a stack of matrices on the last two axes", { shape: t.shape });
  return t;
};
export const square = (caller: string, x: TensorLike): Tensor => {
  const t = matrix(caller, x);
  if (rows(t) !== columns(t)) throw new ShapeError(caller, "takes square matrices", { shape: t.shape });
  return t;
};
/** ½(A + Aᵀ), halved before it is added, so that it cannot overflow. */
export const symmetricPart = (a: Tensor): Tensor => add(mul(0.5, a), mul(0.5, matrixTranspose(a)));

/**
 * A matrix and a right-hand side in one dtype with one batch. b is a vector when it has one axis, or one axis less than a and the batch of a in
 * front; else a matrix of columns. `undo` takes the solution back to b's form.
 */
export const system = (
  caller: string,
  a: TensorLike,
  b: TensorLike,
): { a: Tensor; b: Tensor; undo: (x: Tensor) => Tensor } => {
  const [m, r] = promote(caller, [a, b], "float");
  matrix(caller, m);
  const lead = batchOf(m, 2);
  if (r.shape.length === 0) throw new ShapeError(caller, "the right-hand side is a vector or a matrix", { b: r.shape });
  const vector = r.shape.length === 1 || (lead.length > 0 && sameShape(r.shape, [...lead, rows(m)]));
  const column = vector ? reshapeTo(r, [...r.shape, 1]) : r;
  if (rows(column) !== rows(m))
    throw new ShapeError(caller, "a and b must have as many rows", { a: m.shape, b: r.shape });
  const batch = broadcastShapes(caller, lead, batchOf(column, 2));
  return {
    a: stretch(m, [...batch, rows(m), columns(m)]),
    b: stretch(column, [...batch, rows(column), columns(column)]),
    undo: (x) => (vector ? reshapeTo(x, x.shape.slice(0, -1)) : x),
  };
};
const reshapeTo = (t: Tensor, shape: Shape): Tensor => t.reshape(shape);

/** The leading [m, n] block of the last two axes. */
export const corner = (x: Tensor, m: number, n: number): Tensor => {
  if (rows(x) === m && columns(x) === n) return x;
  const lead = batchOf(x, 2);
  return slice(x, [...lead.map(() => 0), 0, 0], [...lead, m, n]);
};
/** Columns from `start` on. */
export const columnsFrom = (x: Tensor, start: number): Tensor =>
  slice(
    x,
    x.shape.map((_, i) => (i === x.shape.length - 1 ? start : 0)),
    x.shape,
  );
/** A diag(s) and diag(s) A. */
export const scaleColumns = (a: Tensor, s: Tensor): Tensor => mul(a, expandDims(s, -2));
export const scaleRows = (s: Tensor, a: Tensor): Tensor => mul(expandDims(s, -1), a);
