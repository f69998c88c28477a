import { type FunctionBuilder, f64, type Local, v128 } from "../asm";
import { type Formula, inline, type Lane, type Scope } from "./lanes";

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
  } else {
    const half = (high: boolean) => {
      const wide = args.map((x) => {
        f.get(x);
        if (high) f.get(x).i64x2.shuffle(1, 1);
        return f.f64x2.promote_low_f32x4().keep(v128);
      });
      inline(f, "f64x2", short, wide, scope);
      f.f32x4.demote_f64x2_zero();
    };
    half(false);
    half(true);
    f.i64x2.shuffle(0, 2);
  }
}
