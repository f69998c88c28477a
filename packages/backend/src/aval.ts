import type { DType } from "./dtype";
import { bytesPer } from "./dtype";

/** Extents of the axes, outermost first; [] is a scalar. */
export type Shape = readonly number[];

/** An abstract value: all that is known of a tensor at trace time. */
export interface Aval {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** An abstract value from its parts. */
export const aval = (shape: Shape, dtype: DType): Aval => ({ shape, dtype });

/** Number of elements; 1 for rank 0. */
export const sizeOf = (shape: Shape): number => {
  let n = 1;
  for (const d of shape) n *= d;
  return n;
};

/** Bytes of its elements, without any padding. */
export const byteSize = (a: Aval): number => sizeOf(a.shape) * bytesPer[a.dtype];

/** Row-major strides, in elements. */
export const stridesOf = (shape: Shape): number[] => {
  const s = new Array<number>(shape.length);
  let n = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    s[i] = n;
    n *= shape[i];
  }
  return s;
};

/** Whether two shapes are equal, axis by axis. */
export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i]);
/** Whether shapes and dtypes are equal. */
export const sameAval = (a: Aval, b: Aval): boolean => a.dtype === b.dtype && sameShape(a.shape, b.shape);

/** `float32[2, 3]` */
export const showAval = (a: Aval): string => `${a.dtype}[${a.shape.join(", ")}]`;
