import { type DType, hostArray, type Shape, sizeOf, stridesOf, type TypedArray } from "@ansatz/backend";
import { hostTensor, type Tensor } from "../core/tensor";

/** Plain arrays for tests: the oracle is written on these, with loops. */
export interface Plain {
  readonly shape: Shape;
  readonly data: number[];
}

export const plainOf = (t: Tensor): Plain => ({
  shape: t.shape,
  data: Array.from(t.dataSync() as ArrayLike<number>, Number),
});

export const tensorOf = (p: Plain, dtype: DType = "float64"): Tensor => {
  const data = hostArray(dtype, p.data.length);
  p.data.forEach((v, i) => {
    (data as Float64Array)[i] = v;
  });
  return hostTensor(data as TypedArray, p.shape, dtype);
};

/** Every index of a shape, row-major. */
export const indicesOf = (shape: Shape): number[][] =>
  shape.reduce<number[][]>((all, n) => all.flatMap((o) => Array.from({ length: n }, (_, i) => [...o, i])), [[]]);

export const at = (p: Plain, index: readonly number[]): number => {
  const s = stridesOf(p.shape);
  return p.data[index.reduce((n, i, k) => n + i * s[k], 0)];
};

export const build = (shape: Shape, f: (index: number[]) => number): Plain => ({
  shape,
  data: indicesOf(shape).map(f),
});

/** Deterministic numbers: a small linear congruential generator, for test data only. */
export const generator = (seed: number): (() => number) => {
  let s = (seed * 2654435761 + 12345) >>> 0;
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return s / 2 ** 32;
  };
};

export const randomPlain = (shape: Shape, next: () => number, low = -1, high = 1): Plain => ({
  shape,
  data: Array.from({ length: sizeOf(shape) }, () => low + (high - low) * next()),
});
