import { AnsatzError, type Atom, type Equation, type Program, type Var } from "@ansatz/backend";
import type { LinearInput, Tangent, TensorOp } from "../core/op";
import type { Tensor } from "../core/tensor";
import { add } from "../ops/arithmetic";
import { memo } from "./memo";
import { evalProgram, tensorOf, traceClosed } from "./program-trace";
import { partialEvalProgram } from "./program-transforms";

/**
 * Reverse mode on equations linear in every variable that `known` does not hold: cotangents flow from the outputs back; sums where a
 * variable was used twice. `ct` receives them by variable.
 */
export const backwardPass = (
  equations: readonly Equation[],
  known: ReadonlyMap<Var, Tensor>,
  outputs: readonly (Var | null)[],
  cotangents: readonly Tangent[],
  ct: Map<Var, Tensor>,
): void => {
  const accumulate = (v: Var, t: Tensor): void => {
    const before = ct.get(v);
    ct.set(v, before === undefined ? t : add(before, t));
  };
  outputs.forEach((v, i) => {
    const t = cotangents[i];
    if (v !== null && t !== null && !known.has(v)) accumulate(v, t);
  });
  for (let i = equations.length - 1; i >= 0; i--) {
    const eq = equations[i];
    const gs = eq.outputs.map((v) => ct.get(v) ?? null);
    if (gs.every((g) => g === null)) continue;
    const inputs = eq.inputs.map((a): Tensor | LinearInput =>
      a.kind === "literal" ? tensorOf(a) : (known.get(a) ?? { linear: true, aval: a.aval }),
    );
    const rule = transposeRule(eq.op as unknown as TensorOp);
    const back = rule(gs, inputs, eq.params);
    eq.inputs.forEach((a, k) => {
      const g = back[k] ?? null;
      if (g !== null && a.kind === "var" && !known.has(a)) accumulate(a, g);
    });
    for (const v of eq.outputs) ct.delete(v);
  }
};

const transposeRule = (op: TensorOp) => {
  const d = op.derivative;
  const rule = "transpose" in d ? d.transpose : undefined;
  if (rule === undefined)
    throw new AnsatzError(
      "derivative",
      op.name,
      "has no transposition: reverse mode met it where it is not linear",
      undefined,
      "this is a bug in the rule that produced it",
    );
  return rule;
};

export interface Transposed {
  /** (nonlinear inputs…, cotangents of results that have one…) → cotangents of linear inputs that have one */
  readonly program: Program;
  /** For each linear input, whether a cotangent comes back. */
  readonly given: readonly boolean[];
}

/** The transpose of a program in its `linear` inputs, for the results whose cotangents are not zero. */
export const transposeProgram = (p: Program, linear: readonly boolean[], nonzero: readonly boolean[]): Transposed =>
  memo(p, `transpose ${linear} ${nonzero}`, () => {
    const plain = p.inputs.filter((_, i) => !linear[i]);
    const outs = p.outputs.filter((_, i) => nonzero[i]);
    let given: boolean[] = [];
    const program = traceClosed(
      (xs) => {
        const split = partialEvalProgram(p, linear);
        const values = evalProgram(split.known, xs.slice(0, plain.length));
        const known = new Map<Var, Tensor>();
        values.slice(values.length - split.residuals).forEach((t, i) => {
          known.set(split.unknown.inputs[i], t);
        });
        // Of the results, only those that depend on a linear input pass a cotangent on.
        const results = spreadOver(split.unknownOut, split.unknown.outputs);
        const ct = new Map<Var, Tensor>();
        backwardPass(
          split.unknown.equations,
          known,
          results.filter((_, i) => nonzero[i]),
          xs.slice(plain.length),
          ct,
        );
        const gs = split.unknown.inputs.slice(split.residuals).map((v) => ct.get(v) ?? null);
        given = gs.map((g) => g !== null);
        return gs.filter((g) => g !== null);
      },
      [...plain.map((v) => v.aval), ...outs.map((a) => a.aval)],
      "transpose",
    );
    return { program, given };
  });

const spreadOver = (mask: readonly boolean[], atoms: readonly Atom[]): (Var | null)[] => {
  let k = 0;
  return mask.map((m) => {
    if (!m) return null;
    const a = atoms[k++];
    return a.kind === "var" ? a : null;
  });
};
