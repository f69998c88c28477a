import { type FunctionBuilder, f64, i32, type Local, type ModuleBuilder, v128 } from "@ansatz/backend-wasm/asm";
import { across, plus } from "./emit";

/** Entries moved, not computed. Pointers and steps are in bytes. */
export interface LayoutKernels {
  /** Row j of a [·, n] changes places with row swap[j], for j = 0 … count - 1. */
  swapRows(count: number, a: number, step: number, n: number, swap: number): void;
  /** to [n, rows] = aᵀ for a [rows, n] */
  turned(rows: number, n: number, a: number, step: number, to: number, toStep: number): void;
  /** A ← ½(A + Aᵀ), halved before it is added, so that it cannot overflow. Returns 0, or NaN where an entry is not finite. */
  symmetrised(n: number, a: number): number;
  /** 0, or NaN where one of n entries is not finite. */
  finite(a: number, n: number): number;
}

export const addLayoutKernels = (m: ModuleBuilder): void => {
  const times = (f: FunctionBuilder, i: Local, step: Local) => f.get(i).get(step).i32.mul();

  const swapRows = m.func(new Array(5).fill(i32), [], (f, count, a, step, n, swap) => {
    const j = f.local(i32);
    f.forRange(j, 0, count, 1, () => {
      const other = f.address(swap, j, 2).i32.load().keep(i32);
      f.get(other)
        .get(j)
        .i32.ne()
        .if(() => {
          const [p, q] = [j, other].map((row) => {
            f.get(a);
            return times(f, row, step).i32.add().keep(i32);
          });
          const [u, v] = [f.local(v128), f.local(f64)];
          across(
            f,
            n,
            2,
            (at) => {
              plus(f, p, at).v128.load(0, 3).set(u);
              plus(f, p, at);
              plus(f, q, at).v128.load(0, 3).v128.store(0, 3);
              plus(f, q, at).get(u).v128.store(0, 3);
            },
            (at) => {
              plus(f, p, at).f64.load().set(v);
              plus(f, p, at);
              plus(f, q, at).f64.load().f64.store();
              plus(f, q, at).get(v).f64.store();
            },
          );
        });
    });
  });
  m.export("swapRows", swapRows);

  const turned = m.func(new Array(6).fill(i32), [], (f, rows, n, a, step, to, toStep) => {
    const [i, j, p, q] = [f.local(i32), f.local(i32), f.local(i32), f.local(i32)];
    /** `count` rows of a: as many columns of the transpose, two at a time. */
    const strip = (count: number) => {
      const lines = Array.from({ length: count }, (_, l) => {
        f.get(a);
        if (l > 0) f.get(step).i32.const(l).i32.mul().i32.add();
        return f.keep(i32);
      });
      f.get(to).set(p);
      const pairs = f.get(n).i32.const(-2).i32.and().keep(i32);
      f.forRange(j, 0, pairs, 2, () => {
        f.get(p).get(toStep).i32.add().set(q);
        for (let l = 0; l < count; l += 2) {
          const [x, y] = [l, l + 1].map((k) => (k < count ? f.get(lines[k]).v128.load(0, 3).keep(v128) : undefined));
          if (!x) continue;
          if (y) {
            f.get(p)
              .get(x)
              .get(y)
              .i64x2.shuffle(0, 2)
              .v128.store(l * 8, 3);
            f.get(q)
              .get(x)
              .get(y)
              .i64x2.shuffle(1, 3)
              .v128.store(l * 8, 3);
          } else {
            f.get(p)
              .get(x)
              .f64x2.extract_lane(0)
              .f64.store(l * 8);
            f.get(q)
              .get(x)
              .f64x2.extract_lane(1)
              .f64.store(l * 8);
          }
        }
        for (const line of lines) f.inc(line, 16);
        f.get(q).get(toStep).i32.add().set(p);
      });
      f.get(pairs)
        .get(n)
        .i32.lt_s()
        .if(() =>
          lines.forEach((line, l) =>
            f
              .get(p)
              .get(line)
              .f64.load()
              .f64.store(l * 8),
          ),
        );
      f.inc(a, () => f.get(step).i32.const(count).i32.mul()).inc(to, count * 8);
    };
    const whole = f.get(rows).i32.const(-8).i32.and().keep(i32);
    f.forRange(i, 0, whole, 8, () => strip(8));
    f.forRange(i, whole, rows, 1, () => strip(1));
  });
  m.export("turned", turned);

  const symmetrised = m.func([i32, i32], [f64], (f, n, a) => {
    const [i, j] = [f.local(i32), f.local(i32)];
    const [marker, single] = [f.local(v128), f.local(f64)];
    const step = f.get(n).i32.const(3).i32.shl().keep(i32);
    const half = f.f64x2.const(0.5).keep(v128);
    const none = f.f64x2.const(0).keep(v128);
    const pairs = f.get(n).i32.const(-2).i32.and().keep(i32);
    const place = (row: Local, column: Local) => f.address(() => times(f.get(a), row, step).i32.add(), column, 3);
    f.forRange(i, 0, pairs, 2, () => {
      const right = place(i, i).keep(i32);
      const down = f.get(right).keep(i32);
      f.forRange(j, i, pairs, 2, () => {
        const under = f.get(right).get(step).i32.add().keep(i32);
        const next = f.get(down).get(step).i32.add().keep(i32);
        const [p, q, x, y] = [right, under, down, next].map((at) =>
          f.get(half).get(at).v128.load(0, 3).f64x2.mul().keep(v128),
        );
        const [u, v] = [0, 1].map((lane) =>
          f
            .get(lane ? q : p)
            .get(x)
            .get(y)
            .i64x2.shuffle(lane, lane + 2)
            .f64x2.add()
            .keep(v128),
        );
        f.get(right).get(u).v128.store(0, 3);
        f.get(under).get(v).v128.store(0, 3);
        f.get(down).get(u).get(v).i64x2.shuffle(0, 2).v128.store(0, 3);
        f.get(next).get(u).get(v).i64x2.shuffle(1, 3).v128.store(0, 3);
        f.get(marker).get(u).get(none).f64x2.mul().f64x2.add().get(v).get(none).f64x2.mul().f64x2.add().set(marker);
        f.inc(right, 16).inc(down, () => f.get(step).i32.const(1).i32.shl());
      });
    });
    f.get(pairs)
      .get(n)
      .i32.lt_s()
      .if(() => {
        f.forRange(j, 0, n, 1, () => {
          const [x, y] = [place(pairs, j).keep(i32), place(j, pairs).keep(i32)];
          for (const at of [x, y]) f.f64.const(0.5).get(at).f64.load().f64.mul();
          f.f64.add().set(single);
          for (const at of [x, y]) f.get(at).get(single).f64.store();
          f.get(marker).get(single).f64x2.splat().get(none).f64x2.mul().f64x2.add().set(marker);
        });
      });
    f.get(marker).f64x2.extract_lane(0).get(marker).f64x2.extract_lane(1).f64.add();
  });
  m.export("symmetrised", symmetrised);

  const finite = m.func([i32, i32], [f64], (f, a, n) => {
    const sums = [0, 1, 2, 3].map(() => f.local(v128));
    const none = f.f64x2.const(0).keep(v128);
    const rest = f.local(f64);
    across(
      f,
      n,
      8,
      (at) =>
        sums.forEach((s, k) => {
          plus(f, a, at)
            .v128.load(16 * k, 3)
            .get(none)
            .f64x2.mul()
            .get(s)
            .f64x2.add()
            .set(s);
        }),
      (at) => void plus(f, a, at).f64.load().f64.const(0).f64.mul().get(rest).f64.add().set(rest),
    );
    f.get(sums[0]).get(sums[1]).f64x2.add().get(sums[2]).get(sums[3]).f64x2.add().f64x2.add().set(sums[0]);
    f.get(sums[0]).f64x2.extract_lane(0).get(sums[0]).f64x2.extract_lane(1).f64.add().get(rest).f64.add();
  });
  m.export("finite", finite);
};
