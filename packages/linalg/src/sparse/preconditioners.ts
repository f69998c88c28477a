import { aval, DomainError, ShapeError } from "@ansatz/backend";
import {
  concatenate,
  defineOp,
  diagonal,
  div,
  equal,
  expandDims,
  mul,
  ones,
  type Tensor,
  type TensorLike,
  take,
  tensor,
  where,
} from "@ansatz/tensor";
import { bind, notDifferentiable, stop, type TensorOp } from "@ansatz/tensor/transforms";
import { failure } from "../info";
import type { LinearOperator } from "../linear-operator";
import { leading, overBatch, square } from "../support";
import { fromSorted, isSparse, picked, type Sparse } from "./pattern";
import { sparseDiagonal } from "./sparse";
import { sparseTriangularSolve } from "./triangular";

/**
 * Approximate inverses M ≈ A⁻¹ for the iterative solvers. A preconditioner changes how a solution is reached, not the solution, so it is a constant of every
 * differentiation.
 */
const why = "a preconditioner is a constant of differentiation";

const diagonalOperator = (d: Tensor): LinearOperator => {
  const apply = (x: Tensor): Tensor => mul(x.shape.length === 1 ? d : expandDims(d, 1), x);
  return { shape: [d.shape[0], d.shape[0]], apply, adjoint: apply };
};

/** diag(A)⁻¹, with 1 where the diagonal is 0. @example jacobiPreconditioner([[4, 1], [1, 2]]).apply(tensor([4, 4])) // [1, 2] */
export const jacobiPreconditioner = (a: Sparse | TensorLike): LinearOperator => {
  const d = stop(isSparse(a) ? sparseDiagonal(a) : diagonal(square("jacobiPreconditioner", a)));
  if (d.shape.length !== 1) throw new ShapeError("jacobiPreconditioner", "takes one matrix", { diagonal: d.shape });
  const none = equal(d, 0);
  return diagonalOperator(where(none, 1, div(1, where(none, 1, d))));
};

/** Rows and columns as numbers, since host ops get all their operands as float64. */
type Factorer = (v: Float64Array, columns: Float64Array, pointers: Float64Array, n: number) => number;
const factorOp = (name: string, factor: Factorer): TensorOp => {
  const op: TensorOp = defineOp({
    name,
    abstract: ([values]) => [values, aval(values.shape.slice(0, -1), "int32")],
    host: ([values, columns, pointers], _, into) => {
      const [p, n] = [values.aval.shape, pointers.aval.shape].map((s) => s[s.length - 1]);
      const out = { shape: [p], dtype: values.aval.dtype };
      const info = { shape: [], dtype: "int32" as const };
      return overBatch([values, columns, pointers], [1, 1, 1], [out, info], into, ([v, c, starts], [x], [code]) => {
        code[0] = factor(v, c, starts, n - 1);
        x.set(v);
        if (code[0] > 0) x.fill(NaN);
      });
    },
    derivative: notDifferentiable(why),
    batch: (...args) => leading(() => op)(...args),
  });
  return op;
};

/** L of A ≈ L Lᵀ on the places of the lower triangle, rows with their diagonal last. */
const choleskyOp = /* @__PURE__ */ factorOp("incompleteCholesky", (v, columns, pointers, n) => {
  for (let i = 0; i < n; i++) {
    const [start, last] = [pointers[i], pointers[i + 1] - 1];
    for (let p = start; p <= last; p++) {
      const k = columns[p];
      const end = pointers[k + 1] - 1; // the diagonal of row k
      let [s, q, r] = [v[p], start, pointers[k]];
      while (q < p && r < end) {
        if (columns[q] === columns[r]) s -= v[q++] * v[r++];
        else if (columns[q] < columns[r]) q++;
        else r++;
      }
      if (p < last) v[p] = s / v[end];
      else if (s > 0) v[p] = Math.sqrt(s);
      else return failure("notPositiveDefinite", i + 1);
    }
  }
  return 0;
});

/** L and U of A ≈ L U in one array on the places of A; L has ones on its diagonal. */
const luOp = /* @__PURE__ */ factorOp("incompleteLu", (v, columns, pointers, n) => {
  const place = new Int32Array(n).fill(-1);
  const diagonals = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const [start, end] = [pointers[i], pointers[i + 1]];
    for (let p = start; p < end; p++) place[columns[p]] = p;
    for (let p = start; p < end && columns[p] < i; p++) {
      const k = columns[p];
      v[p] /= v[diagonals[k]];
      for (let q = diagonals[k] + 1; q < pointers[k + 1]; q++) {
        const at = place[columns[q]];
        if (at >= 0) v[at] -= v[p] * v[q];
      }
    }
    diagonals[i] = place[i];
    for (let p = start; p < end; p++) place[columns[p]] = -1;
    if (v[diagonals[i]] === 0) return failure("singular", i + 1);
    if (Number.isNaN(v[diagonals[i]])) return failure("notFinite");
  }
  return 0;
});

const withDiagonal = (caller: string, a: Sparse): void => {
  const [n, m] = a.pattern.shape;
  if (n !== m) throw new ShapeError(caller, "takes a square matrix", { a: [n, m] });
  const { rows, columns } = a.pattern;
  const present = new Uint8Array(n);
  for (let p = 0; p < rows.length; p++) if (rows[p] === columns[p]) present[rows[p]] = 1;
  const first = present.indexOf(0);
  if (first >= 0)
    throw new DomainError(caller, "the pattern must hold the whole diagonal", { missing: first }, "add zeros there");
};
/** The places of `a` that satisfy a test. */
const part = (a: Sparse, test: (row: number, column: number) => boolean) => {
  const { rows, columns, shape } = a.pattern;
  const kept: number[] = [];
  for (let p = 0; p < rows.length; p++) if (test(rows[p], columns[p])) kept.push(p);
  const at = Int32Array.from(kept);
  return { pattern: fromSorted(shape, picked(rows, at), picked(columns, at)), at };
};

export interface IncompleteCholesky extends LinearOperator {
  /** L with A ≈ L Lᵀ, exact on the places of A. */
  readonly l: Sparse;
  /** The first pivot that was not positive, when there is one; then raise `shift`. */
  readonly info: Tensor;
}
/**
 * IC(0): L Lᵀ ≈ A for a sparse symmetric positive definite A, with no more places than A has (its lower triangle is read); applied as M = (L Lᵀ)⁻¹. It exists for
 * M-matrices (Laplacians with something added); for others `shift` factors A + shift · diag(A) instead.
 *
 * @see Meijerink and van der Vorst 1977; Manteuffel 1980 for the shift
 */
export const incompleteCholesky = (a: Sparse, { shift = 0 }: { readonly shift?: number } = {}): IncompleteCholesky => {
  withDiagonal("incompleteCholesky", a);
  const { pattern, at } = part(a, (r, c) => c <= r);
  const onDiagonal = new Float64Array(at.length);
  for (let i = 0; i < at.length; i++) onDiagonal[i] = pattern.rows[i] === pattern.columns[i] ? 1 + shift : 1;
  const lower = mul(take(stop(a.values), tensor(at)), tensor(onDiagonal).astype(a.values.dtype));
  const [, columns, pointers] = pattern.tensors;
  const [values, info] = bind(choleskyOp, [lower, columns, pointers], {});
  const l = pattern(values);
  const apply = (x: Tensor): Tensor =>
    sparseTriangularSolve(l, sparseTriangularSolve(l, x, { lower: true }), { lower: true, transposed: true });
  return { shape: a.pattern.shape, apply, adjoint: apply, l, info };
};

export interface IncompleteLu extends LinearOperator {
  readonly l: Sparse;
  readonly u: Sparse;
  /** The first pivot that was zero, when there is one. */
  readonly info: Tensor;
}
/** ILU(0): L U ≈ A for a sparse A, with no more places than A has; applied as M = U⁻¹L⁻¹. @see Meijerink and van der Vorst 1977 */
export const incompleteLu = (a: Sparse): IncompleteLu => {
  withDiagonal("incompleteLu", a);
  const [, columns, pointers] = a.pattern.tensors;
  const [values, info] = bind(luOp, [stop(a.values), columns, pointers], {});
  const upper = part(a, (r, c) => c >= r);
  const below = part(a, (r, c) => c < r);
  const n = a.pattern.shape[0];
  const lower = part(a, (r, c) => c <= r);
  // entries below the diagonal, and a one that every diagonal place reads
  const pool = concatenate([take(values, tensor(below.at)), ones([1], { dtype: values.dtype })]);
  const rank = new Map(Array.from(below.at, (p, i) => [p, i] as const));
  const from = Int32Array.from(lower.at, (p) => rank.get(p) ?? below.at.length);
  const l = lower.pattern(take(pool, tensor(from)));
  const u = upper.pattern(take(values, tensor(upper.at)));
  const apply = (x: Tensor): Tensor => sparseTriangularSolve(u, sparseTriangularSolve(l, x, { lower: true }));
  const adjoint = (y: Tensor): Tensor =>
    sparseTriangularSolve(l, sparseTriangularSolve(u, y, { transposed: true }), { lower: true, transposed: true });
  return { shape: [n, n], apply, adjoint, l, u, info };
};
