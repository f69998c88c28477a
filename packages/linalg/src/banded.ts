import { DomainError, ShapeError } from "@ansatz/backend";
import { add, defineOp, mul, neg, pad, slice, sub, type Tensor, type TensorLike } from "@ansatz/tensor";
import { bind, broadcastShapes, isLinearInput, promote, stretch, type TensorOp } from "@ansatz/tensor/transforms";
import { solveBand, solveBandDefinite } from "./host/banded";
import { largest } from "./host/scaling";
import { failure } from "./info";
import { batchOf, columns, infoOf, leading, like, overBatch, rows } from "./support";

type Form = {
  readonly lower: number;
  readonly upper: number;
  readonly transposed: boolean;
  /** Only the diagonal and those below are stored, and the matrix is positive definite. */
  readonly definite: boolean;
};

const bandedOp: TensorOp<Form> = /* @__PURE__ */ defineOp<Form>({
  name: "solveBanded",
  abstract: ([, b]) => [like(b, [rows(b), columns(b)]), infoOf(b)],
  host: ([ab, b], { lower, upper, transposed, definite }, into) => {
    const [n, k] = [rows(b.aval), columns(b.aval)];
    const outputs = [
      { shape: [n, k], dtype: b.aval.dtype },
      { shape: [], dtype: "int32" as const },
    ];
    return overBatch([ab, b], [2, 2], outputs, into, ([m, r], [x], [info]) => {
      const finite = storedFinite(m, n, lower, upper) && largest(r) < Infinity;
      const bad = !finite
        ? 0
        : definite
          ? solveBandDefinite(m, r, n, lower, k)
          : solveBand(m, r, n, lower, upper, k, transposed);
      info[0] = !finite
        ? failure("notFinite")
        : bad > 0
          ? failure(definite ? "notPositiveDefinite" : "singular", bad)
          : 0;
      if (info[0] === 0) x.set(r);
      else x.fill(NaN);
    });
  },
  derivative: {
    kind: "jvp",
    // A X = B: dX = A⁻¹ (dB - dA X)
    jvp: ([ab], [dab, db], form, [x]) => {
      const moved = dab && timesBanded(dab, x, form);
      const right = db && moved ? sub(db, moved) : (db ?? neg(moved as Tensor));
      return [bind(bandedOp, [ab, right], form)[0], null];
    },
    transpose: ([g], [ab, b], form) => {
      if (!g || isLinearInput(ab) || !isLinearInput(b)) return [null, null];
      return [null, bind(bandedOp, [ab, g], { ...form, transposed: !form.transposed })[0]];
    },
  },
  batch: (...args) => leading(() => bandedOp)(...args),
});

/** Whether what lies within the matrix is finite; corners of the storage are never read. */
const storedFinite = (ab: Float64Array, n: number, lower: number, upper: number): boolean => {
  for (let r = 0; r <= lower + upper; r++)
    for (let j = Math.max(0, upper - r); j < Math.min(n, n + upper - r); j++)
      if (!Number.isFinite(ab[r * n + j])) return false;
  return true;
};

/** A X or Aᵀ X for banded A, diagonal by diagonal. */
const timesBanded = (ab: Tensor, x: Tensor, { lower, upper, transposed, definite }: Form): Tensor => {
  const n = rows(x);
  const terms: Tensor[] = [];
  for (let r = 0; r <= lower + upper; r++) {
    // row r holds a(j + d, j)
    const d = r - upper;
    if (Math.abs(d) >= n) continue;
    const diagonal = part(ab, -2, r, r + 1).reshape([...batchOf(ab, 2), n, 1]);
    if (definite ? d >= 0 : !transposed) terms.push(shift(mul(diagonal, x), d));
    if (definite ? d > 0 : transposed) terms.push(mul(shift(shift(diagonal, d), -d), shift(x, -d)));
  }
  return terms.reduce((p, q) => add(p, q));
};
/** Rows moved down by d, zeros behind them. */
const shift = (x: Tensor, d: number): Tensor => {
  if (d === 0) return x;
  const n = rows(x);
  const kept = d > 0 ? part(x, -2, 0, n - d) : part(x, -2, -d, n);
  return pad(
    kept,
    kept.shape.map((_, i) =>
      i === kept.shape.length - 2 ? ([Math.max(0, d), Math.max(0, -d)] as const) : ([0, 0] as const),
    ),
  );
};
const part = (x: Tensor, axis: number, from: number, to: number): Tensor => {
  const at = x.shape.length + axis;
  return slice(
    x,
    x.shape.map((_, i) => (i === at ? from : 0)),
    x.shape.map((e, i) => (i === at ? to : e)),
  );
};

export interface BandedSolution {
  readonly x: Tensor;
  readonly info: Tensor;
}

const run = (caller: string, ab: TensorLike, b: TensorLike, form: Form): BandedSolution => {
  const [m, r] = promote(caller, [ab, b], "float");
  const stored = form.lower + form.upper + 1;
  if (m.shape.length < 2 || rows(m) !== stored)
    throw new ShapeError(caller, "the diagonals are stored in rows, one for each", {
      diagonals: m.shape,
      rows: stored,
    });
  const n = columns(m);
  const vector = r.shape.length === 1 || (m.shape.length > 2 && r.shape.length === m.shape.length - 1);
  const column = vector ? r.reshape([...r.shape, 1]) : r;
  if (column.shape.length < 2 || rows(column) !== n)
    throw new ShapeError(caller, "a and b must have as many rows", { diagonals: m.shape, b: r.shape });
  const lead = broadcastShapes(caller, batchOf(m, 2), batchOf(column, 2));
  const [x, info] = bind(
    bandedOp,
    [stretch(m, [...lead, stored, n]), stretch(column, [...lead, n, columns(column)])],
    form,
  );
  return { x: vector ? x.reshape(x.shape.slice(0, -1)) : x, info };
};

export interface Bandwidths {
  /** How many diagonals lie below the main one. */
  readonly lower: number;
  /** How many lie above. */
  readonly upper: number;
}
/**
 * The solution of A X = B for a banded matrix, by LU with partial pivoting along the band: O(n) for fixed bandwidths.
 *
 * @param ab the diagonals in rows [..., lower + upper + 1, n], as LAPACK and SciPy store them: row upper + i - j holds a(i, j) in column j
 * @param b [n] or [n, k]   @returns x, and `info`, which fails where A is singular
 * @example solveBanded([[0, 1, 1], [2, 2, 2], [1, 1, 0]], [3, 4, 3], { lower: 1, upper: 1 }).x // [1, 1, 1]
 */
export const solveBanded = (ab: TensorLike, b: TensorLike, { lower, upper }: Bandwidths): BandedSolution => {
  for (const w of [lower, upper])
    if (!Number.isInteger(w) || w < 0)
      throw new DomainError("solveBanded", "takes counts of diagonals", { lower, upper });
  return run("solveBanded", ab, b, { lower, upper, transposed: false, definite: false });
};
/**
 * The same for a symmetric positive definite matrix by Cholesky, from the main diagonal and those below it.
 *
 * @param ab [..., p + 1, n]: row d holds a(j + d, j) in column j (SciPy's lower form)
 * @example solveBandedDefinite([[2, 2, 2], [1, 1, 0]], [3, 4, 3]).x // [1, 1, 1]
 */
export const solveBandedDefinite = (ab: TensorLike, b: TensorLike): BandedSolution => {
  const [m] = promote("solveBandedDefinite", [ab], "float");
  const lower = m.shape.length < 2 ? 0 : rows(m) - 1;
  return run("solveBandedDefinite", m, b, { lower, upper: 0, transposed: false, definite: true });
};
