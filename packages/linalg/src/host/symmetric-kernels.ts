import { f64, i32, type Local, type ModuleBuilder, v128 } from "@ansatz/backend-wasm/asm";
import { across, plus } from "./emit";

export interface SymmetricKernels {
  /** y += A x for a symmetric A [n, n], of which the upper triangle is read; `step` in bytes. */
  symmetricTimes(n: number, a: number, step: number, x: number, y: number): void;
  /** A ← A - v wᵀ - w vᵀ, the upper triangle of A [n, n]. */
  symmetricDrop(n: number, a: number, step: number, v: number, w: number): void;
}

export const addSymmetricKernels = (m: ModuleBuilder): void => {
  /** Some rows at a time, so that x and y are read once for all of them: y_i gathers along the rows, y_j across them. */
  const strip = (rows: number) =>
    // the places of a's, x's and y's entries of the first row's diagonal; columns from there on
    m.func([i32, i32, i32, i32, i32], [], (f, n, a, step, x, y) => {
      const lines = Array.from({ length: rows }, (_, r) => {
        f.get(a);
        if (r > 0) f.get(step).i32.const(r).i32.mul().i32.add();
        return f.keep(i32);
      });
      const sums = lines.map(() => f.local(v128));
      const single = lines.map((_, r) =>
        f
          .get(x)
          .f64.load(r * 8)
          .keep(f64),
      );
      const factors = single.map((v) => f.get(v).f64x2.splat().keep(v128));
      const totals = lines.map(() => f.f64.const(0).keep(f64));
      // the corner
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < rows; c++) {
          const [i, j] = [Math.min(r, c), Math.max(r, c)];
          f.get(totals[r])
            .get(lines[i])
            .f64.load(j * 8)
            .get(single[c])
            .f64.mul()
            .f64.add()
            .set(totals[r]);
        }
      const at = f.i32.const(rows * 8).keep(i32);
      const end = f.get(n).i32.const(3).i32.shl().keep(i32);
      for (const s of sums) f.f64x2.const(0).set(s);
      const [u, w] = [f.local(v128), f.local(v128)];
      f.block((done) =>
        f.loop((again) => {
          f.get(at).i32.const(16).i32.add().get(end).i32.gt_s().brIf(done);
          plus(f, x, at).v128.load(0, 3).set(u);
          plus(f, y, at);
          plus(f, y, at).v128.load(0, 3);
          lines.forEach((line, r) => {
            plus(f, line, at).v128.load(0, 3).tee(w).get(factors[r]).f64x2.mul().f64x2.add();
            f.get(sums[r]).get(w).get(u).f64x2.mul().f64x2.add().set(sums[r]);
          });
          f.v128.store(0, 3);
          f.inc(at, 16).br(again);
        }),
      );
      f.get(at)
        .get(end)
        .i32.lt_s()
        .if(() => {
          const last = plus(f, x, at).f64.load().keep(f64);
          plus(f, y, at);
          plus(f, y, at).f64.load();
          lines.forEach((line, r) => {
            const v = f.local(f64);
            plus(f, line, at).f64.load().tee(v).get(single[r]).f64.mul().f64.add();
            f.get(totals[r]).get(v).get(last).f64.mul().f64.add().set(totals[r]);
          });
          f.f64.store();
        });
      totals.forEach((t, r) => {
        f.get(y)
          .get(y)
          .f64.load(r * 8)
          .get(t)
          .f64.add();
        f.get(sums[r])
          .f64x2.extract_lane(0)
          .get(sums[r])
          .f64x2.extract_lane(1)
          .f64.add()
          .f64.add()
          .f64.store(r * 8);
      });
    });
  const [four, one] = [strip(4), strip(1)];
  const symmetricTimes = m.func([i32, i32, i32, i32, i32], [], (f, n, a, step, x, y) => {
    const onward = (count: number, run: typeof four) =>
      f.block((done) =>
        f.loop((again) => {
          f.get(n).i32.const(count).i32.lt_s().brIf(done);
          for (const p of [n, a, step, x, y] as Local[]) f.get(p);
          f.call(run);
          f.inc(a, () => f.get(step).i32.const(8).i32.add().i32.const(count).i32.mul());
          f.inc(x, count * 8)
            .inc(y, count * 8)
            .inc(n, -count);
          f.br(again);
        }),
      );
    onward(4, four);
    onward(1, one);
  });
  m.export("symmetricTimes", symmetricTimes);

  const symmetricDrop = m.func([i32, i32, i32, i32, i32], [], (f, n, a, step, v, w) => {
    f.block((done) =>
      f.loop((again) => {
        f.get(n).i32.const(1).i32.lt_s().brIf(done);
        const heads = [v, w].map((p) => f.get(p).f64.load().keep(f64));
        const pairs = heads.map((x) => f.get(x).f64x2.splat().keep(v128));
        across(
          f,
          n,
          2,
          (at) => {
            plus(f, a, at);
            plus(f, a, at).v128.load(0, 3);
            plus(f, w, at).v128.load(0, 3).get(pairs[0]).f64x2.mul().f64x2.sub();
            plus(f, v, at).v128.load(0, 3).get(pairs[1]).f64x2.mul().f64x2.sub().v128.store(0, 3);
          },
          (at) => {
            plus(f, a, at);
            plus(f, a, at).f64.load();
            plus(f, w, at).f64.load().get(heads[0]).f64.mul().f64.sub();
            plus(f, v, at).f64.load().get(heads[1]).f64.mul().f64.sub().f64.store();
          },
        );
        f.inc(a, () => f.get(step).i32.const(8).i32.add());
        f.inc(v, 8).inc(w, 8).inc(n, -1).br(again);
      }),
    );
  });
  m.export("symmetricDrop", symmetricDrop);
};
