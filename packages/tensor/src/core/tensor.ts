import type { DType, Shape, TypedArray } from "@ansatz/backend";
import { hostArray, ShapeError, sizeOf } from "@ansatz/backend";
import { reshape } from "../ops/shape";
import { slice } from "../ops/slicing";
import { Cell } from "./cell";
import { disposeTensor, readAsync, readItem, readNested, readNow } from "./read";
import type { Trace } from "./trace";

export const tensorSymbol: unique symbol = Symbol.for("@ansatz/tensor/tensor") as never;
const disposeSymbol: typeof Symbol.dispose = Symbol.dispose ?? (Symbol.for("Symbol.dispose") as never);

export type NestedNumbers = number | boolean | readonly NestedNumbers[];

/**
 * An immutable array of numbers with a shape and a dtype. Under a transform it may be a tracer: it then stands for a value, and holds
 * the trace that made it with that trace's own payload instead of a cell.
 */
export class Tensor {
  readonly shape: Shape;
  readonly dtype: DType;
  /** Nobody asked for this dtype: it never widens one that somebody asked for. */
  readonly weak: boolean;
  /** @internal */
  readonly cell: Cell | null;
  /** @internal */
  readonly trace: Trace | null;
  /** @internal */
  readonly payload: unknown;

  /** Tensors are made by functions (`tensor`, `zeros`, …) and by traces. @internal */
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

  /** A copy of the elements in row-major order. @throws {DTypeError} a key, which is opaque: see keyData */
  data(): Promise<Numbers> {
    return readAsync(this);
  }
  /** As `data`, at once; an error where the backend cannot read synchronously. */
  dataSync(): Numbers {
    return readNow(this, "dataSync");
  }
  /** The one element of a tensor of size 1, as a number (a boolean for dtype bool). */
  item(): number | boolean {
    return readItem(this);
  }
  /** Nested arrays of numbers (or booleans) in the tensor's shape. */
  toArray(): NestedNumbers {
    return readNested(this);
  }
  /** The slices along axis 0, as arrays are iterated: `const [k1, k2] = split(key)`. @throws {ShapeError} a scalar */
  *[Symbol.iterator](): IterableIterator<Tensor> {
    if (this.rank === 0) throw new ShapeError("tensor", "a scalar cannot be iterated over");
    const [n, ...rest] = this.shape;
    const whole = rest.map(() => 0);
    for (let i = 0; i < n; i++) yield reshape(slice(this, [i, ...whole], [i + 1, ...rest]), rest);
  }
  /** Frees the memory now instead of when it is needed; later use is an error. */
  dispose(): void {
    disposeTensor(this);
  }
  [disposeSymbol](): void {
    disposeTensor(this);
  }
}

/** What the elements of a tensor are read as, by dtype; bool is bytes of 0 and 1. */
export type Numbers = Exclude<TypedArray, BigUint64Array>;

export const isTensor = (x: unknown): x is Tensor => typeof x === "object" && x !== null && tensorSymbol in x;

/** A concrete tensor around host data, which it takes over (the caller keeps no reference). */
export const hostTensor = (data: TypedArray, shape: Shape, dtype: DType, weak = false): Tensor =>
  new Tensor(shape, dtype, weak, new Cell(null, null, data, false), null, null);

/** A scalar JS number in a dtype: weak, its cell held by nobody else, so a program keeps it as a literal. */
export const scalar = (value: number, dtype: DType): Tensor => {
  const data = hostArray(dtype, 1);
  (data as Float64Array)[0] = value;
  return hostTensor(data, [], dtype, true);
};

/** A tensor standing for a value in a trace. */
export const tracer = (trace: Trace, shape: Shape, dtype: DType, weak: boolean, payload: unknown): Tensor =>
  new Tensor(shape, dtype, weak, null, trace, payload);

/** The same value, asked for or not. */
export const withWeak = (t: Tensor, weak: boolean): Tensor => {
  if (t.weak === weak) return t;
  if (t.cell) t.cell.handles++;
  return new Tensor(t.shape, t.dtype, weak, t.cell, t.trace, t.payload);
};
