import {
  abs,
  add,
  astype,
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
  type Tensor,
  type TensorLike,
  whileLoop,
  zeros,
  zerosLike,
} from "@ansatz/tensor";
import type { Operator } from "./linear-operator";
import { type LeastSquaresMethod, type LsqrOptions, type LsqrResult, leastSquaresBy, norm, over } from "./lsqr";

/**
 * Least squares min ‖A x - b‖² + λ²‖x‖² for a large A, as `lsqr`, by LSMR (Fong and Saunders 2011): MINRES on the normal equations without their rounding. The norm
 * of the gradient ‖Aᵀr - λ²x‖ never grows, so it is safe to stop early; everything else is as in `lsqr`.
 *
 * @param b  [m]
 * @see Fong and Saunders 2011, SIAM J. Sci. Comput. 33, 2950–2971
 * @example lsmr([[1, 0], [1, 1], [1, 2]], [1, 3, 5]).value // [1, 2]
 */
export const lsmr = (a: Operator, b: TensorLike, options: LsqrOptions = {}): LsqrResult =>
  leastSquaresBy("lsmr", minimalGradient, a, b, options);

/** c, s and r with c a + s b = r, -s a + c b = 0. */
const rotation = (a: Tensor, b: Tensor): { c: Tensor; s: Tensor; r: Tensor } => {
  const r = sqrt(add(square(a), square(b)));
  return { c: over(a, r), s: over(b, r), r };
};

const minimalGradient: LeastSquaresMethod = (op, b, damp, tol, maxSteps) => {
  const beta0 = norm(b);
  const u0 = over(b, beta0);
  const v0 = op.adjoint(u0);
  const alpha0 = norm(v0);
  const start = over(v0, alpha0);
  const none = zerosLike(beta0);
  const one = add(none, 1);
  const damping = add(none, damp);
  // names as in the paper: a bar is Bar, a tilde Tilde, two dots Dots
  type S = Record<
    | "x"
    | "u"
    | "v"
    | "h"
    | "hBar"
    | "alpha"
    | "alphaBar"
    | "rho"
    | "rhoBar"
    | "c"
    | "s"
    | "zeta"
    | "zetaBar"
    | "betaDots"
    | "betaDot"
    | "rhoDot"
    | "thetaTilde"
    | "tauTilde"
    | "lost"
    | "frobenius"
    | "done"
    | "k",
    Tensor
  >;
  const end = whileLoop(
    (s: S) => logicalAnd(logicalNot(s.done), less(s.k, maxSteps)),
    (s: S) => {
      const au = sub(op.apply(s.v), mul(s.alpha, s.u));
      const beta = norm(au);
      const u = over(au, beta);
      const av = sub(op.adjoint(u), mul(beta, s.v));
      const alpha = norm(av);
      const v = over(av, alpha);
      const hat = rotation(s.alphaBar, damping);
      const q = rotation(hat.r, beta);
      const theta = mul(q.s, alpha);
      const thetaBar = mul(s.s, q.r);
      const bar = rotation(mul(s.c, q.r), theta);
      const zeta = mul(bar.c, s.zetaBar);
      const zetaBar = mul(-1, mul(bar.s, s.zetaBar));
      const hBar = sub(s.h, mul(over(mul(thetaBar, q.r), mul(s.rho, s.rhoBar)), s.hBar));
      const x = add(s.x, mul(over(zeta, mul(q.r, bar.r)), hBar));
      // ‖r‖
      const betaAcute = mul(hat.c, s.betaDots);
      const lost = add(s.lost, square(mul(hat.s, s.betaDots)));
      const betaDots = mul(-1, mul(q.s, betaAcute));
      const tilde = rotation(s.rhoDot, thetaBar);
      const thetaTilde = mul(tilde.s, bar.r);
      const rhoDot = mul(tilde.c, bar.r);
      const betaDot = sub(mul(tilde.c, mul(q.c, betaAcute)), mul(tilde.s, s.betaDot));
      const tauTilde = over(sub(s.zeta, mul(s.thetaTilde, s.tauTilde)), tilde.r);
      const tau = over(sub(zeta, mul(thetaTilde, tauTilde)), rhoDot);
      const r = sqrt(add(add(lost, square(sub(betaDot, tau))), square(betaDots)));
      const frobenius = add(s.frobenius, add(square(beta), square(alpha)));
      const size = sqrt(add(frobenius, damp * damp));
      const small = lessEqual(r, mul(tol, add(beta0, mul(size, norm(x)))));
      return {
        x,
        u,
        v,
        h: sub(v, mul(over(theta, q.r), s.h)),
        hBar,
        alpha,
        alphaBar: mul(q.c, alpha),
        rho: q.r,
        rhoBar: bar.r,
        c: bar.c,
        s: bar.s,
        zeta,
        zetaBar,
        betaDots,
        betaDot,
        rhoDot,
        thetaTilde,
        tauTilde,
        lost,
        frobenius,
        done: logicalOr(small, lessEqual(abs(zetaBar), mul(mul(tol, size), r))),
        k: add(s.k, 1),
      };
    },
    {
      x: mul(0, start),
      u: u0,
      v: start,
      h: start,
      hBar: mul(0, start),
      alpha: alpha0,
      alphaBar: alpha0,
      rho: one,
      rhoBar: one,
      c: one,
      s: none,
      zeta: none,
      zetaBar: mul(alpha0, beta0),
      betaDots: beta0,
      betaDot: none,
      rhoDot: one,
      thetaTilde: none,
      tauTilde: none,
      lost: none,
      frobenius: square(alpha0),
      done: equal(mul(alpha0, beta0), 0),
      k: astype(zeros([]), "int32"),
    },
  );
  return [end.x, end.k, end.done];
};
