import { linearTranspose } from "@ansatz/autodiff";
import { DomainError, type DType, ShapeError } from "@ansatz/backend";
import { isTensor, matmul, matrixTranspose, type Tensor, type TensorLike, vmap, zeros } from "@ansatz/tensor";
import { operand } from "@ansatz/tensor/transforms";
import { isSparse, type Sparse } from "./sparse/pattern";
import { sparseMatmul } from "./sparse/sparse";
import { columns, matrix, rows } from "./support";

/** A linear map given by what it does. Both functions take a vector, or a matrix of columns. */
export interface LinearOperator {
  /** [m, n]: from vectors [n] to vectors [m]. */
  readonly shape: readonly [rows: number, columns: number];
  /** A x for x [n] or [n, k]. */
  apply(x: Tensor): Tensor;
  /** Aᵀ y for y [m] or [m, k]. */
  adjoint(y: Tensor): Tensor;
}

export interface LinearOperatorOptions {
  /** [m, n], or n for a square one. */
  readonly shape: number | readonly [rows: number, columns: number];
  /** x ↦ A x for vectors [n]. */
  readonly apply: (x: Tensor) => Tensor;
  /** y ↦ Aᵀ y for vectors [m]; by transposing `apply` where it is not given. */
  readonly adjoint?: (y: Tensor) => Tensor;
}

/**
 * A linear operator that is never written out: for the iterative solvers, `lanczos`, `lobpcg`, `randomizedSvd`. The function may use tensors that are
 * differentiated; results have derivatives with respect to them.
 *
 * The adjoint, where none is given, is the transpose of the program that `apply` is: exact, and as cheap as `apply`.
 *
 * @throws {ShapeError} when used: `apply` gives another shape than it should
 * @example
 * const difference = linearOperator({ shape: [3, 4], apply: (x) => diff(x) });
 * difference.adjoint(tensor([1, 0, 0])); // [-1, 1, 0, 0]
 */
export const linearOperator = ({ shape, apply, adjoint }: LinearOperatorOptions): LinearOperator => {
  const [m, n] = typeof shape === "number" ? [shape, shape] : shape;
  if (![m, n].every((d) => Number.isInteger(d) && d >= 0))
    throw new DomainError("linearOperator", "shape is one or two whole numbers", { shape });
  const forward = checked("linearOperator.apply", apply, n, m);
  const back = adjoint ?? ((y: Tensor): Tensor => transposeAt(forward, n, y));
  return {
    shape: [m, n],
    apply: forward,
    adjoint: checked("linearOperator.adjoint", back, m, n),
  };
};

const checked =
  (caller: string, f: (x: Tensor) => Tensor, from: number, to: number) =>
  (x: Tensor): Tensor => {
    const rank = x.shape.length;
    if (!(rank === 1 || rank === 2) || x.shape[0] !== from)
      throw new ShapeError(caller, `takes a vector [${from}] or columns [${from}, k]`, { x: x.shape });
    const one = (v: Tensor): Tensor => {
      const y = f(v);
      if (y.shape.length !== 1 || y.shape[0] !== to)
        throw new ShapeError(caller, `the function must give a vector [${to}]`, { x: v.shape, result: y.shape });
      return y;
    };
    return rank === 1 ? one(x) : (vmap(one, { in: 1, out: 1 })(x) as Tensor);
  };

/** Aᵀ y by the transpose of the linear function A. */
const transposeAt = (apply: (x: Tensor) => Tensor, n: number, y: Tensor): Tensor => {
  const [x] = linearTranspose(apply, zeros([n], { dtype: y.dtype }))(y) as unknown as readonly [Tensor];
  return x;
};

/** A matrix [m, n], dense or sparse, a linear operator, or (where the matrix is square) the function x ↦ A x of vectors [n]. */
export type Operator = TensorLike | Sparse | LinearOperator | ((x: Tensor) => Tensor);

export const isLinearOperator = (a: Operator): a is LinearOperator =>
  typeof a === "object" && !isTensor(a) && typeof (a as Partial<LinearOperator>).apply === "function";

/** What an operator is, whatever form it was given in; n is the length of vectors where a lone function does not say. */
export const asOperator = (caller: string, a: Operator, n?: number): LinearOperator => {
  if (isLinearOperator(a)) return a;
  if (isSparse(a))
    return {
      shape: a.pattern.shape,
      apply: (x) => sparseMatmul(a, x),
      adjoint: (y) => sparseMatmul(a, y, { transposed: true }),
    };
  if (typeof a === "function") {
    if (n === undefined)
      throw new ShapeError(caller, "cannot know the shape of a function", undefined, "wrap it with linearOperator");
    return linearOperator({ shape: n, apply: a });
  }
  const m = matrix(caller, operand(caller, a, "float"));
  if (m.shape.length !== 2) throw new ShapeError(caller, "takes one matrix; map over more with vmap", { a: m.shape });
  return {
    shape: [rows(m), columns(m)],
    apply: (x) => matmul(m, x),
    adjoint: (y) => matmul(matrixTranspose(m), y),
  };
};

/** A square operator on vectors [n]. */
export const asSquare = (caller: string, a: Operator, n: number): LinearOperator => {
  const op = asOperator(caller, a, n);
  if (op.shape[0] !== op.shape[1]) throw new ShapeError(caller, "takes a square matrix or a function", { a: op.shape });
  if (op.shape[0] !== n)
    throw new ShapeError(caller, "the vector must be as long as the matrix", { a: op.shape, vector: [n] });
  return op;
};

/** The dtype of a matrix, or what else was said. */
export const dtypeOf = (a: Operator, fallback: DType): DType =>
  isSparse(a)
    ? a.values.dtype
    : typeof a === "function" || isLinearOperator(a)
      ? fallback
      : operand("operator", a, "float").dtype;
