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
import { addKernels, depth, type Element, elements } from "./gemm-kernels";

/** Columns of B packed at a time: with `depth` rows of them, half a megabyte. */
const blockColumns = (e: Element): number => 2048 >> e.log2;
/** Lines of k packed at a time for inner products. */
const lineBlock = 2048;
/** Bytes for the tile of the last columns, and for four packed rows of A. */
const tileBytes = 4 * 32;
const rowsBytes = 4 * depth * 8;

/** Bytes of scratch memory that `gemm_f32` or `gemm_f64` may use for a product [m, k] · [k, n]; align it to 16. */
export function gemmScratchBytes(type: "f32" | "f64", m: number, n: number, k: number): number {
  const e = elements[type];
  const panels = Math.ceil(Math.min(n, blockColumns(e)) / e.width);
  const packed = (panels * e.width * Math.min(k, depth)) << e.log2;
  const lines = ((Math.min(n, e.width) + 4) * Math.min(k, lineBlock)) << e.log2;
  // narrow results of a transposed A are made transposed: up to `width` rows of a block, and its own packing
  const turned =
    n < e.width ? ((e.width * (Math.min(m, blockColumns(e)) + e.width)) << e.log2) + ((e.width * depth) << e.log2) : 0;
  return tileBytes + rowsBytes + Math.max(packed, lines) + turned + 64;
}

/**
 * C[m, n] = A·B, or C += A·B when `accumulate` is not 0. A and B have any strides (in elements), C has contiguous rows `cRow`
 * elements apart and overlaps neither. Sums run in blocks of 256 along k, each in order; NaN and ∞ propagate.
 *
 *     gemm(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, accumulate, scratch)
 */
function addProduct(module: ModuleBuilder, e: Element): Callable {
  const kernels = addKernels(module, e);
  const size = 1 << e.log2;
  const type = e.name === "f32" ? f32 : f64;
  const thirteen = new Array(13).fill(i32);
  const times = (f: FunctionBuilder, x: Operand, y: Operand) => f.push(x).push(y).i32.mul();
  const least = (f: FunctionBuilder, x: Operand, y: Operand) => f.push(x).push(y).push(x).push(y).i32.lt_s().select();
  /** for (i = 0; i < n; i += step) */
  const blocks = (f: FunctionBuilder, n: Operand, step: number, body: (i: Local) => void) => {
    const i = f.local(i32);
    f.forRange(i, 0, n, step, () => body(i));
  };

  /** C[i, j] = or += T[i, j] for a small T; steps in bytes. */
  const spill = module.func(
    // rows, columns, t, row step, column step, c, row step, accumulate
    new Array(8).fill(i32),
    [],
    (f, rows, columns, t, tRow, tColumn, c, cRow, accumulate) => {
      blocks(f, rows, 1, (i) =>
        blocks(f, columns, 1, (j) => {
          const [to, x] = [f.local(i32), f.local(type)];
          times(f.get(c), i, cRow).i32.add();
          f.get(j).i32.const(e.log2).i32.shl().i32.add().set(to);
          times(f.get(t), i, tRow).i32.add();
          times(f, j, tColumn).i32.add()[e.name].load().set(x);
          f.get(accumulate).if(() => f.get(x).get(to)[e.name].load()[e.name].add().set(x));
          f.get(to).get(x)[e.name].store();
        }),
      );
    },
  );

  /** Copies n lines of k elements side by side. */
  const packLines = module.func(
    // n, k, source, line step, k step, destination
    new Array(6).fill(i32),
    [],
    (f, n, k, source, lineStep, kStep, to) => {
      blocks(f, n, 1, (j) => {
        const at = times(f.get(source), j, lineStep).i32.add().keep(i32);
        blocks(f, k, 1, () => {
          f.get(to).get(at)[e.name].load()[e.name].store();
          f.inc(to, size).inc(at, kStep);
        });
      });
    },
  );

  // The packed, blocked product; steps in bytes.
  const blocked = module.func(
    thirteen,
    [],
    (f, m, n, k, a, aRow, aStep, b, bStep, bColumn, c, cRow, accumulate, scratch) => {
      const tile = scratch;
      const packedRows = f.get(scratch).i32.const(tileBytes).i32.add().keep(i32);
      const panels = f.get(packedRows).i32.const(rowsBytes).i32.add().keep(i32);
      // B is read where it lies when its rows are contiguous and few rows of A, or a narrow B, would not repay the copy
      const inPlace = f.local(i32);
      f.get(bColumn).i32.const(size).i32.eq();
      f.get(m).i32.const(24).i32.lt_s().get(bStep).i32.const(512).i32.le_s().i32.or().i32.and().set(inPlace);
      const packA = f
        .get(aStep)
        .i32.const(size)
        .i32.ne()
        .get(n)
        .i32.const(4 * e.width)
        .i32.gt_s()
        .i32.and()
        .keep(i32);

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
          const more = f.get(accumulate).get(p).i32.or().keep(i32);
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
              blocks(f, full, 1, (i) => {
                pack(i, e.width);
                f.inc(at, panelBytes);
              });
              f.get(panels).set(bFirst).i32.const(32).set(step).get(panelBytes).set(panelStep);
            },
          );
          f.get(rest).if(() => pack(full, rest));

          const row = f.local(i32);
          const aAt = times(f.get(a), p, aStep).i32.add().keep(i32);
          const cAt = f.address(c, j, e.log2).keep(i32);
          const strip = (rows: 1 | 2 | 4) => {
            const [aBase, aRowStep, aKStep] = [f.get(aAt).keep(i32), f.get(aRow).keep(i32), f.get(aStep).keep(i32)];
            if (rows === 4)
              f.get(packA).if(() => {
                f.get(kc).i32.const(4).get(aAt).get(aStep).get(aRow).get(packedRows).call(kernels.packRows);
                f.get(packedRows)
                  .set(aBase)
                  .i32.const(size)
                  .set(aRowStep)
                  .i32.const(4 * size)
                  .set(aKStep);
              });
            f.get(full).if(() => {
              f.get(full).get(kc).get(aBase).get(aRowStep).get(aKStep).get(bFirst).get(step).get(panelStep);
              f.get(cAt).get(cRow).get(more).call(kernels.rows[rows]);
            });
            f.get(rest).if(() => {
              f.i32.const(1).get(kc).get(aBase).get(aRowStep).get(aKStep).get(at).i32.const(32).i32.const(0);
              f.get(tile).i32.const(32).i32.const(0).call(kernels.rows[rows]);
              f.i32.const(rows).get(rest).get(tile).i32.const(32).i32.const(size);
              f.address(cAt, full, 5).get(cRow).get(more).call(spill);
            });
            times(f.get(aAt), rows, aRow).i32.add().set(aAt);
            times(f.get(cAt), rows, cRow).i32.add().set(cAt);
          };
          f.forRange(row, 3, m, 4, () => strip(4));
          f.get(m)
            .i32.const(2)
            .i32.and()
            .if(() => strip(2));
          f.get(m)
            .i32.const(1)
            .i32.and()
            .if(() => strip(1));
        }),
      );
    },
    `gemm_${e.name}_blocked`,
  );

  return module.func(
    thirteen,
    [],
    (f, m, n, k, a, aRow, aStep, b, bStep, bColumn, c, cRow, accumulate, scratch) => {
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
      f.get(k)
        .i32.const(1)
        .i32.lt_s()
        .if(() => {
          f.get(accumulate).if(() => f.return());
          blocks(f, m, 1, (i) => {
            times(f.get(c), i, cRow).i32.add().i32.const(0);
            f.get(n).i32.const(e.log2).i32.shl().memoryFill();
          });
          f.return();
        });

      /** Inner products of the lines of x with the few lines of y, which are packed when they are strided. */
      const dots = (x: [Local, Local, Local], y: [Local, Local, Local, Local], cx: Operand, cy: Operand) => {
        const [rows, xs, xLine] = x;
        const [columns, ys, yLine, yStep] = y;
        is(yStep, size).if(() => {
          f.get(rows).get(columns).get(k).get(xs).get(xLine).get(ys).get(yLine);
          f.get(c).push(cx).push(cy).get(accumulate).call(kernels.dots).return();
        });
        blocks(f, k, lineBlock, (p) => {
          const kc = least(f, lineBlock, () => f.get(k).get(p).i32.sub()).keep(i32);
          f.get(columns).get(kc);
          times(f.get(ys), p, yStep).i32.add().get(yLine).get(yStep).get(scratch).call(packLines);
          f.get(rows).get(columns).get(kc).address(xs, p, e.log2).get(xLine).get(scratch);
          f.get(kc).i32.const(e.log2).i32.shl();
          f.get(c).push(cx).push(cy).get(accumulate).get(p).i32.or().call(kernels.dots);
        });
        f.return();
      };
      below(n, e.width).if(() => {
        is(aStep, size).if(() => dots([m, a, aRow], [n, b, bColumn, bStep], cRow, size));
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
            f.get(scratch).get(line).i32.const(0).get(work).call(blocked);
            f.get(part).get(n).get(scratch).i32.const(size).get(line);
            times(f.get(c), i, cRow).i32.add().get(cRow).get(accumulate).call(spill);
          });
          f.return();
        });
      });
      below(m, 4);
      is(bStep, size)
        .i32.and()
        .if(() => dots([n, b, bColumn], [m, a, aRow, aStep], size, cRow));
      f.get(m).get(n).get(k).get(a).get(aRow).get(aStep).get(b).get(bStep).get(bColumn);
      f.get(c).get(cRow).get(accumulate).get(scratch).call(blocked);
    },
    `gemm_${e.name}`,
  );
}

export function addGemm(m: ModuleBuilder, type: "f32" | "f64"): Callable {
  return addProduct(m, elements[type]);
}
