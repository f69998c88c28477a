import { type DType, DTypeError, dtypeOf, hostArray, ShapeError, type TypedArray } from "@ansatz/backend";
import { currentBackend } from "./backends";
import { hostTensor, isTensor, type Tensor } from "./tensor";

/** Numbers or booleans in nested arrays. */
export type NestedArray = readonly (number | boolean | NestedArray)[];
/** What stands for one tensor wherever a tensor is taken. Nested arrays must be rectangular. */
export type TensorLike =
  | Tensor
  | number
  | boolean
  | NestedArray
  | TypedArray
  | Int8Array
  | Int16Array
  | Uint8Array
  | Uint16Array;

/** A tensor from whatever stands for one. Numbers and nested arrays are weak: stored in the backend's own float. */
export const toTensor = (x: TensorLike, caller: string): Tensor => {
  if (typeof x === "number") return hostTensor(floats1(x), [], weakFloat(), true);
  if (isTensor(x)) return x;
  if (typeof x === "boolean") return hostTensor(Uint8Array.of(x ? 1 : 0), [], "bool");
  if (Array.isArray(x)) return fromNested(x, caller);
  if (ArrayBuffer.isView(x)) return fromTyped(x, caller);
  throw new DTypeError(caller, "expects a tensor, a number, or a rectangular nested array of numbers", {
    seen: nameOf(x),
  });
};

/** The dtype in which values of no asked-for dtype are stored. */
export const weakFloat = (): "float64" | "float32" => currentBackend().can.float;

/** `of` and `from` take three times as long. */
const floats1 = (x: number): TypedArray => {
  const one = weakFloat() === "float64" ? new Float64Array(1) : new Float32Array(1);
  one[0] = x;
  return one;
};

const fromNested = (x: NestedArray, caller: string): Tensor => {
  const shape: number[] = [];
  let at: unknown = x;
  while (Array.isArray(at)) {
    shape.push(at.length);
    at = at[0];
  }
  const bool = typeof at === "boolean";
  const dtype: DType = bool ? "bool" : weakFloat();
  const data = hostArray(
    dtype,
    shape.reduce((n, d) => n * d, 1),
  ) as Float64Array;
  let next = 0;
  const fill = (v: unknown, axis: number, path: string): void => {
    if (axis === shape.length) {
      if (typeof v !== (bool ? "boolean" : "number"))
        throw new DTypeError(
          caller,
          `nested arrays hold ${bool ? "booleans" : "numbers"} only`,
          { [`at ${path}`]: nameOf(v) },
          isTensor(v) ? "join tensors with stack()" : undefined,
        );
      data[next++] = v as number;
      return;
    }
    if (!Array.isArray(v) || v.length !== shape[axis])
      throw new ShapeError(caller, "nested arrays must be rectangular", {
        [`at ${path}`]: Array.isArray(v) ? `${v.length} entries` : nameOf(v),
        expected: `${shape[axis]} entries`,
      });
    for (let i = 0; i < v.length; i++) fill(v[i], axis + 1, `${path}[${i}]`);
  };
  fill(x, 0, "");
  return hostTensor(data, shape, dtype, !bool);
};

const fromTyped = (x: ArrayBufferView, caller: string): Tensor => {
  if (
    x instanceof Uint8Array ||
    x instanceof Int8Array ||
    x instanceof Int16Array ||
    x instanceof Uint16Array ||
    x instanceof Uint8ClampedArray
  )
    return hostTensor(Int32Array.from(x), [x.length], "int32");
  const dtype = dtypeOf(x);
  if (dtype === undefined || dtype === "key")
    throw new DTypeError(
      caller,
      "64-bit integers and views of other kinds have no dtype here",
      { seen: nameOf(x) },
      "convert to Int32Array or Float64Array first",
    );
  const data = (x as TypedArray).slice() as TypedArray;
  return hostTensor(data, [data.length], dtype);
};

export const nameOf = (x: unknown): string => {
  if (isTensor(x)) return `Tensor [${x.shape.join(", ")}]`;
  if (x === null || typeof x !== "object")
    return typeof x === "string" ? JSON.stringify(x) : typeof x === "function" ? "a function" : String(x);
  if (Array.isArray(x)) return `an array of ${x.length}`;
  return x.constructor?.name === "Object" ? "a record" : (x.constructor?.name ?? "an object");
};
