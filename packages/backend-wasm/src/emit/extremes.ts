import type { DType } from "@ansatz/backend";
import { type FunctionBuilder, type Local, v128 } from "../asm";

/**
 * The largest or least of many floats by pseudo-max and -min, one instruction each where the IEEE ones, which carry NaN and order the zeros,
 * are seven in a chain. What they miss is gathered beside: a mask of NaN, and the signs. If the largest is a zero, everything else is zero
 * or negative, so it is +0 unless all signs are set; the least is -0 if any is.
 */
export type Extreme = "max" | "min";

export interface Beside {
  readonly nan: Local;
  /** The conjunction of all that came for max, the disjunction for min. */
  readonly signs: Local;
}

export const openBeside = (f: FunctionBuilder, kind: Extreme): Beside => ({
  nan: f.i32x4.const(0).keep(v128),
  signs: f.i32x4.const(kind === "max" ? -1 : 0).keep(v128),
});

const floats = (f: FunctionBuilder, d: DType): FunctionBuilder["f64x2"] =>
  (d === "float64" ? f.f64x2 : f.f32x4) as never;

/** Of two registers on the stack; the first comes through if the second is NaN. */
export const pseudo = (f: FunctionBuilder, kind: Extreme, d: DType): void =>
  void floats(f, d)[kind === "max" ? "pmax" : "pmin"]();

export const takeExtreme = (
  f: FunctionBuilder,
  kind: Extreme,
  d: DType,
  acc: Local,
  { nan, signs }: Beside,
  x: Local,
): void => {
  f.get(acc).get(x);
  pseudo(f, kind, d);
  f.set(acc).get(x).get(x);
  floats(f, d).ne();
  f.get(nan).v128.or().set(nan).get(signs).get(x);
  f.v128[kind === "max" ? "and" : "or"]().set(signs);
};

/** acc becomes what the IEEE instruction would have come to, lane by lane. */
export const closeExtreme = (f: FunctionBuilder, d: DType, acc: Local, { nan, signs }: Beside): void => {
  f.get(signs);
  if (d === "float64") f.f64x2.const(-0);
  else f.f32x4.const(-0);
  f.v128.and().get(acc).get(acc);
  if (d === "float64") f.f64x2.const(0);
  else f.f32x4.const(0);
  floats(f, d).eq();
  f.v128.bitselect().get(nan).v128.or().set(acc);
};
