import { AnsatzError, type Program } from "@ansatz/backend";
import { sub, type Tensor } from "@ansatz/tensor";
import {
  type Axis,
  batchedAt,
  batchProgram,
  bind,
  evalProgram,
  isLinearInput,
  isPresent,
  jvpProgram,
  memo,
  only,
  present,
  setWeak,
  spread,
  type Tangent,
  type TensorOp,
  traceClosed,
  transposeProgram,
  weakOf,
  zeros,
} from "@ansatz/tensor/transforms";
import { transposeLinear } from "./linear-transpose";

/** Captured tensors lead the inputs of all programs; the right-hand side follows. */
export interface SolveParams {
  readonly [k: string]: Program | number | string | null;
  /** (captured…, x…) → A x */
  readonly matvec: Program;
  /** (captured…, b…) → (x with A x = b…, whatever else the solver says…) */
  readonly solve: Program;
  /** (captured…, g…) → x with Aᵀ x = g; null where it could not be staged, for the reason in `why`. */
  readonly adjoint: Program | null;
  readonly captured: number;
  readonly name: string;
  readonly why: string;
}

/**
 * x with A x = b by a solver that is given. The solver is never differentiated, the equation is:
 *
 *   A dx = db - dA x,   and, as x is linear in b,   Aᵀ b̄ = x̄
 *
 * Both are solves of the same kind, so it differentiates to every order in both modes.
 */
export const linearSolveOp: TensorOp<SolveParams> = {
  name: "linearSolve",
  core: false,
  abstract: (_, { solve }) => solve.outputs.map((a) => a.aval),
  compose: (_, { solve }) => solve,
  derivative: {
    kind: "jvpCall",
    jvp: (primals, tangents, p) => {
      const n = p.captured;
      const outs = bind(linearSolveOp, primals, p);
      const x = outs.slice(0, primals.length - n);
      const change = operatorChange(p, primals.slice(0, n), tangents.slice(0, n), x);
      const rhs = tangents.slice(n).map((db, i): Tangent => {
        const dAx = change[i];
        return dAx === null ? db : sub(db ?? zeros(dAx), dAx);
      });
      const rest = outs.slice(x.length).map(() => null);
      if (!rhs.some(isPresent)) return { outs, tangents: [...rhs, ...rest] };
      const right = rhs.map((t, i) => t ?? zeros(primals[n + i]));
      const dx = bind(linearSolveOp, [...primals.slice(0, n), ...right], p).slice(0, x.length);
      return { outs, tangents: [...dx, ...rest] };
    },
    transpose: (cts, inputs, p) => {
      const n = p.captured;
      const captured = inputs.slice(0, n) as Tensor[];
      const g = unknownsOf(p).map((a, i) => cts[i] ?? zeros(a));
      const back = bind(linearSolveOp, [...captured, ...g], transposed(p));
      return inputs.map((b, i) => (i >= n && isLinearInput(b) ? back[i - n] : null));
    },
  },
  batch: (size, inputs, axes, p) => {
    const mask = axes.map((a, i) => i >= p.captured || a !== null);
    const batched = (q: Program): Program =>
      batchProgram(
        q,
        size,
        mask,
        q.outputs.map(() => true),
      ).program;
    const outs = bind(
      linearSolveOp,
      inputs.map((x, i) => (mask[i] ? batchedAt(x, axes[i], size) : x)),
      { ...p, matvec: batched(p.matvec), solve: batched(p.solve), adjoint: p.adjoint && batched(p.adjoint) },
    );
    return { outs, axes: outs.map((): Axis => 0) };
  },
  weak: (_, { solve }) => weakOf(solve),
};

const unknownsOf = (p: SolveParams) => p.matvec.inputs.slice(p.captured).map((v) => v.aval);

/** dA x along the tangents of what A is made of; null where it is zero. */
const operatorChange = (
  p: SolveParams,
  captured: readonly Tensor[],
  tangents: readonly Tangent[],
  x: readonly Tensor[],
): readonly Tangent[] => {
  if (!tangents.some(isPresent)) return x.map(() => null);
  const j = jvpProgram(p.matvec, [...tangents.map(isPresent), ...x.map(() => false)]);
  const program = memo(j.program, "tangents", () => ({
    ...j.program,
    outputs: j.program.outputs.slice(p.matvec.outputs.length),
  }));
  return spread(j.nonzero, evalProgram(program, [...captured, ...x, ...present(tangents)]));
};

const transposed = (p: SolveParams): SolveParams => {
  if (p.adjoint === null)
    throw new AnsatzError(
      "derivative",
      p.name,
      `reverse mode solves the transposed system, which the solver refused: ${p.why}`,
      undefined,
      "pass transposeSolve, or symmetric: true where A is its own transpose",
    );
  const { adjoint } = p;
  const m = p.matvec.outputs.length;
  const solve = memo(p.solve, "solution alone", () =>
    setWeak({ ...p.solve, outputs: p.solve.outputs.slice(0, m) }, weakOf(p.solve).slice(0, m)),
  );
  return { ...p, matvec: transposedOperator(p.matvec, p.captured, p.name), solve: adjoint, adjoint: solve };
};

/** (captured…, y…) → Aᵀ y */
export const transposedOperator = (matvec: Program, captured: number, caller: string): Program =>
  memo(matvec, `transposed operator ${captured}`, () => {
    const linear = matvec.inputs.map((_, i) => i >= captured);
    const t = transposeLinear(caller, () =>
      transposeProgram(
        matvec,
        linear,
        matvec.outputs.map(() => true),
      ),
    );
    const unknowns = only(linear, matvec.inputs);
    return traceClosed(
      (xs) => spread(t.given, evalProgram(t.program, xs)).map((g, i) => g ?? zeros(unknowns[i].aval)),
      t.program.inputs.map((v) => v.aval),
      caller,
    );
  });
