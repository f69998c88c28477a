import { type FunctionBuilder, f32, f64, i32, type Local, type ModuleBuilder, v128 } from "../asm";

/** Where a module may keep rows. */
export interface RowSpace {
  readonly module: ModuleBuilder;
  readonly address: number;
}

/**
 * Rows of numbers that formulas read by row: `a, b, … = row(name, i)`. With them a function is a short polynomial on each of many
 * intervals, whose number is taken from the upper bits of the argument.
 */
export interface Rows {
  /** Reads the rows numbered by the lanes of `index`; a variable for each column. */
  read(f: FunctionBuilder, space: RowSpace, index: Local): Local[];
}

export interface RowsOf {
  readonly name: string;
  /** What the first row is called. */
  readonly first: number;
  /** Of float32, a multiple of 4; else of float64, a multiple of 2. */
  readonly columns: number;
  readonly single: boolean;
}

/** `tell` computes the rows, at first need. */
/* @__NO_SIDE_EFFECTS__ */
export function rows(of: RowsOf, tell: () => readonly (readonly number[])[]): Rows {
  let bytes: Uint8Array | undefined;
  return {
    read: (f, space, index) => {
      bytes ??= new Uint8Array((of.single ? Float32Array : Float64Array).from(tell().flat()).buffer);
      return readRows(f, of, placed(space, of.name, bytes), index);
    },
  };
}

/** Memory for the rows of all formulas. */
export const rowTableBytes = 12288;

/** Where each lies: the same place for every module of this process, so that modules can overlap in one table. */
let places: Map<string, number> | undefined;
let end = 0;
let written: WeakMap<ModuleBuilder, Set<string>> | undefined;

/** The address of rows, which the module writes when it is instantiated. */
const placed = ({ module, address }: RowSpace, name: string, bytes: Uint8Array): number => {
  places ??= new Map();
  written ??= new WeakMap();
  let at = places.get(name);
  if (at === undefined) {
    if (end + bytes.length > rowTableBytes) throw new Error(`formula: no room for the rows of ${name}`);
    places.set(name, (at = end));
    end += Math.ceil(bytes.length / 16) * 16;
  }
  let mine = written.get(module);
  if (!mine) written.set(module, (mine = new Set()));
  if (!mine.has(name)) module.data(address + at, bytes);
  mine.add(name);
  return address + at;
};

function readRows(f: FunctionBuilder, of: RowsOf, address: number, index: Local): Local[] {
  const width = of.single ? 4 : 8;
  const pointer = (push: () => unknown): Local => {
    push();
    return f.i32
      .const(width * of.columns)
      .i32.mul()
      .i32.const((address - of.first * width * of.columns) | 0)
      .i32.add()
      .keep(i32);
  };
  const columns = Array.from({ length: of.columns }, (_, c) => c);
  if (index.type !== v128) {
    const from = pointer(() => (of.single ? f.get(index) : f.get(index).i32.wrap_i64()));
    const read = of.single ? f.f32 : f.f64;
    return columns.map((c) => {
      f.get(from);
      read.load(c * width);
      return f.keep(of.single ? f32 : f64);
    });
  }
  const lanes = of.single ? [0, 1, 2, 3] : [0, 2];
  const from = lanes.map((lane) => pointer(() => f.get(index).i32x4.extract_lane(lane)));
  const out: Local[] = [];
  const mixed = (a: Local, b: Local, ...order: number[]): Local => {
    f.get(a).get(b);
    if (order.length === 2) f.i64x2.shuffle(...(order as [number, number]));
    else f.i32x4.shuffle(...(order as [number, number, number, number]));
    return f.keep(v128);
  };
  for (let c = 0; c < of.columns; c += lanes.length) {
    const lines = from.map((p) =>
      f
        .get(p)
        .v128.load(c * width)
        .keep(v128),
    );
    if (!of.single) {
      const [a, b] = lines;
      out.push(mixed(a, b, 0, 2), mixed(a, b, 1, 3));
      continue;
    }
    const [a, b, d, e] = lines;
    const [low, high] = [
      [mixed(a, b, 0, 4, 1, 5), mixed(d, e, 0, 4, 1, 5)],
      [mixed(a, b, 2, 6, 3, 7), mixed(d, e, 2, 6, 3, 7)],
    ];
    for (const [x, y] of [low, high]) out.push(mixed(x, y, 0, 2), mixed(x, y, 1, 3));
  }
  return out;
}
