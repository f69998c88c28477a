import { type Aval, ShapeError } from "@ansatz/backend";
import { defineOp, matmul, matrixTranspose, neg, sub, type Tensor, type TensorLike, tril, triu } from "@ansatz/tensor";
import { bind1, isLinearInput, type TensorOp } from "@ansatz/tensor/transforms";
import { triangularSolveOnTensorFlow } from "./devices/tensorflow";
import { solveTriangular } from "./host/triangular";
import { columns, leading, like, overBatch, rows, square, system } from "./support";

type Form = {
  readonly lower: boolean;
  /** Solve with Aᵀ. */
  readonly transposed: boolean;
  /** The diagonal is 1 and is not read. */
  readonly unit: boolean;
};

const triangle = (a: Tensor, { lower, unit }: Form): Tensor => (lower ? tril(a, unit ? -1 : 0) : triu(a, unit ? 1 : 0));

const triangularSolveOp: TensorOp<Form> = /* @__PURE__ */ defineOp<Form>({
  name: "triangularSolve",
  abstract: ([a, b]): readonly Aval[] => [like(b, [columns(a), columns(b)])],
  host: ([a, b], { lower, transposed, unit }, into) => {
    const [n, k] = [rows(a.aval), columns(b.aval)];
    return overBatch([a, b], [2, 2], [{ shape: [n, k], dtype: b.aval.dtype }], into, ([m, r], [x]) => {
      solveTriangular(m, r, n, k, lower, transposed, unit);
      x.set(r);
    });
  },
  derivative: {
    kind: "jvp",
    // A X = B: dX = A⁻¹ (dB - dA X), only A's triangle being read
    jvp: ([a], [da, db], form, [x]) => {
      const t = da && triangle(da, form);
      const moved = t && matmul(form.transposed ? matrixTranspose(t) : t, x);
      const right = db && moved ? sub(db, moved) : (db ?? neg(moved as Tensor));
      return [raw(a, right, form)];
    },
    // linear in B: B̄ = A⁻ᵀ X̄
    transpose: ([g], [a, b], form) => {
      if (!g || isLinearInput(a) || !isLinearInput(b)) return [null, null];
      return [null, raw(a, g, { ...form, transposed: !form.transposed })];
    },
  },
  batch: (...args) => leading(() => triangularSolveOp)(...args),
  kernels: { tfjs: { compose: triangularSolveOnTensorFlow(() => triangularSolveOp) } },
});
const raw = (a: Tensor, b: Tensor, form: Form): Tensor => bind1(triangularSolveOp, [a, b], form);

/** A⁻¹ B, operands of one dtype and batch: for rules. */
export const solveLower = (a: Tensor, b: Tensor, transposed = false): Tensor =>
  raw(a, b, { lower: true, transposed, unit: false });
export const solveUpper = (a: Tensor, b: Tensor, transposed = false): Tensor =>
  raw(a, b, { lower: false, transposed, unit: false });
export const solveUnitLower = (a: Tensor, b: Tensor): Tensor =>
  raw(a, b, { lower: true, transposed: false, unit: true });

export const solveUnitLowerTransposed = (a: Tensor, b: Tensor): Tensor =>
  raw(a, b, { lower: true, transposed: true, unit: true });

export interface TriangularOptions {
  /** Which triangle of a is read; the upper one by default. */
  readonly lower?: boolean;
  /** Solve with aᵀ. */
  readonly transposed?: boolean;
  /** Take the diagonal of a for ones. */
  readonly unitDiagonal?: boolean;
}

/**
 * The solution of A X = B for a triangular A [n, n] by substitution; the other triangle is not read. B is a vector [n] or columns [n, k].
 * A zero on the diagonal gives ∞ or NaN, as division does.
 *
 * @example triangularSolve([[2, 0], [1, 4]], [2, 9], { lower: true }) // [1, 2]
 */
export const triangularSolve = (
  a: TensorLike,
  b: TensorLike,
  { lower = false, transposed = false, unitDiagonal = false }: TriangularOptions = {},
): Tensor => {
  const s = system("triangularSolve", a, b);
  if (rows(s.a) !== columns(s.a)) throw new ShapeError("triangularSolve", "takes square matrices", { a: s.a.shape });
  return s.undo(raw(square("triangularSolve", s.a), s.b, { lower, transposed, unit: unitDiagonal }));
};
