import { DomainError, type DType, DTypeError, isFloat, type Shape, ShapeError, sizeOf } from "@ansatz/backend";
import { hostTensor, isTensor, scalar, type Tensor, withWeak } from "../core/tensor";
import { type TensorLike, toTensor, weakFloat } from "../core/tensor-like";
import { add, div, mul, pow } from "../ops/arithmetic";
import { convert, iota, select } from "../ops/choice";
import { eq, ge } from "../ops/comparison";
import { fill } from "../ops/fill";
import { broadcast, reshape } from "../ops/shape";
import { normalAxis } from "./axes";
import { broadcastShapes, cast, promote, stretch } from "./promotion";

/** What constructors take. Without a dtype the result is weak: a float of the backend's own kind that adapts to its neighbours. */
export interface DTypeOption {
  readonly dtype?: DType;
}

const typeOf = (caller: string, dtype: DType | undefined): { dtype: DType; weak: boolean } => {
  if (dtype === "key") throw new DTypeError(caller, "random keys are not made of numbers", undefined, "use key(seed)");
  return { dtype: dtype ?? weakFloat(), weak: dtype === undefined };
};
const shapeOf = (caller: string, shape: Shape | number): Shape => {
  const s = typeof shape === "number" ? [shape] : shape;
  if (!s.every((d) => Number.isInteger(d) && d >= 0))
    throw new ShapeError(caller, "extents must be nonnegative integers", { shape: s });
  return s;
};

/**
 * A tensor from a number, a rectangular nested array, or a typed array; with `shape` the elements are laid out row by row.
 *
 * @example tensor([[1, 2], [3, 4]])
 * @example tensor(new Float32Array(6), { shape: [2, 3] })
 * @throws {ShapeError} the array is ragged, or does not fill the shape
 */
export const tensor = (value: TensorLike, { dtype, shape }: DTypeOption & { readonly shape?: Shape } = {}): Tensor => {
  const t = toTensor(value, "tensor");
  const typed = dtype === undefined ? t : astype(t, dtype);
  if (shape === undefined) return typed;
  const s = shapeOf("tensor", shape);
  // Host data that nobody has used stays so: a program's reshape would commit it to the backend of now.
  const host = isTensor(value) ? undefined : typed.cell?.host;
  return host && host.length === sizeOf(s) ? hostTensor(host, s, typed.dtype, typed.weak) : reshape(typed, s);
};

/** A tensor over the elements of a typed array (copied). Float64Array gives float64, Uint8Array int32, … */
export const fromTypedArray = (
  data: Exclude<TensorLike, Tensor | number | boolean | readonly unknown[]>,
  shape: Shape = [data.length],
): Tensor => tensor(data as TensorLike, { shape });

/** x in another dtype, and asked for: the result is not weak. Floats truncate and saturate to integers, NaN becomes 0. */
export const astype = (x: TensorLike, dtype: DType): Tensor => {
  const t = toTensor(x, "astype");
  if (dtype === "key" || t.dtype === "key")
    throw new DTypeError(
      "astype",
      "a number is no random key, nor the other way round",
      { from: t.dtype, to: dtype },
      "use key(seed) and keyData(key)",
    );
  return withWeak(convert(t, dtype), false);
};

/** The number `value` in every place. @example full([2, 2], 7) */
export const full = (shape: Shape | number, value: TensorLike, { dtype }: DTypeOption = {}): Tensor => {
  const s = shapeOf("full", shape);
  if (typeof value === "number") {
    const type = typeOf("full", dtype);
    return strengthen(broadcastScalar(cast("full", value, type), s), type.weak);
  }
  const t = toTensor(value, "full");
  return stretch(dtype === undefined ? t : astype(t, dtype), s);
};
const broadcastScalar = (c: Tensor, shape: Shape): Tensor => (shape.length === 0 ? c : broadcast(c, shape, []));
const strengthen = (t: Tensor, weak: boolean): Tensor => withWeak(t, weak && isFloat(t.dtype));

/** Zeros. @example zeros([2, 3], { dtype: "int32" }) */
export const zeros = (shape: Shape | number, options: DTypeOption = {}): Tensor => constant("zeros", shape, 0, options);
/** Ones. */
export const ones = (shape: Shape | number, options: DTypeOption = {}): Tensor => constant("ones", shape, 1, options);
const constant = (caller: string, shape: Shape | number, value: number, { dtype }: DTypeOption): Tensor => {
  const type = typeOf(caller, dtype);
  return strengthen(broadcastScalar(scalar(value, type.dtype), shapeOf(caller, shape)), type.weak);
};

const like = (caller: string, x: TensorLike, value: number, { dtype }: DTypeOption): Tensor => {
  const t = isTensor(x) ? x : toTensor(x, caller);
  const type = dtype === undefined ? t : typeOf(caller, dtype);
  if (type.dtype === "key") throw new DTypeError(caller, "random keys are not made of numbers");
  return strengthen(broadcastScalar(scalar(value, type.dtype), t.shape), type.weak);
};
/** Zeros of x's shape, dtype and weakness. */
export const zerosLike = (x: TensorLike, options: DTypeOption = {}): Tensor => like("zerosLike", x, 0, options);
/** Ones of x's shape, dtype and weakness. */
export const onesLike = (x: TensorLike, options: DTypeOption = {}): Tensor => like("onesLike", x, 1, options);
/** The number `value` in x's shape, dtype and weakness. */
export const fullLike = (x: TensorLike, value: number, options: DTypeOption = {}): Tensor =>
  like("fullLike", x, value, options);

/** 0, 1, …, n - 1 along an axis, exactly, in a dtype. */
export const indices = (shape: Shape, dtype: DType, axis: number): Tensor =>
  iota(shape, dtype, normalAxis("indices", axis, shape.length));

/**
 * start, start + step, … below stop (above it if step < 0): ⌈(stop - start) / step⌉ numbers.
 *
 * @example arange(3) // [0, 1, 2]
 * @example arange(1, 2, 0.25, { dtype: "float32" })
 */
export const arange: {
  (stop: number, options?: DTypeOption): Tensor;
  (start: number, stop: number, options?: DTypeOption): Tensor;
  (start: number, stop: number, step: number, options?: DTypeOption): Tensor;
} = (...args: (number | DTypeOption | undefined)[]): Tensor => {
  const numbers = args.filter((a): a is number => typeof a === "number");
  const options = args.find((a): a is DTypeOption => typeof a === "object") ?? {};
  const [start, stop, step = 1] = numbers.length === 1 ? [0, numbers[0]] : numbers;
  if (step === 0 || !numbers.every(Number.isFinite))
    throw new DomainError("arange", "needs finite bounds and a step other than 0", { start, stop, step });
  const n = Math.max(0, Math.ceil((stop - start) / step));
  const { dtype, weak } = typeOf("arange", options.dtype);
  const i = steps(n, dtype);
  const scaled = step === 1 ? i : mul(i, fill(step, i));
  return strengthen(start === 0 ? scaled : add(scaled, fill(start, i)), weak);
};

/** The counter 0 … n - 1 in a dtype, also where it could not count that far exactly. */
const steps = (n: number, dtype: DType): Tensor =>
  dtype === "bool" || (dtype === "float32" && n > 2 ** 24)
    ? convert(iota([n], "int32", 0), dtype)
    : iota([n], dtype, 0);

/**
 * `count` numbers evenly spaced from start to stop, stop included unless `endpoint` is false. The ends are exact.
 *
 * @example linspace(0, 1, 5) // [0, 0.25, 0.5, 0.75, 1]
 */
export const linspace = (
  start: TensorLike,
  stop: TensorLike,
  count = 50,
  { endpoint = true, dtype }: DTypeOption & { readonly endpoint?: boolean } = {},
): Tensor => {
  if (!Number.isInteger(count) || count < 0)
    throw new DomainError("linspace", "count must be a nonnegative integer", { count });
  const [a0, b0] = promote("linspace", [start, stop], "float");
  const common = broadcastShapes("linspace", a0.shape, b0.shape);
  const [at, bt] = [stretch(a0, common), stretch(b0, common)];
  const shape = [count, ...at.shape];
  const spread = (t: Tensor): Tensor => stretch(t, shape);
  const i = iota(shape, at.dtype, 0);
  const intervals = endpoint ? count - 1 : count;
  // a(1 - t) + b t from both ends, so that both are hit exactly
  const t = div(i, fill(Math.max(1, intervals), i));
  const line = add(mul(spread(at), add(fill(1, i), mul(fill(-1, i), t))), mul(spread(bt), t));
  const exact = endpoint && count > 1 ? select(eq(i, fill(count - 1, i)), spread(bt), line) : line;
  return dtype === undefined ? withWeak(exact, at.weak) : astype(exact, dtype);
};

/** base^linspace(start, stop): numbers evenly spaced on a logarithmic scale. */
export const logspace = (
  start: TensorLike,
  stop: TensorLike,
  count = 50,
  { base = 10, ...options }: DTypeOption & { readonly endpoint?: boolean; readonly base?: number } = {},
): Tensor => {
  const exponents = linspace(start, stop, count, options);
  return pow(fill(base, exponents), exponents);
};

/** Ones on the k-th diagonal of an n × m matrix (k > 0 above the main one), zeros elsewhere. */
export const eye = (n: number, m: number = n, { k = 0, dtype }: DTypeOption & { readonly k?: number } = {}): Tensor => {
  const type = typeOf("eye", dtype);
  const shape = shapeOf("eye", [n, m]);
  if (n === 0 || m === 0) return constant("eye", shape, 0, { dtype });
  const rows = iota(shape, "int32", 0);
  const columns = iota(shape, "int32", 1);
  const on = eq(add(rows, fill(k, rows)), columns);
  return strengthen(convert(on, type.dtype), type.weak);
};

/** Whether row + k ≥ column, for the last two axes of a shape. */
export const lowerMask = (caller: string, shape: Shape, k: number): Tensor => {
  if (shape.length < 2) throw new ShapeError(caller, "needs rank 2 at least", { shape });
  const rows = iota(shape, "int32", shape.length - 2);
  return ge(add(rows, fill(k, rows)), iota(shape, "int32", shape.length - 1));
};
/** x on and below the k-th diagonal of its last two axes, zeros above. */
export const tril = (x: TensorLike, k = 0): Tensor => {
  const t = toTensor(x, "tril");
  return select(lowerMask("tril", t.shape, k), t, fill(0, t));
};
/** x on and above the k-th diagonal of its last two axes, zeros below. */
export const triu = (x: TensorLike, k = 0): Tensor => {
  const t = toTensor(x, "triu");
  return select(lowerMask("triu", t.shape, k - 1), fill(0, t), t);
};

/**
 * Coordinates on a grid: one tensor per axis vector, each of the grid's shape. `indexing: "xy"` (NumPy's default) puts the first vector
 * on axis 1; "ij" on axis 0.
 */
export const meshgrid = (
  vectors: readonly TensorLike[],
  { indexing = "xy" }: { readonly indexing?: "xy" | "ij" } = {},
): Tensor[] => {
  const ts = vectors.map((v) => toTensor(v, "meshgrid"));
  for (const t of ts) if (t.shape.length > 1) throw new ShapeError("meshgrid", "takes vectors", { shape: t.shape });
  const order = ts.map((_, i) => (indexing === "xy" && ts.length > 1 && i < 2 ? 1 - i : i));
  const shape = new Array<number>(ts.length);
  ts.forEach((t, i) => {
    shape[order[i]] = t.size;
  });
  return ts.map((t, i) => broadcast(reshape(t, [t.size]), shape, [order[i]]));
};

/** The one-hot encoding of integer classes: 1 where the new axis (last unless told) has the class's number; out of range all 0. */
export const oneHot = (
  classes: TensorLike,
  count: number,
  { axis = -1, dtype }: DTypeOption & { readonly axis?: number } = {},
): Tensor => {
  const c = asIndices(classes, "oneHot");
  const rank = c.shape.length + 1;
  const k = normalAxis("oneHot", axis, rank);
  const shape = [...c.shape.slice(0, k), count, ...c.shape.slice(k)];
  const places = Array.from({ length: rank - 1 }, (_, i) => (i < k ? i : i + 1));
  const type = typeOf("oneHot", dtype);
  const hit = eq(broadcast(c, shape, places), iota(shape, c.dtype, k));
  return strengthen(convert(hit, type.dtype), type.weak);
};

/**
 * Integers to index with. JavaScript has only floats, so numbers, nested arrays and weak floats are taken as int32 (numbers seen must be
 * integers); a float that somebody asked for is refused.
 */
export const asIndices = (x: TensorLike, caller: string): Tensor => {
  if (typeof x === "number" || (Array.isArray(x) && !isTensor(x))) checkIntegers(x, caller);
  const t = toTensor(x, caller);
  if (t.dtype === "int32" || t.dtype === "uint32") return t;
  if (isFloat(t.dtype) && t.weak) return convert(t, "int32");
  throw new DTypeError(
    caller,
    "indices must be integers",
    { indices: t.dtype },
    t.dtype === "bool"
      ? "masks have shapes that depend on data: use booleanMask(x, mask) or where(mask, x, y)"
      : 'convert with astype(i, "int32")',
  );
};
const checkIntegers = (x: unknown, caller: string): void => {
  if (Array.isArray(x)) for (const v of x) checkIntegers(v, caller);
  else if (typeof x === "number" && !Number.isInteger(x))
    throw new DomainError(caller, "indices must be integers", { index: x });
};
