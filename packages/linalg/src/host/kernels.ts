import { addGemm } from "@ansatz/backend-wasm";
import { f64, i32, ModuleBuilder, v128 } from "@ansatz/backend-wasm/asm";
import { across, plus } from "./emit";
import { addFactorKernels, type FactorKernels } from "./factor-kernels";
import { addLayoutKernels, type LayoutKernels } from "./layout-kernels";

/** What the module of `memory.ts` exports; pointers and steps are in bytes, but for `gemm`, whose strides are in entries. */
export interface Kernels extends FactorKernels, LayoutKernels {
  /** y_i = Σ_j a_ij x_j */
  rowDots(a: number, step: number, rows: number, n: number, x: number, y: number): void;
  /** y_j += Σ_i u_i a_ij, u's entries `uStep` bytes apart */
  rowSum(a: number, step: number, rows: number, n: number, u: number, uStep: number, y: number): void;
  /** y_j -= Σ_i u_i a_ij */
  rowDrop(a: number, step: number, rows: number, n: number, u: number, uStep: number, y: number): void;
  /** a_ij -= u_i y_j */
  rankOne(a: number, step: number, rows: number, n: number, u: number, uStep: number, y: number): void;
  /** rows p, q, r, `step` bytes apart, each less its multiple of s = p + y q + z r: tau s, ty s, tz s */
  turnRows(p: number, step: number, n: number, tau: number, y: number, z: number, ty: number, tz: number): void;
  /** The packed product of the runtime: C = A B, or C += A B. */
  readonly gemm: Gemm;
  /** C -= A B, or C = -A B. */
  readonly gemmMinus: Gemm;
}
type Gemm = (
  m: number,
  n: number,
  k: number,
  a: number,
  aRow: number,
  aColumn: number,
  b: number,
  bRow: number,
  bColumn: number,
  c: number,
  cRow: number,
  accumulate: number,
  scratch: number,
) => void;

/** The inner loops of the factorizations in SIMD, over an imported memory. */
export const buildKernels = (): Uint8Array => {
  const m = new ModuleBuilder();
  m.importMemory("env", "memory", { min: 1 });
  // four rows at a time, so that x is read once for four of them
  const rowDotsF = m.func([i32, i32, i32, i32, i32, i32], [], (f, a, step, rows, n, x, y) => {
    const i = f.local(i32);
    const group = (count: number): void => {
      const chains = Math.max(2, 4 / count);
      const bases = Array.from({ length: count }, () => {
        const base = f.get(a).keep(i32);
        f.inc(a, step);
        return base;
      });
      const sums = bases.map(() => Array.from({ length: chains }, () => f.local(v128)));
      const rest = bases.map(() => f.local(f64));
      for (const s of sums.flat()) f.f64x2.const(0).set(s);
      for (const r of rest) f.f64.const(0).set(r);
      const [vector, scalar] = [f.local(v128), f.local(f64)];
      across(
        f,
        n,
        2 * chains,
        (at) => {
          for (let c = 0; c < chains; c++) {
            plus(f, x, at)
              .v128.load(16 * c, 3)
              .set(vector);
            bases.forEach((base, r) => {
              plus(f, base, at).v128.load(16 * c, 3);
              f.get(vector).f64x2.mul().get(sums[r][c]).f64x2.add().set(sums[r][c]);
            });
          }
        },
        (at) => {
          plus(f, x, at).f64.load().set(scalar);
          bases.forEach((base, r) => {
            plus(f, base, at).f64.load().get(scalar).f64.mul().get(rest[r]).f64.add().set(rest[r]);
          });
        },
      );
      bases.forEach((_, r) => {
        const [s, ...others] = sums[r];
        for (const o of others) f.get(s).get(o).f64x2.add().set(s);
        f.get(y).get(s).f64x2.extract_lane(0).get(s).f64x2.extract_lane(1).f64.add();
        f.get(rest[r])
          .f64.add()
          .f64.store(8 * r);
      });
      f.inc(y, 8 * count);
    };
    const whole = f.get(rows).i32.const(-4).i32.and().keep(i32);
    f.forRange(i, 0, whole, 4, () => group(4));
    f.forRange(i, whole, rows, 1, () => group(1));
  });
  m.export("rowDots", rowDotsF);

  // four rows at a time, so that y is read and written once for four of them
  const rowCombination = (sign: "add" | "sub") =>
    m.func([i32, i32, i32, i32, i32, i32, i32], [], (f, a, step, rows, n, u, uStep, y) => {
      const i = f.local(i32);
      const group = (count: number): void => {
        const factors = Array.from({ length: count }, () => f.local(v128));
        const single = Array.from({ length: count }, () => f.local(f64));
        const bases = Array.from({ length: count }, () => f.local(i32));
        factors.forEach((v, k) => {
          f.get(u).f64.load().tee(single[k]).f64x2.splat().set(v);
          f.get(a).set(bases[k]);
          f.inc(u, uStep).inc(a, step);
        });
        across(
          f,
          n,
          4,
          (at) => {
            for (const half of [0, 16]) {
              plus(f, y, at);
              plus(f, y, at).v128.load(half, 3);
              bases.forEach((b, k) => {
                plus(f, b, at).v128.load(half, 3);
                f.get(factors[k]).f64x2.mul().f64x2[sign]();
              });
              f.v128.store(half, 3);
            }
          },
          (at) => {
            plus(f, y, at);
            plus(f, y, at).f64.load();
            bases.forEach((b, k) => {
              plus(f, b, at).f64.load();
              f.get(single[k]).f64.mul().f64[sign]();
            });
            f.f64.store();
          },
        );
      };
      const whole = f.get(rows).i32.const(-4).i32.and().keep(i32);
      f.forRange(i, 0, whole, 4, () => group(4));
      f.forRange(i, whole, rows, 1, () => group(1));
    });
  m.export("rowSum", rowCombination("add"));
  const rowDropF = rowCombination("sub");
  m.export("rowDrop", rowDropF);

  const rankOneF = m.func([i32, i32, i32, i32, i32, i32, i32], [], (f, a, step, rows, n, u, uStep, y) => {
    const i = f.local(i32);
    f.forRange(i, 0, rows, 1, () => {
      const factor = f.local(v128);
      const single = f.local(f64);
      f.get(u).f64.load().tee(single).f64x2.splat().set(factor);
      across(
        f,
        n,
        4,
        (at) => {
          for (const half of [0, 16]) {
            plus(f, a, at);
            plus(f, a, at).v128.load(half, 3);
            plus(f, y, at).v128.load(half, 3);
            f.get(factor).f64x2.mul().f64x2.sub().v128.store(half, 3);
          }
        },
        (at) => {
          plus(f, a, at);
          plus(f, a, at).f64.load();
          plus(f, y, at).f64.load();
          f.get(single).f64.mul().f64.sub().f64.store();
        },
      );
      f.inc(a, step).inc(u, uStep);
    });
  });
  m.export("rankOne", rankOneF);

  const turnRowsF = m.func([i32, i32, i32, f64, f64, f64, f64, f64], [], (f, p, step, n, ...factors) => {
    const [tau, y, z, ty, tz] = factors.map((x) => f.get(x).f64x2.splat().keep(v128));
    const q = f.get(p).get(step).i32.add().keep(i32);
    const r = f.get(q).get(step).i32.add().keep(i32);
    const rows = [p, q, r];
    across(
      f,
      n,
      2,
      (at) => {
        const [a, b, c] = rows.map((row) => plus(f, row, at).v128.load(0, 3).keep(v128));
        f.get(a).get(y).get(b).f64x2.mul().f64x2.add().get(z).get(c).f64x2.mul().f64x2.add();
        const sum = f.keep(v128);
        for (const [row, value, factor] of [
          [p, a, tau],
          [q, b, ty],
          [r, c, tz],
        ] as const) {
          plus(f, row, at);
          f.get(value).get(factor).get(sum).f64x2.mul().f64x2.sub().v128.store(0, 3);
        }
      },
      (at) => {
        const [a, b, c] = rows.map((row) => plus(f, row, at).f64.load().keep(f64));
        f.get(a).get(factors[1]).get(b).f64.mul().f64.add().get(factors[2]).get(c).f64.mul().f64.add();
        const sum = f.keep(f64);
        for (const [row, value, factor] of [
          [p, a, factors[0]],
          [q, b, factors[3]],
          [r, c, factors[4]],
        ] as const) {
          plus(f, row, at);
          f.get(value).get(factor).get(sum).f64.mul().f64.sub().f64.store();
        }
      },
    );
  });
  m.export("turnRows", turnRowsF);
  m.export("gemm", addGemm(m, "f64"));
  const gemmMinus = addGemm(m, "f64", { minus: true });
  m.export("gemmMinus", gemmMinus);
  addLayoutKernels(m);
  addFactorKernels(m, { gemmMinus, rowDrop: rowDropF, rankOne: rankOneF });
  return m.finish();
};
