import { customLinearSolveAux } from "@ansatz/autodiff";
import { DomainError, epsOf, ShapeError } from "@ansatz/backend";
import {
  add,
  arange,
  astype,
  concatenate,
  div,
  dynamicUpdateSlice,
  equal,
  expandDims,
  greater,
  less,
  logicalAnd,
  logicalNot,
  matmul,
  maximum,
  mul,
  scan,
  sqrt,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  vmap,
  where,
  whileLoop,
  zeros,
  zerosLike,
} from "@ansatz/tensor";
import { operand } from "@ansatz/tensor/transforms";
import { failure } from "./info";
import { lstsq } from "./least-squares";
import { asSquare, type Operator } from "./linear-operator";

/*
 * All solvers here differentiate by the implicit function theorem: A dx = db - dA x, in both modes and to every order. A preconditioner and a start are
 * constants of differentiation.
 */

export interface IterativeOptions {
  /** Where to start, of the shape of b; 0 by default. */
  readonly x0?: TensorLike;
  /** Stop when ‖b - A x‖ ≤ max(rtol ‖b‖, atol). rtol is √eps unless told. */
  readonly rtol?: number;
  readonly atol?: number;
  /** 10 n by default. */
  readonly maxSteps?: number;
  /** x ↦ M x with M near A⁻¹; symmetric positive definite for cg and minres. */
  readonly preconditioner?: Operator;
}
export interface IterativeResult {
  readonly value: Tensor;
  /** 0, or why it stopped without converging. */
  readonly info: Tensor;
  readonly stats: { readonly steps: Tensor; readonly residualNorm: Tensor };
}

const inner = (x: Tensor, y: Tensor): Tensor => sum(mul(x, y));
const length = (x: Tensor): Tensor => sqrt(inner(x, x));

/** One system with one right-hand side. */
export interface Problem {
  readonly apply: (x: Tensor) => Tensor;
  readonly precondition: (x: Tensor) => Tensor;
  readonly b: Tensor;
  readonly x0: Tensor;
  readonly tol: Tensor;
  readonly maxSteps: number;
}
/** What a method ends with: the solution, and whether it had to stop. */
interface End {
  readonly x: Tensor;
  readonly steps: Tensor;
  readonly broken: Tensor;
}

/**
 * Reads the arguments all methods share, maps over the columns of b where there are several, and takes derivatives from the equation A x = b: steps are not
 * differentiated, each derivative is one more solve by the same method.
 */
const run = (
  caller: string,
  a: Operator,
  b: TensorLike,
  o: IterativeOptions,
  symmetric: boolean,
  method: (p: Problem) => End,
): IterativeResult => {
  const right = operand(caller, b, "float");
  const rank = right.shape.length;
  if (rank !== 1 && rank !== 2)
    throw new ShapeError(caller, "the right-hand side is a vector [n] or columns [n, k]", { b: right.shape });
  const n = right.shape[0];
  const { rtol = Math.sqrt(epsOf(right.dtype)), atol = 0, maxSteps = 10 * n } = o;
  if (!(maxSteps >= 0)) throw new DomainError(caller, "maxSteps must not be negative", { maxSteps });
  const { apply } = asSquare(caller, a, n);
  const m = o.preconditioner === undefined ? undefined : asSquare(caller, o.preconditioner, n);
  const start = o.x0 === undefined ? zerosLike(right) : astype(operand(caller, o.x0, "float"), right.dtype);
  if (start.shape.join() !== right.shape.join())
    throw new ShapeError(caller, "x0 must have the shape of b", { x0: start.shape, b: right.shape });
  const tolerance = (y: Tensor): Tensor => maximum(mul(rtol, length(y)), atol);
  const same = (x: Tensor): Tensor => x;
  const one = (y: Tensor, x0: Tensor): IterativeResult => {
    const { value, aux } = customLinearSolveAux(
      apply,
      y,
      (A, rhs) => {
        const p = { apply: A, precondition: m?.apply ?? same, b: rhs, x0, tol: tolerance(rhs), maxSteps };
        const { value: x, ...rest } = finish(p, method(p));
        return { value: x, aux: rest };
      },
      {
        symmetric,
        transposeSolve: (At, rhs) =>
          method({
            apply: At,
            precondition: m?.adjoint ?? same,
            b: rhs,
            x0: zerosLike(rhs),
            tol: tolerance(rhs),
            maxSteps,
          }).x,
      },
    );
    return { value, ...(aux as Omit<IterativeResult, "value">) };
  };
  if (rank === 1) return one(right, start);
  const out = { value: 1, info: 0, stats: { steps: 0, residualNorm: 0 } };
  return vmap(one, { in: 1, out })(right, start) as unknown as IterativeResult;
};
const finish = (p: Problem, { x, steps, broken }: End): IterativeResult => {
  const residualNorm = length(sub(p.b, p.apply(x)));
  // the recursive residual may be a little smaller than the true one
  const good = less(residualNorm, add(mul(p.tol, 1.01), mul(8 * epsOf(p.b.dtype), length(p.b))));
  const bad = where(broken, add(failure("breakdown"), mul(16, steps)), add(failure("notConverged"), mul(16, steps)));
  const still = logicalAnd(equal(residualNorm, 0), equal(p.tol, 0));
  return {
    value: x,
    info: where(good, 0, where(still, 0, bad)),
    stats: { steps, residualNorm },
  };
};
const ratio = (x: Tensor, by: Tensor): Tensor => where(equal(by, 0), 0, div(x, where(equal(by, 0), 1, by)));
const count = (): Tensor => astype(zeros([]), "int32");
const yes = (): Tensor => equal(zeros([]), 0);
const no = (): Tensor => equal(zeros([]), 1);

/**
 * Conjugate gradients (Hestenes and Stiefel 1952) for a symmetric positive definite A: minimises the energy ½ xᵀA x - bᵀx over growing Krylov spaces.
 *
 * @example cg([[4, 1], [1, 3]], [1, 2]).value // [0.0909, 0.6364]
 */
export const cg = (a: Operator, b: TensorLike, options: IterativeOptions = {}): IterativeResult =>
  run("cg", a, b, options, true, conjugateGradients);
const conjugateGradients = (p: Problem): End => {
  const r0 = sub(p.b, p.apply(p.x0));
  const z0 = p.precondition(r0);
  const end = whileLoop(
    (s: { r: Tensor; k: Tensor; ok: Tensor }) =>
      logicalAnd(logicalAnd(greater(length(s.r), p.tol), less(s.k, p.maxSteps)), s.ok),
    (s: { x: Tensor; r: Tensor; d: Tensor; rho: Tensor; k: Tensor; ok: Tensor }) => {
      const q = p.apply(s.d);
      const curvature = inner(s.d, q);
      const alpha = ratio(s.rho, curvature);
      const r = sub(s.r, mul(alpha, q));
      const z = p.precondition(r);
      const rho = inner(r, z);
      const beta = ratio(rho, s.rho);
      return {
        x: add(s.x, mul(alpha, s.d)),
        r,
        d: add(z, mul(beta, s.d)),
        rho,
        k: add(s.k, 1),
        ok: greater(curvature, 0),
      };
    },
    { x: p.x0, r: r0, d: z0, rho: inner(r0, z0), k: count(), ok: yes() },
  );
  return { x: end.x, steps: end.k, broken: logicalNot(end.ok) };
};

/**
 * MINRES (Paige and Saunders 1975) for a symmetric A, definite or not: minimises ‖b - A x‖, in the norm of the preconditioner where there is one (symmetric
 * positive definite).
 *
 * @example minres([[0, 1], [1, 0]], [1, 2]).value // [2, 1]
 */
export const minres = (a: Operator, b: TensorLike, options: IterativeOptions = {}): IterativeResult =>
  run("minres", a, b, options, true, minimalResidual);
const minimalResidual = (p: Problem): End => {
  const r0 = sub(p.b, p.apply(p.x0));
  const y0 = p.precondition(r0);
  const beta0 = rootOf(inner(r0, y0));
  const none = zerosLike(beta0);
  const zero = zerosLike(r0);
  // q_k: Lanczos vectors of the residual space; v_k = M q_k, with ⟨q_j, v_k⟩ = δ_jk
  type S = Record<
    "x" | "r" | "q" | "v" | "old" | "w" | "wOld" | "beta" | "eta" | "c" | "cOld" | "s" | "sOld" | "k" | "ok",
    Tensor
  >;
  const end = whileLoop(
    (s: S) => logicalAnd(logicalAnd(greater(length(s.r), p.tol), less(s.k, p.maxSteps)), s.ok),
    (s: S) => {
      const av = p.apply(s.v);
      const alpha = inner(s.v, av);
      const next = sub(sub(av, mul(alpha, s.q)), mul(s.beta, s.old));
      const y = p.precondition(next);
      const square = inner(next, y);
      const beta = rootOf(square);
      const q = ratio(next, beta);
      // the last column of the tridiagonal matrix after the two rotations before
      const rho3 = mul(s.sOld, s.beta);
      const mid = mul(s.cOld, s.beta);
      const rho2 = add(mul(s.c, mid), mul(s.s, alpha));
      const head = sub(mul(s.c, alpha), mul(s.s, mid));
      const rho1 = sqrt(add(mul(head, head), mul(beta, beta)));
      const c = ratio(head, rho1);
      const sn = ratio(beta, rho1);
      const w = ratio(sub(sub(s.v, mul(rho3, s.wOld)), mul(rho2, s.w)), rho1);
      const eta = mul(-1, mul(sn, s.eta));
      return {
        x: add(s.x, mul(mul(c, s.eta), w)),
        // r_k = s² r_{k-1} + η c q_{k+1}
        r: add(mul(mul(sn, sn), s.r), mul(mul(eta, c), q)),
        q,
        v: ratio(y, beta),
        old: s.q,
        w,
        wOld: s.w,
        beta,
        eta,
        c,
        cOld: s.c,
        s: sn,
        sOld: s.s,
        k: add(s.k, 1),
        ok: logicalAnd(greater(beta, 0), greater(rho1, 0)),
      };
    },
    {
      x: p.x0,
      r: r0,
      q: ratio(r0, beta0),
      v: ratio(y0, beta0),
      old: zero,
      w: zero,
      wOld: zero,
      beta: beta0,
      eta: beta0,
      c: add(none, 1),
      cOld: add(none, 1),
      s: none,
      sOld: none,
      k: count(),
      ok: greater(beta0, 0),
    },
  );
  return { x: end.x, steps: end.k, broken: logicalNot(end.ok) };
};
/** √x, or 0 where x is not positive (the preconditioner is indefinite, or all is 0). */
const rootOf = (x: Tensor): Tensor => where(greater(x, 0), sqrt(where(greater(x, 0), x, 1)), 0);

/**
 * BiCGSTAB (van der Vorst 1992) for a general A, with short recurrences; right-preconditioned.
 *
 * @example bicgstab([[4, 1], [2, 3]], [1, 2]).value // [0.1, 0.6]
 */
export const bicgstab = (a: Operator, b: TensorLike, options: IterativeOptions = {}): IterativeResult =>
  run("bicgstab", a, b, options, false, stabilised);
const stabilised = (p: Problem): End => {
  const r0 = sub(p.b, p.apply(p.x0));
  type S = Record<"x" | "r" | "d" | "rho" | "k" | "ok", Tensor>;
  const end = whileLoop(
    (s: S) => logicalAnd(logicalAnd(greater(length(s.r), p.tol), less(s.k, p.maxSteps)), s.ok),
    (s: S) => {
      const d = p.precondition(s.d);
      const v = p.apply(d);
      const under = inner(r0, v);
      const alpha = ratio(s.rho, under);
      const half = sub(s.r, mul(alpha, v));
      const z = p.precondition(half);
      const t = p.apply(z);
      const omega = ratio(inner(t, half), inner(t, t));
      const r = sub(half, mul(omega, t));
      const rho = inner(r0, r);
      const beta = mul(ratio(rho, s.rho), ratio(alpha, omega));
      const done = less(length(r), p.tol);
      return {
        x: add(add(s.x, mul(alpha, d)), mul(omega, z)),
        r,
        d: add(r, mul(beta, sub(s.d, mul(omega, v)))),
        rho,
        k: add(s.k, 1),
        ok: where(done, true, logicalNot(equal(mul(mul(under, omega), rho), 0))),
      };
    },
    { x: p.x0, r: r0, d: r0, rho: inner(r0, r0), k: count(), ok: yes() },
  );
  return { x: end.x, steps: end.k, broken: logicalNot(end.ok) };
};

export interface GmresOptions extends IterativeOptions {
  /** Dimension of the Krylov space between restarts; min(n, 20) by default. */
  readonly restart?: number;
}
/**
 * GMRES(m) (Saad and Schultz 1986) for a general A: minimises ‖b - A x‖ over Krylov spaces of dimension `restart`; right-preconditioned.
 *
 * @example gmres([[4, 1], [2, 3]], [1, 2]).value // [0.1, 0.6]
 */
export const gmres = (a: Operator, b: TensorLike, options: GmresOptions = {}): IterativeResult =>
  run("gmres", a, b, options, false, (p) => restarted(p, options.restart ?? 20));
const restarted = (p: Problem, restart: number): End => {
  const m = Math.min(p.b.shape[0], restart);
  const cycle = (x: Tensor): Tensor => {
    const r = sub(p.b, p.apply(x));
    const { basis, h, beta } = arnoldi((v) => p.apply(p.precondition(v)), r, m);
    const e1 = mul(beta, astype(equal(arange(m + 1), 0), r.dtype));
    const y = lstsq(h, e1).x;
    return add(x, p.precondition(matmul(y, basis)));
  };
  type S = Record<"x" | "res" | "k", Tensor>;
  const residual = (x: Tensor): Tensor => length(sub(p.b, p.apply(x)));
  const end = whileLoop(
    (s: S) => logicalAnd(greater(s.res, p.tol), less(s.k, p.maxSteps)),
    (s: S) => {
      const x = cycle(s.x);
      return { x, res: residual(x), k: add(s.k, m) };
    },
    { x: p.x0, res: residual(p.x0), k: count() },
  );
  return { x: end.x, steps: end.k, broken: no() };
};

/** Orthonormal rows v₀ … v_{m-1} of the Krylov space of r, and H [m + 1, m] with A Vᵀ = V₊ᵀ H, orthogonalised twice. */
const arnoldi = (apply: (x: Tensor) => Tensor, r: Tensor, m: number): { basis: Tensor; h: Tensor; beta: Tensor } => {
  const beta = length(r);
  const n = r.shape[0];
  const first = expandDims(ratio(r, beta), 0);
  const v0 = concatenate([first, zeros([m, n], { dtype: r.dtype })], 0);
  const [all, h] = scan(
    (v: Tensor, j: Tensor) => {
      const q = apply(matmul(astype(equal(arange(m + 1), j), r.dtype), v));
      const c1 = matmul(v, q);
      const once = sub(q, matmul(c1, v));
      const c2 = matmul(v, once);
      const w = sub(once, matmul(c2, v));
      const size = length(w);
      // what is only rounding is a breakdown: the space is invariant and the solution lies in it
      const real = greater(size, mul(10 * epsOf(r.dtype), length(q)));
      const unit = where(real, ratio(w, size), 0);
      const column = add(add(c1, c2), mul(where(real, size, 0), astype(equal(arange(m + 1), add(j, 1)), r.dtype)));
      return [dynamicUpdateSlice(v, expandDims(unit, 0), [add(j, 1), 0]), column] as const;
    },
    v0,
    astype(arange(m), "int32"),
  ) as unknown as [Tensor, Tensor];
  return { basis: rowsOf(all, m), h: h.transpose(), beta };
};
const rowsOf = (v: Tensor, m: number): Tensor =>
  matmul(astype(equal(expandDims(arange(m), 1), arange(m + 1)), v.dtype), v);
