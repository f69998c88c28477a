import { type Aval, type Shape, sizeOf } from "../aval";
import { hostArray, type TypedArray } from "../dtype";
import type { HostValue, Op, Params } from "../op";

/** One op's meaning: host values in, fresh arrays out, one per output aval. */
export type Kernel<P extends Params = Params> = (
  ins: readonly HostValue[],
  params: P,
  outs: readonly Aval[],
) => readonly TypedArray[];

export type Entry = readonly [name: string, kernel: Kernel];

/** Binds a kernel to its op, so that its params are typed by it. */
export const entry = <P extends Params>(op: Op<P>, kernel: Kernel<P>): Entry => [op.name, kernel as unknown as Kernel];

/**
 * The elements as numbers. Keys are bigints at run time; they pass here only through ops that move elements without looking at
 * them, for which the two are alike.
 */
export const elements = (v: HostValue): Float64Array => v.data as Float64Array;

/** A zeroed array for an aval, to be written as numbers: typed arrays round floats and wrap integers on assignment. */
export const fresh = (a: Aval): Float64Array => hostArray(a.dtype, sizeOf(a.shape)) as Float64Array;

/** Flat offsets of every index of `shape` in row-major order, under any strides. */
export const offsets = (shape: Shape, strides: readonly number[], start = 0): Int32Array => {
  let at = Int32Array.of(start);
  for (const [k, d] of shape.entries()) {
    const next = new Int32Array(at.length * d);
    let n = 0;
    for (const o of at) for (let i = 0; i < d; i++) next[n++] = o + i * strides[k];
    at = next;
  }
  return at;
};

/** As offsets, over some of the axes of a tensor. */
export const axisOffsets = (shape: Shape, strides: readonly number[], axes: readonly number[]): Int32Array =>
  offsets(
    axes.map((k) => shape[k]),
    axes.map((k) => strides[k]),
  );

/** out[i] = x[at[i]] */
export const take = (v: HostValue, at: Int32Array, out: Aval): TypedArray => {
  const x = elements(v);
  const y = fresh(out);
  for (let i = 0; i < y.length; i++) y[i] = x[at[i]];
  return y;
};

/** Every axis but those listed, in order. */
export const otherAxes = (shape: Shape, axes: readonly number[]): number[] =>
  [...shape.keys()].filter((k) => !axes.includes(k));
