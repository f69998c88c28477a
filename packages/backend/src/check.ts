import { sameAval, showAval } from "./aval";
import { convertNumber } from "./dtype";
import { AnsatzError, ProgramError } from "./errors";
import { Namer, printEquation } from "./print";
import { type Atom, type Equation, type Program, subprograms, type Var } from "./program";

/** Throws a ProgramError that locates the first equation breaking a law: scoping, single assignment, abstract rules. */
export const checkProgram = (p: Program): void => check(p, new Namer(), () => "program");

// Places are spelled out only when a law is broken: printing every equation of a nest would be quadratic.
type Place = () => string;

const check = (p: Program, names: Namer, path: Place): void => {
  const known = new Set<Var>();
  const define = (v: Var, where: Place): void => {
    if (known.has(v)) throw new ProgramError(where(), "a variable is defined once", { variable: names.of(v) });
    names.of(v);
    known.add(v);
  };
  const use = (a: Atom, where: Place): void => {
    if (a.kind === "literal") checkLiteral(a, where);
    else if (!known.has(a))
      throw new ProgramError(where(), "a variable is used before it is defined", {
        variable: `${names.of(a)}:${showAval(a.aval)}`,
      });
  };
  for (const v of p.inputs) define(v, path);
  for (const [i, eq] of p.equations.entries()) {
    const where: Place = () => `${path()}, equation ${i} (${printEquation(eq, names)})`;
    for (const a of eq.inputs) use(a, where);
    for (const [j, body] of subprograms(eq.params).entries()) check(body, names, () => `${where()}, body ${j}`);
    const want = abstractOf(eq, where);
    if (want.length !== eq.outputs.length || want.some((a, k) => !sameAval(a, eq.outputs[k].aval)))
      throw new ProgramError(where(), "results must have the op's abstract values", {
        expected: want.map(showAval),
        seen: eq.outputs.map((v) => showAval(v.aval)),
      });
    for (const v of eq.outputs) define(v, where);
  }
  for (const a of p.outputs) use(a, () => `${path()}, outputs`);
};

const checkLiteral = (a: Atom & { kind: "literal" }, where: Place): void => {
  const { shape, dtype } = a.aval;
  if (shape.length > 0 || dtype === "key")
    throw new ProgramError(where(), "a literal is a scalar number", { literal: showAval(a.aval) });
  if (!Object.is(convertNumber(a.value, dtype), a.value))
    throw new ProgramError(where(), "a literal must be a value of its dtype", { value: a.value, dtype });
};

const abstractOf = (eq: Equation, where: Place) => {
  try {
    return eq.op.abstract(
      eq.inputs.map((a) => a.aval),
      eq.params,
    );
  } catch (e) {
    if (e instanceof AnsatzError) throw new ProgramError(where(), e.message);
    throw e;
  }
};
