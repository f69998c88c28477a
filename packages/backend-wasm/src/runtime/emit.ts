import { type FunctionBuilder, f64, type Local, v128 } from "../asm";
import { inline } from "./inline";
import type { Formula, Lane, Scope } from "./lanes";

/**
 * Emits an elementary function in place: arguments in locals of the lane's type, the result on the stack. Scalar and vector lanes
 * of one dtype give the same bits.
 */
export function emitMath(f: FunctionBuilder, lane: Lane, of: Formula, args: readonly Local[], scope: Scope): void {
  const { narrow, single = of, short = of } = of.made();
  if (lane === "f64" || lane === "f64x2") inline(f, lane, of, args, scope);
  else if (narrow) inline(f, lane, single, args, scope);
  else if (lane === "f32") {
    const wide = args.map((x) => f.get(x).f64.promote_f32().keep(f64));
    inline(f, "f64", short, wide, scope);
    f.f32.demote_f64();
  } else inHalves(f, args, (wide) => void inline(f, "f64x2", short, wide, scope));
}

/** The formula that is written into loops over such lanes, if it has a form without branches. */
export const quickOf = (lane: "f64x2" | "f32x4", of: Formula): Formula | undefined => {
  const { narrow, single = of, short = of } = of.made();
  const told = lane === "f64x2" ? of : narrow ? single : short;
  return told.made().quickBody && told;
};

/**
 * Emits the form without branches of what `quickOf` gave; lanes that it cannot answer are added to the mask `bad`. For four float32
 * this is done in two halves where the formula works in float64: then the mask is as wide as those, which matters to nobody who asks
 * whether any of it is set.
 */
export function emitQuick(
  f: FunctionBuilder,
  lane: "f64x2" | "f32x4",
  of: Formula,
  quick: Formula,
  args: readonly Local[],
  scope: Scope,
  bad: Local,
): void {
  const one = (width: Lane, xs: readonly Local[]): void => {
    if (inline(f, width, quick, xs, scope, quick.made().quickBody) === 2) f.get(bad).v128.or().set(bad);
  };
  if (lane === "f64x2" || of.made().narrow) one(lane, args);
  else inHalves(f, args, (wide) => one("f64x2", wide));
}

/** Four float32 as two pairs of float64. */
function inHalves(f: FunctionBuilder, args: readonly Local[], emit: (wide: readonly Local[]) => void): void {
  for (const high of [false, true]) {
    const wide = args.map((x) => {
      f.get(x);
      if (high) f.get(x).i64x2.shuffle(1, 1);
      return f.f64x2.promote_low_f32x4().keep(v128);
    });
    emit(wide);
    f.f32x4.demote_f64x2_zero();
  }
  f.i64x2.shuffle(0, 2);
}
