import {
  type Callable,
  type FunctionBuilder,
  f32,
  f64,
  i32,
  type Local,
  type ModuleBuilder,
  type ValType,
} from "../asm";
import { addRadix, radixBytes, radixFrom } from "./radix";

/** A type of keys: how it lies in memory, and as what it is compared. */
interface Keys {
  readonly name: SortKey;
  readonly type: ValType;
  /** Bytes of an element of the operand; in scratch memory it has the size of `type`. */
  readonly bytes: number;
}

export type SortKey = "f64" | "f32" | "i32" | "u32" | "u8";

const kinds: readonly Keys[] = [
  { name: "f64", type: f64, bytes: 8 },
  { name: "f32", type: f32, bytes: 4 },
  { name: "i32", type: i32, bytes: 4 },
  { name: "u32", type: i32, bytes: 4 },
  { name: "u8", type: i32, bytes: 1 },
];

export const sortKeys: readonly SortKey[] = ["f64", "f32", "i32", "u32", "u8"];

/** Runs of this length are sorted by insertion, then merged. */
const run = 8;

/** Bytes of scratch memory for a line of n keys; align it to 16. */
export function sortScratchBytes(key: SortKey, n: number): number {
  return n * (key === "f64" ? 8 : 4) * 2 + n * 4 + 32 + radixBytes(key, n);
}

function emitSort(m: ModuleBuilder, keys: Keys, indexed: boolean): Callable {
  const { type, name } = keys;
  const ns = type === f64 ? "f64" : type === f32 ? "f32" : "i32";
  const log2 = type === f64 ? 3 : 2;
  const size = 1 << log2;

  /** Pushes whether y must come before x, which lies earlier: y < x, or x is NaN and y is not. Equal keys stay as they are. */
  const before = (f: FunctionBuilder, y: Local, x: Local) => {
    if (type === i32) f.get(y).get(x).i32[name === "i32" ? "lt_s" : "lt_u"]();
    else f.get(x).get(y)[ns as "f64"].le().i32.eqz().get(y).get(y)[ns as "f64"].eq().i32.and();
  };
  const loadOperand = (f: FunctionBuilder) => (name === "u8" ? f.i32.load8_u() : f[ns].load());

  /** Sorts runs of eight by insertion, in place; `order` (when not 0) is permuted alike. */
  const insertion = () =>
    m.func([i32, i32, i32], [], (f, n, at, order) => {
      const [i, start, j, t] = [f.local(i32), f.local(i32), f.local(i32), f.local(i32)];
      const [key, other] = [f.local(type), f.local(type)];
      f.forRange(i, 1, n, 1, () => {
        f.get(i).i32.const(-run).i32.and().set(start);
        f.get(i).set(j);
        f.address(at, i, log2)[ns].load().set(key);
        if (indexed) f.address(order, i, 2).i32.load().set(t);
        f.block((placed) =>
          f.loop((again) => {
            f.get(j).get(start).i32.eq().brIf(placed);
            f.address(at, j, log2).i32.const(size).i32.sub()[ns].load().set(other);
            before(f, key, other);
            f.i32.eqz().brIf(placed);
            f.address(at, j, log2).get(other)[ns].store();
            if (indexed) f.address(order, j, 2).address(order, j, 2).i32.const(4).i32.sub().i32.load().i32.store();
            f.inc(j, -1).br(again);
          }),
        );
        f.address(at, j, log2).get(key)[ns].store();
        if (indexed) f.address(order, j, 2).get(t).i32.store();
      });
    });

  /** Merges [i, mid) and [mid, end) of `from` into the same places of `to`. */
  const merge = () =>
    m.func([i32, i32, i32, i32, i32, i32, i32], [], (f, i, mid, end, from, to, order, turned) => {
      const [j, p, q, stop1, stop2, take] = [0, 0, 0, 0, 0, 0].map(() => f.local(i32)) as [
        Local,
        Local,
        Local,
        Local,
        Local,
        Local,
      ];
      const [x, y] = [f.local(type), f.local(type)];
      const [op, oq, mask] = [f.local(i32), f.local(i32), f.local(i32)];
      f.address(from, i, log2).set(p).address(from, mid, log2).tee(q).set(stop1).address(from, end, log2).set(stop2);
      if (indexed) f.address(order, i, 2).set(op).address(order, mid, 2).set(oq).address(turned, i, 2).set(turned);
      f.address(to, i, log2).set(to);
      f.get(mid).set(j);
      // copies [p, stop) of the keys, and of the order, to where the output stands
      const rest = (at: Local, stop: Local, orderAt: Local) => {
        f.get(to).get(at).get(stop).get(at).i32.sub().memoryCopy();
        if (indexed)
          f.get(turned)
            .get(orderAt)
            .get(stop)
            .get(at)
            .i32.sub()
            .i32.const(log2 - 2)
            .i32.shr_u()
            .memoryCopy();
      };
      // already in order, as sorted inputs are everywhere
      f.get(mid)
        .get(end)
        .i32.lt_s()
        .if(() => {
          f.get(q).i32.const(size).i32.sub()[ns].load().set(x).get(q)[ns].load().set(y);
          before(f, y, x);
          f.if(() => {
            f.loop((again) => {
              f.get(p)[ns].load().set(x).get(q)[ns].load().set(y);
              before(f, y, x);
              f.set(take);
              // no branch on the comparison, which cannot be predicted: masks choose (select may become a branch)
              f.i32.const(0).get(take).i32.sub().set(mask);
              const chosen = (a: Local, b: Local) => f.get(a).get(b).get(a).i32.xor().get(mask).i32.and().i32.xor();
              const advance = (at: Local, bytes: number, other: boolean) => {
                f.get(at).get(mask);
                if (other) f.i32.const(-1).i32.xor();
                f.i32.const(bytes).i32.and().i32.add().set(at);
              };
              f.get(to);
              chosen(p, q)[ns].load()[ns].store().inc(to, size);
              if (indexed) {
                f.get(turned);
                chosen(op, oq).i32.load().i32.store().inc(turned, 4);
                advance(oq, 4, false);
                advance(op, 4, true);
              }
              advance(q, size, false);
              advance(p, size, true);
              f.get(p).get(stop1).i32.lt_u().get(q).get(stop2).i32.lt_u().i32.and().brIf(again);
            });
            f.get(p)
              .get(stop1)
              .i32.lt_u()
              .if(
                () => rest(p, stop1, op),
                () => rest(q, stop2, oq),
              );
            f.return();
          });
        });
      rest(p, stop2, op);
    });

  /** Merges runs until one is left; returns 1 if the result ended in the second buffers. */
  const sorted = () => {
    const [insert, mergeRuns] = [insertion(), merge()];
    return m.func([i32, i32, i32, i32, i32], [i32], (f, n, from, to, order, turned) => {
      const [width, i, t, swaps] = [f.local(i32), f.local(i32), f.local(i32), f.local(i32)];
      const least = (x: () => void) => {
        x();
        f.get(n);
        x();
        f.get(n).i32.lt_s().select();
      };
      f.get(n).get(from).get(order).call(insert);
      f.i32.const(run).set(width);
      f.block((done) =>
        f.loop((again) => {
          f.get(width).get(n).i32.ge_s().brIf(done);
          f.forRange(
            i,
            0,
            n,
            () => f.get(width).i32.const(1).i32.shl(),
            () => {
              f.get(i);
              least(() => f.get(i).get(width).i32.add());
              least(() => f.get(i).get(width).i32.const(1).i32.shl().i32.add());
              f.get(from).get(to).get(order).get(turned).call(mergeRuns);
            },
          );
          f.get(from).set(t).get(to).set(from).get(t).set(to);
          f.get(order).set(t).get(turned).set(order).get(t).set(turned);
          f.get(swaps).i32.const(1).i32.xor().set(swaps);
          f.get(width).i32.const(1).i32.shl().set(width).br(again);
        }),
      );
      f.get(swaps);
    });
  };
  const runs = sorted();
  const digits = addRadix(m, name);
  const int = type === f64 ? "i64" : "i32";
  const isFloat = type !== i32;
  const float = ns as "f64";
  const isLong = (f: FunctionBuilder, n: Local) => f.get(n).i32.const(radixFrom).i32.ge_s();

  if (!indexed) {
    // n, source, stride, destination, stride, scratch
    return m.func([i32, i32, i32, i32, i32, i32], [], (f, n, source, step, to, toStep, scratch) => {
      const i = f.local(i32);
      const second = f.address(scratch, n, log2).keep(i32);
      for (const s of [step, toStep]) f.get(s).i32.const(keys.bytes).i32.mul().set(s);
      const each = (body: () => void) => f.forRange(i, 0, n, 1, body);
      const storeResult = () => {
        if (name === "u8") f.i32.store8();
        else f[ns].store();
        f.inc(to, toStep);
      };
      isLong(f, n);
      f.if(() => {
        const [from, x] = [f.get(source).keep(i32), f.local(type)];
        const [zeros, below, signed] = [f.local(i32), f.local(i32), f.local(i32)];
        each(() => {
          loadOperand(f.address(scratch, i, log2).get(from)).inc(from, step);
          if (isFloat) {
            // the keys forget the signs of zeros: whether there are any, and where zeros will stand
            f.tee(x).get(x)[float].const(0)[float].lt().get(below).i32.add().set(below).get(x);
            if (int === "i64") f.i64.reinterpret_f64().i64.const(-0x8000000000000000n).i64.eq();
            else f.i32.reinterpret_f32().i32.const(-0x80000000).i32.eq();
            f.get(signed).i32.or().set(signed);
          }
          digits.encode(f);
          f[int].store();
        });
        f.get(n).get(scratch).get(second).i32.const(0).i32.const(0).address(second, n, log2).call(digits.sort);
        f.if(() => f.get(second).get(scratch).set(second).set(scratch));
        f.get(signed).if(() => {
          each(() => {
            loadOperand(f.get(source)).set(x).inc(source, step);
            f.get(x)[float].const(0)[float].eq();
            f.if(() => f.address(second, zeros, log2).get(x)[ns].store().inc(zeros, 1));
          });
        });
        const zerosAt = f.get(below).get(toStep).i32.mul().get(to).i32.add().keep(i32);
        each(() => {
          f.get(to).address(scratch, i, log2)[int].load();
          digits.decode(f);
          storeResult();
        });
        f.get(zerosAt).set(to);
        f.forRange(i, 0, zeros, 1, () => {
          f.get(to).address(second, i, log2)[ns].load();
          storeResult();
        });
        f.return();
      });
      each(() => {
        loadOperand(f.address(scratch, i, log2).get(source))
          [ns].store()
          .inc(source, step);
      });
      f.get(n).get(scratch).get(second).i32.const(0).i32.const(0).call(runs);
      f.if(() => f.get(second).set(scratch));
      each(() => {
        f.get(to).address(scratch, i, log2)[ns].load();
        storeResult();
      });
    });
  }
  // n, source, stride, order int32[n], fresh, scratch
  return m.func([i32, i32, i32, i32, i32, i32], [], (f, n, source, step, order, fresh, scratch) => {
    const [i, at] = [f.local(i32), f.local(i32)];
    const second = f.address(scratch, n, log2).keep(i32);
    const turned = f.address(second, n, log2).keep(i32);
    f.get(step).i32.const(keys.bytes).i32.mul().set(step);
    const load = (long: boolean) =>
      f.forRange(i, 0, n, 1, () => {
        f.get(fresh).if(() => f.address(order, i, 2).get(i).i32.store());
        f.get(source).address(order, i, 2).i32.load().get(step).i32.mul().i32.add().set(at);
        loadOperand(f.address(scratch, i, log2).get(at));
        if (long) {
          digits.encode(f);
          f[int].store();
        } else f[ns].store();
      });
    isLong(f, n).if(
      () => {
        load(true);
        f.get(n).get(scratch).get(second).get(order).get(turned).address(turned, n, 2).call(digits.sort);
      },
      () => {
        load(false);
        f.get(n).get(scratch).get(second).get(order).get(turned).call(runs);
      },
      i32,
    );
    f.if(() => f.get(order).get(turned).get(n).i32.const(2).i32.shl().memoryCopy());
  });
}

/**
 * Stable sorts of one strided line, by merging or, when it is long, by the digits of its keys: `sort_T` gives the values, `argsort_T` the order, either from scratch (`fresh`) or refining the
 * permutation it finds, so that sorting by the last key first sorts by several. NaN comes last; -0 and 0 are equal.
 */
export function addSort(m: ModuleBuilder, key: string, indexed: boolean): Callable {
  return emitSort(m, kinds.find((k) => k.name === key) as Keys, indexed);
}
