import { type Callable, type FunctionBuilder, f32, f64, i32, i64, type Local, type ModuleBuilder } from "../asm";
import type { SortKey } from "./sort";

/** Lines of this length and longer are sorted by the digits of their keys. */
export const radixFrom = 1536;
/** A digit; 2¹¹ counters of one digit fit the first cache. */
const digitBits = 11;
const counterBytes = 4 << digitBits;

const digitsOf = (key: SortKey): number => Math.ceil((key === "f64" ? 64 : key === "u8" ? 8 : 32) / digitBits);

/** Bytes of counters, behind the other scratch memory. */
export const radixBytes = (key: SortKey, n: number): number => (n < radixFrom ? 0 : counterBytes * digitsOf(key));

/** Sorting by digits compares unsigned integers: how keys become such, and how they come back. */
export interface Digits {
  /** Replaces the key on the stack by an unsigned integer of the same size; -0 as 0, and every NaN above all else. */
  encode(f: FunctionBuilder): void;
  decode(f: FunctionBuilder): void;
  /** (n, keys, other keys, order, other order, counters) → whether the result lies in the others. `order` is 0 for keys alone. */
  readonly sort: Callable;
}

export function addRadix(m: ModuleBuilder, key: SortKey): Digits {
  const float = key === "f64" || key === "f32";
  const type = key === "f64" ? f64 : key === "f32" ? f32 : i32;
  const int = key === "f64" ? "i64" : "i32";
  const log2 = key === "f64" ? 3 : 2;
  const top = (f: FunctionBuilder) => (int === "i64" ? f.i64.const(-0x8000000000000000n) : f.i32.const(-0x80000000));
  const bits = (f: FunctionBuilder, n: number) => (int === "i64" ? f.i64.const(n) : f.i32.const(n));
  const word = int === "i64" ? i64 : i32;

  const encode = (f: FunctionBuilder): void => {
    if (key === "i32") top(f).i32.xor();
    if (!float) return;
    const x = f.keep(type);
    const ns = key as "f64";
    // adding 0 turns -0 into 0; negative numbers are complemented, positive ones put above them
    f.get(x)[ns].const(0)[ns].add();
    if (int === "i64") f.i64.reinterpret_f64();
    else f.i32.reinterpret_f32();
    const u = f.keep(word);
    bits(f.get(u).get(u), 8 * (1 << log2) - 1)[int].shr_s();
    top(f)[int].or()[int].xor();
    bits(f, 0).get(x).get(x)[ns].ne();
    if (int === "i64") f.i64.extend_i32_u();
    f[int].sub()[int].or();
  };

  const decode = (f: FunctionBuilder): void => {
    if (key === "i32") top(f).i32.xor();
    if (!float) return;
    const u = f.keep(word);
    bits(bits(f.get(u).get(u), -1)[int].xor(), 8 * (1 << log2) - 1)[int].shr_s();
    top(f)[int].or()[int].xor();
    if (int === "i64") f.f64.reinterpret_i64();
    else f.f32.reinterpret_i32();
  };

  const sort = m.func(new Array(6).fill(i32), [i32], (f, n, from, to, order, turned, counters) => {
    const [digit, i, swaps, slot, place, sum, t] = [0, 0, 0, 0, 0, 0, 0].map(() => f.local(i32)) as Local[];
    const [p, q] = [f.local(i32), f.local(i32)];
    const u = f.local(word);
    /** Pushes the address of the counter of a key's digit; `shift` and `base` belong to the digit. */
    const counter = (shift: () => unknown, base: () => unknown) => {
      f.get(u);
      shift();
      f[int].shr_u();
      if (int === "i64") f.i32.wrap_i64();
      f.i32
        .const((1 << digitBits) - 1)
        .i32.and()
        .i32.const(2)
        .i32.shl();
      base();
      f.i32.add();
    };
    f.get(counters)
      .i32.const(0)
      .i32.const(counterBytes * digitsOf(key))
      .memoryFill();
    f.get(from).set(p);
    f.forRange(i, 0, n, 1, () => {
      f.get(p)
        [int].load()
        .set(u)
        .inc(p, 1 << log2);
      for (let d = 0; d < digitsOf(key); d++) {
        counter(
          () => bits(f, d * digitBits),
          () => f.get(counters),
        );
        f.set(slot);
        f.get(slot)
          .get(slot)
          .i32.load(d * counterBytes)
          .i32.const(1)
          .i32.add()
          .i32.store(d * counterBytes);
      }
    });
    f.forRange(digit, 0, digitsOf(key), 1, () => {
      const base = f.get(digit).i32.const(counterBytes).i32.mul().get(counters).i32.add().keep(i32);
      const shift = f.get(digit).i32.const(digitBits).i32.mul();
      if (int === "i64") shift.i64.extend_i32_u();
      const by = f.keep(word);
      const at = () =>
        counter(
          () => f.get(by),
          () => f.get(base),
        );
      // a digit that all keys share moves nothing
      f.get(from)[int].load().set(u);
      at();
      f.i32.load().get(n).i32.ne();
      f.if(() => {
        f.get(to).set(sum);
        f.forRange(i, 0, counterBytes, 4, () => {
          f.get(base).get(i).i32.add().tee(slot).i32.load().set(t);
          f.get(slot).get(sum).i32.store();
          f.address(sum, t, log2).set(sum);
        });
        const pass = (ordered: boolean) => {
          f.get(from).set(p).get(order).set(q);
          f.forRange(i, 0, n, 1, () => {
            f.get(p)
              [int].load()
              .set(u)
              .inc(p, 1 << log2);
            at();
            f.set(slot);
            f.get(slot).i32.load().set(place);
            f.get(slot)
              .get(place)
              .i32.const(1 << log2)
              .i32.add()
              .i32.store();
            f.get(place).get(u)[int].store();
            if (!ordered) return;
            f.get(place).get(to).i32.sub();
            if (log2 === 3) f.i32.const(1).i32.shr_u();
            f.get(turned).i32.add().get(q).i32.load().i32.store().inc(q, 4);
          });
        };
        f.get(order).if(
          () => pass(true),
          () => pass(false),
        );
        f.get(from).set(t).get(to).set(from).get(t).set(to);
        f.get(order).set(t).get(turned).set(order).get(t).set(turned);
        f.get(swaps).i32.const(1).i32.xor().set(swaps);
      });
    });
    f.get(swaps);
  });
  return { encode, decode, sort };
}
