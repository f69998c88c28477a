import { type Atom, type Equation, hasEffects, type Program, type Var } from "@ansatz/backend";
import { paramsKey } from "../core/program-key";
import { idOf } from "../core/state";

/** Ops for which the order of operands does not matter, to the last bit. */
const commutative = new Set(["add", "mul", "max", "min", "eq", "ne", "and", "or", "xor"]);
const namesOf = (op: string, names: string[]): string => (commutative.has(op) ? names.sort() : names).join();

/** The program with equal equations computed once. Effects are never merged. */
export const cse = (p: Program): Program => {
  const canonical = new Map<Var, Atom>();
  const seen = new Map<string, Equation>();
  const get = (a: Atom): Atom => (a.kind === "var" ? (canonical.get(a) ?? a) : a);
  const name = (a: Atom): string =>
    a.kind === "var" ? `#${idOf(a)}` : `${Object.is(a.value, -0) ? "-0" : a.value}${a.aval.dtype}`;
  const equations: Equation[] = [];
  for (const eq of p.equations) {
    const inputs = eq.inputs.map(get);
    const changed = inputs.some((a, i) => a !== eq.inputs[i]);
    const now = changed ? { ...eq, inputs } : eq;
    if (hasEffects(eq)) {
      equations.push(now);
      continue;
    }
    const key = `${idOf(eq.op)}${paramsKey(eq.op, eq.params, true)}(${namesOf(eq.op.name, inputs.map(name))})`;
    const before = seen.get(key);
    if (before === undefined) {
      seen.set(key, now);
      equations.push(now);
    } else eq.outputs.forEach((v, i) => canonical.set(v, before.outputs[i]));
  }
  if (canonical.size === 0) return p;
  return { inputs: p.inputs, equations, outputs: p.outputs.map(get) };
};
