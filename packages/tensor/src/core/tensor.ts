import type { Backend, DeviceBuffer, DType, Shape, TypedArray } from "@ansatz/backend";
import { hostArray, sizeOf } from "@ansatz/backend";
import type { Trace } from "./trace";

export const tensorSymbol: unique symbol = Symbol.for("@ansatz/tensor/tensor") as never;

/**
 * Where the elements are. A cell is resident (a device buffer, on its backend's residency list) or on the host (data that nobody else
 * holds): made there and not yet used, or spilled. Cells are the only mutable part of a tensor; the value they hold never changes.
 */
export interface Cell {
  backend: Backend | null;
  buffer: DeviceBuffer | null;
  host: TypedArray | null;
  /** Committed cells (results of programs, toBackend) stay where they are; uncommitted ones follow the other operand. */
  committed: boolean;
  /** Donated, disposed, or owned by a finished scope: why it can no longer be used. */
  gone: string | null;
}

/**
 * An immutable array of numbers with a shape and a dtype. Under a transform it may be a tracer: it then stands for a value, and holds
 * the trace that made it with that trace's own payload instead of a cell.
 */
export class Tensor {
  readonly shape: Shape;
  readonly dtype: DType;
  /** Nobody asked for this dtype: it never widens one that somebody asked for. */
  readonly weak: boolean;
  readonly cell: Cell | null;
  readonly trace: Trace | null;
  readonly payload: unknown;

  /** Tensors are made by functions (`tensor`, `zeros`, …) and by traces. */
  constructor(shape: Shape, dtype: DType, weak: boolean, cell: Cell | null, trace: Trace | null, payload: unknown) {
    this.shape = shape;
    this.dtype = dtype;
    this.weak = weak;
    this.cell = cell;
    this.trace = trace;
    this.payload = payload;
  }

  get [tensorSymbol](): true {
    return true;
  }
  get rank(): number {
    return this.shape.length;
  }
  get size(): number {
    return sizeOf(this.shape);
  }
}

export const isTensor = (x: unknown): x is Tensor => typeof x === "object" && x !== null && tensorSymbol in x;

/** A concrete tensor around host data, which it takes over (the caller keeps no reference). */
export const hostTensor = (data: TypedArray, shape: Shape, dtype: DType, weak = false): Tensor =>
  new Tensor(shape, dtype, weak, { backend: null, buffer: null, host: data, committed: false, gone: null }, null, null);

/**
 * A scalar JS number of a dtype: weak, and nobody else holds its cell, so a program may keep it as a Literal. The payload of a concrete
 * tensor is such a number, or null.
 */
export const scalar = (value: number, dtype: DType): Tensor => {
  const host = hostArray(dtype, 1);
  (host as Float64Array)[0] = value;
  return new Tensor([], dtype, true, { backend: null, buffer: null, host, committed: false, gone: null }, null, value);
};

/** The number a concrete scalar constant was made from, or null. */
export const literalOf = (t: Tensor): number | null =>
  t.trace === null && typeof t.payload === "number" ? t.payload : null;

/**
 * Whether an op's result of this dtype is weak: it is when all inputs of the same dtype are (a predicate or an index does not
 * make `where(p, x, 0)` or `take(x, i)` strong).
 */
export const weakResult = (inputs: readonly Tensor[], dtype: DType): boolean => {
  let seen = false;
  for (const t of inputs)
    if (t.dtype === dtype) {
      if (!t.weak) return false;
      seen = true;
    }
  return seen;
};

/** The same value with another weakness. */
export const withWeak = (t: Tensor, weak: boolean): Tensor =>
  t.weak === weak ? t : new Tensor(t.shape, t.dtype, weak, t.cell, t.trace, t.payload);

/** A tensor standing for a value in a trace. */
export const tracer = (trace: Trace, shape: Shape, dtype: DType, weak: boolean, payload: unknown): Tensor =>
  new Tensor(shape, dtype, weak, null, trace, payload);
