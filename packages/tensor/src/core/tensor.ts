import type { Backend, DeviceBuffer, DType, Shape, TypedArray } from "@ansatz/backend";
import { sizeOf } from "@ansatz/backend";
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

/** A tensor standing for a value in a trace. */
export const tracer = (trace: Trace, shape: Shape, dtype: DType, weak: boolean, payload: unknown): Tensor =>
  new Tensor(shape, dtype, weak, null, trace, payload);
