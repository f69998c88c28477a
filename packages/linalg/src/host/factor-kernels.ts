import {
  type Callable,
  type FunctionBuilder,
  f64,
  i32,
  type Local,
  type ModuleBuilder,
  v128,
} from "@ansatz/backend-wasm/asm";
import { across, plus } from "./emit";

/** Whole small factorizations, each in one call. Pointers and steps are in bytes, and steps may be negative. */
export interface FactorKernels {
  /**
   * X ← L⁻¹ X for a lower triangular L [n, n] in any layout and X [n, k] with contiguous rows. An upper triangular matrix is a lower one read
   * backwards: from its last entry, with negative steps.
   */
  solveRows(
    n: number,
    k: number,
    a: number,
    aRow: number,
    aColumn: number,
    x: number,
    xRow: number,
    unit: number,
    scratch: number,
  ): void;
  /** The upper triangle of A [n, n] becomes U of A = Uᵀ U. Returns 0, or the pivot (from 1) that was not positive. */
  choleskyRows(n: number, a: number, step: number, scratch: number): number;
  /**
   * Elimination with partial pivoting of w columns, given as rows of p [w, n]; swap[j] is the place of pivot j. Returns 0, or the first
   * pivot (from 1) that is zero.
   */
  luPanel(w: number, n: number, p: number, step: number, swap: number): number;
}

/** Rows finished together; what lies before them is one narrow product. */
const group = 4;
/** From so many entries on, a row is multiplied by the reciprocal of its pivot, as BLAS does. */
const wide = 16;

export const addFactorKernels = (
  m: ModuleBuilder,
  { gemmMinus, rowDrop, rankOne }: { readonly [name in "gemmMinus" | "rowDrop" | "rankOne"]: Callable },
): void => {
  const entries = (f: FunctionBuilder, bytes: Local) => f.get(bytes).i32.const(3).i32.shr_s();
  const times = (f: FunctionBuilder, i: Local, step: Local) => f.get(i).get(step).i32.mul();
  const least = (f: FunctionBuilder, bound: number, x: () => void): Local => {
    x();
    const rest = f.keep(i32);
    f.get(rest).i32.const(bound).get(rest).i32.const(bound).i32.lt_s().select();
    return f.keep(i32);
  };

  /** x ← x / pivot */
  const divideRow = m.func([i32, i32, f64], [], (f, x, n, pivot) => {
    const both = (name: "mul" | "div", by: Local) => {
      const pair = f.get(by).f64x2.splat().keep(v128);
      across(
        f,
        n,
        2,
        (at) => {
          plus(f, x, at);
          plus(f, x, at).v128.load(0, 3).get(pair).f64x2[name]().v128.store(0, 3);
        },
        (at) => {
          plus(f, x, at);
          plus(f, x, at).f64.load().get(by).f64[name]().f64.store();
        },
      );
    };
    f.get(n).i32.const(wide).i32.lt_s();
    // the reciprocal of a tiny pivot overflows
    f.get(pivot).f64.abs().f64.const(1e-300).f64.lt().i32.or();
    f.if(
      () => both("div", pivot),
      () => both("mul", f.f64.const(1).get(pivot).f64.div().keep(f64)),
    );
  });

  const solveRows = m.func(new Array(9).fill(i32), [], (f, n, k, a, aRow, aColumn, x, xRow, unit, scratch) => {
    const [j, i] = [f.local(i32), f.local(i32)];
    const backwards = f.get(xRow).i32.const(0).i32.lt_s().keep(i32);
    f.forRange(j, 0, n, group, () => {
      const rows = least(f, group, () => f.get(n).get(j).i32.sub());
      const line = f.get(a).get(j).get(aRow).i32.mul().i32.add().keep(i32);
      const first = f.get(x).get(j).get(xRow).i32.mul().i32.add().keep(i32);
      f.get(j).if(() => {
        // in the order of the memory: of negative steps, from the last line on
        const ordered = (count: Local, base: Local, step: Local): Local => {
          f.get(base);
          f.get(count).i32.const(1).i32.sub();
          times(f, step, backwards).i32.mul().i32.add();
          return f.keep(i32);
        };
        const size = (step: Local) => {
          entries(f, step).i32.const(1);
          f.get(backwards).i32.const(1).i32.shl().i32.sub().i32.mul();
        };
        const left = ordered(rows, ordered(j, line, aColumn), aRow);
        const right = ordered(j, x, xRow);
        const result = ordered(rows, first, xRow);
        f.get(rows).get(k).get(j).get(left);
        size(aRow);
        size(aColumn);
        f.get(right);
        size(xRow);
        f.i32.const(1).get(result);
        size(xRow);
        f.i32.const(1).get(scratch).call(gemmMinus);
      });
      f.get(line).get(j).get(aColumn).i32.mul().i32.add().set(line);
      const to = f.get(first).keep(i32);
      f.forRange(i, 0, rows, 1, () => {
        f.get(i).if(() => f.get(first).get(xRow).get(i).get(k).get(line).get(aColumn).get(to).call(rowDrop));
        f.get(unit)
          .i32.eqz()
          .if(() => {
            f.get(to).get(k).get(line);
            times(f, i, aColumn).i32.add().f64.load().call(divideRow);
          });
        f.inc(to, xRow).inc(line, aRow);
      });
    });
  });
  m.export("solveRows", solveRows);

  const choleskyRows = m.func([i32, i32, i32, i32], [i32], (f, n, a, step, scratch) => {
    const [j, i] = [f.local(i32), f.local(i32)];
    f.forRange(j, 0, n, group, () => {
      const rows = least(f, group, () => f.get(n).get(j).i32.sub());
      const rest = f.get(n).get(j).i32.sub().keep(i32);
      const top = f.address(a, j, 3).keep(i32);
      const at = f.get(top).get(j).get(step).i32.mul().i32.add().keep(i32);
      f.get(j).if(() => {
        f.get(rows).get(rest).get(j).get(top).i32.const(1);
        entries(f, step).get(top);
        entries(f, step).i32.const(1).get(at);
        entries(f, step).i32.const(1).get(scratch).call(gemmMinus);
      });
      f.forRange(i, 0, rows, 1, () => {
        const pivot = f.get(at).f64.load().keep(f64);
        // NaN is not positive either
        f.get(pivot)
          .f64.const(0)
          .f64.gt()
          .i32.eqz()
          .if(() => void f.get(i).get(j).i32.add().i32.const(1).i32.add().return());
        f.get(pivot).f64.sqrt().set(pivot).get(at).get(pivot).f64.store();
        const right = f.get(at).i32.const(8).i32.add().keep(i32);
        f.inc(rest, -1);
        f.get(right).get(rest).get(pivot).call(divideRow);
        const below = f.get(right).get(step).i32.add().keep(i32);
        f.get(below).get(step).get(rows).get(i).i32.sub().i32.const(1).i32.sub().get(rest);
        f.get(right).i32.const(8).get(right).call(rankOne);
        f.get(below).set(at);
      });
    });
    f.i32.const(0);
  });
  m.export("choleskyRows", choleskyRows);

  /** The index of the first of the largest |x|, 0 where all are NaN. */
  const largestAt = m.func([i32, i32], [i32], (f, x, n) => {
    const [at, end] = [f.local(i32), f.get(n).i32.const(3).i32.shl().keep(i32)];
    const best = [0, 1, 2, 3].map(() => f.local(v128));
    for (const v of best) f.f64x2.const(0).set(v);
    const [top, value] = [f.local(f64), f.local(f64)];
    const raise = () => f.get(value).get(top).get(value).get(top).f64.gt().select().set(top);
    across(
      f,
      n,
      8,
      (at) =>
        best.forEach((v, k) => {
          f.get(v);
          plus(f, x, at)
            .v128.load(16 * k, 3)
            .f64x2.abs()
            .f64x2.pmax()
            .set(v);
        }),
      (at) => {
        plus(f, x, at).f64.load().f64.abs().set(value);
        raise();
      },
    );
    for (const v of best)
      for (const lane of [0, 1]) {
        f.get(v).f64x2.extract_lane(lane).set(value);
        raise();
      }
    const all = f.get(top).f64x2.splat().keep(v128);
    f.block((found) => {
      f.i32.const(0).set(at);
      f.block((done) =>
        f.loop((again) => {
          f.get(at).i32.const(16).i32.add().get(end).i32.gt_s().brIf(done);
          plus(f, x, at).v128.load(0, 3).f64x2.abs().get(all).f64x2.eq().v128.any_true().brIf(found);
          f.inc(at, 16).br(again);
        }),
      );
    });
    // one of these two, or of the last one
    f.block((found) => {
      f.block((done) =>
        f.loop((again) => {
          f.get(at).get(end).i32.ge_s().brIf(done);
          plus(f, x, at).f64.load().f64.abs().get(top).f64.eq().brIf(found);
          f.inc(at, 8).br(again);
        }),
      );
      f.i32.const(0).set(at);
    });
    f.get(at).i32.const(3).i32.shr_u();
  });

  const luPanel = m.func(new Array(5).fill(i32), [i32], (f, w, n, p, step, swap) => {
    const [j, c, zero] = [f.local(i32), f.local(i32), f.local(i32)];
    const held = f.local(f64);
    f.forRange(j, 0, w, 1, () => {
      const at = f.address(() => f.get(p).get(j).get(step).i32.mul().i32.add(), j, 3).keep(i32);
      const rest = f.get(n).get(j).i32.sub().keep(i32);
      const best = f.get(at).get(rest).call(largestAt).keep(i32);
      f.address(swap, j, 2).get(best).get(j).i32.add().i32.store();
      f.get(best).if(() => {
        const x = f.address(p, j, 3).keep(i32);
        const y = f.address(x, best, 3).keep(i32);
        f.forRange(c, 0, w, 1, () => {
          f.get(x).f64.load().set(held);
          f.get(x).get(y).f64.load().f64.store();
          f.get(y).get(held).f64.store();
          f.inc(x, step).inc(y, step);
        });
      });
      const pivot = f.get(at).f64.load().keep(f64);
      f.inc(rest, -1);
      f.get(pivot)
        .f64.const(0)
        .f64.eq()
        .if(
          () => {
            f.get(zero)
              .i32.eqz()
              .if(() => f.get(j).i32.const(1).i32.add().set(zero));
          },
          () => {
            const below = f.get(at).i32.const(8).i32.add().keep(i32);
            f.get(below).get(rest).get(pivot).call(divideRow);
            const next = f.get(at).get(step).i32.add().keep(i32);
            f.get(next).i32.const(8).i32.add().get(step).get(w).get(j).i32.sub().i32.const(1).i32.sub().get(rest);
            f.get(next).get(step).get(below).call(rankOne);
          },
        );
    });
    f.get(zero);
  });
  m.export("luPanel", luPanel);
};
