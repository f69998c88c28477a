import { AnsatzError, type Equation, isFloat, Namer, type Program, printEquation, showAval } from "@ansatz/backend";
import { nanHook } from "../core/evaluate";
import { state } from "../core/state";
import type { Tensor } from "../core/tensor";
import { reshape } from "../ops/shape";
import { slice } from "../ops/slicing";
import { bindEquation, evalProgram, tensorOf } from "../transforms/program-trace";

/** A computation made a NaN while debugNaNs was on. */
export class NaNError extends AnsatzError {
  constructor(caller: string, law: string, seen?: Readonly<Record<string, unknown>>, advice?: string) {
    super("nan", caller, law, seen, advice);
  }
}

/**
 * Turns NaN hunting on or off. While it is on, every result is read and looked at; a program whose result has a NaN is run again equation
 * by equation, into loops and branches, and the error names the first one that made a NaN from operands without any. Slow; donation is off.
 *
 * @example
 * debugNaNs();
 * try {
 *   jit((x) => log(sub(x, 1)))(0);
 * } catch (e) {
 *   console.log(e.message); // jit(function): a NaN came out of: c:float64[] = log b …
 * }
 * debugNaNs(false);
 */
export const debugNaNs = (on = true): void => {
  state.debugNaNs = on;
  nanHook.check = on ? check : null;
};

const check = (outs: readonly Tensor[], program: Program, inputs: readonly Tensor[], caller: string): void => {
  if (!outs.some(hasNaN)) return;
  // The search runs ops itself: it must not be searched.
  state.debugNaNs = false;
  try {
    const found = search(program, inputs, "");
    if (found !== null)
      throw new NaNError(
        caller,
        `a NaN came out of: ${found.text}`,
        found.operands,
        "look at its operands; guard the domain with where() or clip()",
      );
  } finally {
    state.debugNaNs = true;
  }
};

const hasNaN = (t: Tensor): boolean => isFloat(t.dtype) && (t.dataSync() as Float64Array).some(Number.isNaN);

interface Found {
  readonly text: string;
  readonly operands: Readonly<Record<string, unknown>>;
}

/** The first equation whose results have a NaN and whose operands have none. */
const search = (p: Program, inputs: readonly Tensor[], where: string): Found | null => {
  const names = new Namer();
  const env = new Map<unknown, Tensor>(p.inputs.map((v, i) => [v, inputs[i]]));
  for (const eq of p.equations) {
    const ins = eq.inputs.map((a) => (a.kind === "literal" ? tensorOf(a) : (env.get(a) as Tensor)));
    const outs = bindEquation(eq, ins);
    if (outs.some(hasNaN) && !ins.some(hasNaN)) {
      const inner = inside(eq, ins, where);
      if (inner !== null) return inner;
      return {
        text: `${printEquation(eq, names)}${where}`,
        operands: Object.fromEntries(ins.map((t, i) => [names.of(eq.inputs[i]) || `operand ${i}`, show(t)])),
      };
    }
    eq.outputs.forEach((v, i) => env.set(v, outs[i]));
  }
  return null;
};

/** Looks into the programs of an equation with the values they get. */
const inside = (eq: Equation, ins: readonly Tensor[], where: string): Found | null => {
  const p = eq.params as Record<string, never>;
  switch (eq.op.name) {
    case "call":
    case "customDerivative":
    case "checkpoint":
      return search(p.body, ins, where);
    case "cond": {
      const branches = p.branches as readonly Program[];
      const k = Math.min(branches.length - 1, Math.max(0, ins[0].item() as number));
      return search(branches[k], ins.slice(1), ` (in branch ${k}${where})`);
    }
    case "scan": {
      const { body, length, consts, carry, reverse } = p as unknown as {
        body: Program;
        length: number;
        consts: number;
        carry: number;
        reverse: boolean;
      };
      let state = ins.slice(consts, consts + carry);
      for (let n = 0; n < length; n++) {
        const k = reverse ? length - 1 - n : n;
        const xs = ins.slice(consts + carry).map((x) => row(x, k));
        const args = [...ins.slice(0, consts), ...state, ...xs];
        const found = search(body, args, ` (in round ${k} of scan${where})`);
        if (found !== null) return found;
        state = evalProgram(body, args).slice(0, carry);
      }
      return null;
    }
    case "while": {
      const { cond, body, condConsts, bodyConsts } = p as unknown as {
        cond: Program;
        body: Program;
        condConsts: number;
        bodyConsts: number;
      };
      let state = ins.slice(condConsts + bodyConsts);
      for (let k = 0; evalProgram(cond, [...ins.slice(0, condConsts), ...state])[0].item() === true; k++) {
        const args = [...ins.slice(condConsts, condConsts + bodyConsts), ...state];
        const found = search(body, args, ` (in round ${k} of while${where})`);
        if (found !== null) return found;
        state = evalProgram(body, args);
      }
      return null;
    }
    default:
      return null;
  }
};

const row = (x: Tensor, k: number): Tensor =>
  reshape(
    slice(
      x,
      [k, ...x.shape.slice(1).map(() => 0)],
      [k + 1, ...x.shape.slice(1)],
      x.shape.map(() => 1),
    ),
    x.shape.slice(1),
  );

const show = (t: Tensor): string => {
  if (t.size === 0 || t.dtype === "key") return showAval(t);
  const data = Array.from(t.dataSync() as Float64Array, Number);
  const low = data.reduce((a, b) => Math.min(a, b));
  const high = data.reduce((a, b) => Math.max(a, b));
  return t.size === 1 ? `${showAval(t)} ${low}` : `${showAval(t)} in [${low}, ${high}]`;
};
