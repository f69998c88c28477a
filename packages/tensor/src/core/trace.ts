import type { Params } from "@ansatz/backend";
import { evaluate } from "./evaluate";
import type { TensorOp } from "./op";
import { state } from "./state";
import type { Tensor } from "./tensor";

/**
 * An interpreter of ops. The current one (`state.trace`) processes whatever is bound; a tensor of another trace is a constant to it.
 * Each holds its parent, the interpreter that was current when it began, and hands work down to it. Null is evaluation.
 */
export interface Trace {
  readonly kind: "program" | "jvp" | "partial" | "batch" | "jet";
  readonly parent: Trace | null;
  /** What the user called, for errors: "jit(loss)". */
  readonly origin: string;
  /** The traced function has returned: a tracer met later has leaked. */
  done: boolean;
  process(op: TensorOp, inputs: readonly Tensor[], params: Params): readonly Tensor[];
  /** The tensor below a tracer that has a value, or null where there is none. */
  below(t: Tensor): Tensor | null;
}

/** Applies an op to tensors of exactly the dtypes and shapes it takes: no promotion, no broadcasting. */
export const bind = <P extends Params>(op: TensorOp<P>, inputs: readonly Tensor[], params: P): readonly Tensor[] =>
  processIn(state.trace, op as unknown as TensorOp, inputs, params);

/** `bind` for ops with one result. */
export const bind1 = <P extends Params>(op: TensorOp<P>, inputs: readonly Tensor[], params: P): Tensor =>
  bind(op, inputs, params)[0];

export const processIn = (
  trace: Trace | null,
  op: TensorOp,
  inputs: readonly Tensor[],
  params: Params,
): readonly Tensor[] => (trace === null ? evaluate(op, inputs, params) : trace.process(op, inputs, params));

/** Runs `f` with another interpreter current; synchronous. */
export const withTrace = <T>(trace: Trace | null, f: () => T): T => {
  const before = state.trace;
  state.trace = trace;
  try {
    return f();
  } finally {
    state.trace = before;
  }
};

/** Whether results of an op are weak, one flag for all or one each. */
export const weakResults = (op: TensorOp, inputs: readonly Tensor[], params: Params): boolean | readonly boolean[] => {
  const rule = op.weak;
  if (rule !== undefined) return rule === "never" ? false : rule(inputs, params);
  // A predicate or an index does not make where(p, x, 0) or take(x, i) strong; and integers are never weak.
  let weak = false;
  for (let i = 0; i < inputs.length; i++) {
    const t = inputs[i];
    if (t.dtype !== "float64" && t.dtype !== "float32") continue;
    if (!t.weak) return false;
    weak = true;
  }
  return weak;
};

export const isWeak = (w: boolean | readonly boolean[], i: number): boolean => (typeof w === "boolean" ? w : w[i]);
