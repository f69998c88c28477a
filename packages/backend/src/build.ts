import type { Aval } from "./aval";
import type { Op, Params } from "./op";
import { type Atom, type Equation, equation, newVar, type Program, type Var } from "./program";

/** Appends an equation and gives its results. */
export type Emit = <P extends Params>(op: Op<P>, params: P, ...inputs: readonly Atom[]) => Var[];

/**
 * A program written by hand: what `compose` of an extension op, and tests, are made with.
 *
 *     buildProgram([aval([3], "float64")], (emit, x) => emit(core.mul, {}, x, x))
 */
export const buildProgram = (
  inputs: readonly Aval[],
  body: (emit: Emit, ...inputs: Var[]) => readonly Atom[],
): Program => {
  const equations: Equation[] = [];
  const emit: Emit = (op, params, ...ins) => {
    const eq = equation(op, params, ins);
    equations.push(eq as unknown as Equation);
    return [...eq.outputs];
  };
  const vars = inputs.map(newVar);
  const outputs = body(emit, ...vars);
  return { inputs: vars, equations, outputs };
};
