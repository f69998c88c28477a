import { type Callable, i32, type Local, type ModuleBuilder, type Operand, v128 } from "../asm";
import { depth, type Element, elementOf, packedElement, packedRows, splat } from "./gemm-element";

/** A matrix that lies well in the first cache. */
export const smallBytes = 1 << 14;
/** The length of lines packed at a time for inner products, which then are summed in such blocks. */
export const lineBlock = 2048;

/** Packs rows of A: for every k one vector of equal lanes per row. Contiguous rows and columns are read as vectors. */
export function addPackRows(m: ModuleBuilder, e: Element): Callable {
  const rows = packedRows(e);
  const lanes = 16 >> e.log2;
  const size = 1 << e.log2;
  // k, a, row step, k step, destination
  return m.func(
    new Array(5).fill(i32),
    [],
    (f, k, a, aRow, aStep, to) => {
      const rowOf = Array.from({ length: rows }, () => f.local(i32));
      const lines = Array.from({ length: rows }, () => f.local(v128));
      const spread = (x: Local, lane: number, place: number) => {
        f.get(to).get(x).get(x);
        if (lanes === 2) f.i64x2.shuffle(lane, lane);
        else f.i32x4.shuffle(lane, lane, lane, lane);
        f.v128.store(place * packedElement);
      };
      const whileAtLeast = (step: number, body: () => void) =>
        f.block((done) =>
          f.loop((again) => {
            f.get(k).i32.const(step).i32.lt_s().brIf(done);
            body();
            f.inc(to, step * rows * packedElement)
              .inc(k, -step)
              .br(again);
          }),
        );
      if (rows % lanes === 0)
        f.get(aRow)
          .i32.const(size)
          .i32.eq()
          .if(() => {
            whileAtLeast(1, () => {
              for (let r = 0; r < rows; r += lanes) {
                const x = f
                  .get(a)
                  .v128.load(r * size)
                  .keep(v128);
                for (let l = 0; l < lanes; l++) spread(x, l, r + l);
              }
              f.inc(a, aStep);
            });
          });
      for (const p of rowOf) f.get(a).set(p).inc(a, aRow);
      f.get(aStep)
        .i32.const(size)
        .i32.eq()
        .if(() => {
          whileAtLeast(lanes, () => {
            rowOf.forEach((p, r) =>
              f
                .get(p)
                .v128.load()
                .set(lines[r] as Local)
                .inc(p, 16),
            );
            for (let l = 0; l < lanes; l++) lines.forEach((x, r) => spread(x, l, l * rows + r));
          });
        });
      whileAtLeast(1, () =>
        rowOf.forEach((p, r) => {
          splat(f.get(to).get(p), e).v128.store(r * packedElement);
          f.inc(p, aStep);
        }),
      );
    },
    `pack_rows_${e.name}`,
  );
}

/**
 * Copies k × valid elements into a panel k × width, filled up with zeros. Steps in bytes. Contiguous rows are copied as vectors;
 * contiguous columns are transposed in registers; anything else goes one by one.
 */
export function addPackPanel(m: ModuleBuilder, e: Element): Callable {
  const { width } = e;
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
    `pack_${e.name}`,
  );
}

/** Copies n lines of k elements side by side. */
export const addPackLines = (m: ModuleBuilder, e: Element): Callable =>
  // n, k, source, line step, k step, destination
  m.func(new Array(6).fill(i32), [], (f, n, k, source, lineStep, kStep, to) => {
    const [j, i, at] = [f.local(i32), f.local(i32), f.local(i32)];
    f.forRange(j, 0, n, 1, () => {
      f.get(source).set(at);
      f.forRange(i, 0, k, 1, () => {
        f.get(to).get(at)[e.name].load()[e.name].store();
        f.inc(to, 1 << e.log2).inc(at, kStep);
      });
      f.get(source).get(lineStep).i32.add().set(source);
    });
  });

/** The row stride of an operand B that `gemm_pack` has packed. */
export const packedStride = -(2 ** 31);

/** Whether results of n columns are narrower than a tile, and so made as inner products where A lies in rows. */
export const isThin = (type: "f32" | "f64", n: number): boolean => n < elementOf(type, false).width;

/**
 * How B is best packed for products that take A a few rows at a time; "not" where nothing would be copied anyhow. Columns fewer than a
 * tile's become lines, for inner products with the rows of A. Strides in elements.
 */
export function packingOf(
  type: "f32" | "f64",
  n: number,
  k: number,
  aColumn: number,
  b: { readonly row: number; readonly column: number },
): "not" | "lines" | "panels" {
  const { width, log2 } = elementOf(type, false);
  if (isThin(type, n)) return aColumn === 1 && b.row !== 1 && k <= lineBlock ? "lines" : "not";
  return b.column === 1 && n % width === 0 && (k * b.row) << log2 <= smallBytes ? "not" : "panels";
}

/** The bytes of a packed B. */
export const packedBytes = (type: "f32" | "f64", n: number, k: number): number => {
  const { width, log2 } = elementOf(type, false);
  return (n < width ? n * k : Math.ceil(n / width) * width * k) << log2;
};

/**
 * Packs all of B once, for products with many few rows of A: (n, k, b, row stride, column stride, destination), strides in elements. B so
 * packed is passed on with row stride `packedStride`, or, if it has fewer columns than a tile, with strides 1 and k.
 */
export function addGemmPack(module: ModuleBuilder, type: "f32" | "f64"): Callable {
  const e = elementOf(type, false);
  const packPanel = addPackPanel(module, e);
  const packLines = addPackLines(module, e);
  return module.func(
    new Array(6).fill(i32),
    [],
    (f, n, k, b, bStep, bColumn, to) => {
      const [p, j, kc, valid] = [f.local(i32), f.local(i32), f.local(i32), f.local(i32)];
      for (const s of [bStep, bColumn]) f.get(s).i32.const(e.log2).i32.shl().set(s);
      f.get(n)
        .i32.const(e.width)
        .i32.lt_s()
        .if(() => f.get(n).get(k).get(b).get(bColumn).get(bStep).get(to).call(packLines).return());
      f.forRange(p, 0, k, depth, () => {
        const least = (x: Operand, y: () => unknown, set: Local) => {
          f.push(x);
          y();
          f.set(set).get(set).push(x).get(set).i32.lt_s().select().set(set);
        };
        least(depth, () => f.get(k).get(p).i32.sub(), kc);
        f.forRange(j, 0, n, e.width, () => {
          least(e.width, () => f.get(n).get(j).i32.sub(), valid);
          f.get(kc).get(valid).get(b).get(p).get(bStep).i32.mul().i32.add().get(j).get(bColumn).i32.mul().i32.add();
          f.get(bStep).get(bColumn).get(to).call(packPanel);
          f.get(to).get(kc).i32.const(5).i32.shl().i32.add().set(to);
        });
      });
    },
    `gemm_pack_${e.name}`,
  );
}
