import { DomainError, ShapeError } from "@ansatz/backend";
import {
  add,
  concatenate,
  expandDims,
  indexAdd,
  mul,
  reshape,
  squeeze,
  type Tensor,
  type TensorLike,
  take,
  tensor,
  zeros,
} from "@ansatz/tensor";
import { bind1, operand, promote, stop } from "@ansatz/tensor/transforms";
import { productOp, sampledOp } from "./ops";
import { type Places, patternOf, placesOfRows, type Sparse, type SparsePattern } from "./pattern";

export interface SparseEntries extends Places {
  readonly values: TensorLike;
}
/**
 * A sparse matrix from its entries (coordinate form), in any order; entries at one place are added. `rows` and `columns` are plain numbers, known when a
 * program is traced; `values` [p] may be differentiated.
 *
 * @throws {DomainError} a row or column is out of range
 * @example sparseToDense(sparse({ shape: [2, 2], rows: [0, 0, 1], columns: [1, 1, 0], values: [1, 2, 3] })) // [[0, 3], [3, 0]]
 */
export const sparse = ({ values, ...places }: SparseEntries): Sparse => {
  const v = operand("sparse", values, "float");
  if (v.shape.length !== 1 || v.shape[0] !== places.rows.length)
    throw new ShapeError("sparse", "needs one value for each row and column", {
      values: v.shape,
      rows: [places.rows.length],
    });
  const { pattern, order, slots } = patternOf("sparse", places);
  if (slots === null) return pattern(order === null ? v : take(v, tensor(order)));
  const into = zeros([pattern.places], { dtype: v.dtype });
  return pattern(indexAdd(into, tensor(slots), v));
};

export interface CompressedRows {
  readonly shape: readonly [rows: number, columns: number];
  readonly pointers: ArrayLike<number>;
  readonly columns: ArrayLike<number>;
  readonly values: TensorLike;
}
/** A sparse matrix from compressed rows (CSR): row i holds values[pointers[i] … pointers[i + 1]] at `columns`; SciPy's indptr, indices, data. */
export const sparseFromRows = ({ shape, pointers, columns, values }: CompressedRows): Sparse => {
  if (pointers.length !== shape[0] + 1)
    throw new ShapeError("sparseFromRows", "needs one pointer more than rows", { pointers: [pointers.length], shape });
  return sparse({ shape, rows: placesOfRows("sparseFromRows", pointers, columns.length), columns, values });
};

/**
 * The entries of a dense matrix that are not zero. The pattern is read from values, so inside `jit` or `vmap` it must be given; a given pattern reads those
 * places and ignores the others.
 */
export const sparseFromDense = (a: TensorLike, pattern?: SparsePattern): Sparse => {
  const x = operand("sparseFromDense", a, "float");
  if (x.shape.length !== 2) throw new ShapeError("sparseFromDense", "takes a matrix", { a: x.shape });
  const [m, n] = x.shape;
  let chosen = pattern;
  if (chosen === undefined) {
    const known = stop(x);
    if (known.trace !== null)
      throw new DomainError("sparseFromDense", "the pattern depends on values", { a: x.shape }, "give it a pattern");
    const values = known.dataSync();
    const rows: number[] = [];
    const columns: number[] = [];
    for (let i = 0, k = 0; i < m; i++)
      for (let j = 0; j < n; j++, k++)
        if (Number(values[k]) !== 0) {
          rows.push(i);
          columns.push(j);
        }
    chosen = patternOf("sparseFromDense", { shape: [m, n], rows, columns }).pattern;
  } else if (chosen.shape[0] !== m || chosen.shape[1] !== n)
    throw new ShapeError("sparseFromDense", "the pattern has another shape", { a: x.shape, pattern: chosen.shape });
  const flat = Int32Array.from(chosen.rows, (r, i) => r * n + chosen.columns[i]);
  return chosen(take(reshape(x, [m * n]), tensor(flat)));
};

/** The matrix written out, [m, n]. */
export const sparseToDense = ({ pattern, values }: Sparse): Tensor => {
  const [m, n] = pattern.shape;
  const flat = Int32Array.from(pattern.rows, (r, i) => r * n + pattern.columns[i]);
  return reshape(indexAdd(zeros([m * n], { dtype: values.dtype }), tensor(flat), values), [m, n]);
};

/**
 * A X for a sparse A [m, n] and a dense X: a vector [n] or columns [n, k]. With `transposed`, Aᵀ X. It costs 2 p k operations for p places, and
 * differentiates to any order with respect to the values of A and to X.
 *
 * @throws {ShapeError} X has not n rows
 * @example sparseMatmul(sparse({ shape: [2, 3], rows: [0, 1], columns: [2, 0], values: [5, 7] }), [1, 2, 3]) // [15, 7]
 */
export const sparseMatmul = (
  a: Sparse,
  x: TensorLike,
  { transposed = false }: { readonly transposed?: boolean } = {},
): Tensor => {
  const [v, y] = promote("sparseMatmul", [a.values, operand("sparseMatmul", x, "float")], "float");
  const [m, n] = a.pattern.shape;
  const [size, needed] = transposed ? [n, m] : [m, n];
  if ((y.shape.length !== 1 && y.shape.length !== 2) || y.shape[0] !== needed)
    throw new ShapeError("sparseMatmul", `needs a vector [${needed}] or columns [${needed}, k]`, {
      a: [m, n],
      x: y.shape,
      transposed,
    });
  const vector = y.shape.length === 1;
  const out = bind1(productOp, [v, vector ? expandDims(y, 1) : y, ...a.pattern.tensors], { transposed, size });
  return vector ? squeeze(out, 1) : out;
};

/** The entries of G Xᵀ at the places of a pattern alone, for G [m, k] and X [n, k]: Σ_j G_ij X_lj at (i, l). */
export const sampledProduct = (pattern: SparsePattern, g: TensorLike, x: TensorLike): Sparse => {
  const [a, b] = promote("sampledProduct", [g, x], "float");
  const [m, n] = pattern.shape;
  if (a.shape.length !== 2 || b.shape.length !== 2 || a.shape[0] !== m || b.shape[0] !== n || a.shape[1] !== b.shape[1])
    throw new ShapeError("sampledProduct", "needs G [m, k] and X [n, k] for a pattern [m, n]", {
      g: a.shape,
      x: b.shape,
      pattern: pattern.shape,
    });
  return pattern(bind1(sampledOp, [a, b, ...pattern.tensors], {}));
};

/** Aᵀ, as compressed rows of its own. */
export const sparseTranspose = ({ pattern, values }: Sparse): Sparse => {
  const { pattern: other, order } = pattern.transposed;
  return other(take(values, tensor(order)));
};

export interface SparseScaling {
  /** One factor for each row [m]. */
  readonly rows?: TensorLike;
  /** One factor for each column [n]. */
  readonly columns?: TensorLike;
}
/** diag(rows) A diag(columns). */
export const sparseScale = ({ pattern, values }: Sparse, { rows, columns }: SparseScaling): Sparse => {
  const [r, c] = pattern.tensors;
  const factors = (name: string, x: TensorLike, size: number): Tensor => {
    const t = operand("sparseScale", x, "float");
    if (t.shape.length !== 1 || t.shape[0] !== size)
      throw new ShapeError("sparseScale", `needs one factor for each of the ${name}`, {
        [name]: t.shape,
        a: pattern.shape,
      });
    return t;
  };
  let v = values;
  if (rows !== undefined) v = mul(v, take(factors("rows", rows, pattern.shape[0]), r));
  if (columns !== undefined) v = mul(v, take(factors("columns", columns, pattern.shape[1]), c));
  return pattern(v);
};

/** A + B of one shape; the places of the sum are those of both. */
export const sparseAdd = (a: Sparse, b: Sparse): Sparse => {
  if (a.pattern.shape.join() !== b.pattern.shape.join())
    throw new ShapeError("sparseAdd", "matrices must have one shape", { a: a.pattern.shape, b: b.pattern.shape });
  if (a.pattern === b.pattern) return a.pattern(add(a.values, b.values));
  const join = (x: Int32Array, y: Int32Array): Int32Array => {
    const out = new Int32Array(x.length + y.length);
    out.set(x);
    out.set(y, x.length);
    return out;
  };
  return sparse({
    shape: a.pattern.shape,
    rows: join(a.pattern.rows, b.pattern.rows),
    columns: join(a.pattern.columns, b.pattern.columns),
    values: concatenate([a.values, b.values]),
  });
};

/** The diagonal of A, zeros where it has no place. */
export const sparseDiagonal = ({ pattern, values }: Sparse): Tensor => {
  const size = Math.min(...pattern.shape);
  const at: number[] = [];
  for (let p = 0; p < pattern.places; p++) if (pattern.rows[p] === pattern.columns[p]) at.push(p);
  const into = zeros([size], { dtype: values.dtype });
  if (at.length === 0) return into;
  const rows = Int32Array.from(at, (i) => pattern.rows[i]);
  return indexAdd(into, tensor(rows), take(values, tensor(Int32Array.from(at))));
};
