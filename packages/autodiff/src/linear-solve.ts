import { AnsatzError, type Program } from "@ansatz/backend";
import type { Tensor } from "@ansatz/tensor";
import {
  bind,
  evalProgram,
  flattenInto,
  leafTensor,
  type Structure,
  setWeak,
  shareCaptured,
  state,
  synchronous,
  traceBody,
  unflattenFrom,
} from "@ansatz/tensor/transforms";
import { likeLeaves, requireFloats, tensorsOf } from "./arguments";
import { linearSolveOp, transposedOperator } from "./linear-solve-op";
import type { Tensors } from "./types";

/** A linear map of trees like b, as a function. */
export type LinearOperator<B> = (x: Tensors<B>) => Tensors<B>;
/** x with A x = b, given A as a function. */
export type LinearSolver<B> = (matvec: LinearOperator<B>, b: Tensors<B>) => Tensors<B>;

export interface LinearSolveOptions<B> {
  /**
   * Solves Aᵀ x = b, for reverse mode; it gets Aᵀ as a function. `solve` itself unless told: right for iterations that know A only by the
   * function they are given.
   */
  readonly transposeSolve?: LinearSolver<B>;
  /** A = Aᵀ: reverse mode solves with A itself. */
  readonly symmetric?: boolean;
}

/**
 * x with A x = b, by a solver of yours that is never differentiated: derivatives follow from the equation, in both modes and to every order,
 *
 *   A dx = db - dA x,   Aᵀ b̄ = x̄
 *
 * each by one more solve, whatever the solver did. A is a function x ↦ A x of trees like b; tensors that it captures are differentiated.
 * Outside every transform the solver runs with values; under one it is staged like the body of a loop.
 *
 * @param matvec x ↦ A x, linear, with values of the structure, shapes and dtypes of b
 * @param b      any tree of floats
 * @param solve  (matvec, b) ↦ x
 * @returns x, a tree like b
 * @throws {AnsatzError} in reverse mode: `solve` does not use the operator it is given, and there is no `transposeSolve`
 * @see Blondel et al. 2022, "Efficient and modular implicit differentiation", NeurIPS, arXiv:2105.15183
 * @example
 * const jacobi = (A, b) => fori(0, 60, (_, x) => add(x, mul(0.2, sub(b, A(x)))), zerosLike(b));
 * const f = (a) => sum(customLinearSolve((x) => mul(a, x), tensor([6, 8]), jacobi));
 * grad(f)([3, 4]) // -b / a² = [-0.6667, -0.5]
 */
export const customLinearSolve = <B>(
  matvec: LinearOperator<NoInfer<B>>,
  b: B,
  solve: LinearSolver<NoInfer<B>>,
  options: LinearSolveOptions<NoInfer<B>> = {},
): Tensors<B> =>
  solveLinear(
    "customLinearSolve",
    matvec as Fn,
    b,
    (A, y) => ({ value: solve(A as never, y as never), aux: null }),
    options as LinearSolveOptions<unknown>,
  ).value as Tensors<B>;

/**
 * As customLinearSolve for a solver that returns { value, aux }: aux, any tree (steps, residuals, `info`), comes along undifferentiated.
 *
 * @example
 * const { value, aux } = customLinearSolveAux((x) => mul(2, x), 6, (A, b) => ({ value: mul(0.5, b), aux: { steps: 1 } }), { symmetric: true });
 * aux.steps.item() // 1
 */
export const customLinearSolveAux = <B, X>(
  matvec: LinearOperator<NoInfer<B>>,
  b: B,
  solve: (matvec: LinearOperator<NoInfer<B>>, b: Tensors<NoInfer<B>>) => { readonly value: unknown; readonly aux: X },
  options: LinearSolveOptions<NoInfer<B>> = {},
): { readonly value: Tensors<B>; readonly aux: Tensors<X> } =>
  solveLinear("customLinearSolveAux", matvec as Fn, b, solve as never, options as LinearSolveOptions<unknown>) as never;

type Fn = (x: unknown) => unknown;
type Solve = (matvec: Fn, b: unknown) => { readonly value: unknown; readonly aux: unknown };

const solveLinear = (
  caller: string,
  matvec: Fn,
  b: unknown,
  solve: Solve,
  options: LinearSolveOptions<unknown>,
): { value: unknown; aux: unknown } => {
  const raw: unknown[] = [];
  const structure = flattenInto(b, raw, caller, "b");
  const rhs = raw.map((x) => leafTensor(x, caller));
  requireFloats(rhs, structure, caller, "b");
  const tree = (xs: readonly Tensor[]): unknown => unflattenFrom(structure, xs, { at: 0 });
  const leaves = (t: unknown, what: string): Tensor[] =>
    likeLeaves(synchronous(caller, t), structure, rhs, caller, what);
  if (state.trace === null) {
    const r = solve((x) => tree(leaves(matvec(x), "A x")), tree(rhs));
    return { value: tree(leaves(r.value, "the solution")), aux: tensorsOf(caller)(r.aux) };
  }
  let aux: Structure = { kind: "empty", value: null };
  const stage = (f: (...xs: Tensor[]) => unknown, finish: (y: never) => readonly Tensor[] = (y) => y) =>
    traceBody(
      (...xs: Tensor[]) => finish(f(...xs) as never),
      rhs.map(() => ({ kind: "leaf" as const })),
      rhs.map((x) => ({ shape: x.shape, dtype: x.dtype })),
      caller,
    );
  const operator = stage((...xs) => leaves(matvec(tree(xs)), "A x"));
  const direct = stage((...xs) => {
    const r = solve((x) => tree(leaves(matvec(x), "A x")), tree(xs));
    const rest: unknown[] = [];
    aux = flattenInto(r.aux, rest, caller, "aux");
    return [...leaves(r.value, "the solution"), ...rest.map((x) => leafTensor(x, caller))];
  });
  const { adjoint, why } = options.symmetric
    ? { adjoint: null, why: "" }
    : stageAdjoint(
        caller,
        operator.program,
        operator.captured,
        options.transposeSolve as never,
        solve,
        stage,
        leaves,
        tree,
      );
  const bodies = adjoint === null ? [operator, direct] : [operator, direct, adjoint];
  const { programs, captured } = shareCaptured(bodies);
  const solution = (p: Program): Program =>
    setWeak(
      { ...p, outputs: p.outputs.slice(0, rhs.length) },
      rhs.map(() => false),
    );
  const outs = bind(linearSolveOp, [...captured, ...rhs], {
    matvec: programs[0],
    solve: programs[1],
    adjoint: options.symmetric ? solution(programs[1]) : (programs[2] ?? null),
    captured: captured.length,
    name: caller,
    why,
  });
  return { value: tree(outs), aux: unflattenFrom(aux, outs.slice(rhs.length), { at: 0 }) };
};

/** The solver of the transposed system, or why there is none: reverse mode may never ask for it. */
const stageAdjoint = (
  caller: string,
  operator: Program,
  captured: readonly Tensor[],
  transposeSolve: ((matvec: Fn, b: unknown) => unknown) | undefined,
  solve: Solve,
  stage: (f: (...xs: Tensor[]) => unknown) => ReturnType<typeof traceBody>,
  leaves: (t: unknown, what: string) => Tensor[],
  tree: (xs: readonly Tensor[]) => unknown,
): { adjoint: ReturnType<typeof traceBody> | null; why: string } => {
  let used = false;
  const transpose: Fn = (x) => {
    used = true;
    return tree(evalProgram(transposedOperator(operator, captured.length, caller), [...captured, ...leaves(x, "x")]));
  };
  try {
    const adjoint = stage((...xs) =>
      transposeSolve === undefined
        ? leaves(solve(transpose, tree(xs)).value, "the solution of the transposed system")
        : leaves(transposeSolve(transpose, tree(xs)), "the solution of the transposed system"),
    );
    if (used || transposeSolve !== undefined) return { adjoint, why: "" };
    return { adjoint: null, why: "it does not use the operator it is given, so it would solve with A instead of Aᵀ" };
  } catch (e) {
    if (!(e instanceof AnsatzError)) throw e;
    return { adjoint: null, why: e.message };
  }
};
