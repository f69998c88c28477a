import { type Atom, type Equation, hasEffects, type Program } from "@ansatz/backend";

/** The equations that the outputs or an effect need, in order. */
export const liveEquations = (equations: readonly Equation[], outputs: readonly (Atom | null)[]): Equation[] => {
  const needed = new Set<Atom>();
  for (const a of outputs) if (a !== null) needed.add(a);
  const live: Equation[] = [];
  for (let i = equations.length - 1; i >= 0; i--) {
    const eq = equations[i];
    if (!eq.outputs.some((v) => needed.has(v)) && !hasEffects(eq)) continue;
    for (const a of eq.inputs) needed.add(a);
    live.push(eq);
  }
  return live.reverse();
};

/** The program without equations that nothing needs; inputs stay. */
export const dce = (p: Program): Program => {
  const equations = liveEquations(p.equations, p.outputs);
  return equations.length === p.equations.length ? p : { ...p, equations };
};
