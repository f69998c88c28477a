import { type FunctionBuilder, f64, type Local, v128 } from "../asm";
import { inline, type Lane, type Scope } from "./lanes";
import { formulas } from "./math";

/** In float32 lanes these compute in float32; all others in float64, rounded at the end. */
const single: readonly string[] = ["exp", "expm1", "log", "log1p", "tanh"];

/** The formula to be used when the result will be rounded to float32. */
const short = (name: string): string => (formulas[`${name}_short`] ? `${name}_short` : name);

const formulaOf = (name: string) => {
  const made = formulas[name];
  if (!made) throw new Error(`runtime: no formula ${name}`);
  return made();
};

/**
 * Emits an elementary function in place: arguments in locals of the lane's type, the result on the stack. Scalar and vector lanes
 * of one dtype give the same bits.
 */
export function emitMath(f: FunctionBuilder, lane: Lane, name: string, args: readonly Local[], scope: Scope): void {
  if (lane === "f64" || lane === "f64x2") inline(f, lane, formulaOf(name), args, scope);
  else if (single.includes(name))
    inline(f, lane, formulaOf(formulas[`${name}_f32`] ? `${name}_f32` : name), args, scope);
  else if (lane === "f32") {
    const wide = args.map((x) => f.get(x).f64.promote_f32().keep(f64));
    inline(f, "f64", formulaOf(short(name)), wide, scope);
    f.f32.demote_f64();
  } else {
    const half = (high: boolean) => {
      const wide = args.map((x) => {
        f.get(x);
        if (high) f.get(x).i64x2.shuffle(1, 1);
        return f.f64x2.promote_low_f32x4().keep(v128);
      });
      inline(f, "f64x2", formulaOf(short(name)), wide, scope);
      f.f32x4.demote_f64x2_zero();
    };
    half(false);
    half(true);
    f.i64x2.shuffle(0, 2);
  }
}
