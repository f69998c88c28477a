import { DomainError, epsOf, ShapeError } from "@ansatz/backend";
import {
  abs,
  add,
  all,
  any,
  astype,
  concatenate,
  equal,
  flip,
  greater,
  index,
  less,
  lessEqual,
  logicalAnd,
  matmul,
  matrixTranspose,
  max,
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
} from "@ansatz/tensor";
import { operand, stop } from "@ansatz/tensor/transforms";
import { constantly } from "./constantly";
import { eigh } from "./eigh";
import { failure } from "./info";
import { asSquare, type Operator } from "./linear-operator";
import { qr } from "./qr";

export interface LobpcgOptions {
  /** The largest eigenvalues instead of the smallest. */
  readonly largest?: boolean;
  /** x ↦ M x with M near A⁻¹, symmetric positive definite: it pays for the smallest eigenvalues. */
  readonly preconditioner?: Operator;
  /** Stop when ‖A v - λ v‖ ≤ tol · (largest |Ritz value| seen) for every pair; √eps by default. */
  readonly tol?: number;
  /** 200 by default. */
  readonly maxSteps?: number;
}
export interface Lobpcg {
  /** [k], from the outermost inwards: ascending, or descending with `largest`. */
  readonly values: Tensor;
  /** Orthonormal, in columns: [n, k]. */
  readonly vectors: Tensor;
  readonly info: Tensor;
  readonly stats: { readonly steps: Tensor; readonly residualNorms: Tensor };
}

/**
 * A few outermost eigenpairs of a large symmetric A, by locally optimal block preconditioned conjugate gradients: each step takes the best vectors
 * (Rayleigh–Ritz) from the space of X, the preconditioned residuals, and the last directions. The basis is orthonormalised by Householder QR, which needs no
 * independence of them.
 *
 * The values differentiate to first order, dλ = vᵀ dA v (simple eigenvalues); the vectors are constants.
 *
 * @param x0  where to start: [n, k] with 3k ≤ n, its columns independent (normal numbers do)
 * @see Knyazev 2001, SIAM J. Sci. Comput. 23, 517–541; Duersch et al. 2018 for the basis
 * @throws {DomainError} 3k > n: use eigh
 * @example lobpcg([[2, -1, 0], [-1, 2, -1], [0, -1, 2]], [[1], [0.5], [0.2]]).values // [2 - √2]
 */
export const lobpcg = (
  a: Operator,
  x0: TensorLike,
  { largest = false, preconditioner, tol, maxSteps = 200 }: LobpcgOptions = {},
): Lobpcg => {
  const start = operand("lobpcg", x0, "float");
  if (start.shape.length !== 2) throw new ShapeError("lobpcg", "starts from columns [n, k]", { x0: start.shape });
  const [n, k] = start.shape;
  if (!(k >= 1 && 3 * k <= n))
    throw new DomainError("lobpcg", "needs 1 ≤ k and 3k ≤ n", { n, k }, "for so small a matrix use eigh");
  const { apply } = asSquare("lobpcg", a, n);
  const precondition = preconditioner === undefined ? (r: Tensor) => r : asSquare("lobpcg", preconditioner, n).apply;
  const limit = tol ?? Math.sqrt(epsOf(start.dtype));
  const outermost = (t: Tensor): Tensor => index(largest ? flip(t, -1) : t, "...", { stop: k });
  const rest = (t: Tensor): Tensor => index(t, ":", { start: k });

  const measure = (x: Tensor, ax: Tensor, values: Tensor): { r: Tensor; norms: Tensor } => {
    const r = sub(ax, mul(x, values));
    return { r, norms: sqrt(sum(square(r), 0)) };
  };
  type S = Record<"x" | "ax" | "p" | "values" | "size" | "r" | "norms" | "k", Tensor>;
  const [vectors, norms, size, steps] = constantly(
    "lobpcg",
    (s0) => {
      const x = qr(s0).q;
      const ax = apply(x);
      const ritz = eigh(matmul(matrixTranspose(x), ax));
      const order = outermost(ritz.vectors);
      const [x1, ax1, v1] = [matmul(x, order), matmul(ax, order), outermost(ritz.values)];
      const end = whileLoop(
        (s: S) => logicalAnd(any(greater(s.norms, mul(limit, s.size))), less(s.k, maxSteps)),
        (s: S) => {
          const basis = qr(concatenate([s.x, precondition(s.r), s.p], 1)).q;
          const image = apply(basis);
          const { values: w, vectors: c } = eigh(matmul(matrixTranspose(basis), image));
          const best = outermost(c);
          const x2 = matmul(basis, best);
          const ax2 = matmul(image, best);
          const v2 = outermost(w);
          return {
            x: x2,
            ax: ax2,
            // what moved, outside of the span of the last X
            p: matmul(rest(basis), index(best, { start: k })),
            values: v2,
            size: max(abs(w)),
            ...measure(x2, ax2, v2),
            k: add(s.k, 1),
          };
        },
        {
          x: x1,
          ax: ax1,
          p: mul(0, x1),
          values: v1,
          size: max(abs(v1)),
          ...measure(x1, ax1, v1),
          k: astype(zeros([]), "int32"),
        },
      );
      return [end.x, end.norms, end.size, end.k];
    },
    start,
  );
  const good = lessEqual(norms, mul(limit, size));
  const missing = sum(astype(where(good, 0, 1), "int32"));
  const finite = all(equal(norms, norms));
  return {
    // dλ = vᵀ dA v, since the vectors are orthonormal
    values: sum(mul(vectors, apply(vectors)), 0),
    vectors: stop(vectors),
    info: where(
      finite,
      where(greater(missing, 0), add(failure("notConverged"), mul(16, steps)), 0),
      failure("notFinite"),
    ),
    stats: { steps, residualNorms: norms },
  };
};
