import { type Atom, type Equation, hasEffects, type Program } from "@ansatz/backend";
import type { TensorOp } from "../core/op";

/** The equations that the outputs or an effect need, in order, without the results of loops and branches that nothing needs. */
export const liveEquations = (equations: readonly Equation[], outputs: readonly (Atom | null)[]): Equation[] => {
  const needed = new Set<Atom>();
  for (const a of outputs) if (a !== null) needed.add(a);
  const live: Equation[] = [];
  for (let i = equations.length - 1; i >= 0; i--) {
    const eq = equations[i];
    const used = eq.outputs.map((v) => needed.has(v));
    if (!used.includes(true) && !hasEffects(eq)) continue;
    const kept = used.includes(false) ? pruned(eq, used) : eq;
    for (const a of kept.inputs) needed.add(a);
    live.push(kept);
  }
  return live.reverse();
};

const pruned = (eq: Equation, used: readonly boolean[]): Equation => {
  const rule = (eq.op as unknown as TensorOp).prune;
  if (rule === undefined) return eq;
  const r = rule(eq.params, used);
  return {
    op: eq.op,
    params: r.params,
    inputs: eq.inputs.filter((_, i) => r.inputs[i]),
    outputs: eq.outputs.filter((_, i) => r.outputs[i]),
  };
};

/** The program without what nothing needs; inputs stay. */
export const dce = (p: Program): Program => {
  const equations = liveEquations(p.equations, p.outputs);
  const same = equations.length === p.equations.length && equations.every((eq, i) => eq === p.equations[i]);
  return same ? p : { ...p, equations };
};

/** A body with only some of its results, and which of its inputs they need. */
export const restrict = (p: Program, used: readonly boolean[]): { program: Program; inputs: boolean[] } => {
  const outputs = p.outputs.filter((_, i) => used[i]);
  const equations = liveEquations(p.equations, outputs);
  const needed = new Set<Atom>([...outputs, ...equations.flatMap((eq) => eq.inputs)]);
  return { program: { inputs: p.inputs, equations, outputs }, inputs: p.inputs.map((v) => needed.has(v)) };
};
