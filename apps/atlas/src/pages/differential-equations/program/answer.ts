import { jvp, vjp } from "@ansatz/autodiff";
import { printProgram } from "@ansatz/backend";
import { evaluateFormula, formulaNames, formulaSweeps, formulaTex, parseFormula } from "@ansatz/experiments";
import { AnsatzError, DomainError, ones, type Tensor } from "@ansatz/tensor";
import { cse, dce, traceFlat } from "@ansatz/tensor/transforms";
import type { Answer } from "../../../live/answers";
import { problemOf } from "../../../ui/problem";
import { readable } from "./lines";
import type { SweepAnswer, SweepView } from "./protocol";
import { allowed } from "./variables";

type Flat = (xs: readonly Tensor[]) => readonly Tensor[];

/** A function of n scalars as its program, printed. */
const printed = (f: Flat, n: number): string => {
  const scalars = Array.from({ length: n }, () => ({ shape: [], dtype: "float64" }) as const);
  return printProgram(cse(dce(traceFlat(f, scalars, "print").program)));
};

/** Traces the reader's function, sweeps over it, and prints it beside its derivatives, which are programs too. */
const sweep = ({ formula, at, seed }: SweepView): SweepAnswer => {
  const tree = parseFormula(formula, allowed);
  const used = formulaNames(tree).sort();
  if (used.length < 1 || used.length > 3)
    throw new DomainError(
      "formula",
      "must have one to three variables",
      { variables: used },
      `use ${allowed.join(", ")}`,
    );
  const along = used[Math.min(seed, used.length - 1)] as string;
  const point = Object.fromEntries(used.map((name, i) => [name, at[i] ?? 0]));
  const swept = formulaSweeps(formula, point, { [along]: 1 });

  const f = (...xs: Tensor[]): Tensor =>
    evaluateFormula(tree, Object.fromEntries(used.map((name, i) => [name, xs[i] as Tensor])));
  const n = used.length;
  const forward: Flat = (xs) => {
    const { value, tangent } = jvp(f as never, xs.slice(0, n) as never, xs.slice(n) as never);
    return [value as Tensor, tangent as Tensor];
  };
  const reverse: Flat = (xs) => {
    const { value, pullback } = vjp(f as never, ...(xs as never[]));
    return [value as Tensor, ...(pullback as (c: Tensor) => Tensor[])(ones([], { dtype: "float64" }))];
  };
  return {
    swept: {
      variables: used,
      tex: formulaTex(tree),
      ...readable(swept),
      value: swept.value,
      tangent: swept.tangent,
      gradient: used.map((name) => swept.gradient[name] as number),
      printed: { f: printed((xs) => [f(...xs)], n), forward: printed(forward, 2 * n), reverse: printed(reverse, n) },
    },
  };
};

export const prepareSweep = (): Answer<SweepView, SweepAnswer> => (view) => {
  try {
    return sweep(view);
  } catch (reason) {
    // What is wrong with the reader's formula is an answer; anything else is a fault of ours
    if (reason instanceof AnsatzError) return { problem: problemOf(reason) };
    throw reason;
  }
};
