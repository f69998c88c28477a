import { DomainError, DTypeError, type Shape, ShapeError } from "@ansatz/backend";
import { isTensor, type Tensor } from "../core/tensor";
import type { NestedArray } from "../core/tensor-like";
import { add } from "../ops/arithmetic";
import { select } from "../ops/choice";
import { lt } from "../ops/comparison";
import { fill } from "../ops/fill";
import { asIndices } from "./create";

/**
 * How elements are named, as in NumPy: an integer (negative from the end), a range (`"1:3"`, `"::-1"`, or `{ start, stop, step }`), `"..."` for
 * all axes not named, `null` for a new axis, or integers as an array or tensor ("advanced": picked one by one, together if several).
 */
export type Index = number | string | null | Range | Tensor | NestedArray | Int32Array;
export interface Range {
  readonly start?: number | null;
  readonly stop?: number | null;
  readonly step?: number | null;
}

export type Part =
  | { readonly kind: "new" }
  | {
      readonly kind: "range";
      readonly axis: number;
      readonly start: number;
      readonly count: number;
      readonly step: number;
    }
  | { readonly kind: "integer"; readonly axis: number; readonly at: number }
  | { readonly kind: "advanced"; readonly axis: number; readonly indices: Tensor };

const isRange = (i: Index): i is Range =>
  typeof i === "object" && i !== null && !isTensor(i) && !Array.isArray(i) && !ArrayBuffer.isView(i);

/** The specification with every axis of the operand accounted for, in order. */
export const parseIndex = (caller: string, shape: Shape, spec: readonly Index[]): Part[] => {
  const consumed = spec.filter((i) => i !== null && i !== "..." && i !== "…").length;
  const dots = spec.filter((i) => i === "..." || i === "…").length;
  if (dots > 1) throw new ShapeError(caller, 'takes one "..."', { index: spec });
  if (consumed > shape.length) throw new ShapeError(caller, `names ${consumed} axes of ${shape.length}`, { shape });
  const full = dots === 1 ? spec : [...spec, "..."];
  const parts: Part[] = [];
  let axis = 0;
  for (const i of full) {
    if (i === null) parts.push({ kind: "new" });
    else if (i === "..." || i === "…")
      for (let n = shape.length - consumed; n > 0; n--, axis++)
        parts.push({ kind: "range", axis, start: 0, count: shape[axis], step: 1 });
    else {
      parts.push(onePart(caller, shape, axis, i));
      axis++;
    }
  }
  return parts;
};

const onePart = (caller: string, shape: Shape, axis: number, i: Exclude<Index, null>): Part => {
  const n = shape[axis];
  if (typeof i === "number") return { kind: "integer", axis, at: inside(caller, i, n, axis) };
  if (typeof i === "string") return rangePart(parseRange(caller, i), axis, n, caller);
  if (isRange(i)) return rangePart(i, axis, n, caller);
  if (isTensor(i)) {
    if (i.dtype === "bool")
      throw new DTypeError(
        caller,
        "a mask selects as many elements as it has trues: a shape that depends on data",
        undefined,
        "use await booleanMask(x, mask), or where(mask, x, y)",
      );
    return { kind: "advanced", axis, indices: wrapped(asIndices(i, caller), n) };
  }
  const host = hostIndices(caller, i, n, axis);
  return { kind: "advanced", axis, indices: asIndices(host, caller) };
};

const inside = (caller: string, i: number, n: number, axis: number): number => {
  if (!Number.isInteger(i)) throw new DomainError(caller, "an index must be an integer", { index: i });
  if (i < -n || i >= n) throw new DomainError(caller, `index ${i} is out of range for axis ${axis} of extent ${n}`);
  return i < 0 ? i + n : i;
};
/** Indices known now are checked now; those of tensors are clipped, or dropped in updates. */
const hostIndices = (caller: string, v: NestedArray | Int32Array, n: number, axis: number): NestedArray => {
  const visit = (x: unknown): unknown => {
    if (typeof x === "number") return inside(caller, x, n, axis);
    if (typeof x === "boolean")
      throw new DTypeError(
        caller,
        "masks select a number of elements that depends on data",
        undefined,
        "use await booleanMask(x, mask)",
      );
    return Array.from(x as ArrayLike<unknown>, visit);
  };
  return visit(v) as NestedArray;
};
const wrapped = (i: Tensor, n: number): Tensor => {
  if (i.dtype === "uint32") return i;
  return select(lt(i, fill(0, i)), add(i, fill(n, i)), i);
};

const parseRange = (caller: string, text: string): Range => {
  const fields = text.split(":").map((f) => f.trim());
  const numbers = fields.map((f) => (f === "" ? null : Number(f)));
  if (fields.length < 2 || fields.length > 3 || numbers.some((v) => v !== null && !Number.isInteger(v)))
    throw new DomainError(
      caller,
      `cannot read the range "${text}"`,
      undefined,
      'write "start:stop" or "start:stop:step"',
    );
  const [start, stop, step] = numbers;
  return { start, stop, step };
};

/** Python's rules: bounds from the end if negative, cut to what is there. */
const rangePart = (r: Range, axis: number, n: number, caller: string): Part => {
  const step = r.step ?? 1;
  if (step === 0 || !Number.isInteger(step))
    throw new DomainError(caller, "a step is an integer other than 0", { step });
  const bound = (v: number, low: number, high: number): number => Math.min(high, Math.max(low, v < 0 ? v + n : v));
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1];
  const start = r.start === null || r.start === undefined ? (step > 0 ? 0 : n - 1) : bound(r.start, low, high);
  const stop = r.stop === null || r.stop === undefined ? (step > 0 ? n : -1) : bound(r.stop, low, high);
  return { kind: "range", axis, start, count: Math.max(0, Math.ceil((stop - start) / step)), step };
};
