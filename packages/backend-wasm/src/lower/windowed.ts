import { and, belowUnsigned, divUnsigned, eq, lt, remUnsigned, select } from "../emit/ops";
import type { Dynamic } from "../nest/ir";
import { combine, type NestBuilder } from "./nest-builder";
import type { Computed, Index, Stored, Value } from "./value";

/** A choice of elements as Remap, but indices are divided by `divisors` and may miss (out of range, or not divisible). */
export interface Windows extends Pick<Value, "dtype" | "shape"> {
  readonly arg: Stored;
  readonly index: readonly Index[];
  readonly divisors: readonly number[];
  /** Axes that can miss. */
  readonly checked: readonly boolean[];
  /** The value where they miss. */
  readonly fill: number;
}

export const windowed = (w: Windows): Computed => ({
  kind: "computed",
  dtype: w.dtype,
  shape: w.shape,
  read: (b, index) => read(b, w, index),
  weight: () => ({ work: 2 * w.arg.shape.length, nodes: 1 + 4 * w.arg.shape.length, loads: 1 }),
});

const read = (b: NestBuilder, w: Windows, index: readonly Index[]): number => {
  const dynamic: Dynamic[] = [];
  const plain: Index[] = [];
  let guard = -1;
  w.arg.shape.forEach((extent, a) => {
    const position = combine(w.index[a].coefs, index, w.index[a].offset);
    const d = w.divisors[a];
    if (w.checked[a] || d !== 1) {
      let p = b.index(position);
      let ok: number | undefined;
      if (d !== 1) {
        const by = b.size(d);
        ok = b.op(eq, "bool", b.op(remUnsigned, "int32", p, by), b.constant(0, "int32"));
        p = b.op(divUnsigned, "int32", p, by);
      }
      // A position below zero is a huge unsigned one.
      const inside = b.op(belowUnsigned, "bool", tested(b, position, d, p), b.size(extent));
      ok = ok === undefined ? inside : b.op(and, "bool", ok, inside);
      guard = guard < 0 ? ok : b.op(and, "bool", guard, ok);
      if (d !== 1) {
        dynamic.push({ node: p, stride: w.arg.strides[a] });
        plain.push({ offset: 0, coefs: [] });
        return;
      }
    }
    plain.push(position);
  });
  return b.load(w.arg, plain, dynamic, guard, guard < 0 ? -1 : b.constant(w.fill, w.dtype));
};

/** The quotient whose range is tested: negative positions must stay out of range after the unsigned division. */
const tested = (b: NestBuilder, position: Index, divisor: number, quotient: number): number => {
  if (divisor === 1) return quotient;
  const negative = b.op(lt, "bool", b.index(position), b.constant(0, "int32"));
  return b.op(select, "int32", negative, b.constant(-1, "int32"), quotient);
};
