import { DomainError, type Shape, ShapeError } from "@ansatz/backend";
import { isTensor, type Tensor } from "../core/tensor";
import type { NestedArray } from "../core/tensor-like";

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

/** Integers as an array or tensor. */
export type Many = Exclude<Index, number | string | null | Range>;

const isDots = (i: Index): boolean => i === "..." || i === "…";

/** The specification with every axis of the operand accounted for, in order; `advanced` gives the indices that an array of integers means. */
export const parseIndex = (
  caller: string,
  shape: Shape,
  spec: readonly Index[],
  advanced: (caller: string, i: Many, n: number, axis: number) => Tensor,
): Part[] => {
  const dots = spec.filter(isDots).length;
  const named = spec.filter((i) => i !== null).length - dots;
  if (dots > 1) throw new ShapeError(caller, 'takes one "..."', { index: spec });
  if (named > shape.length) throw new ShapeError(caller, `names ${named} axes of ${shape.length}`, { shape });
  let axis = 0;
  return (dots === 1 ? spec : [...spec, "..."]).flatMap((i): Part | Part[] => {
    if (i === null) return { kind: "new" };
    if (isDots(i))
      return Array.from({ length: shape.length - named }, () => rangePart({}, axis, shape[axis++], caller));
    const n = shape[axis];
    const k = axis++;
    if (typeof i === "number") return { kind: "integer", axis: k, at: inside(caller, i, n, k) };
    if (typeof i === "string") return rangePart(parseRange(caller, i), k, n, caller);
    if (isTensor(i) || Array.isArray(i) || ArrayBuffer.isView(i))
      return { kind: "advanced", axis: k, indices: advanced(caller, i as Many, n, k) };
    return rangePart(i as Range, k, n, caller);
  });
};

/** An integer within an extent, counted from the end if negative. */
export const inside = (caller: string, i: number, n: number, axis: number): number => {
  if (!Number.isInteger(i)) throw new DomainError(caller, "an index must be an integer", { index: i });
  if (i < -n || i >= n) throw new DomainError(caller, `index ${i} is out of range for axis ${axis} of extent ${n}`);
  return i < 0 ? i + n : i;
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
  const start = bound(r.start ?? (step > 0 ? 0 : -1), low, high);
  const stop = typeof r.stop === "number" ? bound(r.stop, low, high) : step > 0 ? n : -1;
  return { kind: "range", axis, start, count: Math.max(0, Math.ceil((stop - start) / step)), step };
};
