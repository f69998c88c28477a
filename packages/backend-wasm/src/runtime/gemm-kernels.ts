import { type Callable, type FunctionBuilder, i32, type Local, type ModuleBuilder, v128 } from "../asm";

/** What differs between the two element types. */
export interface Element {
  readonly name: "f32" | "f64";
  readonly lanes: "f32x4" | "f64x2";
  /** log₂ of the bytes. */
  readonly log2: number;
  /** Columns of a tile: two vectors. */
  readonly width: number;
}

export const elements: { readonly f32: Element; readonly f64: Element } = {
  f32: { name: "f32", lanes: "f32x4", log2: 2, width: 8 },
  f64: { name: "f64", lanes: "f64x2", log2: 3, width: 4 },
};

/** Depth of a block of B: long enough to amortise a tile, short enough for a panel to stay in the first cache. */
export const depth = 256;

const splat = (f: FunctionBuilder, e: Element) => (e.log2 === 2 ? f.v128.load32_splat() : f.v128.load64_splat());

/**
 * C[rows, 2·width·…] = or += A·B for a few rows and many panels of B (a panel is `width` columns). All steps are in bytes.
 * Eight accumulators whatever `rows` is: 4 rows take one panel at a time, 2 rows two, 1 row four; then the remaining panels one
 * by one. The loop over k is not unrolled and carries one pointer per row: more would not fit the registers.
 */
function addRows(m: ModuleBuilder, e: Element, rows: 1 | 2 | 4): Callable {
  // panels, k, a, row step, k step, b, k step, panel step, c, row step, accumulate
  const params = new Array(11).fill(i32);
  return m.func(
    params,
    [],
    (f, panels, k, a, aRow, aStep, b, bStep, bPanel, c, cRow, accumulate) => {
      const rowOf = Array.from({ length: rows }, () => f.local(i32));
      const count = f.local(i32);
      const group = 4 / rows;
      const at = Array.from({ length: group }, () => f.local(i32));
      const cAt = f.local(i32);
      const acc = Array.from({ length: 8 }, () => f.local(v128));
      const [b0, b1, scale] = [f.local(v128), f.local(v128), f.local(v128)];

      const tile = (width: number) => {
        const each = (visit: (sum: Local, row: number, offset: number) => void) => {
          for (let r = 0; r < rows; r++) {
            for (let v = 0; v < 2 * width; v++) visit(acc[r * 2 * width + v] as Local, r, 16 * v);
          }
        };
        f.get(accumulate).if(
          () => {
            f.get(c).set(cAt);
            each((sum, r, offset) => {
              if (r > 0 && offset === 0) f.inc(cAt, cRow);
              f.get(cAt).v128.load(offset).set(sum);
            });
          },
          () => each((sum) => f.i32x4.const(0).set(sum)),
        );
        for (let r = 0; r < rows; r++) {
          if (r === 0) f.get(a);
          else
            f.get(rowOf[r - 1] as Local)
              .get(aRow)
              .i32.add();
          f.set(rowOf[r] as Local);
        }
        for (let g = 0; g < width; g++) {
          if (g === 0) f.get(b);
          else
            f.get(at[g - 1] as Local)
              .get(bPanel)
              .i32.add();
          f.set(at[g] as Local);
        }
        f.get(k).set(count);
        f.loop((again) => {
          for (let g = 0; g < width; g++) {
            f.get(at[g] as Local)
              .v128.load()
              .set(b0)
              .get(at[g] as Local)
              .v128.load(16)
              .set(b1);
            for (let r = 0; r < rows; r++) {
              if (g === 0 || rows > 1) splat(f.get(rowOf[r] as Local), e).set(scale);
              for (const [v, x] of [b0, b1].entries()) {
                const sum = acc[r * 2 * width + 2 * g + v] as Local;
                f.get(sum).get(scale).get(x)[e.lanes].mul()[e.lanes].add().set(sum);
              }
            }
          }
          for (const p of rowOf) f.inc(p, aStep);
          for (let g = 0; g < width; g++) f.inc(at[g] as Local, bStep);
          f.get(count).i32.const(1).i32.sub().tee(count).brIf(again);
        });
        f.get(c).set(cAt);
        each((sum, r, offset) => {
          if (r > 0 && offset === 0) f.inc(cAt, cRow);
          f.get(cAt).get(sum).v128.store(offset);
        });
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

/** x += y·z in lanes, where x, y, z are locals. */
function multiplyAdd(f: FunctionBuilder, e: Element, x: Local, y: Local, z: Local): void {
  f.get(x).get(y).get(z)[e.lanes].mul()[e.lanes].add().set(x);
}

/**
 * Inner products of contiguous lines: C[i, j] = or += Σ A[i, ·] B[·, j], 4 × 2 results at a time (or 1 × 1 at the edges), each
 * summed in lanes. For results too narrow for a tile.
 */
function addDots(m: ModuleBuilder, e: Element): Callable {
  const perVector = 16 >> e.log2;
  // m, n, k, a, row step, b, column step, c, row step, column step, accumulate
  const tile = (rows: number, columns: number): Callable =>
    m.func(
      new Array(9).fill(i32),
      [],
      (f, k, a, aRow, b, bColumn, c, cRow, cColumn, accumulate) => {
        const lines = (base: Local, step: Local, n: number): Local[] =>
          Array.from({ length: n }, (_, i) => {
            f.get(base);
            if (i > 0) f.get(step).i32.const(i).i32.mul().i32.add();
            return f.keep(i32);
          });
        const [as, bs] = [lines(a, aRow, rows), lines(b, bColumn, columns)];
        const acc = Array.from({ length: rows * columns }, () => f.local(v128));
        const [x, y] = [f.local(v128), Array.from({ length: columns }, () => f.local(v128))];
        const sweep = (width: number, load: (at: Local) => unknown) =>
          f.block((done) =>
            f.loop((again) => {
              f.get(k).i32.const(width).i32.lt_s().brIf(done);
              for (let j = 0; j < columns; j++) {
                load(bs[j] as Local);
                f.set(y[j] as Local);
              }
              for (let i = 0; i < rows; i++) {
                load(as[i] as Local);
                f.set(x);
                for (let j = 0; j < columns; j++) multiplyAdd(f, e, acc[i * columns + j] as Local, x, y[j] as Local);
              }
              for (const p of [...as, ...bs]) f.inc(p, width << e.log2);
              f.inc(k, -width).br(again);
            }),
          );
        sweep(perVector, (at) => f.get(at).v128.load());
        sweep(1, (at) => (e.log2 === 2 ? f.get(at).v128.load32_zero() : f.get(at).v128.load64_zero()));
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < columns; j++) {
            const sum = acc[i * columns + j] as Local;
            // halves, then neighbours
            f.get(sum).get(sum).get(sum).i64x2.shuffle(1, 0)[e.lanes].add().set(sum);
            if (e.log2 === 2) f.get(sum).get(sum).get(sum).i32x4.shuffle(1, 0, 3, 2).f32x4.add().set(sum);
            f.get(c);
            if (i > 0) f.get(cRow).i32.const(i).i32.mul().i32.add();
            if (j > 0) f.get(cColumn).i32.const(j).i32.mul().i32.add();
            const at = f.keep(i32);
            f.get(at).get(sum)[e.lanes].extract_lane(0);
            f.get(accumulate).if(
              () => f.get(at)[e.name].load(),
              () => f[e.name].const(0),
              e.log2 === 2 ? 0x7d : 0x7c,
            );
            f[e.name].add()[e.name].store();
          }
      },
      `dots_${e.name}_${rows}x${columns}`,
    );
  const [big, small] = [tile(4, 2), tile(1, 1)];

  return m.func(
    new Array(11).fill(i32),
    [],
    (f, rows, columns, k, a, aRow, b, bColumn, c, cRow, cColumn, accumulate) => {
      const [i, j] = [f.local(i32), f.local(i32)];
      const whole = f.local(i32);
      const run = (target: Callable) => {
        f.get(k).get(a).get(i).get(aRow).i32.mul().i32.add().get(aRow);
        f.get(b).get(j).get(bColumn).i32.mul().i32.add().get(bColumn);
        f.get(c).get(i).get(cRow).i32.mul().i32.add().get(j).get(cColumn).i32.mul().i32.add();
        f.get(cRow).get(cColumn).get(accumulate).call(target);
      };
      // 4 × 2 blocks, then whatever is left of each four rows, then the last rows
      f.get(columns).i32.const(-2).i32.and().set(whole);
      const rowsLeft = f.get(rows).i32.const(-4).i32.and().keep(i32);
      f.forRange(i, 0, rowsLeft, 4, () => f.forRange(j, 0, whole, 2, () => run(big)));
      f.forRange(i, 0, rows, 1, () => {
        f.get(i)
          .get(rowsLeft)
          .i32.lt_s()
          .if(
            () => f.get(whole).set(j),
            () => f.i32.const(0).set(j),
          );
        f.block((done) =>
          f.loop((again) => {
            f.get(j).get(columns).i32.ge_s().brIf(done);
            run(small);
            f.inc(j, 1).br(again);
          }),
        );
      });
    },
    `dots_${e.name}`,
  );
}

/**
 * Copies k × valid elements into a panel k × width, filled up with zeros. Steps in bytes. Contiguous rows are copied as vectors;
 * contiguous columns are transposed in registers; anything else goes one by one.
 */
function addPack(m: ModuleBuilder, e: Element, width: number): Callable {
  const size = 1 << e.log2;
  const lanes = 16 >> e.log2;
  // k, valid, source, k step, step across, destination
  return m.func(
    new Array(6).fill(i32),
    [],
    (f, k, valid, source, kStep, step, to) => {
      const [i, at] = [f.local(i32), f.local(i32)];
      const lines = Array.from({ length: lanes }, () => f.local(v128));
      const line = (i: number) => lines[i] as Local;
      f.get(valid)
        .i32.const(width)
        .i32.eq()
        .if(() => {
          f.get(step)
            .i32.const(size)
            .i32.eq()
            .if(() => {
              f.loop((again) => {
                for (let v = 0; v < width * size; v += 16) f.get(to).get(source).v128.load(v).v128.store(v);
                f.inc(source, kStep).inc(to, width * size);
                f.get(k).i32.const(1).i32.sub().tee(k).brIf(again);
              }).return();
            });
          f.get(kStep)
            .i32.const(size)
            .i32.eq()
            .if(() => {
              f.block((done) =>
                f.loop((again) => {
                  f.get(k).i32.const(lanes).i32.lt_s().brIf(done);
                  f.get(source).set(at);
                  for (let g = 0; g < width; g += lanes) {
                    for (let l = 0; l < lanes; l++) f.get(at).v128.load().set(line(l)).inc(at, step);
                    const store = (row: number, value: () => unknown) => {
                      f.get(to);
                      value();
                      f.v128.store(row * width * size + g * size);
                    };
                    if (lanes === 2) {
                      store(0, () => f.get(line(0)).get(line(1)).i64x2.shuffle(0, 2));
                      store(1, () => f.get(line(0)).get(line(1)).i64x2.shuffle(1, 3));
                    } else {
                      const low = [0, 2].map((l) =>
                        f
                          .get(line(l))
                          .get(line(l + 1))
                          .i32x4.shuffle(0, 4, 1, 5)
                          .keep(v128),
                      ) as [Local, Local];
                      const high = [0, 2].map((l) =>
                        f
                          .get(line(l))
                          .get(line(l + 1))
                          .i32x4.shuffle(2, 6, 3, 7)
                          .keep(v128),
                      ) as [Local, Local];
                      for (const [half, [x, y]] of [low, high].entries()) {
                        store(2 * half, () => f.get(x).get(y).i64x2.shuffle(0, 2));
                        store(2 * half + 1, () => f.get(x).get(y).i64x2.shuffle(1, 3));
                      }
                    }
                  }
                  f.inc(source, 16)
                    .inc(to, width * 16)
                    .inc(k, -lanes)
                    .br(again);
                }),
              );
            });
        });
      f.block((done) =>
        f.loop((again) => {
          f.get(k).i32.eqz().brIf(done);
          f.get(source).set(at);
          f.forRange(i, 0, width, 1, () => {
            f.get(to);
            f.get(i)
              .get(valid)
              .i32.lt_s()
              .if(
                () => f.get(at)[e.name].load(),
                () => f[e.name].const(0),
                e.log2 === 2 ? 0x7d : 0x7c,
              );
            f[e.name].store().inc(to, size).inc(at, step);
          });
          f.inc(source, kStep).inc(k, -1).br(again);
        }),
      );
    },
    `pack_${e.name}_${width}`,
  );
}

export interface Kernels {
  readonly rows: { readonly 1: Callable; readonly 2: Callable; readonly 4: Callable };
  readonly dots: Callable;
  /** Packs a panel of B. */
  readonly packPanel: Callable;
  /** Packs four rows of A. */
  readonly packRows: Callable;
}

export function addKernels(m: ModuleBuilder, e: Element): Kernels {
  return {
    rows: { 1: addRows(m, e, 1), 2: addRows(m, e, 2), 4: addRows(m, e, 4) },
    dots: addDots(m, e),
    packPanel: addPack(m, e, e.width),
    packRows: addPack(m, e, 4),
  };
}
