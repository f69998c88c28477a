import { aval, DomainError, ShapeError } from "@ansatz/backend";
import { defineOp, expandDims, neg, squeeze, sub, type Tensor, type TensorLike } from "@ansatz/tensor";
import { bind1, isLinearInput, promote, type TensorOp } from "@ansatz/tensor/transforms";
import { leading, overBatch } from "../support";
import { productOp } from "./ops";
import type { Sparse } from "./pattern";

type Form = { readonly lower: boolean; readonly transposed: boolean };

/** (values [p], b [n, k], rows, columns, pointers) → x [n, k] with T x = b, or Tᵀ x = b. */
const triangularOp: TensorOp<Form> = /* @__PURE__ */ defineOp<Form>({
  name: "sparseTriangularSolve",
  abstract: ([values, b]) => [aval(b.shape, values.dtype)],
  host: ([values, b, rows, columns, pointers], form, into) => {
    const [n, k] = b.aval.shape.slice(-2);
    const out = { shape: [n, k], dtype: b.aval.dtype };
    return overBatch(
      [values, b, rows, columns, pointers],
      [1, 2, 1, 1, 1],
      [out],
      into,
      ([v, rhs, , c, starts], [x]) => {
        x.set(rhs);
        substitute(v, c, starts, n, k, x, form);
      },
    );
  },
  derivative: {
    kind: "jvp",
    // T x = b:  dx = T⁻¹ (db - dT x)
    jvp: ([values, , ...where], [dv, db], form, [x]) => {
      const params = { transposed: form.transposed, size: x.shape[x.shape.length - 2] };
      const moved = dv && bind1(productOp, [dv, x, ...where], params);
      const rhs = moved ? (db ? sub(db, moved) : neg(moved)) : (db as Tensor);
      return [bind1(triangularOp, [values, rhs, ...where], form)];
    },
    transpose: ([ct], [values, b, ...where], { lower, transposed }) => {
      if (ct === null || !isLinearInput(b)) return [null, null, null, null, null];
      const inputs = [values as Tensor, ct, ...(where as Tensor[])];
      return [null, bind1(triangularOp, inputs, { lower, transposed: !transposed }), null, null, null];
    },
  },
  batch: (...args) => leading(() => triangularOp)(...args),
});

/** Substitution in place: by dots along the rows of T, or by updates along them for Tᵀ. The diagonal ends a lower row and begins an upper one. */
export const substitute = (
  v: Float64Array,
  columns: Float64Array,
  pointers: Float64Array,
  n: number,
  k: number,
  x: Float64Array,
  { lower, transposed }: Form,
): void => {
  const forward = lower !== transposed;
  for (let s = 0; s < n; s++) {
    const i = forward ? s : n - 1 - s;
    const [start, end] = [pointers[i], pointers[i + 1]];
    const [diagonal, from, to] = lower ? [end - 1, start, end - 1] : [start, start + 1, end];
    for (let j = 0; j < k; j++) {
      if (transposed) {
        const xi = (x[i * k + j] /= v[diagonal]);
        for (let p = from; p < to; p++) x[columns[p] * k + j] -= v[p] * xi;
      } else {
        let sum = x[i * k + j];
        for (let p = from; p < to; p++) sum -= v[p] * x[columns[p] * k + j];
        x[i * k + j] = sum / v[diagonal];
      }
    }
  }
};

export interface SparseTriangularOptions {
  /** Whether T is lower triangular; upper by default. */
  readonly lower?: boolean;
  /** Solve with Tᵀ. */
  readonly transposed?: boolean;
}
/**
 * The solution of T X = B by substitution, for a sparse triangular T [n, n] that has every diagonal place and none on the other side; B is [n] or [n, k]. A
 * zero on the diagonal gives ∞ or NaN, as division does. Differentiable in the values of T and in B.
 *
 * @throws {DomainError} the pattern is not triangular, or lacks a place on the diagonal
 */
export const sparseTriangularSolve = (
  t: Sparse,
  b: TensorLike,
  { lower = false, transposed = false }: SparseTriangularOptions = {},
): Tensor => {
  const [values, rhs] = promote("sparseTriangularSolve", [t.values, b], "float");
  const [n, m] = t.pattern.shape;
  if (n !== m || (rhs.shape.length !== 1 && rhs.shape.length !== 2) || rhs.shape[0] !== n)
    throw new ShapeError("sparseTriangularSolve", "needs T [n, n] and B [n] or [n, k]", { t: [n, m], b: rhs.shape });
  const { rows, columns, pointers } = t.pattern;
  for (let i = 0; i < n; i++) {
    const at = lower ? pointers[i + 1] - 1 : pointers[i];
    if (pointers[i] === pointers[i + 1] || columns[at] !== i || rows[at] !== i)
      throw new DomainError(
        "sparseTriangularSolve",
        `T must be ${lower ? "lower" : "upper"} triangular with its whole diagonal`,
        { row: i },
      );
  }
  const vector = rhs.shape.length === 1;
  const x = bind1(triangularOp, [values, vector ? expandDims(rhs, 1) : rhs, ...t.pattern.tensors], {
    lower,
    transposed,
  });
  return vector ? squeeze(x, 1) : x;
};
