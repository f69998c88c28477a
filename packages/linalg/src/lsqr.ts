import { customRoot } from "@ansatz/autodiff";
import { DomainError, epsOf, ShapeError } from "@ansatz/backend";
import {
  abs,
  add,
  astype,
  div,
  equal,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  mul,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  where,
  whileLoop,
  zeros,
  zerosLike,
} from "@ansatz/tensor";
import { operand } from "@ansatz/tensor/transforms";
import { constantly } from "./constantly";
import { failure } from "./info";
import { cg } from "./iterative";
import { asOperator, type LinearOperator, type Operator } from "./linear-operator";

export interface LsqrOptions {
  /** λ: minimises ‖A x - b‖² + λ²‖x‖²; 0 by default. */
  readonly damp?: number;
  /** Stop when ‖r‖ ≤ rtol (‖b‖ + ‖A‖‖x‖), or ‖Aᵀr‖ ≤ rtol ‖A‖‖r‖ (with damping, of the damped system); √eps by default. */
  readonly rtol?: number;
  /** 4 min(m, n) by default. */
  readonly maxSteps?: number;
}
export interface LsqrResult {
  readonly value: Tensor;
  readonly info: Tensor;
  readonly stats: {
    readonly steps: Tensor;
    /** ‖b - A x‖. */
    readonly residualNorm: Tensor;
    /** ‖Aᵀ(b - A x) - λ² x‖, which is 0 at the solution. */
    readonly gradientNorm: Tensor;
  };
}

export const norm = (x: Tensor): Tensor => sqrt(sum(square(x)));
export const over = (x: Tensor, by: Tensor): Tensor => where(equal(by, 0), 0, div(x, where(equal(by, 0), 1, by)));

/**
 * Least squares min ‖A x - b‖² + λ²‖x‖² for a large A [m, n], through products with A and Aᵀ: LSQR (Paige and Saunders 1982), which is cg on the normal
 * equations without their rounding. From x = 0 it finds the solution of least norm when there are several.
 *
 * Derivatives follow from Aᵀ(A x - b) + λ² x = 0 by cg on that system; they need columns that are independent, or λ > 0.
 *
 * @param b  [m]
 * @see Paige and Saunders 1982, ACM TOMS 8, 43–71
 * @example lsqr([[1, 0], [1, 1], [1, 2]], [1, 3, 5]).value // [1, 2]
 */
export const lsqr = (a: Operator, b: TensorLike, options: LsqrOptions = {}): LsqrResult =>
  leastSquaresBy("lsqr", bidiagonalised, a, b, options);

/** x, steps taken, and whether it converged. */
export type LeastSquaresMethod = (
  op: LinearOperator,
  b: Tensor,
  damp: number,
  tol: number,
  maxSteps: number,
) => readonly [x: Tensor, steps: Tensor, good: Tensor];

/** What the methods share: arguments, derivatives and report. */
export const leastSquaresBy = (
  caller: string,
  method: LeastSquaresMethod,
  a: Operator,
  b: TensorLike,
  { damp = 0, rtol, maxSteps }: LsqrOptions,
): LsqrResult => {
  const rhs = operand(caller, b, "float");
  if (typeof a === "function")
    throw new ShapeError(caller, "cannot know the shape of a function", undefined, "wrap it with linearOperator");
  const op = asOperator(caller, a);
  const [m, n] = op.shape;
  if (rhs.shape.length !== 1 || rhs.shape[0] !== m)
    throw new ShapeError(caller, `the right-hand side is a vector [${m}]; map over more with vmap`, {
      a: [m, n],
      b: rhs.shape,
    });
  if (!(damp >= 0)) throw new DomainError(caller, "damp must not be negative", { damp });
  const tol = rtol ?? Math.sqrt(epsOf(rhs.dtype));
  const most = maxSteps ?? 4 * Math.min(m, n);
  const gradient = (x: Tensor): Tensor => add(op.adjoint(sub(op.apply(x), rhs)), mul(damp * damp, x));
  const [x, steps, good] = constantly(caller, (y) => method(op, y, damp, tol, most), rhs);
  const value = customRoot(gradient, x, (_, found) => found, {
    symmetric: true,
    linearSolve: (H, y) => cg(H as (v: Tensor) => Tensor, y, { rtol: tol * tol, maxSteps: most }).value,
  });
  return {
    value,
    info: where(good, 0, add(failure("notConverged"), mul(16, steps))),
    stats: { steps, residualNorm: norm(sub(rhs, op.apply(value))), gradientNorm: norm(gradient(value)) },
  };
};

/** Golub–Kahan bidiagonalisation from b, with the QR factorization of the bidiagonal matrix updated as it grows. */
const bidiagonalised: LeastSquaresMethod = (op, b, damp, tol, maxSteps) => {
  const beta0 = norm(b);
  const u0 = over(b, beta0);
  const v0 = op.adjoint(u0);
  const alpha0 = norm(v0);
  const start = over(v0, alpha0);
  const none = zerosLike(beta0);
  const damping = add(none, damp);
  type S = Record<"x" | "u" | "v" | "w" | "alpha" | "phi" | "rho" | "frobenius" | "lost" | "done" | "k", Tensor>;
  const end = whileLoop(
    (s: S) => logicalAnd(logicalNot(s.done), less(s.k, maxSteps)),
    (s: S) => {
      const au = sub(op.apply(s.v), mul(s.alpha, s.u));
      const beta = norm(au);
      const u = over(au, beta);
      const av = sub(op.adjoint(u), mul(beta, s.v));
      const alpha = norm(av);
      const v = over(av, alpha);
      // λ is rotated into the diagonal first
      const barred = sqrt(add(square(s.rho), damp * damp));
      const lost = add(s.lost, square(mul(over(damping, barred), s.phi)));
      const phiBar = mul(over(s.rho, barred), s.phi);
      const rho = sqrt(add(square(barred), square(beta)));
      const [c, sn] = [over(barred, rho), over(beta, rho)];
      const [theta, rhoNext] = [mul(sn, alpha), mul(-1, mul(c, alpha))];
      const [phi, phiNext] = [mul(c, phiBar), mul(sn, phiBar)];
      const x = add(s.x, mul(over(phi, rho), s.w));
      const frobenius = add(s.frobenius, add(add(square(s.alpha), square(beta)), damp * damp));
      const size = sqrt(frobenius);
      const r = sqrt(add(square(phiNext), lost));
      const gradientNorm = mul(alpha, abs(mul(c, phiNext)));
      const small = lessEqual(r, mul(tol, add(beta0, mul(size, norm(x)))));
      return {
        x,
        u,
        v,
        w: sub(v, mul(over(theta, rho), s.w)),
        alpha,
        phi: phiNext,
        rho: rhoNext,
        frobenius,
        lost,
        done: logicalOr(small, lessEqual(gradientNorm, mul(mul(tol, size), r))),
        k: add(s.k, 1),
      };
    },
    {
      x: mul(0, start),
      u: u0,
      v: start,
      w: start,
      alpha: alpha0,
      phi: beta0,
      rho: alpha0,
      frobenius: none,
      lost: none,
      done: equal(mul(alpha0, beta0), 0),
      k: astype(zeros([]), "int32"),
    },
  );
  return [end.x, end.k, end.done];
};
