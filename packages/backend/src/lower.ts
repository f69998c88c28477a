import { ProgramError } from "./errors";
import type { ComposedKernel, Op, Param, Params } from "./op";
import { type Atom, type Equation, isProgram, newVar, type Program, type Var } from "./program";

/**
 * Rewrites a program to ops a backend answers: extension ops with `compose` are replaced by their bodies unless `keeps(op)`, in nested
 * programs too; calls are inlined. Ops that have only `host` stay: the backend sends them to the host. An op whose kernel of the
 * family is a ComposedKernel is replaced by that.
 */
export const lower = (p: Program, keeps: (op: Op) => boolean, family?: string): Program => {
  const equations: Equation[] = [];
  // A body may be inlined many times, so every equation is emitted afresh under its own names.
  const emit = (body: Program, inputs: readonly Atom[]): Atom[] => {
    const env = new Map<Var, Atom>(body.inputs.map((v, i) => [v, inputs[i]]));
    const get = (a: Atom): Atom => {
      const b = a.kind === "var" ? env.get(a) : a;
      if (!b) throw new ProgramError("lower", "a variable is used before it is defined", undefined, "see checkProgram");
      return b;
    };
    for (const eq of body.equations) {
      const ins = eq.inputs.map(get);
      const sub = expansion(eq, keeps, family);
      const outs = sub ? emit(sub, ins) : eq.outputs.map((v) => newVar(v.aval));
      if (!sub)
        equations.push({
          op: eq.op,
          params: lowerParams(eq.params, keeps, family),
          inputs: ins,
          outputs: outs as Var[],
        });
      for (const [i, v] of eq.outputs.entries()) env.set(v, outs[i]);
    }
    return body.outputs.map(get);
  };
  return { inputs: p.inputs, equations, outputs: emit(p, p.inputs) };
};

const expansion = (eq: Equation, keeps: (op: Op) => boolean, family: string | undefined): Program | undefined => {
  if (eq.op.name === "call" && eq.op.core) return eq.params.body as Program;
  if (eq.op.core) return undefined;
  const avals = eq.inputs.map((a) => a.aval);
  const own = family === undefined ? undefined : (eq.op.kernels?.[family] as Partial<ComposedKernel> | undefined);
  if (own?.compose) return own.compose(avals, eq.params);
  if (keeps(eq.op)) return undefined;
  if (eq.op.compose) return eq.op.compose(avals, eq.params);
  if (eq.op.host) return undefined;
  throw new ProgramError(
    "lower",
    `extension op ${eq.op.name} has neither compose nor host`,
    undefined,
    "give it one in defineOp",
  );
};

const lowerParams = (params: Params, keeps: (op: Op) => boolean, family: string | undefined): Params => {
  const visit = (q: Param): Param => (isProgram(q) ? lower(q, keeps, family) : Array.isArray(q) ? q.map(visit) : q);
  return Object.fromEntries(Object.entries(params).map(([k, v]) => [k, visit(v)]));
};
