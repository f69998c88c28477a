import type { DType, Shape, TypedArray } from "@ansatz/backend";
import { hostArray, ShapeError, sizeOf } from "@ansatz/backend";
import type { Index } from "../functions/index-spec";
import * as m from "../functions/methods";
import { toDisplay, toText } from "../print/print";
import { Cell } from "./cell";
import { disposeTensor, readAsync, readItem, readNested, readNow } from "./read";
import type { TensorLike } from "./tensor-like";
import type { Trace } from "./trace";

export const tensorSymbol: unique symbol = Symbol.for("@ansatz/tensor/tensor") as never;
const disposeSymbol: typeof Symbol.dispose = Symbol.dispose ?? (Symbol.for("Symbol.dispose") as never);
const inspect: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;

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

  /** this + y. */
  add(y: TensorLike): Tensor {
    return m.add(this, y);
  }
  /** this - y. */
  sub(y: TensorLike): Tensor {
    return m.sub(this, y);
  }
  /** this · y, element by element. */
  mul(y: TensorLike): Tensor {
    return m.mul(this, y);
  }
  /** this / y. */
  div(y: TensorLike): Tensor {
    return m.div(this, y);
  }
  /** -this. */
  neg(): Tensor {
    return m.neg(this);
  }
  /** Σ over axes. */
  sum(axis?: m.AxisArgument, options?: m.ReduceOptions): Tensor {
    return m.sum(this, axis, options);
  }
  /** The mean over axes. */
  mean(axis?: m.AxisArgument, options?: m.ReduceOptions): Tensor {
    return m.mean(this, axis, options);
  }
  /** The largest over axes. */
  max(axis?: m.AxisArgument, options?: m.ReduceOptions): Tensor {
    return m.max(this, axis, options);
  }
  /** The smallest over axes. */
  min(axis?: m.AxisArgument, options?: m.ReduceOptions): Tensor {
    return m.min(this, axis, options);
  }
  /** The same elements in another shape; one extent may be -1. */
  reshape(shape: Shape | number): Tensor {
    return m.reshape(this, shape);
  }
  /** Axes reordered, or reversed. */
  transpose(axes?: readonly number[]): Tensor {
    return m.transpose(this, axes);
  }
  /** Axes reversed. */
  get T(): Tensor {
    return m.transpose(this);
  }
  /** Elements by integers and ranges, as NumPy; arrays of integers: `index`. @example x.at(0), x.at("1:", null), x.at("...", -1) */
  at(...spec: readonly Index[]): Tensor {
    return m.at(this, spec);
  }
  /** In another dtype, asked for. */
  astype(dtype: DType): Tensor {
    return m.astype(this, dtype);
  }
  /** The slices along the first axis, so that `const [k1, k2] = split(key)`. */
  *[Symbol.iterator](): IterableIterator<Tensor> {
    if (this.shape.length === 0)
      throw new ShapeError("Tensor", "a scalar has no slices to iterate", undefined, "use item()");
    for (let i = 0; i < this.shape[0]; i++) yield m.at(this, [i]);
  }

  /** The elements in aligned columns, as NumPy prints them. */
  toString(): string {
    return toText(this);
  }
  [inspect](): string {
    return toDisplay(this);
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
