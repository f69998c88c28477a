import { AnsatzError, epsOf, sizeOf } from "@ansatz/backend";
import {
  abs,
  add,
  div,
  greater,
  less,
  logicalAnd,
  logicalOr,
  max,
  maximum,
  mul,
  neg,
  sub,
  type Tensor,
  tensor,
  whileLoop,
} from "@ansatz/tensor";
import {
  applyCustom,
  type Custom,
  evalProgram,
  flattenInto,
  isPresent,
  jvpProgram,
  leafTensor,
  linearizeFlat,
  ones,
  present,
  type Structure,
  spread,
  state,
  synchronous,
  traceBody,
  unflattenFrom,
  zeros,
} from "@ansatz/tensor/transforms";
import { likeLeaves, requireFloats, tensorsOf } from "./arguments";
import { customLinearSolve, type LinearSolveOptions, type LinearSolver } from "./linear-solve";
import type { Tensors } from "./types";

/** A map of trees like x. */
export type Endomorphism<X> = (x: Tensors<X>) => Tensors<X>;
/** A root of f, or a fixed point of it, looked for from x0. */
export type Solver<X> = (f: Endomorphism<X>, x0: Tensors<X>) => Tensors<X>;

export interface ImplicitOptions<X> extends LinearSolveOptions<X> {
  /** Solves the linearised equation, given as a function. */
  readonly linearSolve?: LinearSolver<X>;
}

/**
 * A root x* of f by a solver of yours that is never differentiated: derivatives follow from the implicit function theorem, in both modes and
 * to every order. With f(x*, θ) = 0, θ being whatever f captures,
 *
 *   ∂f/∂x dx* = -∂f/∂θ dθ
 *
 * which `linearSolve` solves (and, in reverse mode, its transpose). The start x0 has no influence on the derivative.
 *
 * @param f           x ↦ f(x), with values of the structure of x; tensors that it captures are differentiated
 * @param x0          where the solver starts, any tree of floats
 * @param solve       (f, x0) ↦ x*; outside jit, vmap and loops it runs with values
 * @param options     `linearSolve`: (A, b) ↦ A⁻¹ b; needed unless x is one number. Further as in customLinearSolve
 * @see Blondel et al. 2022, arXiv:2105.15183
 * @example
 * const newton = (f, x0) => fori(0, 8, (_, x) => { const d = jvp(f, [x], [1]); return sub(x, div(d.value, d.tangent)); }, x0);
 * const root = (a) => customRoot((x) => sub(mul(x, x), a), 1, newton);
 * grad(root)(2) // 1 / (2√2) = 0.3536
 */
export const customRoot = <X>(
  f: Endomorphism<NoInfer<X>>,
  x0: X,
  solve: Solver<NoInfer<X>>,
  options: ImplicitOptions<NoInfer<X>> = {},
): Tensors<X> =>
  implicit("customRoot", "root", f as Fn, x0, plain(solve as Solve), options as AnyOptions).value as Tensors<X>;

/** As customRoot for a solver that returns { value, aux }: aux, any tree (steps, `info`), comes along undifferentiated. */
export const customRootAux = <X, A>(
  f: Endomorphism<NoInfer<X>>,
  x0: X,
  solve: (f: Endomorphism<NoInfer<X>>, x0: Tensors<NoInfer<X>>) => { readonly value: unknown; readonly aux: A },
  options: ImplicitOptions<NoInfer<X>> = {},
): { readonly value: Tensors<X>; readonly aux: Tensors<A> } =>
  implicit("customRootAux", "root", f as Fn, x0, solve as never, options as AnyOptions) as never;

export interface FixedPointOptions<X> extends ImplicitOptions<X> {
  /** Finds x* = g(x*); by default x ↦ g(x) is repeated until no entry moves by more than `tol` · max(1, largest entry). */
  readonly solve?: Solver<X>;
  /** For the default solvers: 16 ε of the dtype unless told. */
  readonly tol?: number;
  /** For the default solvers: 1000 unless told; where it is reached, the last iterate is the result. */
  readonly maxSteps?: number;
}

/**
 * A fixed point x* = g(x*), differentiated by the implicit function theorem instead of through the iteration: with g capturing θ,
 *
 *   (I - ∂g/∂x) dx* = ∂g/∂θ dθ
 *
 * By default both equations are solved by repetition (for the second it is Neumann's series Σ (∂g/∂x)ᵏ), which converges where ∂g/∂x has spectral
 * radius below 1; the memory of reverse mode does not grow with the number of rounds.
 *
 * @example
 * const dottie = (a) => customFixedPoint((x) => cos(mul(a, x)), 1);
 * dottie(1) // 0.7391
 */
export const customFixedPoint = <X>(
  g: Endomorphism<NoInfer<X>>,
  x0: X,
  options: FixedPointOptions<NoInfer<X>> = {},
): Tensors<X> => {
  const caller = "customFixedPoint";
  const { solve, tol, maxSteps = 1000, linearSolve, ...rest } = options as FixedPointOptions<unknown>;
  const repeat: Solve = (f, start) => repeated(caller, (x) => f(x), start, tol, maxSteps);
  // Richardson's iteration x ← x + b - A x multiplies the error by I - A = ∂g/∂x
  const neumann: Solve = (A, b) => {
    const { leaves, structure } = flatTree(caller, b);
    const next: Fn = (x) => {
      const [u, v] = [flatTree(caller, x).leaves, flatTree(caller, A(x)).leaves];
      return unflattenFrom(
        structure,
        u.map((t, i) => add(t, sub(leaves[i], v[i]))),
        { at: 0 },
      );
    };
    return repeated(caller, next, b, tol, maxSteps);
  };
  return implicit(caller, "fixed point", g as Fn, x0, plain((solve as Solve) ?? repeat), {
    linearSolve: (linearSolve ?? neumann) as never,
    ...rest,
  }).value as Tensors<X>;
};

type Fn = (x: unknown) => unknown;
type Solve = (f: Fn, x: unknown) => unknown;
type SolveAux = (f: Fn, x: unknown) => { readonly value: unknown; readonly aux: unknown };
type AnyOptions = ImplicitOptions<unknown>;

const plain =
  (solve: Solve): SolveAux =>
  (f, x) => ({ value: solve(f, x), aux: null });

const flatTree = (caller: string, x: unknown): { leaves: Tensor[]; structure: Structure } => {
  const raw: unknown[] = [];
  const structure = flattenInto(synchronous(caller, x), raw, caller);
  return { leaves: raw.map((t) => leafTensor(t, caller)), structure };
};

const implicit = (
  caller: string,
  kind: "root" | "fixed point",
  map: Fn,
  x0: unknown,
  solve: SolveAux,
  { linearSolve, ...options }: AnyOptions,
): { value: unknown; aux: unknown } => {
  const { leaves: start, structure } = flatTree(caller, x0);
  requireFloats(start, structure, caller, "x0");
  const m = start.length;
  const tree = (xs: readonly Tensor[]): unknown => unflattenFrom(structure, xs, { at: 0 });
  const like = (y: unknown, what: string): Tensor[] =>
    likeLeaves(synchronous(caller, y), structure, start, caller, what);
  if (state.trace === null) {
    const r = solve((x) => tree(like(map(x), "f(x)")), tree(start));
    return { value: tree(like(r.value, "the solution")), aux: tensorsOf(caller)(r.aux) };
  }
  const { program, captured } = traceBody(
    (x: unknown) => like(map(x), "f(x)"),
    [structure],
    start.map((x) => ({ shape: x.shape, dtype: x.dtype })),
    caller,
  );
  const n = captured.length;
  let aux: Structure = { kind: "empty", value: null };
  const custom: Custom = {
    name: caller,
    call: (inputs) => {
      const theta = inputs.slice(0, n);
      const r = solve((x) => tree(evalProgram(program, [...theta, ...like(x, "x")])), tree(inputs.slice(n)));
      const rest = flatTree(caller, r.aux);
      aux = rest.structure;
      return [...like(r.value, "the solution"), ...rest.leaves];
    },
    jvp: (primals, tangents) => {
      const theta = primals.slice(0, n);
      const dTheta = tangents.slice(0, n);
      const outs = applyCustom(custom, primals);
      const rest = outs.slice(m).map(() => null);
      const x = outs.slice(0, m);
      const j = jvpProgram(program, [...dTheta.map(isPresent), ...x.map(() => false)]);
      if (!j.nonzero.some(Boolean)) return { outs, tangents: [...x.map(() => null), ...rest] };
      const change = spread(j.nonzero, evalProgram(j.program, [...theta, ...x, ...present(dTheta)]).slice(m)).map(
        (t, i) => t ?? zeros(x[i]),
      );
      const lin = linearizeFlat((xs) => evalProgram(program, [...theta, ...xs]), x, caller);
      const A = (v: unknown): unknown => {
        const vs = like(v, "x");
        const dv = lin.apply(vs);
        return tree(
          vs.map((u, i) => (kind === "root" ? (dv[i] ?? zeros(u)) : dv[i] === null ? u : sub(u, dv[i] as Tensor))),
        );
      };
      const b = tree(kind === "root" ? change.map((t) => neg(t)) : change);
      const dx = customLinearSolve<unknown>(
        A as never,
        b,
        linearSolve ?? (divided(caller) as never),
        options as LinearSolveOptions<unknown>,
      );
      return { outs, tangents: [...like(dx, "the solution of the linearised equation"), ...rest] };
    },
  };
  const outs = applyCustom(custom, [...captured, ...start]);
  return { value: tree(outs.slice(0, m)), aux: unflattenFrom(aux, outs.slice(m), { at: 0 }) };
};

/** One equation in one unknown needs no solver. */
const divided =
  (caller: string): Solve =>
  (A, b) => {
    const { leaves, structure } = flatTree(caller, b);
    if (leaves.length !== 1 || sizeOf(leaves[0].shape) !== 1)
      throw new AnsatzError(
        "derivative",
        caller,
        "its derivative solves a linear system of more than one unknown",
        { unknowns: leaves.reduce((s, t) => s + sizeOf(t.shape), 0) },
        "pass linearSolve: (A, b) => x, for instance cg or gmres of @ansatz/linalg, or (A, b) => solve(jacobian(A)(b), b)",
      );
    const one = unflattenFrom(structure, [ones(leaves[0])], { at: 0 });
    return unflattenFrom(structure, [div(leaves[0], flatTree(caller, A(one)).leaves[0])], { at: 0 });
  };

/** x ← f(x) until no entry moves by more than tol · max(1, largest entry), or maxSteps times. */
const repeated = (caller: string, f: Fn, x0: unknown, tol: number | undefined, maxSteps: number): unknown => {
  const { leaves: start, structure } = flatTree(caller, x0);
  const bound = tol ?? 16 * epsOf(start[0].dtype);
  const far = (xs: readonly Tensor[], ys: readonly Tensor[]): Tensor =>
    xs
      .map((x, i) => greater(max(abs(sub(ys[i], x))), mul(bound, maximum(max(abs(ys[i])), 1))))
      .reduce((a, b) => logicalOr(a, b));
  const end = whileLoop(
    (c: { xs: readonly Tensor[]; going: Tensor; k: Tensor }) => logicalAnd(c.going, less(c.k, maxSteps)),
    (c) => {
      const ys = flatTree(caller, f(unflattenFrom(structure, c.xs, { at: 0 }))).leaves;
      return { xs: ys, going: far(c.xs, ys), k: add(c.k, 1) };
    },
    { xs: start, going: tensor(true), k: tensor(0, { dtype: "int32" }) },
  );
  return unflattenFrom(structure, end.xs, { at: 0 });
};
