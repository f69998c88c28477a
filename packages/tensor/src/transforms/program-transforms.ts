import type { Atom, Program } from "@ansatz/backend";
import { state } from "../core/state";
import type { Tensor } from "../core/tensor";
import { withTrace } from "../core/trace";
import { dce, liveEquations } from "./dce";
import { jvpFlat } from "./jvp-trace";
import { memo, setWeak, weakOf } from "./memo";
import { PartialTrace } from "./partial-trace";
import { evalProgram, ProgramTrace, traceClosed } from "./program-trace";
import { zeros } from "./zeros";

export interface JvpProgram {
  /** (inputs…, tangents of inputs that have one…) → (results…, tangents of results that have one…) */
  readonly program: Program;
  readonly nonzero: readonly boolean[];
}

/** Forward mode on a program; `force` names results that must have a tangent even if zero. */
export const jvpProgram = (p: Program, nonzero: readonly boolean[], force?: readonly boolean[]): JvpProgram =>
  memo(p, `jvp ${nonzero} ${force ?? ""}`, () => {
    const n = p.inputs.length;
    let out: boolean[] = [];
    const args = [...p.inputs.map((v) => v.aval), ...p.inputs.filter((_, i) => nonzero[i]).map((v) => v.aval)];
    const program = traceClosed(
      (xs) => {
        let k = n;
        const tangents = nonzero.map((t) => (t ? xs[k++] : null));
        const r = jvpFlat((ys) => evalProgram(p, ys), xs.slice(0, n), tangents, state.trace, "jvp");
        const dys = r.tangents.map((t, i) => (t === null && force?.[i] ? zeros(p.outputs[i].aval) : t));
        out = dys.map((t) => t !== null);
        return [...r.outs, ...dys.filter((t) => t !== null)];
      },
      args,
      "jvp",
    );
    const w = weakOf(p);
    return { program: setWeak(dce(program), [...w, ...w.filter((_, i) => out[i])]), nonzero: out };
  });

export interface PartialProgram {
  /** known inputs… → (known results…, residuals…) */
  readonly known: Program;
  /** (residuals…, unknown inputs…) → unknown results… */
  readonly unknown: Program;
  readonly unknownOut: readonly boolean[];
  readonly residuals: number;
}

/** Splits a program by what depends on the unknown inputs; `force` names results to be delivered by the unknown part. */
export const partialEvalProgram = (
  p: Program,
  unknown: readonly boolean[],
  force?: readonly boolean[],
): PartialProgram =>
  memo(p, `partial ${unknown} ${force ?? ""}`, () => {
    const staged = new ProgramTrace(null, "partial evaluation");
    const partial = new PartialTrace(staged, "partial evaluation");
    const ins = p.inputs.map((v, i) => (unknown[i] ? partial : staged).input(v.aval));
    const outs = withTrace(partial, () => evalProgram(p, ins));
    const unknownOut = outs.map((t, i) => partial.owns(t) || (force?.[i] ?? false));
    const unknownOuts = outs.filter((_, i) => unknownOut[i]).map((t) => partial.atom(t));
    const equations = liveEquations(partial.equations, unknownOuts);
    const used = new Set<Atom>([...unknownOuts, ...equations.flatMap((eq) => eq.inputs)]);
    const residuals: Tensor[] = [];
    const residualVars = partial.capturedVars.filter((v, i) => {
      if (used.has(v)) residuals.push(partial.captured[i]);
      return used.has(v);
    });
    const varOf = (t: Tensor) => t.payload as Program["inputs"][number];
    const known: Program = {
      inputs: ins.filter((_, i) => !unknown[i]).map(varOf),
      equations: staged.equations,
      outputs: [...outs.filter((_, i) => !unknownOut[i]), ...residuals].map((t) => staged.atom(t)),
    };
    const w = weakOf(p);
    const later: Program = {
      inputs: [...residualVars, ...ins.filter((_, i) => unknown[i]).map(varOf)],
      equations,
      outputs: unknownOuts,
    };
    return {
      known: setWeak(dce(known), [...w.filter((_, i) => !unknownOut[i]), ...residuals.map(() => false)]),
      unknown: setWeak(
        later,
        w.filter((_, i) => unknownOut[i]),
      ),
      unknownOut,
      residuals: residuals.length,
    };
  });
