import { type Callable, f64, i64, type ModuleBuilder } from "../asm";
import type { Helper } from "./lanes";

/**
 * C's fmod, exact: long division of the mantissas, eleven bits of quotient at a time (the remainder stays below 2⁵³, so 64 bits hold
 * eleven more).
 */
function addFmod(m: ModuleBuilder): Callable {
  return m.func([f64, f64], [f64], (f, x, y) => {
    const [ea, ma, eb, mb, step] = [f.local(i64), f.local(i64), f.local(i64), f.local(i64), f.local(i64)];
    // trivial and invalid cases first: |x| < |y| is x itself; y = 0, x = ±∞, NaN give NaN
    f.get(x)
      .f64.abs()
      .get(y)
      .f64.abs()
      .f64.lt()
      .if(() => f.get(x).return());
    f.get(y).f64.const(0).f64.eq().get(x).get(x).f64.sub().f64.const(0).f64.ne().i32.or();
    f.get(y)
      .get(y)
      .f64.ne()
      .i32.or()
      .if(() => f.f64.const(Number.NaN).return());
    // |v| = mantissa · 2^(exponent - 1075), mantissas below 2⁵³ (a subnormal has exponent 1)
    for (const [v, e, mantissa] of [
      [x, ea, ma],
      [y, eb, mb],
    ] as const) {
      f.get(v)
        .i64.reinterpret_f64()
        .i64.const(0x7fffffffffffffffn)
        .i64.and()
        .tee(mantissa)
        .i64.const(52)
        .i64.shr_u()
        .set(e);
      f.get(mantissa).i64.const(0xfffffffffffffn).i64.and().set(mantissa);
      f.get(e)
        .i64.eqz()
        .if(
          () => f.i64.const(1).set(e),
          () => f.get(mantissa).i64.const(0x10000000000000n).i64.or().set(mantissa),
        );
    }
    f.get(ma).get(mb).i64.rem_u().set(ma);
    f.block((done) =>
      f.loop((again) => {
        f.get(ea).get(eb).i64.eq().brIf(done);
        f.get(ea).get(eb).i64.sub().tee(step).i64.const(11).get(step).i64.const(11).i64.lt_s().select().set(step);
        f.get(ma).get(step).i64.shl().get(mb).i64.rem_u().set(ma);
        f.get(ea).get(step).i64.sub().set(ea).br(again);
      }),
    );
    // ma · 2^(eb - 1075) in two exact steps
    f.get(ma)
      .f64.convert_i64_u()
      .f64.const(2 ** -52)
      .f64.mul();
    f.get(eb).i64.const(52).i64.shl().f64.reinterpret_i64().f64.mul().get(x).f64.copysign();
  });
}

export const fmod: Helper = { name: "fmod", params: [f64, f64], results: [f64], add: addFmod };
