import {
  DomainError,
  type DType,
  DTypeError,
  isFloat,
  isInteger,
  type Shape,
  ShapeError,
  sameShape,
  showAval,
} from "@ansatz/backend";
import { state } from "../core/state";
import { isTensor, scalar, type Tensor, withWeak } from "../core/tensor";
import { type TensorLike, toTensor, weakFloat } from "../core/tensor-like";
import { convert } from "../ops/choice";
import { broadcast } from "../ops/shape";

/**
 * Promotion, JAX's lattice in one place:
 *
 *   bool < int32, uint32 < float32 < float64      int32 with uint32 is int32      an integer with a float is that float
 *
 * A weak float (JS numbers, nested arrays, `zeros(…)` without dtype) takes the dtype of a strong float beside it; beside integers and bools
 * it stays a weak float. An integer-valued JS number beside an integer tensor takes the tensor's dtype. Where a function needs floats,
 * integers and bools become the weak default float; where it needs numbers, bools become int32.
 */

/** What a function does with its operands. */
export type Need =
  /** any dtype but key */
  | "plain"
  /** numbers: bools count as int32 */
  | "numeric"
  /** floats: integers and bools become the weak default float */
  | "float"
  /** integers and bools only */
  | "bits"
  /** any dtype, keys among themselves */
  | "any";

export interface Typed {
  readonly dtype: DType;
  readonly weak: boolean;
}

/** The dtype in which operands meet. */
export const resultType = (caller: string, xs: readonly TensorLike[], need: Need = "plain"): Typed => {
  let float: DType | null = null;
  let integer: DType | null = null;
  let weak: DType | null = null;
  let number = false;
  let fractional = false;
  let bool = false;
  let keys = 0;
  for (const x of xs) {
    if (typeof x === "number") {
      number = true;
      if (!Number.isInteger(x)) fractional = true;
      continue;
    }
    const { dtype, weak: isWeak } = typed(x);
    if (dtype === "key") keys++;
    else if (dtype === "bool") bool = true;
    else if (isInteger(dtype)) integer = integer === null || integer === dtype ? dtype : "int32";
    else if (isWeak) weak = weak === "float64" ? weak : dtype;
    else float = float === "float64" ? float : dtype;
  }
  if (keys > 0) {
    if (need === "any" && keys === xs.length) return { dtype: "key", weak: false };
    throw new DTypeError(
      caller,
      "random keys are not numbers",
      { operands: xs.map(show) },
      "draw numbers from a key with uniform(key), bits(key), …",
    );
  }
  if (need === "bits") {
    if (float || weak || fractional)
      throw new DTypeError(
        caller,
        "takes integers and bools",
        { operands: xs.map(show) },
        'convert with astype(x, "int32")',
      );
    return { dtype: integer ?? (bool && !number ? "bool" : "int32"), weak: false };
  }
  if (float) return { dtype: float, weak: false };
  if (weak) return { dtype: weak, weak: true };
  if (integer && !fractional && need !== "float") return { dtype: integer, weak: false };
  if (number || integer || need === "float") {
    if (bool && !number && !integer && need !== "float") return { dtype: "bool", weak: false };
    return { dtype: weakFloat(), weak: true };
  }
  return { dtype: need === "numeric" ? "int32" : "bool", weak: false };
};

const typed = (x: TensorLike): Typed => {
  if (isTensor(x)) return x;
  if (typeof x === "boolean") return { dtype: "bool", weak: false };
  return toTensor(x, "tensor");
};
const show = (x: TensorLike): string =>
  isTensor(x) ? showAval(x) : typeof x === "object" ? showAval(toTensor(x, "tensor")) : String(x);

/** One operand in a given dtype. */
export const cast = (caller: string, x: TensorLike, { dtype, weak }: Typed): Tensor => {
  if (typeof x === "number") {
    if (!isFloat(dtype)) fits(caller, x, dtype);
    return scalar(x, dtype);
  }
  const t = toTensor(x, caller);
  if (t.dtype === dtype) return t;
  const c = convert(t, dtype);
  return weak ? withWeak(c, true) : c;
};

const fits = (caller: string, x: number, dtype: DType): void => {
  const [low, high] = dtype === "int32" ? [-(2 ** 31), 2 ** 31 - 1] : dtype === "uint32" ? [0, 2 ** 32 - 1] : [0, 1];
  if (!(x >= low && x <= high && Number.isInteger(x)))
    throw new DomainError(
      caller,
      `${x} is no ${dtype}`,
      undefined,
      "convert the tensor to a wider dtype with astype first",
    );
};

/** Operands in one dtype, each in its own shape. */
export const promote = (caller: string, xs: readonly TensorLike[], need: Need = "plain"): Tensor[] => {
  const ready = xs.map((x) => (typeof x === "number" || isTensor(x) ? x : toTensor(x, caller)));
  const type = resultType(caller, ready, need);
  return ready.map((x) => cast(caller, x, type));
};

/** One operand in a dtype the function takes. */
export const operand = (caller: string, x: TensorLike, need: Need = "plain"): Tensor => {
  if (
    isTensor(x) &&
    x.dtype !== "key" &&
    (isFloat(x.dtype) || (need !== "float" && x.dtype !== "bool")) &&
    need !== "bits"
  )
    return x;
  return promote(caller, [x], need)[0];
};

/** NumPy's broadcasting: aligned at the last axis, extents equal or 1. */
export const broadcastShapes = (caller: string, ...shapes: readonly Shape[]): Shape => {
  if (shapes.length > 0 && shapes.every((s) => sameShape(s, shapes[0]))) return shapes[0];
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  const out = new Array<number>(rank).fill(1);
  for (const s of shapes)
    s.forEach((d, i) => {
      const k = rank - s.length + i;
      if (d === out[k] || d === 1) return;
      if (out[k] !== 1)
        throw new ShapeError(caller, "shapes must broadcast together: extents equal or 1, counted from the last axis", {
          shapes: shapes.map((x) => [...x]),
          axis: k - rank,
        });
      out[k] = d;
    });
  return out;
};
/** x stretched to a shape it broadcasts to. */
export const stretch = (x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape)
    ? x
    : broadcast(
        x,
        shape,
        x.shape.map((_, i) => i + shape.length - x.shape.length),
      );

/** Operands in one dtype and one shape. */
export const unify = (caller: string, xs: readonly TensorLike[], need: Need = "plain"): Tensor[] => {
  const ts = promote(caller, xs, need);
  const shape = broadcastShapes(caller, ...ts.map((t) => t.shape));
  return ts.map((t) => stretch(t, shape));
};

/**
 * Operands for one elementwise op. Outside transforms they keep their shapes: evaluation stretches them inside the op's program, so that
 * no stretched copy is made.
 */
export const meet = (caller: string, xs: readonly TensorLike[], need: Need): Tensor[] => {
  if (state.trace !== null) return unify(caller, xs, need);
  const ts = promote(caller, xs, need);
  if (ts.every((t) => t.shape.length > 0)) broadcastShapes(caller, ...ts.map((t) => t.shape));
  return ts;
};

/** Two operands that already agree need no work. */
export const agree = (x: TensorLike, y: TensorLike): boolean =>
  isTensor(x) && isTensor(y) && x.dtype === y.dtype && sameShape(x.shape, y.shape);
