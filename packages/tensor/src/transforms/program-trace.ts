import type { Atom, Equation, Literal, Params, Program, Var } from "@ansatz/backend";
import { leaked } from "../core/leaks";
import type { TensorOp } from "../core/op";
import { state } from "../core/state";
import { scalar, type Tensor } from "../core/tensor";
import { bind, type Trace, withTrace } from "../core/trace";
import { type Arg, Staging } from "./staging";

/** Staging: every op becomes an equation; concrete tensors and tracers of outer transforms become hidden inputs. */
export class ProgramTrace extends Staging implements Trace {
  readonly kind = "program";
  process(op: TensorOp, inputs: readonly Tensor[], params: Params): readonly Tensor[] {
    return this.record(op, inputs, params);
  }
}

export interface Traced {
  /** Inputs: the hidden ones, then the arguments. */
  readonly program: Program;
  readonly captured: readonly Tensor[];
  readonly weak: readonly boolean[];
}

/** Stages a flat function on abstract arguments. */
export const traceFlat = (
  f: (xs: readonly Tensor[]) => readonly Tensor[],
  args: readonly Arg[],
  origin: string,
): Traced => {
  const trace = new ProgramTrace(state.trace, origin);
  try {
    const xs = args.map((a) => trace.input(a));
    const ys = withTrace(trace, () => f(xs));
    const outputs = ys.map((y) => trace.atom(y)); // before the inputs: a result may be a tensor not captured so far
    const inputs = [...trace.capturedVars, ...xs.map((x) => x.payload as Var)];
    return {
      program: { inputs, equations: trace.equations, outputs },
      captured: trace.captured,
      weak: ys.map((y) => y.weak),
    };
  } finally {
    trace.done = true;
  }
};

/** Stages a flat function that captures nothing. */
export const traceClosed = (
  f: (xs: readonly Tensor[]) => readonly Tensor[],
  args: readonly Arg[],
  origin: string,
): Program => {
  const t = traceFlat(f, args, origin);
  if (t.captured.length > 0) throw leaked(origin, t.captured[0]);
  return t.program;
};

/** Applies a program in the current interpreter, op by op. */
export const evalProgram = (p: Program, inputs: readonly Tensor[]): Tensor[] => {
  const env = new Map<Var, Tensor>();
  for (let i = 0; i < p.inputs.length; i++) env.set(p.inputs[i], inputs[i]);
  const get = (a: Atom): Tensor => (a.kind === "var" ? env.get(a)! : tensorOf(a));
  for (const eq of p.equations) {
    const outs = bindEquation(eq, eq.inputs.map(get));
    for (let i = 0; i < outs.length; i++) env.set(eq.outputs[i], outs[i]);
  }
  return p.outputs.map(get);
};

export const bindEquation = (eq: Equation, inputs: readonly Tensor[]): readonly Tensor[] =>
  bind(eq.op as unknown as TensorOp, inputs, eq.params);

/** A literal as a tensor; it becomes a literal again when staged. */
export const tensorOf = (l: Literal): Tensor => scalar(l.value, l.aval.dtype);
