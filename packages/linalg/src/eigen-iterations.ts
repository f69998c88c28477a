import { ShapeError } from "@ansatz/backend";
import {
  abs,
  add,
  astype,
  div,
  equal,
  expandDims,
  eye,
  greater,
  less,
  logicalAnd,
  matmul,
  mul,
  scan,
  sqrt,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  where,
  whileLoop,
  zeros,
} from "@ansatz/tensor";
import { operand } from "@ansatz/tensor/transforms";
import { constantly } from "./constantly";
import { differentiablePair } from "./eigenpair";
import { failure } from "./info";
import { asSquare, isLinearOperator, type Operator } from "./linear-operator";
import { solve } from "./solve";
import { isSparse } from "./sparse/pattern";
import { rows, square } from "./support";

export interface EigenIteration {
  /** The Rayleigh quotient of the last vector. */
  readonly value: Tensor;
  /** Of norm 1. */
  readonly vector: Tensor;
  readonly info: Tensor;
  readonly stats: { readonly steps: Tensor; readonly residualNorm: Tensor };
}
export interface EigenIterationOptions {
  /** Stop when ‖A v - λ v‖ ≤ tol · |λ|; 1e-10 by default. */
  readonly tol?: number;
  readonly maxSteps?: number;
}

const inner = (x: Tensor, y: Tensor): Tensor => sum(mul(x, y));
const unit = (x: Tensor): Tensor => div(x, sqrt(inner(x, x)));

const iterate = (
  caller: string,
  apply: (x: Tensor) => Tensor,
  step: (v: Tensor, value: Tensor) => Tensor,
  v0: TensorLike,
  { tol = 1e-10, maxSteps = 1000, dense }: EigenIterationOptions & { readonly dense: boolean },
): EigenIteration => {
  const start = operand(caller, v0, "float");
  if (start.shape.length !== 1) throw new ShapeError(caller, "starts from a vector", { v0: start.shape });
  const measure = (v: Tensor): { value: Tensor; res: Tensor } => {
    const av = apply(v);
    const value = inner(v, av);
    const r = sub(av, mul(value, v));
    return { value, res: sqrt(inner(r, r)) };
  };
  type S = Record<"v" | "value" | "res" | "k", Tensor>;
  const [v, quotient, res, steps] = constantly(
    caller,
    (x) => {
      const first = unit(x);
      const end = whileLoop(
        (s: S) => logicalAnd(greater(s.res, mul(tol, abs(s.value))), less(s.k, maxSteps)),
        (s: S) => {
          const next = unit(step(s.v, s.value));
          return { v: next, ...measure(next), k: add(s.k, 1) };
        },
        { v: first, ...measure(first), k: astype(zeros([]), "int32") },
      );
      return [end.v, end.value, end.res, end.k];
    },
    start,
  );
  const done = sub(res, mul(tol, abs(quotient)));
  return {
    ...differentiablePair(apply, dense, { value: quotient, vector: v }),
    info: where(
      greater(done, 0),
      add(failure("notConverged"), mul(16, steps)),
      where(equal(done, done), 0, failure("notFinite")),
    ),
    stats: { steps, residualNorm: res },
  };
};

/*
 * Values and vectors of these iterations differentiate in both modes and to every order where the eigenvalue is simple: by A v = λ v, vᵀv = 1, not through the
 * steps. The start has no influence on them.
 */

/** The eigenvalue of largest modulus, when it is alone: v ← A v / ‖A v‖. Linear convergence with |λ₂/λ₁|. */
export const powerIteration = (a: Operator, v0: TensorLike, options: EigenIterationOptions = {}): EigenIteration => {
  const start = operand("powerIteration", v0, "float");
  const { apply } = asSquare("powerIteration", a, start.shape[0]);
  const dense = typeof a !== "function" && !isLinearOperator(a) && !isSparse(a);
  return iterate("powerIteration", apply, apply, start, { ...options, dense });
};
/** The eigenvalue nearest to `shift`: v ← (A - shift I)⁻¹ v. */
export const inverseIteration = (
  a: TensorLike,
  shift: TensorLike,
  v0: TensorLike,
  options: EigenIterationOptions = {},
): EigenIteration => {
  const m = square("inverseIteration", a);
  const moved = sub(m, mul(shift, eye(rows(m), rows(m), { dtype: m.dtype })));
  return iterate(
    "inverseIteration",
    (x) => matmul(m, x),
    (v) => solve(moved, v),
    v0,
    { ...options, dense: true },
  );
};
/** Rayleigh quotient iteration: inverse iteration with the current quotient as shift; cubic convergence for symmetric A. */
export const rayleighIteration = (
  a: TensorLike,
  v0: TensorLike,
  options: EigenIterationOptions = {},
): EigenIteration => {
  const m = square("rayleighIteration", a);
  const one = eye(rows(m), rows(m), { dtype: m.dtype });
  return iterate(
    "rayleighIteration",
    (x) => matmul(m, x),
    (v, value) => {
      const x = solve(sub(m, mul(value, one)), v);
      // a shift that is an eigenvalue to the last bit: the vector is found
      return where(equal(x, x), x, v);
    },
    v0,
    { maxSteps: 50, ...options, dense: true },
  );
};

export interface Lanczos {
  /** Diagonal [m] and subdiagonal [m - 1] of T = Q A Qᵀ. */
  readonly alpha: Tensor;
  readonly beta: Tensor;
  /** Orthonormal rows [m, n] that span the Krylov space. */
  readonly q: Tensor;
}
/** m steps of Lanczos for a symmetric A, with full reorthogonalisation; the eigenvalues of T approach the outermost ones of A. */
export const lanczos = (a: Operator, v0: TensorLike, m: number): Lanczos => {
  const start = unit(operand("lanczos", v0, "float"));
  const n = start.shape[0];
  const { apply } = asSquare("lanczos", a, n);
  const index = Array.from({ length: m }, (_, i) => i);
  const [, rowsOut] = scan(
    (c: { basis: Tensor; v: Tensor }, j: Tensor) => {
      const basis = where(expandDims(equal(index, j), 1), expandDims(c.v, 0), c.basis);
      const w = apply(c.v);
      const alpha = inner(c.v, w);
      const once = sub(w, matmul(matmul(basis, w), basis));
      const twice = sub(once, matmul(matmul(basis, once), basis));
      const beta = sqrt(inner(twice, twice));
      const next = where(equal(beta, 0), 0, div(twice, where(equal(beta, 0), 1, beta)));
      return [
        { basis, v: next },
        { alpha, beta, v: c.v },
      ] as const;
    },
    { basis: zeros([m, n], { dtype: start.dtype }), v: start },
    astype(index, start.dtype),
  ) as unknown as [unknown, { alpha: Tensor; beta: Tensor; v: Tensor }];
  const beta = matmul(eye(Math.max(0, m - 1), m, { dtype: start.dtype }), rowsOut.beta);
  return { alpha: rowsOut.alpha, beta, q: rowsOut.v };
};
