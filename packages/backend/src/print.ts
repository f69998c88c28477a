import { showAval } from "./aval";
import type { Param } from "./op";
import { type Atom, type Equation, isProgram, type Program, type Var } from "./program";

/** Names variables a, b, …, z, aa, … in order of appearance, nested programs continuing the sequence. */
export class Namer {
  private names = new Map<Var, string>();
  /** The name of a variable, or the value of a literal. */
  of(a: Atom): string {
    if (a.kind === "literal")
      return a.aval.dtype === "bool" ? (a.value ? "true" : "false") : `${Object.is(a.value, -0) ? "-0" : a.value}`;
    let n = this.names.get(a);
    if (n === undefined) {
      n = letters(this.names.size);
      this.names.set(a, n);
    }
    return n;
  }
}

const letters = (i: number): string =>
  (i >= 26 ? letters(Math.floor(i / 26) - 1) : "") + String.fromCharCode(97 + (i % 26));

const showParam = (p: Param, names: Namer, indent: string): string => {
  if (isProgram(p)) return printProgram(p, names, `${indent}  `);
  if (Array.isArray(p)) return `[${p.map((q) => showParam(q, names, indent)).join(", ")}]`;
  if (typeof p === "function") return p.name || "fn";
  if (typeof p === "object" && p !== null)
    return `{ ${Object.entries(p)
      .map(([k, v]) => `${k}: ${showParam(v, names, indent)}`)
      .join(", ")} }`;
  return String(p);
};

/** `c:float32[3] = add a b` */
export const printEquation = (eq: Equation, names = new Namer(), indent = ""): string => {
  const ins = eq.inputs.map((a) => names.of(a)).join(" ");
  const outs = eq.outputs.map((v) => `${names.of(v)}:${showAval(v.aval)}`).join(" ");
  const params = Object.entries(eq.params)
    .map(([k, v]) => `${k}=${showParam(v, names, indent)}`)
    .join(" ");
  return `${outs} = ${eq.op.name}${params ? `[${params}]` : ""}${ins ? ` ${ins}` : ""}`;
};

/**
 * The program as text:
 *
 *     { in a:float32[3]
 *       b:float32[3] = mul a a
 *       out b }
 */
export const printProgram = (p: Program, names = new Namer(), indent = ""): string => {
  const lines = [
    `{ in ${p.inputs.map((v) => `${names.of(v)}:${showAval(v.aval)}`).join(" ")}`,
    ...p.equations.map((eq) => `  ${printEquation(eq, names, `${indent}  `)}`),
    `  out ${p.outputs.map((a) => names.of(a)).join(" ")} }`,
  ];
  return lines.join(`\n${indent}`);
};
