import { type Aval, type DType, type Shape, sizeOf, stridesOf } from "@ansatz/backend";
import type { ScalarOp } from "../emit/scalar-op";
import type { Buffer } from "../plan/func";
import type { NestBuilder } from "./nest-builder";
import type { Weight } from "./weight";

/**
 * What a variable of the program is while the program is being lowered: elements already in a buffer, seen through strides, or a
 * recipe for them that whoever reads them may take into their own loop.
 */
export type Value = Stored | Recipe;
export type Recipe = Constant | Pointwise | Coordinate | Remap | Reduced | Computed;

interface Common {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Elements of a buffer: element (i, j, …) is at offset + i·strides[0] + j·strides[1] + … */
export interface Stored extends Common {
  readonly kind: "stored";
  readonly buffer: Buffer;
  readonly strides: readonly number[];
  readonly offset: number;
}

export interface Constant extends Common {
  readonly kind: "constant";
  readonly value: number;
}

/** An op element by element; arguments have the value's shape, or none. */
export interface Pointwise extends Common {
  readonly kind: "pointwise";
  readonly op: ScalarOp;
  readonly args: readonly Value[];
}

/** The int32 index along an axis. */
export interface Coordinate extends Common {
  readonly kind: "coordinate";
  readonly axis: number;
}

/** offset + Σ coefs[i] · index i: an index of an operand in terms of the indices of a result. */
export interface Index {
  readonly offset: number;
  readonly coefs: readonly number[];
}

/** Another order of, or a choice from, the elements of `arg`: its index on each axis is affine in the indices of the result. */
export interface Remap extends Common {
  readonly kind: "remap";
  readonly arg: Value;
  readonly index: readonly Index[];
}

/** Whatever an op can compute at an index: windows, gathers, random words. The op says how. */
export interface Computed extends Common {
  readonly kind: "computed";
  /** The node of the element at an index. */
  read(b: NestBuilder, index: readonly Index[]): number;
  weight(of: (v: Value) => Weight): Weight;
  /** Another recipe that the same work computes: if one is stored, both are, by one loop. */
  twin?: Computed;
}

export interface Reduced extends Common {
  readonly kind: "reduced";
  readonly name: "sum" | "prod" | "max" | "min" | "and" | "or" | "argmax" | "argmin";
  readonly arg: Value;
  readonly axes: readonly number[];
}

export const isContiguous = (v: Stored): boolean => {
  const want = stridesOf(v.shape);
  return v.offset === 0 && v.shape.every((n, i) => n === 1 || v.strides[i] === want[i]);
};

/** The whole of a buffer, in order. */
export const whole = (buffer: Buffer, dtype: DType, shape: Shape): Stored => ({
  kind: "stored",
  dtype,
  shape,
  buffer,
  strides: stridesOf(shape),
  offset: 0,
});

export const constant = (value: number, dtype: DType, shape: Shape = []): Constant => ({
  kind: "constant",
  dtype,
  shape,
  value,
});

export const pointwise = (op: ScalarOp, dtype: DType, shape: Shape, ...args: Value[]): Pointwise => ({
  kind: "pointwise",
  op,
  dtype,
  shape,
  args,
});

/** Unit index of axis k among `rank`. */
export const along = (k: number, rank: number, scale = 1, offset = 0): Index => {
  const coefs = new Array<number>(rank).fill(0);
  coefs[k] = scale;
  return { offset, coefs };
};

/** An affine choice of elements: strides and offset change where they can, else the recipe is kept to be read through the map. */
export const remap = (arg: Value, shape: Shape, index: readonly Index[]): Value => {
  const { dtype } = arg;
  if (arg.kind === "constant") return { ...arg, shape };
  if (arg.kind === "stored") {
    const strides = shape.map((_, d) => index.reduce((s, i, a) => s + i.coefs[d] * arg.strides[a], 0));
    const offset = index.reduce((s, i, a) => s + i.offset * arg.strides[a], arg.offset);
    return { kind: "stored", dtype, shape, buffer: arg.buffer, strides, offset };
  }
  return { kind: "remap", dtype, shape, arg, index };
};

/** Groups of axes of two shapes that hold equal numbers of elements: [from, to, from', to'] each half open. */
const groups = (a: Shape, b: Shape): [number, number, number, number][] => {
  const out: [number, number, number, number][] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const i0 = i;
    const j0 = j;
    let m = i < a.length ? a[i++] : 1;
    let n = j < b.length ? b[j++] : 1;
    while (m !== n)
      if (m < n) m *= a[i++];
      else n *= b[j++];
    out.push([i0, i, j0, j]);
  }
  return out;
};

/**
 * The same elements in row-major order under another shape, without moving any; undefined where that cannot be said with affine
 * indices (the caller then stores the elements first).
 */
export const reshaped = (v: Value, shape: Shape, memo = new Map<Value, Value | undefined>()): Value | undefined => {
  if (memo.has(v)) return memo.get(v);
  const result = reshapedAfresh(v, shape, memo);
  memo.set(v, result);
  return result;
};

const reshapedAfresh = (v: Value, shape: Shape, memo: Map<Value, Value | undefined>): Value | undefined => {
  const { dtype } = v;
  if (v.kind === "constant") return { ...v, shape };
  if (sizeOf(shape) === 0) return constant(0, dtype, shape);
  if (v.kind === "stored") {
    const strides = restrided(v, shape);
    return strides && { kind: "stored", dtype, shape, buffer: v.buffer, strides, offset: v.offset };
  }
  if (v.kind === "pointwise") {
    const args: Value[] = [];
    for (const a of v.args) {
      const r = a.shape.length === 0 && v.shape.length > 0 ? a : reshaped(a, shape, memo);
      if (r === undefined) return undefined;
      args.push(r);
    }
    return { ...v, shape, args };
  }
  // Every old axis must be a product of new ones: then its index is affine in theirs.
  const index: Index[] = [];
  for (const [i0, i1, j0, j1] of groups(v.shape, shape)) {
    let axis = i0;
    for (let i = i0; i < i1; i++) if (v.shape[i] !== 1) axis = i;
    for (let i = i0; i < i1; i++) if (i !== axis && v.shape[i] !== 1) return undefined;
    const strides = stridesOf(shape.slice(j0, j1));
    for (let i = i0; i < i1; i++) {
      const coefs = new Array<number>(shape.length).fill(0);
      if (i === axis) for (let j = j0; j < j1; j++) coefs[j] = strides[j - j0];
      index.push({ offset: 0, coefs });
    }
  }
  return remap(v, shape, index);
};

/** Strides that walk the same elements under another shape, or undefined. */
const restrided = (v: Stored, shape: Shape): number[] | undefined => {
  const out = new Array<number>(shape.length).fill(0);
  for (const [i0, i1, j0, j1] of groups(v.shape, shape)) {
    let stride = 0;
    let reach = 0; // the stride that the next outer axis must have
    for (let i = i1 - 1; i >= i0; i--) {
      if (v.shape[i] === 1) continue;
      if (reach === 0) stride = v.strides[i];
      else if (v.strides[i] !== reach) return undefined;
      reach = v.strides[i] * v.shape[i];
      // A repeated element has stride 0, and so has everything beside it.
      if (reach === 0 && v.shape.slice(i0, i).some((n, k) => n !== 1 && v.strides[i0 + k] !== 0)) return undefined;
    }
    for (let j = j1 - 1; j >= j0; j--) {
      out[j] = stride;
      stride *= shape[j];
    }
  }
  return out;
};

export const without = (shape: Shape, drop: readonly number[]): number[] => shape.filter((_, i) => !drop.includes(i));

/** The abstract value alone of something that is more. */
export const plain = ({ shape, dtype }: Aval): Aval => ({ shape, dtype });
