import { sameAval, showAval } from "./aval";
import { AnsatzError, ProgramError } from "./errors";
import { Namer, printEquation } from "./print";
import { type Atom, type Equation, type Program, subprograms, type Var } from "./program";

/** Throws a ProgramError that locates the first equation breaking a law: scoping, single assignment, abstract rules. */
export const checkProgram = (p: Program, path = "program"): void => {
  const names = new Namer();
  const known = new Set<Var>();
  const define = (v: Var, where: string): void => {
    names.of(v);
    if (known.has(v)) throw new ProgramError(where, "a variable is defined once", { variable: names.of(v) });
    known.add(v);
  };
  const use = (a: Atom, where: string): void => {
    if (a.kind === "var" && !known.has(a))
      throw new ProgramError(where, "a variable is used before it is defined", {
        variable: `${names.of(a)}:${showAval(a.aval)}`,
      });
    if (a.kind === "literal" && (a.aval.shape.length > 0 || a.aval.dtype === "key"))
      throw new ProgramError(where, "a literal is a scalar number", { literal: showAval(a.aval) });
  };
  for (const v of p.inputs) define(v, path);
  p.equations.forEach((eq, i) => {
    const where = `${path}, equation ${i} (${printEquation(eq, names)})`;
    for (const a of eq.inputs) use(a, where);
    for (const [j, sub] of subprograms(eq.params).entries()) checkProgram(sub, `${where}, body ${j}`);
    const want = abstractOf(eq, where);
    if (want.length !== eq.outputs.length || want.some((a, k) => !sameAval(a, eq.outputs[k].aval)))
      throw new ProgramError(where, "results must have the op's abstract values", {
        expected: want.map(showAval),
        seen: eq.outputs.map((v) => showAval(v.aval)),
      });
    for (const v of eq.outputs) define(v, where);
  });
  for (const a of p.outputs) use(a, `${path}, outputs`);
};

const abstractOf = (eq: Equation, where: string) => {
  try {
    return eq.op.abstract(
      eq.inputs.map((a) => a.aval),
      eq.params,
    );
  } catch (e) {
    if (e instanceof AnsatzError) throw new ProgramError(where, e.message);
    throw e;
  }
};
