import type { Aval } from "./aval";
import type { Op, Param, Params } from "./op";

/**
 * A program in single-assignment form: equations `outs = op[params](ins)` in an order that respects data flow and effects.
 * It is closed: whatever a traced function captured is an input (tensors are never bytes in a program); only scalars are literals.
 * Programs, variables and equations are immutable and compared by identity.
 */
export interface Program {
  readonly inputs: readonly Var[];
  readonly equations: readonly Equation[];
  readonly outputs: readonly Atom[];
}

/** A value with a name: an input of a program or a result of an equation. Identity is its name. */
export interface Var {
  readonly kind: "var";
  readonly aval: Aval;
}

/** A scalar constant; bool is 0 or 1. Never of dtype key. */
export interface Literal {
  readonly kind: "literal";
  readonly aval: Aval;
  readonly value: number;
}

/** What an operand or an output may be. */
export type Atom = Var | Literal;

/** `outputs = op[params](inputs)` */
export interface Equation<P extends Params = Params> {
  readonly op: Op<P>;
  readonly params: P;
  readonly inputs: readonly Atom[];
  readonly outputs: readonly Var[];
}

/** A fresh variable. */
export const newVar = (aval: Aval): Var => ({ kind: "var", aval });

/** A scalar constant; a float32 is rounded to one, a bool becomes 0 or 1, an integer has no -0. */
export const literal = (value: number, dtype: Aval["dtype"]): Literal => ({
  kind: "literal",
  aval: { shape: [], dtype },
  value:
    dtype === "float64"
      ? value
      : dtype === "float32"
        ? Math.fround(value)
        : dtype === "bool"
          ? Number(value !== 0)
          : value + 0,
});

/** An equation whose results have the avals the op says; throws what the op throws. */
export const equation = <P extends Params>(op: Op<P>, params: P, inputs: readonly Atom[]): Equation<P> => ({
  op,
  params,
  inputs,
  outputs: op
    .abstract(
      inputs.map((a) => a.aval),
      params,
    )
    .map(newVar),
});

/** The one-equation program of an op: what an eager call runs. */
export const singleton = <P extends Params>(op: Op<P>, params: P, avals: readonly Aval[]): Program => {
  const inputs = avals.map(newVar);
  const eq = equation(op, params, inputs);
  return { inputs, equations: [eq as unknown as Equation], outputs: eq.outputs };
};

/** Whether a param is a nested program. */
export const isProgram = (p: Param): p is Program =>
  typeof p === "object" && p !== null && "equations" in p && "inputs" in p && "outputs" in p;

/** The programs nested directly in an equation's params, in a fixed order. */
export const subprograms = (params: Params): Program[] => {
  const out: Program[] = [];
  const visit = (p: Param): void => {
    if (isProgram(p)) out.push(p);
    else if (Array.isArray(p)) p.forEach(visit);
  };
  for (const k of Object.keys(params).sort()) visit(params[k]);
  return out;
};

/** Whether an equation, or one nested in it, has an ordered effect. */
export const hasEffects = (eq: Equation): boolean =>
  eq.op.effects !== undefined || subprograms(eq.params).some((p) => p.equations.some(hasEffects));
