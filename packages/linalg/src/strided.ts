import { DomainError, ShapeError } from "@ansatz/backend";
import { ravel, type Tensor, type TensorLike, take, tensor, toTensor } from "@ansatz/tensor";

/**
 * How arrays lie in memory: entry (i₁, …, i_k) of an array with strides s stands at offset + Σ i_a s_a. Tensors are row-major and immutable, so whether a
 * result is a view or a copy cannot be seen; these functions are the arithmetic of layouts, and a gather by it.
 */

/**
 * The strides of a row-major array, in elements: the last is 1, each other the product of the extents behind it.
 *
 * @example rowMajorStrides([2, 3, 4]) // [12, 4, 1]
 */
export const rowMajorStrides = (shape: readonly number[]): number[] => {
  const strides = new Array<number>(shape.length).fill(1);
  for (let a = shape.length - 2; a >= 0; a--) strides[a] = strides[a + 1] * Math.max(1, shape[a + 1]);
  return strides;
};

/** Whether an array with these strides lies row-major without gaps; axes of extent 1 may have any stride. */
export const isContiguous = (shape: readonly number[], strides: readonly number[]): boolean => {
  if (shape.length !== strides.length)
    throw new ShapeError("isContiguous", "needs one stride for each axis", { shape, strides });
  const want = rowMajorStrides(shape);
  return shape.includes(0) || shape.every((d, a) => d === 1 || strides[a] === want[a]);
};

export interface Layout {
  readonly shape: readonly number[];
  /** In elements; 0 repeats, negative ones run backwards. */
  readonly strides: readonly number[];
  readonly offset?: number;
}
/**
 * The entries of x (flattened, row-major) in another layout: transposes, windows, diagonals and broadcasts are all such. Differentiable: entries read several
 * times add up.
 *
 * @throws {DomainError} the layout leaves the array
 * @example asStrided([1, 2, 3, 4], { shape: [3, 2], strides: [1, 1] }) // sliding windows [[1, 2], [2, 3], [3, 4]]
 */
export const asStrided = (x: TensorLike, { shape, strides, offset = 0 }: Layout): Tensor => {
  const t = toTensor(x, "asStrided");
  if (shape.length !== strides.length)
    throw new ShapeError("asStrided", "needs one stride for each axis", { shape, strides });
  const size = shape.reduce((a, b) => a * b, 1);
  const far = (pick: (a: number, b: number) => number): number =>
    shape.reduce((sum, d, a) => sum + pick(0, (d - 1) * strides[a]), offset);
  if (size > 0 && !(far(Math.min) >= 0 && far(Math.max) < t.size))
    throw new DomainError("asStrided", "the layout reads outside of the array", {
      shape,
      strides,
      offset,
      size: t.size,
    });
  const places = new Int32Array(size);
  const at = new Array<number>(shape.length).fill(0);
  for (let k = 0, place = offset; k < size; k++) {
    places[k] = place;
    for (let a = shape.length - 1; a >= 0; a--) {
      place += strides[a];
      if (++at[a] < shape[a]) break;
      place -= shape[a] * strides[a];
      at[a] = 0;
    }
  }
  return take(ravel(t), tensor(places, { shape }));
};
