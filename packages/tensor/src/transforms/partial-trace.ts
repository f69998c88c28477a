import type { Equation, Params, Var } from "@ansatz/backend";
import type { Recorder, Tangent, TensorOp } from "../core/op";
import { state } from "../core/state";
import type { Tensor } from "../core/tensor";
import { processIn, type Trace, withTrace } from "../core/trace";
import { liveEquations } from "./dce";
import { JvpTrace } from "./jvp-trace";
import { bindEquation, tensorOf } from "./program-trace";
import { Staging } from "./staging";
import { backwardPass } from "./transpose";
import { hasTangent, zeros } from "./zeros";

/** Partial evaluation: what does not depend on unknowns happens now, in the parent; what does is recorded. */
export class PartialTrace extends Staging implements Trace, Recorder {
  readonly kind = "partial";

  isUnknown(t: Tensor): boolean {
    return this.owns(t);
  }

  process(op: TensorOp, inputs: readonly Tensor[], params: Params): readonly Tensor[] {
    if (!inputs.some((t) => this.owns(t))) return processIn(this.parent, op, inputs, params);
    const rule = op.partial;
    if (rule === undefined) return this.record(op, inputs, params);
    return withTrace(this.parent, () =>
      rule(
        this,
        inputs,
        inputs.map((t) => this.owns(t)),
        params,
      ),
    );
  }
}

/** The derivative of a function at a point: a linear program whose known operands are its residuals. */
export interface Linearized {
  readonly outs: readonly Tensor[];
  /** The values that the derivative keeps. */
  readonly residuals: readonly Tensor[];
  /** The tangents along the given ones; null is zero. */
  apply(tangents: readonly Tangent[]): Tangent[];
  /** The cotangents of the inputs, given those of the results. */
  transpose(cotangents: readonly Tangent[]): Tangent[];
}

/** f at `primals`, with values where there are values, and its derivative there. */
export const linearizeFlat = (
  f: (xs: readonly Tensor[]) => readonly Tensor[],
  primals: readonly Tensor[],
  origin = "linearize",
): Linearized => {
  const partial = new PartialTrace(state.trace, origin);
  const jvp = new JvpTrace(partial, origin);
  const unknowns = primals.map((x) => (hasTangent(x) ? partial.input(x) : null));
  let duals: { primal: Tensor; tangent: Tangent }[];
  try {
    const ys = withTrace(jvp, () => f(primals.map((x, i) => jvp.wrap(x, unknowns[i]))));
    duals = ys.map((y) => jvp.unwrap(y));
  } finally {
    jvp.done = partial.done = true;
  }
  const ins = unknowns.map((t) => (t === null ? null : (t.payload as Var)));
  const outs = duals.map(({ tangent }) =>
    tangent !== null && partial.owns(tangent) ? (tangent.payload as Var) : null,
  );
  const live = liveEquations(partial.equations, outs);
  const used = new Set<unknown>(live.flatMap((eq) => eq.inputs));
  const residuals = new Map(
    partial.capturedVars.flatMap((v, i) => (used.has(v) ? [[v, partial.captured[i]] as const] : [])),
  );
  return {
    outs: duals.map((d) => d.primal),
    residuals: [...residuals.values()],
    apply: (tangents) => applyLinear(live, residuals, ins, outs, tangents),
    transpose: (cotangents) => {
      const ct = new Map<Var, Tensor>();
      backwardPass(live, residuals, outs, cotangents, ct);
      return ins.map((v) => (v === null ? null : (ct.get(v) ?? null)));
    },
  };
};

const applyLinear = (
  equations: readonly Equation[],
  residuals: ReadonlyMap<Var, Tensor>,
  ins: readonly (Var | null)[],
  outs: readonly (Var | null)[],
  tangents: readonly Tangent[],
): Tangent[] => {
  const env = new Map(residuals);
  ins.forEach((v, i) => {
    if (v !== null) env.set(v, tangents[i] ?? zeros(v.aval));
  });
  for (const eq of equations) {
    const results = bindEquation(
      eq,
      eq.inputs.map((a) => (a.kind === "var" ? env.get(a)! : tensorOf(a))),
    );
    eq.outputs.forEach((v, i) => env.set(v, results[i]));
  }
  return outs.map((v) => (v === null ? null : env.get(v)!));
};
