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
  maximum,
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
import { operand } from "@ansatz/tensor/transforms";
import { constantly } from "./constantly";
import { differentiableSpace } from "./eigenpair";
import { eigh, eighGeneralized } from "./eigh";
import { failure } from "./info";
import { asSquare, type Operator } from "./linear-operator";
import { qr } from "./qr";

export interface LobpcgOptions {
  /** The largest eigenvalues instead of the smallest. */
  readonly largest?: boolean;
  /** B of A x = λ B x, symmetric positive definite; the identity by default. */
  readonly b?: Operator;
  /** x ↦ M x with M near A⁻¹, symmetric positive definite: it pays for the smallest eigenvalues. */
  readonly preconditioner?: Operator;
  /** Stop when ‖A v - λ B v‖ ≤ tol · (largest |Ritz value| seen · largest ‖B v‖) for every pair; √eps by default. */
  readonly tol?: number;
  /** 200 by default. */
  readonly maxSteps?: number;
}
export interface Lobpcg {
  /** [k], from the outermost inwards: ascending, or descending with `largest`. */
  readonly values: Tensor;
  /** In columns [n, k], with VᵀB V = I: orthonormal where there is no B. */
  readonly vectors: Tensor;
  readonly info: Tensor;
  readonly stats: { readonly steps: Tensor; readonly residualNorms: Tensor };
}

/**
 * A few outermost eigenpairs of a large symmetric A, or of the pencil A x = λ B x, by locally optimal block preconditioned conjugate gradients: each step takes
 * the best vectors (Rayleigh–Ritz) from the space of X, the preconditioned residuals, and the last directions. The basis is orthonormalised by Householder QR,
 * which needs no independence of them.
 *
 * Values and vectors differentiate in both modes and to every order by the equation of their space, where that is isolated from the rest of the spectrum; what
 * `eigh` says of repeated values holds within it.
 *
 * @param x0  where to start: [n, k] with 3k ≤ n, its columns independent (normal numbers do)
 * @see Knyazev 2001, SIAM J. Sci. Comput. 23, 517–541; Duersch et al. 2018 for the basis
 * @throws {DomainError} 3k > n: use eigh
 * @example lobpcg([[2, -1, 0], [-1, 2, -1], [0, -1, 2]], [[1], [0.5], [0.2]]).values // [2 - √2]
 */
export const lobpcg = (
  a: Operator,
  x0: TensorLike,
  { largest = false, b, preconditioner, tol, maxSteps = 200 }: LobpcgOptions = {},
): Lobpcg => {
  const start = operand("lobpcg", x0, "float");
  if (start.shape.length !== 2) throw new ShapeError("lobpcg", "starts from columns [n, k]", { x0: start.shape });
  const [n, k] = start.shape;
  if (!(k >= 1 && 3 * k <= n))
    throw new DomainError("lobpcg", "needs 1 ≤ k and 3k ≤ n", { n, k }, "for so small a matrix use eigh");
  const { apply } = asSquare("lobpcg", a, n);
  const mass = b === undefined ? same : asSquare("lobpcg", b, n).apply;
  const precondition = preconditioner === undefined ? same : asSquare("lobpcg", preconditioner, n).apply;
  const limit = tol ?? Math.sqrt(epsOf(start.dtype));
  const outermost = (t: Tensor): Tensor => index(largest ? flip(t, -1) : t, "...", { stop: k });
  const rest = (t: Tensor): Tensor => index(t, ":", { start: k });

  // Rayleigh–Ritz in the span of orthonormal columns
  const ritz = (basis: Tensor): { values: Tensor; size: Tensor; c: Tensor; x: Tensor; r: Tensor; norms: Tensor } => {
    const [image, weighed] = [apply(basis), mass(basis)];
    const t = matrixTranspose(basis);
    const small = matmul(t, image);
    const { values: w, vectors } = b === undefined ? eigh(small) : eighGeneralized(small, matmul(t, weighed));
    const [c, values] = [outermost(vectors), outermost(w)];
    const bx = matmul(weighed, c);
    const r = sub(matmul(image, c), mul(bx, values));
    const size = mul(max(abs(w)), sqrt(max(sum(square(bx), 0))));
    return { values, size, c, x: matmul(basis, c), r, norms: sqrt(sum(square(r), 0)) };
  };
  type S = Record<"x" | "p" | "size" | "r" | "norms" | "k", Tensor>;
  const [found, norms, size, steps] = constantly(
    "lobpcg",
    (s0) => {
      const { x, r, norms: n0, size: z0 } = ritz(qr(s0).q);
      const end = whileLoop(
        (s: S) => logicalAnd(any(greater(s.norms, mul(limit, s.size))), less(s.k, maxSteps)),
        (s: S) => {
          const basis = qr(concatenate([s.x, precondition(s.r), s.p], 1)).q;
          const next = ritz(basis);
          return {
            x: next.x,
            // what moved, outside of the span of the last X
            p: matmul(rest(basis), index(next.c, { start: k })),
            size: next.size,
            r: next.r,
            norms: next.norms,
            k: add(s.k, 1),
          };
        },
        { x, p: mul(0, x), size: z0, r, norms: n0, k: astype(zeros([]), "int32") },
      );
      return [end.x, end.norms, end.size, end.k];
    },
    start,
  );
  const good = lessEqual(norms, mul(limit, size));
  const missing = sum(astype(where(good, 0, 1), "int32"));
  const finite = all(equal(norms, norms));
  const m = preconditioner === undefined ? undefined : precondition;
  // closer values cannot be told apart
  const within = maximum(mul(n * epsOf(start.dtype), size), max(norms));
  const { values, vectors } = differentiableSpace(apply, mass, found, m, largest, within);
  return {
    values: outermost(values),
    vectors: outermost(vectors),
    info: where(
      finite,
      where(greater(missing, 0), add(failure("notConverged"), mul(16, steps)), 0),
      failure("notFinite"),
    ),
    stats: { steps, residualNorms: norms },
  };
};
const same = (x: Tensor): Tensor => x;
