import { type Callable, type FunctionBuilder, i32, type Local, type ModuleBuilder, v128 } from "../asm";
import { type Element, packedElement, packedRows, splat } from "./gemm-element";
import { addPackPanel, addPackRows } from "./gemm-pack";

/** x ± y·z in lanes, where x, y, z are locals. */
function multiplyAdd(f: FunctionBuilder, e: Element, x: Local, y: Local, z: Local): void {
  if (e.fma) f.get(y).get(z).get(x)[e.lanes][e.minus ? "relaxed_nmadd" : "relaxed_madd"]().set(x);
  else f.get(x).get(y).get(z)[e.lanes].mul()[e.lanes][e.minus ? "sub" : "add"]().set(x);
}

/**
 * C[rows, 2·width·…] = D + A·B for a few rows and many panels of B (a panel is `width` columns). All steps are in bytes; D is added
 * unless its address is 0. Packed rows take one panel at a time, 2 rows two, 1 row four; then the remaining panels one by one. The
 * loop over k is not unrolled: the operands of more would not fit the registers.
 */
function addRows(m: ModuleBuilder, e: Element, rows: number): Callable {
  const packed = rows === packedRows(e);
  // panels, k, a, row step, k step (of rows that are not packed), b, k step, panel step, c, row step, d, row step
  const params = new Array(12).fill(i32);
  return m.func(
    params,
    [],
    (f, panels, k, a, aRow, aStep, b, bStep, bPanel, c, cRow, d, dRow) => {
      const rowOf = Array.from({ length: packed ? 1 : rows }, () => f.local(i32));
      const count = f.local(i32);
      const group = Math.max(1, Math.floor(4 / rows));
      const at = Array.from({ length: group }, () => f.local(i32));
      const acc = Array.from({ length: 2 * rows * group }, () => f.local(v128));
      const [b0, b1, scale] = [f.local(v128), f.local(v128), f.local(v128)];

      const tile = (width: number) => {
        const rowsFrom = (base: Local, step: Local, visit: (at: Local, sum: Local, offset: number) => void) => {
          const line = f.get(base).keep(i32);
          for (let r = 0; r < rows; r++) {
            if (r > 0) f.inc(line, step);
            for (let v = 0; v < 2 * width; v++) visit(line, acc[r * 2 * width + v] as Local, 16 * v);
          }
        };
        f.get(d).if(
          () => {
            rowsFrom(d, dRow, (line, sum, offset) => void f.get(line).v128.load(offset).set(sum));
            f.inc(d, 32 * width);
          },
          () => {
            for (const sum of acc.slice(0, 2 * width * rows)) f.i32x4.const(0).set(sum);
          },
        );
        rowOf.forEach((p, r) => {
          if (r === 0) f.get(a);
          else
            f.get(rowOf[r - 1] as Local)
              .get(aRow)
              .i32.add();
          f.set(p);
        });
        for (let g = 0; g < width; g++) {
          if (g === 0) f.get(b);
          else
            f.get(at[g - 1] as Local)
              .get(bPanel)
              .i32.add();
          f.set(at[g] as Local);
        }
        // packed rows end at an address, which saves the counter
        if (packed)
          f.get(k)
            .i32.const(rows * packedElement)
            .i32.mul()
            .get(a)
            .i32.add()
            .set(count);
        else f.get(k).set(count);
        f.loop((again) => {
          for (let g = 0; g < width; g++) {
            f.get(at[g] as Local)
              .v128.load()
              .set(b0)
              .get(at[g] as Local)
              .v128.load(16)
              .set(b1);
            for (let r = 0; r < rows; r++) {
              if (packed)
                f.get(rowOf[0] as Local)
                  .v128.load(r * packedElement)
                  .set(scale);
              else if (g === 0 || rows > 1) splat(f.get(rowOf[r] as Local), e).set(scale);
              for (const [v, x] of [b0, b1].entries())
                multiplyAdd(f, e, acc[r * 2 * width + 2 * g + v] as Local, scale, x);
            }
          }
          for (let g = 0; g < width; g++) f.inc(at[g] as Local, bStep);
          if (packed)
            f.inc(rowOf[0] as Local, rows * packedElement)
              .get(rowOf[0] as Local)
              .get(count)
              .i32.ne();
          else {
            for (const p of rowOf) f.inc(p, aStep);
            f.get(count).i32.const(1).i32.sub().tee(count);
          }
          f.brIf(again);
        });
        rowsFrom(c, cRow, (line, sum, offset) => void f.get(line).get(sum).v128.store(offset));
        // the next panels
        f.get(b).get(bPanel);
        if (width > 1) f.i32.const(width).i32.mul();
        f.i32
          .add()
          .set(b)
          .inc(c, 32 * width)
          .inc(panels, -width);
      };

      for (const width of new Set([group, 1])) {
        f.block((done) =>
          f.loop((again) => {
            f.get(panels).i32.const(width).i32.lt_s().brIf(done);
            tile(width);
            f.br(again);
          }),
        );
      }
    },
    `gemm_${e.name}_${rows}`,
  );
}

/**
 * Inner products of contiguous lines: C[i, j] = D[i, j] + Σ A[i, ·] B[·, j], 4 × 2 or 4 × 1 results at a time (1 × 1 at the edges),
 * each summed in lanes; fewer results than eight, in several vectors. For results too narrow for a tile.
 */
function addDots(m: ModuleBuilder, e: Element): Callable {
  const perVector = 16 >> e.log2;
  // k, a, row step, b, column step, c, row step, column step, d, row step, column step
  const tile = (rows: number, columns: number, chains: number): Callable =>
    m.func(
      new Array(11).fill(i32),
      [],
      (f, k, a, aRow, b, bColumn, c, cRow, cColumn, d, dRow, dColumn) => {
        const lines = (base: Local, step: Local, n: number): Local[] =>
          Array.from({ length: n }, (_, i) => {
            f.get(base);
            if (i > 0) f.get(step).i32.const(i).i32.mul().i32.add();
            return f.keep(i32);
          });
        const [as, bs] = [lines(a, aRow, rows), lines(b, bColumn, columns)];
        const acc = Array.from({ length: rows * columns * chains }, () => f.local(v128));
        const [x, y] = [f.local(v128), Array.from({ length: columns }, () => f.local(v128))];
        const sweep = (width: number, vectors: number, load: (at: Local, offset: number) => unknown) =>
          f.block((done) =>
            f.loop((again) => {
              f.get(k)
                .i32.const(width * vectors)
                .i32.lt_s()
                .brIf(done);
              for (let v = 0; v < vectors; v++) {
                for (let j = 0; j < columns; j++) {
                  load(bs[j] as Local, 16 * v);
                  f.set(y[j] as Local);
                }
                for (let i = 0; i < rows; i++) {
                  load(as[i] as Local, 16 * v);
                  f.set(x);
                  for (let j = 0; j < columns; j++)
                    multiplyAdd(f, e, acc[(i * columns + j) * chains + v] as Local, x, y[j] as Local);
                }
              }
              for (const p of [...as, ...bs]) f.inc(p, (width * vectors) << e.log2);
              f.inc(k, -width * vectors).br(again);
            }),
          );
        if (chains > 1) sweep(perVector, chains, (at, offset) => f.get(at).v128.load(offset));
        sweep(perVector, 1, (at) => f.get(at).v128.load());
        sweep(1, 1, (at) => (e.log2 === 2 ? f.get(at).v128.load32_zero() : f.get(at).v128.load64_zero()));
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < columns; j++) {
            const sum = acc[(i * columns + j) * chains] as Local;
            for (let v = 1; v < chains; v++)
              f.get(sum)
                .get(acc[(i * columns + j) * chains + v] as Local)
                [e.lanes].add()
                .set(sum);
            // halves, then neighbours
            f.get(sum).get(sum).get(sum).i64x2.shuffle(1, 0)[e.lanes].add().set(sum);
            if (e.log2 === 2) f.get(sum).get(sum).get(sum).i32x4.shuffle(1, 0, 3, 2).f32x4.add().set(sum);
            const place = (base: Local, row: Local, column: Local) => {
              f.get(base);
              if (i > 0) f.get(row).i32.const(i).i32.mul().i32.add();
              if (j > 0) f.get(column).i32.const(j).i32.mul().i32.add();
            };
            place(c, cRow, cColumn);
            f.get(sum)[e.lanes].extract_lane(0);
            f.get(d).if(
              () => {
                place(d, dRow, dColumn);
                f[e.name].load();
              },
              () => f[e.name].const(0),
              e.log2 === 2 ? 0x7d : 0x7c,
            );
            f[e.name].add()[e.name].store();
          }
      },
      `dots_${e.name}_${rows}x${columns}`,
    );
  const [big, thin, single] = [tile(4, 2, 1), tile(4, 1, 2), tile(1, 1, 4)];

  // m, n, k, a, row step, b, column step, c, row step, column step, d, row step, column step
  return m.func(
    new Array(13).fill(i32),
    [],
    (f, rows, columns, k, a, aRow, b, bColumn, c, cRow, cColumn, d, dRow, dColumn) => {
      const [i, j] = [f.local(i32), f.local(i32)];
      const place = (base: Local, row: Local, column: Local) =>
        f.get(base).get(i).get(row).i32.mul().i32.add().get(j).get(column).i32.mul().i32.add();
      const run = (target: Callable) => {
        f.get(k).get(a).get(i).get(aRow).i32.mul().i32.add().get(aRow);
        f.get(b).get(j).get(bColumn).i32.mul().i32.add().get(bColumn);
        place(c, cRow, cColumn).get(cRow).get(cColumn);
        f.get(d).if(
          () => void place(d, dRow, dColumn),
          () => void f.i32.const(0),
          i32,
        );
        f.get(dRow).get(dColumn).call(target);
      };
      const pairs = f.get(columns).i32.const(-2).i32.and().keep(i32);
      const fours = f.get(rows).i32.const(-4).i32.and().keep(i32);
      f.forRange(i, 0, fours, 4, () => {
        f.forRange(j, 0, pairs, 2, () => run(big));
        f.get(pairs)
          .get(columns)
          .i32.lt_s()
          .if(() => {
            f.get(pairs).set(j);
            run(thin);
          });
      });
      f.forRange(i, fours, rows, 1, () => f.forRange(j, 0, columns, 1, () => run(single)));
    },
    `dots_${e.name}`,
  );
}

export interface Kernels {
  /** How many rows the kernels take, the packed ones first. */
  readonly rows: readonly { readonly rows: number; readonly kernel: Callable }[];
  readonly dots: Callable;
  /** Packs a panel of B. */
  readonly packPanel: Callable;
  /** Packs rows of A, as many as the first kernel takes. */
  readonly packRows: Callable;
}

export const addKernels = (m: ModuleBuilder, e: Element): Kernels => ({
  rows: (e.fma ? [6, 4, 2, 1] : [4, 2, 1]).map((rows) => ({ rows, kernel: addRows(m, e, rows) })),
  dots: addDots(m, e),
  packPanel: addPackPanel(m, e),
  packRows: addPackRows(m, e),
});
