import { type Callable, f64, i32, i64, type ModuleBuilder } from "../asm";
import type { Helper } from "./lanes";

/** 2/π in 32-bit words after two words of zeros, enough for the largest float64. */
function twoOverPi(words: number): Uint32Array {
  // Machin: π/4 = 4 atan(1/5) - atan(1/239), in fixed point
  const bits = BigInt(32 * words + 64);
  const one = 1n << bits;
  const arctan = (k: bigint): bigint => {
    let term = one / k;
    let sum = 0n;
    for (let n = 1n, sign = 1n; term > 0n; n += 2n, sign = -sign) {
      sum += (sign * term) / n;
      term /= k * k;
    }
    return sum;
  };
  const quarter = 4n * arctan(5n) - arctan(239n);
  const ratio = (one * one) / (2n * quarter);
  return Uint32Array.from({ length: words + 2 }, (_, i) =>
    i < 2 ? 0 : Number((ratio >> (bits - BigInt(32 * (i - 1)))) & 0xffffffffn),
  );
}

export const farTableBytes = 4 * 42;

/**
 * Reduction of an angle of any size (Payne and Hanek): returns n mod 4, y, l with x = n·π/2 + y + l.
 *
 * x = m·2ᵉ with whole m. Of the product m·(2/π)·2ᵉ only the part modulo 4 matters, so the words of 2/π whose contribution is a
 * multiple of 4 are skipped, seven more are multiplied exactly, and the rest is below 2⁻¹³⁰.
 */
function addFarReduction(m: ModuleBuilder, table: number): Callable {
  m.data(table, new Uint8Array(twoOverPi(40).buffer));
  const limbs = 7;
  return m.func([f64], [f64, f64, f64], (f, x) => {
    const [bits, m0, m1, carry, t, hi, mid] = [0, 0, 0, 0, 0, 0, 0].map(() => f.local(i64)) as never as FixedLocals;
    const [e, at] = [f.local(i32), f.local(i32)];
    const low = 0xffffffff;
    f.get(x).i64.reinterpret_f64().tee(bits).i64.const(low).i64.and().set(m0);
    f.get(bits).i64.const(32).i64.shr_u().i64.const(0xfffff).i64.and().i64.const(0x100000).i64.or().set(m1);
    // exponent, with the 64 zero bits of the table; |x| below 2⁻⁵ never needs this function, its result is not used
    f.get(bits)
      .i64.const(52)
      .i64.shr_u()
      .i32.wrap_i64()
      .i32.const(0x7ff)
      .i32.and()
      .i32.const(1075 - 64)
      .i32.sub()
      .set(e);
    f.get(e)
      .i32.const(2)
      .i32.lt_s()
      .if(() => f.i32.const(2).set(e));
    f.get(e).i32.const(2).i32.sub().i32.const(5).i32.shr_u().i32.const(2).i32.shl().set(at);
    // the product, lowest limb first: limb k is m0·w[k] + m1·w[k - 1] + carry, words counted from the last
    const limb = [...Array(limbs)].map(() => f.local(i64));
    for (let k = 0; k < limbs; k++) {
      const word = (i: number) => f.get(at).i64.load32_u(table + 4 * (limbs - 1 - i));
      f.get(m0);
      word(k).i64.mul().get(carry).i64.add().set(t);
      f.get(t).i64.const(32).i64.shr_u().set(carry);
      f.get(t).i64.const(low).i64.and();
      if (k > 0) {
        f.get(m1);
        word(k - 1)
          .i64.mul()
          .i64.add();
      }
      f.tee(t)
        .i64.const(low)
        .i64.and()
        .set(limb[k] as never);
      f.get(carry).get(t).i64.const(32).i64.shr_u().i64.add().set(carry);
    }
    // shift so that the two whole bits are on top: by s - 2 in [0, 31], s = e - 32·skipped
    const s = f.local(i64);
    f.get(e).get(at).i32.const(3).i32.shl().i32.sub().i32.const(2).i32.sub().i64.extend_i32_u().set(s);
    const shifted = (a: number) => {
      // 64 bits from limbs a, a-1, a-2
      f.get(limb[a] as never)
        .i64.const(32)
        .i64.shl()
        .get(limb[a - 1] as never)
        .i64.or()
        .get(s)
        .i64.shl();
      f.get(limb[a - 2] as never)
        .get(s)
        .i64.shl()
        .i64.const(32)
        .i64.shr_u()
        .i64.or();
    };
    shifted(6);
    f.set(hi);
    shifted(4);
    f.set(mid);
    // n: the two top bits, rounded by the next; the signed fraction in units of 2⁻⁶⁴ turn quarters: hi, then mid below it
    f.get(hi).i64.const(62).i64.shr_u().get(hi).i64.const(61).i64.shr_u().i64.const(1).i64.and().i64.add().set(carry);
    f.get(hi).i64.const(2).i64.shl().get(mid).i64.const(62).i64.shr_u().i64.or().set(hi);
    f.get(mid).i64.const(2).i64.shl().set(mid);
    const [a, b, y0, y1] = [f.local(f64), f.local(f64), f.local(f64), f.local(f64)];
    const twoTo = (k: number) => f.f64.const(2 ** k).f64.mul();
    f.get(hi).i64.const(-0x100000000).i64.and().f64.convert_i64_s();
    twoTo(-64).set(a);
    f.get(hi).i64.const(low).i64.and().f64.convert_i64_u();
    twoTo(-64);
    f.get(mid).f64.convert_i64_u();
    twoTo(-128).f64.add().set(b);
    // y0 + y1 = a + b, then times π/2 = p + q, with Dekker's exact product of y0 and p
    f.get(a).get(b).f64.add().tee(y0).get(a).f64.sub().set(y1);
    f.get(b).get(y1).f64.sub().set(y1);
    const [p, q] = [1.5707963267948966, 6.123233995736766e-17];
    const split = 134217729;
    const ph = p * split - (p * split - p);
    const pl = p - ph;
    const [yh, yl, h] = [f.local(f64), f.local(f64), f.local(f64)];
    f.get(y0).f64.const(split).f64.mul().tee(h).get(h).get(y0).f64.sub().f64.sub().set(yh);
    f.get(y0).get(yh).f64.sub().set(yl);
    f.get(y0).f64.const(p).f64.mul().set(h);
    f.get(yh).f64.const(ph).f64.mul().get(h).f64.sub().get(yh).f64.const(pl).f64.mul().f64.add();
    f.get(yl).f64.const(ph).f64.mul().f64.add().get(yl).f64.const(pl).f64.mul().f64.add();
    f.get(y0).f64.const(q).f64.mul().f64.add().get(y1).f64.const(p).f64.mul().f64.add().set(yl);
    // the sign of x; ∞ and NaN become NaN by x - x
    const sign = f.local(f64);
    f.f64.const(1).get(x).f64.copysign().set(sign);
    f.get(h).get(yl).f64.add().set(y0);
    f.get(carry).f64.convert_i64_s().get(sign).f64.mul();
    f.get(y0).get(sign).f64.mul().get(x).get(x).f64.sub().f64.add();
    f.get(h).get(y0).f64.sub().get(yl).f64.add().get(sign).f64.mul();
  });
}

type FixedLocals = [I64, I64, I64, I64, I64, I64, I64];
type I64 = import("../asm").Local;

export const reduceFar: Helper = { name: "reduceFar", params: [f64], results: [f64, f64, f64], add: addFarReduction };
