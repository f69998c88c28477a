import type { WasmKernel } from "@ansatz/backend-wasm";
import { type FunctionBuilder, f32, f64, i32, type Local, type ValType, v128 } from "@ansatz/backend-wasm/asm";

/**
 * The loops of the sparse products as WebAssembly. Both walk the rows of A; the dense operands are row-major with k columns, and the inner loop runs over
 * those, in vectors; one column has a loop of its own, whose sum stays in a register.
 */

type Numbers = { readonly double: boolean; readonly log2: number; readonly bytes: number };
const numbersOf = (dtype: string): Numbers =>
  dtype === "float64" ? { double: true, log2: 3, bytes: 8 } : { double: false, log2: 2, bytes: 4 };

const load = (f: FunctionBuilder, t: Numbers): FunctionBuilder => (t.double ? f.f64.load() : f.f32.load());
const mul = (f: FunctionBuilder, t: Numbers): FunctionBuilder => (t.double ? f.f64.mul() : f.f32.mul());
const add = (f: FunctionBuilder, t: Numbers): FunctionBuilder => (t.double ? f.f64.add() : f.f32.add());
const store = (f: FunctionBuilder, t: Numbers): FunctionBuilder => (t.double ? f.f64.store() : f.f32.store());
const zero = (f: FunctionBuilder, t: Numbers): FunctionBuilder => (t.double ? f.f64.const(0) : f.f32.const(0));
const real = (t: Numbers) => (t.double ? f64 : f32);

/** For each row: body(row), inside which each(entry, column) is emitted over its places. */
const overRows = (
  f: FunctionBuilder,
  rows: Local,
  pointers: Local,
  columns: Local,
  body: (row: Local, entries: (each: (p: Local, column: Local) => void) => void) => void,
): void => {
  const [row, p, end, column] = [f.local(i32), f.local(i32), f.local(i32), f.local(i32)];
  const start = f.local(i32);
  f.forRange(row, 0, rows, 1, () => {
    f.address(pointers, row, 2).i32.load().set(start);
    f.address(pointers, row, 2).i32.load(4).set(end);
    body(row, (each) =>
      f.forRange(p, start, end, 1, () => {
        f.address(columns, p, 2).i32.load().set(column);
        each(p, column);
      }),
    );
  });
};

/** to[j] += value · from[j] for j < k. */
const addRow = (f: FunctionBuilder, t: Numbers, to: Local, from: Local, value: Local, k: Local): void => {
  const lanes = 16 / t.bytes;
  const [j, whole, at] = [f.local(i32), f.local(i32), f.local(i32)];
  const factor = f.local(v128);
  f.get(value);
  (t.double ? f.f64x2.splat() : f.f32x4.splat()).set(factor);
  f.get(k).i32.const(-lanes).i32.and().set(whole);
  f.forRange(j, 0, whole, lanes, () => {
    f.address(to, j, t.log2).tee(at);
    f.get(at).v128.load(0, t.log2);
    f.address(from, j, t.log2).v128.load(0, t.log2).get(factor);
    if (t.double) f.f64x2.mul().f64x2.add();
    else f.f32x4.mul().f32x4.add();
    f.v128.store(0, t.log2);
  });
  f.forRange(j, whole, k, 1, () => {
    f.address(to, j, t.log2).tee(at);
    load(f.get(at), t);
    load(f.address(from, j, t.log2), t);
    store(add(mul(f.get(value), t), t), t);
  });
};

type Operands = Readonly<Record<"values" | "x" | "columns" | "pointers" | "y" | "m" | "k", Local>>;
/**
 * Y = A X row by row, each entry of Y summed in a register and written once: a single column by two entries a turn, several columns in blocks of four vectors, then
 * of one, then by numbers.
 */
const gathered = (f: FunctionBuilder, t: Numbers, { values, x, columns, pointers, y, m, k }: Operands): void => {
  const [row, from, end, pc, pv, stride, j, at] = Array.from({ length: 8 }, () => f.local(i32));
  const sum = f.local(real(t));
  const step = (): void => {
    f.inc(pc, 4).inc(pv, t.bytes);
  };
  /** while (pc + ahead < end) body() */
  const while_ = (ahead: number, body: () => void): void => {
    const more = (): FunctionBuilder => f.get(pc).i32.const(ahead).i32.add().get(end).i32.lt_u();
    more();
    f.if(() => {
      f.loop((again) => {
        body();
        more().brIf(again);
      });
    });
  };
  const overRow = (body: () => void): void => {
    f.get(columns).set(pc).get(values).set(pv);
    f.forRange(row, 0, m, 1, () => {
      f.get(columns).address(pointers, row, 2).i32.load(4).i32.const(2).i32.shl().i32.add().set(end);
      body();
    });
  };
  const term = (entry: number): void => {
    load(
      f
        .get(x)
        .get(pc)
        .i32.load(4 * entry)
        .i32.const(t.log2)
        .i32.shl()
        .i32.add(),
      t,
    );
    f.get(pv);
    mul(t.double ? f.f64.load(8 * entry) : f.f32.load(4 * entry), t);
  };
  const single = (): void => {
    f.get(y).set(at);
    overRow(() => {
      zero(f, t).set(sum);
      while_(4, () => {
        term(0);
        term(1);
        add(f, t).get(sum);
        add(f, t).set(sum);
        f.inc(pc, 8).inc(pv, 2 * t.bytes);
      });
      while_(0, () => {
        term(0);
        add(f.get(sum), t).set(sum);
        step();
      });
      store(f.get(at).get(sum), t);
      f.inc(at, t.bytes);
    });
  };
  const several = (): void => {
    const [startColumns, startValues, limit] = [f.local(i32), f.local(i32), f.local(i32)];
    const factor = f.local(v128);
    f.get(k).i32.const(t.log2).i32.shl().set(stride);
    /** Columns `width` bytes wide, while they fit; `each` adds value times the numbers at `from`. */
    const blocks = (width: number, clear: () => void, each: () => void, write: () => void): void => {
      f.get(stride)
        .i32.const(width - 1)
        .i32.sub()
        .set(limit);
      f.get(j).get(limit).i32.lt_s();
      f.if(() => {
        f.loop((again) => {
          f.get(startColumns).set(pc).get(startValues).set(pv);
          clear();
          while_(0, () => {
            f.get(x).get(pc).i32.load().get(stride).i32.mul().i32.add().get(j).i32.add().set(from);
            each();
            step();
          });
          f.get(y).get(row).get(stride).i32.mul().i32.add().get(j).i32.add().set(at);
          write();
          f.inc(j, width);
          f.get(j).get(limit).i32.lt_s().brIf(again);
        });
      });
    };
    const vectors = (count: number): void => {
      const sums = Array.from({ length: count }, () => f.local(v128));
      blocks(
        16 * count,
        () => {
          for (const v of sums) (t.double ? f.f64x2.const(0) : f.f32x4.const(0)).set(v);
        },
        () => {
          load(f.get(pv), t);
          (t.double ? f.f64x2.splat() : f.f32x4.splat()).set(factor);
          sums.forEach((v, i) => {
            f.get(from)
              .v128.load(16 * i, t.log2)
              .get(factor);
            (t.double ? f.f64x2.mul() : f.f32x4.mul()).get(v);
            (t.double ? f.f64x2.add() : f.f32x4.add()).set(v);
          });
        },
        () =>
          sums.forEach((v, i) => {
            f.get(at)
              .get(v)
              .v128.store(16 * i, t.log2);
          }),
      );
    };
    overRow(() => {
      f.get(pc).set(startColumns).get(pv).set(startValues);
      f.i32.const(0).set(j);
      vectors(4);
      vectors(1);
      blocks(
        t.bytes,
        () => {
          zero(f, t).set(sum);
        },
        () => {
          load(f.get(from), t);
          mul(load(f.get(pv), t), t).get(sum);
          add(f, t).set(sum);
        },
        () => {
          store(f.get(at).get(sum), t);
        },
      );
      // without columns nothing was walked
      f.get(values)
        .get(end)
        .get(columns)
        .i32.sub()
        .i32.const(t.log2 - 2)
        .i32.shl()
        .i32.add()
        .set(pv);
      f.get(end).set(pc);
    });
  };
  f.get(k).i32.const(1).i32.eq();
  f.if(single, several);
};

/** (values [p], x [·, k], rows, columns, pointers) → y [size, k]. */
export const productKernel: WasmKernel<{ readonly transposed: boolean; readonly size: number }> = {
  rank: { inputs: [1, 2, 1, 1, 1], outputs: [2] },
  dims: ([, x, , , pointers], { size }) => [pointers.shape[0] - 1, x.shape[1], size],
  variant: ({ transposed }) => String(transposed),
  build: ({ module, outputs, params: { transposed } }) => {
    const t = numbersOf(outputs[0]);
    const types: ValType[] = [i32, i32, i32, i32, i32, i32, i32, i32, i32, i32];
    return module.func(types, [], (f, values, x, _rows, columns, pointers, y, _scratch, m, k, size) => {
      const [value, sum] = [f.local(real(t)), f.local(real(t))];
      const [stride, from, to] = [f.local(i32), f.local(i32), f.local(i32)];
      const clear = (): void => {
        f.get(y).i32.const(0).get(size).get(k).i32.mul().i32.const(t.log2).i32.shl().memoryFill();
      };
      const valueAt = (p: Local): FunctionBuilder => load(f.address(values, p, t.log2), t);
      if (!transposed) {
        gathered(f, t, { values, x, columns, pointers, y, m, k });
        return;
      }
      const single = (): void => {
        clear();
        overRows(f, m, pointers, columns, (row, entries) => {
          load(f.address(x, row, t.log2), t).set(sum);
          entries((p, column) => {
            f.address(y, column, t.log2).tee(to);
            load(f.get(to), t);
            store(add(mul(valueAt(p).get(sum), t), t), t);
          });
        });
      };
      const several = (): void => {
        clear();
        f.get(k).i32.const(t.log2).i32.shl().set(stride);
        overRows(f, m, pointers, columns, (row, entries) =>
          entries((p, column) => {
            f.get(y).get(column).get(stride).i32.mul().i32.add().set(to);
            f.get(x).get(row).get(stride).i32.mul().i32.add().set(from);
            valueAt(p).set(value);
            addRow(f, t, to, from, value, k);
          }),
        );
      };
      f.get(k).i32.const(1).i32.eq();
      f.if(single, several);
    });
  },
};

/** (g [·, k], x [·, k], rows, columns, pointers) → v [p]. */
export const sampledKernel: WasmKernel = {
  rank: { inputs: [2, 2, 1, 1, 1], outputs: [1] },
  dims: ([g, , , , pointers]) => [pointers.shape[0] - 1, g.shape[1]],
  build: ({ module, outputs }) => {
    const t = numbersOf(outputs[0]);
    const types: ValType[] = [i32, i32, i32, i32, i32, i32, i32, i32, i32];
    return module.func(types, [], (f, g, x, _rows, columns, pointers, v, _scratch, m, k) => {
      const sum = f.local(real(t));
      const [stride, left, right, j] = [f.local(i32), f.local(i32), f.local(i32), f.local(i32)];
      f.get(k).i32.const(t.log2).i32.shl().set(stride);
      overRows(f, m, pointers, columns, (row, entries) => {
        f.get(g).get(row).get(stride).i32.mul().i32.add().set(left);
        entries((p, column) => {
          f.get(x).get(column).get(stride).i32.mul().i32.add().set(right);
          zero(f, t).set(sum);
          f.forRange(j, 0, k, 1, () => {
            load(f.address(left, j, t.log2), t);
            add(mul(load(f.address(right, j, t.log2), t), t).get(sum), t).set(sum);
          });
          store(f.address(v, p, t.log2).get(sum), t);
        });
      });
    });
  },
};
