import {
  type Callable,
  type FunctionBuilder,
  f32,
  f64,
  i32,
  type Local,
  type ModuleBuilder,
  type Operand,
} from "../asm";
import { depth, type Element, elementOf, packedRows } from "./gemm-element";
import { addKernels } from "./gemm-kernels";
import { addPackLines, lineBlock, packedStride, smallBytes } from "./gemm-pack";

/** Columns of B packed at a time: with `depth` rows of them, a quarter of a megabyte, which stays in the second cache. */
const blockColumns = (e: Element): number => 1024 >> e.log2;
/** Bytes for the tile of the last columns, and for packed rows of A. */
const tileBytes = 6 * 32;
const rowsBytes = 6 * depth * 16;

/** Bytes of scratch memory that `gemm_f32` or `gemm_f64` may use for a product [m, k] · [k, n]; align it to 16. */
export function gemmScratchBytes(type: "f32" | "f64", m: number, n: number, k: number): number {
  const e = elementOf(type, false);
  const panels = Math.ceil(Math.min(n, blockColumns(e)) / e.width);
  const packed = (panels * e.width * Math.min(k, depth)) << e.log2;
  const lines = ((Math.min(n, e.width) + 4) * Math.min(k, lineBlock)) << e.log2;
  // narrow results of a transposed A are made transposed: up to `width` rows of a block, and its own packing
  const turned =
    n < e.width ? ((e.width * (Math.min(m, blockColumns(e)) + e.width)) << e.log2) + ((e.width * depth) << e.log2) : 0;
  return tileBytes + rowsBytes + Math.max(packed, lines) + turned + 64;
}

/**
 * C[m, n] = D + A·B, where D is what `accumulate` says: 0 for nothing, 1 for C itself, else the address of n numbers that every row
 * begins with (a bias). A and B have any strides (in elements), C has contiguous rows `cRow` elements apart and overlaps neither
 * operand nor bias. B with row stride `packedStride` is what `gemm_pack` made of it; the result has the same bits. Sums run in blocks of
 * 256 along k, each in order; NaN and ∞ propagate.
 *
 *     gemm(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, accumulate, scratch)
 */
function addProduct(module: ModuleBuilder, e: Element): Callable {
  const kernels = addKernels(module, e);
  const size = 1 << e.log2;
  const type = e.name === "f32" ? f32 : f64;
  const times = (f: FunctionBuilder, x: Operand, y: Operand) => f.push(x).push(y).i32.mul();
  const least = (f: FunctionBuilder, x: Operand, y: Operand) => f.push(x).push(y).push(x).push(y).i32.lt_s().select();
  /** for (i = 0; i < n; i += step) */
  const blocks = (f: FunctionBuilder, n: Operand, step: number, body: (i: Local) => void) => {
    const i = f.local(i32);
    f.forRange(i, 0, n, step, () => body(i));
  };
  /** d advanced by some bytes, unless it is 0. */
  const onward = (f: FunctionBuilder, d: Local, bytes: Operand) =>
    f.get(d).push(bytes).i32.add().i32.const(0).get(d).select();

  /** C[i, j] = D[i, j] + T[i, j] for a small T; steps in bytes. */
  const spill = module.func(
    // rows, columns, t, row step, column step, c, row step, d, row step
    new Array(9).fill(i32),
    [],
    (f, rows, columns, t, tRow, tColumn, c, cRow, d, dRow) => {
      blocks(f, rows, 1, (i) =>
        blocks(f, columns, 1, (j) => {
          const [at, x] = [f.local(i32), f.local(type)];
          f.get(j).i32.const(e.log2).i32.shl().set(at);
          times(f.get(t), i, tRow).i32.add();
          times(f, j, tColumn).i32.add()[e.name].load().set(x);
          f.get(d).if(() => {
            times(f.get(d).get(at).i32.add(), i, dRow).i32.add()[e.name].load();
            f.get(x)[e.name].add().set(x);
          });
          times(f.get(c).get(at).i32.add(), i, cRow).i32.add().get(x)[e.name].store();
        }),
      );
    },
  );

  const packLines = addPackLines(module, e);

  // The packed, blocked product; steps in bytes.
  const blocked = module.func(
    // `ready`: B is packed already
    new Array(15).fill(i32),
    [],
    (f, m, n, k, a, aRow, aStep, b, bStep, bColumn, c, cRow, d, dRow, scratch, ready) => {
      const tile = scratch;
      const packed = f.get(scratch).i32.const(tileBytes).i32.add().keep(i32);
      const panels = f.get(packed).i32.const(rowsBytes).i32.add().keep(i32);
      // B is read where it lies when its rows are contiguous, and it is small or meets too few rows of A to repay the copy
      const inPlace = f.local(i32);
      f.get(bColumn).i32.const(size).i32.eq();
      f.get(m).i32.const(24).i32.lt_s();
      times(f, k, bStep).i32.const(smallBytes).i32.le_s().i32.or().i32.and();
      f.get(ready).i32.eqz().i32.and().set(inPlace);

      blocks(f, k, depth, (p) =>
        blocks(f, n, blockColumns(e), (j) => {
          const kc = least(f, depth, () => f.get(k).get(p).i32.sub()).keep(i32);
          const nc = least(f, blockColumns(e), () => f.get(n).get(j).i32.sub()).keep(i32);
          const full = f.get(nc).i32.const(Math.log2(e.width)).i32.shr_u().keep(i32);
          const rest = f
            .get(nc)
            .i32.const(e.width - 1)
            .i32.and()
            .keep(i32);
          const panelBytes = f.get(kc).i32.const(5).i32.shl().keep(i32);
          const bAt = times(times(f.get(b), p, bStep).i32.add(), j, bColumn)
            .i32.add()
            .keep(i32);
          const [bFirst, step, panelStep, at] = [f.local(i32), f.local(i32), f.local(i32), f.local(i32)];
          const pack = (i: Operand, valid: Operand) => {
            f.get(kc).push(valid).get(bAt).push(i).i32.const(e.width).i32.mul().get(bColumn).i32.mul().i32.add();
            f.get(bStep).get(bColumn).get(at).call(kernels.packPanel);
          };
          f.get(panels).set(at);
          f.get(inPlace).if(
            () => f.get(bAt).set(bFirst).get(bStep).set(step).i32.const(32).set(panelStep),
            () => {
              f.i32.const(32).set(step).get(panelBytes).set(panelStep);
              f.get(ready).if(
                () => {
                  // p whole lines of panels, and those of this block before j
                  f.get(b)
                    .get(n)
                    .i32.const(e.width - 1)
                    .i32.add()
                    .i32.const(-e.width)
                    .i32.and()
                    .get(p)
                    .i32.mul();
                  times(f, j, kc).i32.add().i32.const(e.log2).i32.shl().i32.add().tee(bFirst);
                  times(f, full, panelBytes).i32.add().set(at);
                },
                () => {
                  f.get(panels).set(bFirst);
                  blocks(f, full, 1, (i) => {
                    pack(i, e.width);
                    f.inc(at, panelBytes);
                  });
                },
              );
            },
          );
          f.get(ready).if(
            () => undefined,
            () => f.get(rest).if(() => pack(full, rest)),
          );

          const aAt = times(f.get(a), p, aStep).i32.add().keep(i32);
          const cAt = f.address(c, j, e.log2).keep(i32);
          // the first block along k begins with D, the others with what C has come to
          const [dAt, dStep] = [f.local(i32), f.local(i32)];
          f.get(p).if(
            () => f.get(cAt).set(dAt).get(cRow).set(dStep),
            () => {
              onward(f, d, () => f.get(j).i32.const(e.log2).i32.shl())
                .set(dAt)
                .get(dRow)
                .set(dStep);
            },
          );
          const strip = (kernel: Callable, rows: number) => {
            const packs = rows === packedRows(e);
            if (packs) f.get(kc).get(aAt).get(aRow).get(aStep).get(packed).call(kernels.packRows);
            const run = (count: Operand, first: Local, kStep: Operand, next: Operand, to: Local, row: Operand) =>
              f
                .push(count)
                .get(kc)
                .get(packs ? packed : aAt)
                .get(aRow)
                .get(aStep)
                .get(first)
                .push(kStep)
                .push(next)
                .get(to)
                .push(row);
            f.get(full).if(() => void run(full, bFirst, step, panelStep, cAt, cRow).get(dAt).get(dStep).call(kernel));
            f.get(rest).if(() => {
              run(1, at, 32, 0, tile, 32).i32.const(0).i32.const(0).call(kernel);
              f.i32.const(rows).get(rest).get(tile).i32.const(32).i32.const(size);
              f.address(cAt, full, 5).get(cRow);
              onward(f, dAt, () => f.get(full).i32.const(5).i32.shl())
                .get(dStep)
                .call(spill);
            });
            times(f.get(aAt), rows, aRow).i32.add().set(aAt);
            onward(f, dAt, () => times(f, rows, dStep)).set(dAt);
            times(f.get(cAt), rows, cRow).i32.add().set(cAt);
          };
          const left = f.get(m).keep(i32);
          for (const { kernel, rows } of kernels.rows)
            f.block((done) =>
              f.loop((again) => {
                f.get(left).i32.const(rows).i32.lt_s().brIf(done);
                strip(kernel, rows);
                f.inc(left, -rows).br(again);
              }),
            );
        }),
      );
    },
    `gemm_${e.name}_blocked`,
  );

  return module.func(
    new Array(13).fill(i32),
    [],
    (f, m, n, k, a, aRow, aStep, b, bStep, bColumn, c, cRow, accumulate, scratch) => {
      const ready = f.get(bStep).i32.const(packedStride).i32.eq().keep(i32);
      for (const s of [aRow, aStep, bStep, bColumn, cRow]) f.get(s).i32.const(e.log2).i32.shl().set(s);
      f.get(m)
        .i32.const(1)
        .i32.lt_s()
        .get(n)
        .i32.const(1)
        .i32.lt_s()
        .i32.or()
        .if(() => f.return());
      const is = (x: Local, value: number) => f.get(x).i32.const(value).i32.eq();
      const below = (x: Local, value: number) => f.get(x).i32.const(value).i32.lt_s();
      const d = f.get(accumulate).keep(i32);
      const dRow = f.local(i32);
      is(accumulate, 1).if(() => f.get(c).set(d).get(cRow).set(dRow));
      below(k, 1).if(() => {
        is(accumulate, 1).if(() => f.return());
        blocks(f, m, 1, (i) => {
          times(f.get(c), i, cRow).i32.add();
          const bytes = () => f.get(n).i32.const(e.log2).i32.shl();
          const at = f.keep(i32);
          f.get(d).if(
            () => {
              f.get(at).get(d);
              bytes();
              f.memoryCopy();
            },
            () => {
              f.get(at).i32.const(0);
              bytes();
              f.memoryFill();
            },
          );
        });
        f.return();
      });

      /** Inner products of the lines of x with the few lines of y, which are packed when they are strided. */
      const dots = (
        x: [Local, Local, Local],
        y: [Local, Local, Local, Local],
        cSteps: readonly Operand[],
        dSteps: readonly Operand[],
      ) => {
        const [rows, xs, xLine] = x;
        const [columns, ys, yLine, yStep] = y;
        const call = (start: Local, steps: readonly Operand[]) => {
          f.get(c);
          for (const s of cSteps) f.push(s);
          f.get(start);
          for (const s of steps) f.push(s);
          f.call(kernels.dots);
        };
        is(yStep, size).if(() => {
          f.get(rows).get(columns).get(k).get(xs).get(xLine).get(ys).get(yLine);
          call(d, dSteps);
          f.return();
        });
        blocks(f, k, lineBlock, (p) => {
          const kc = least(f, lineBlock, () => f.get(k).get(p).i32.sub()).keep(i32);
          const product = (start: Local, steps: readonly Operand[]) => {
            f.get(rows).get(columns).get(kc).address(xs, p, e.log2).get(xLine).get(scratch);
            f.get(kc).i32.const(e.log2).i32.shl();
            call(start, steps);
          };
          f.get(columns).get(kc);
          times(f.get(ys), p, yStep).i32.add().get(yLine).get(yStep).get(scratch).call(packLines);
          f.get(p).if(
            () => product(c, cSteps),
            () => product(d, dSteps),
          );
        });
        f.return();
      };
      below(n, e.width).if(() => {
        is(aStep, size).if(() => dots([m, a, aRow], [n, b, bColumn, bStep], [cRow, size], [dRow, size]));
        // A has contiguous columns: Cᵀ = Bᵀ·Aᵀ has long rows; they are made in scratch memory and turned
        is(aRow, size).if(() => {
          const line = least(f, () => f.get(m).i32.const(e.width).i32.add(), blockColumns(e))
            .i32.const(e.log2)
            .i32.shl()
            .keep(i32);
          const work = f.get(scratch).get(line).i32.const(e.width).i32.mul().i32.add().keep(i32);
          blocks(f, m, blockColumns(e), (i) => {
            const part = least(f, blockColumns(e), () => f.get(m).get(i).i32.sub()).keep(i32);
            f.get(n).get(part).get(k).get(b).get(bColumn).get(bStep);
            f.address(a, i, e.log2).get(aStep).i32.const(size);
            f.get(scratch).get(line).i32.const(0).i32.const(0).get(work).i32.const(0).call(blocked);
            f.get(part).get(n).get(scratch).i32.const(size).get(line);
            times(f.get(c), i, cRow).i32.add().get(cRow);
            onward(f, d, () => times(f, i, dRow))
              .get(dRow)
              .call(spill);
          });
          f.return();
        });
      });
      below(m, 4);
      is(bStep, size)
        .i32.and()
        .if(() => dots([n, b, bColumn], [m, a, aRow, aStep], [size, cRow], [size, dRow]));
      f.get(m).get(n).get(k).get(a).get(aRow).get(aStep).get(b).get(bStep).get(bColumn);
      f.get(c).get(cRow).get(d).get(dRow).get(scratch).get(ready).call(blocked);
    },
    `gemm_${e.name}`,
  );
}

/** With `minus`, C = D - A·B. */
export function addGemm(
  m: ModuleBuilder,
  type: "f32" | "f64",
  { fma = false, minus = false }: { readonly fma?: boolean; readonly minus?: boolean } = {},
): Callable {
  return addProduct(m, elementOf(type, fma, minus));
}
