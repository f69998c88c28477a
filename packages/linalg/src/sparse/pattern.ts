import { DomainError, ShapeError } from "@ansatz/backend";
import { type Tensor, type TensorLike, tensor } from "@ansatz/tensor";
import { operand } from "@ansatz/tensor/transforms";

/**
 * Where a sparse matrix may differ from zero, in compressed rows: known when programs are traced, never differentiated. A pattern is the function that
 * takes values to the matrix with those values, so in a tree (an argument of `jit`, what `grad` returns) it belongs to the structure and `values` is
 * the leaf.
 */
export interface SparsePattern {
  (values: TensorLike): Sparse;
  readonly shape: readonly [rows: number, columns: number];
  /** How many places there are. */
  readonly places: number;
  /** Row and column of every place: by rows, then by columns, none twice. */
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** Row i holds the places pointers[i] … pointers[i + 1] - 1. */
  readonly pointers: Int32Array;
  /** The same as tensors: rows, columns, pointers. */
  readonly tensors: readonly [Tensor, Tensor, Tensor];
  /** The pattern of the transpose, and where its values are found among these: valuesᵀ = values[order]. */
  readonly transposed: { readonly pattern: SparsePattern; readonly order: Int32Array };
}

/** A sparse matrix [m, n]: values [p] at the places of a pattern, zero elsewhere. */
export interface Sparse {
  readonly pattern: SparsePattern;
  readonly values: Tensor;
}

export const isSparse = (x: unknown): x is Sparse =>
  typeof x === "object" && x !== null && typeof (x as Partial<Sparse>).pattern === "function" && "values" in x;

type Shape2 = readonly [rows: number, columns: number];

/** From sorted places without duplicates. */
export const fromSorted = (shape: Shape2, rows: Int32Array, columns: Int32Array): SparsePattern => {
  const pointers = new Int32Array(shape[0] + 1);
  for (let i = 0; i < rows.length; i++) pointers[rows[i] + 1]++;
  for (let i = 0; i < shape[0]; i++) pointers[i + 1] += pointers[i];
  let tensors: SparsePattern["tensors"] | undefined;
  let transposed: SparsePattern["transposed"] | undefined;
  const pattern: SparsePattern = Object.defineProperties(
    (values: TensorLike): Sparse => {
      const v = operand("sparse", values, "float");
      if (v.shape.length !== 1 || v.shape[0] !== rows.length)
        throw new ShapeError("sparse", "needs one value for each place", { values: v.shape, places: rows.length });
      return { pattern, values: v };
    },
    {
      shape: { value: shape },
      places: { value: rows.length },
      rows: { value: rows },
      columns: { value: columns },
      pointers: { value: pointers },
      tensors: { get: () => (tensors ??= [tensor(rows), tensor(columns), tensor(pointers)]) },
      transposed: {
        get: () => {
          if (transposed === undefined) {
            const turned: Shape2 = [shape[1], shape[0]];
            // rows are sorted already, and the sort is stable
            const order = byKey(all(rows.length), columns, shape[1]);
            transposed = { pattern: fromSorted(turned, picked(columns, order), picked(rows, order)), order };
          }
          return transposed;
        },
      },
    },
  ) as SparsePattern;
  return pattern;
};

/** A stable counting sort: `order` by the keys, which are below `count`. */
const byKey = (order: Int32Array, keys: Int32Array, count: number): Int32Array => {
  const start = new Int32Array(count + 1);
  for (let i = 0; i < keys.length; i++) start[keys[i] + 1]++;
  for (let i = 0; i < count; i++) start[i + 1] += start[i];
  const out = new Int32Array(order.length);
  for (let i = 0; i < order.length; i++) out[start[keys[order[i]]]++] = order[i];
  return out;
};
/** The order that sorts places by row, then by column, null where they are sorted; equal places keep theirs. Linear in places, rows and columns. */
const sortedOrder = ([m, n]: Shape2, rows: Int32Array, columns: Int32Array): Int32Array | null => {
  let sorted = true;
  for (let i = 1; sorted && i < rows.length; i++)
    sorted = rows[i] > rows[i - 1] || (rows[i] === rows[i - 1] && columns[i] >= columns[i - 1]);
  return sorted ? null : byKey(byKey(all(rows.length), columns, n), rows, m);
};
const all = (count: number): Int32Array => {
  const out = new Int32Array(count);
  for (let i = 0; i < count; i++) out[i] = i;
  return out;
};
/** x[order]. */
export const picked = (x: Int32Array, order: ArrayLike<number>): Int32Array => {
  const out = new Int32Array(order.length);
  for (let i = 0; i < out.length; i++) out[i] = x[order[i]];
  return out;
};

const integers = (caller: string, what: string, x: ArrayLike<number>, below: number): Int32Array => {
  const out = new Int32Array(x.length);
  for (let i = 0; i < out.length; i++) out[i] = x[i];
  for (let i = 0; i < out.length; i++)
    if (out[i] !== x[i] || out[i] < 0 || out[i] >= below)
      throw new DomainError(caller, `${what} must be whole numbers from 0 to ${below - 1}`, {
        [`${what}[${i}]`]: x[i],
      });
  return out;
};
const checkedShape = (caller: string, shape: readonly number[]): Shape2 => {
  if (shape.length !== 2 || !shape.every((d) => Number.isInteger(d) && d >= 0))
    throw new ShapeError(caller, "shape is [rows, columns]", { shape });
  return [shape[0], shape[1]];
};

export interface Places {
  readonly shape: readonly [rows: number, columns: number];
  readonly rows: ArrayLike<number>;
  readonly columns: ArrayLike<number>;
}
/**
 * The pattern of the places given, in any order. Where all are different, `order` says which of them each place was (null if they came sorted); else `slots`
 * says which place each of them became.
 */
export const patternOf = (
  caller: string,
  { shape, rows, columns }: Places,
): { pattern: SparsePattern; order: Int32Array | null; slots: Int32Array | null } => {
  const [m, n] = checkedShape(caller, shape);
  if (rows.length !== columns.length)
    throw new ShapeError(caller, "needs as many rows as columns", { rows: [rows.length], columns: [columns.length] });
  const [r, c] = [integers(caller, "rows", rows, m), integers(caller, "columns", columns, n)];
  const order = sortedOrder([m, n], r, c);
  if (order === null && !repeats(r, c)) return { pattern: fromSorted([m, n], r, c), order, slots: null };
  const [sortedRows, sortedColumns] = order === null ? [r, c] : [picked(r, order), picked(c, order)];
  if (!repeats(sortedRows, sortedColumns))
    return { pattern: fromSorted([m, n], sortedRows, sortedColumns), order, slots: null };
  const slots = new Int32Array(r.length);
  let last = 0;
  for (let k = 0; k < slots.length; k++) {
    if (sortedRows[k] !== sortedRows[last] || sortedColumns[k] !== sortedColumns[last]) last++;
    sortedRows[last] = sortedRows[k];
    sortedColumns[last] = sortedColumns[k];
    slots[order === null ? k : order[k]] = last;
  }
  const pattern = fromSorted([m, n], sortedRows.slice(0, last + 1), sortedColumns.slice(0, last + 1));
  return { pattern, order: null, slots };
};
const repeats = (rows: Int32Array, columns: Int32Array): boolean => {
  for (let i = 1; i < rows.length; i++) if (rows[i] === rows[i - 1] && columns[i] === columns[i - 1]) return true;
  return false;
};

/**
 * The pattern with the given places, which are sorted and of which duplicates become one.
 *
 * @example sparsePattern({ shape: [2, 2], rows: [0, 1], columns: [1, 0] })([3, 4]) // [[0, 3], [4, 0]]
 */
export const sparsePattern = (places: Places): SparsePattern => patternOf("sparsePattern", places).pattern;

/** The places of compressed rows, as SciPy's `indptr` and `indices` hold them. */
export const placesOfRows = (caller: string, pointers: ArrayLike<number>, places: number): Int32Array => {
  const m = pointers.length - 1;
  const bad = m < 0 || pointers[0] !== 0 || pointers[m] !== places;
  const rows = new Int32Array(places);
  for (let i = 0; i < m; i++) {
    if (bad || pointers[i] > pointers[i + 1])
      throw new DomainError(caller, "row pointers rise from 0 to the number of places", {
        pointers: [...Array.from(pointers).slice(0, 8)],
        places,
      });
    rows.fill(i, pointers[i], pointers[i + 1]);
  }
  if (bad) throw new DomainError(caller, "row pointers rise from 0 to the number of places", { places });
  return rows;
};
