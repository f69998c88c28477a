import { AnsatzError, isFloat, type Params } from "@ansatz/backend";
import type { Tangent, TensorOp } from "../core/op";
import { type Tensor, tracer } from "../core/tensor";
import { processIn, type Trace, withTrace } from "../core/trace";
import { zeros } from "./zeros";

export interface Dual {
  readonly primal: Tensor;
  readonly tangent: Tangent;
}

/** Forward mode: every value carries a tangent beside it; null is zero. */
export class JvpTrace implements Trace {
  readonly kind = "jvp";
  done = false;

  constructor(
    readonly parent: Trace | null,
    readonly origin: string,
  ) {}

  /** A tracer where there is a tangent; the primal itself where it is zero. */
  wrap(primal: Tensor, tangent: Tangent): Tensor {
    return tangent === null || !isFloat(primal.dtype)
      ? primal
      : tracer(this, primal.shape, primal.dtype, primal.weak, { primal, tangent } satisfies Dual);
  }

  unwrap(t: Tensor): Dual {
    return t.trace === this ? (t.payload as Dual) : { primal: t, tangent: null };
  }

  below(t: Tensor): Tensor {
    return (t.payload as Dual).primal;
  }

  process(op: TensorOp, inputs: readonly Tensor[], params: Params): readonly Tensor[] {
    if (!inputs.some((t) => t.trace === this)) return processIn(this.parent, op, inputs, params);
    const primals = inputs.map((t) => this.unwrap(t).primal);
    const tangents = inputs.map((t) => this.unwrap(t).tangent);
    const d = op.derivative;
    if (d.kind === "jvpCall") {
      const r = withTrace(this.parent, () => d.jvp(primals, tangents, params));
      return r.outs.map((y, i) => this.wrap(y, r.tangents[i]));
    }
    const outs = processIn(this.parent, op, primals, params);
    if (d.kind === "zero" || !outs.some((y) => isFloat(y.dtype))) return outs;
    if (d.kind === "never") return refuseDerivative(op, d.why);
    const dys = withTrace(this.parent, () =>
      d.kind === "jvp"
        ? d.jvp(primals, tangents, params, outs)
        : processIn(
            this.parent,
            op,
            primals.map((x, i) => tangents[i] ?? (isFloat(x.dtype) ? zeros(x) : x)),
            params,
          ),
    );
    return outs.map((y, i) => this.wrap(y, dys[i]));
  }
}

/** An op that has no derivative was differentiated. */
export const refuseDerivative = (op: TensorOp, why: string): never => {
  throw new AnsatzError(
    "derivative",
    op.name,
    `has no derivative: ${why}`,
    undefined,
    "stopGradient() it, or give the function customJvp",
  );
};

/** f and its tangents along `tangents` (null: zero). */
export const jvpFlat = (
  f: (xs: readonly Tensor[]) => readonly Tensor[],
  primals: readonly Tensor[],
  tangents: readonly Tangent[],
  parent: Trace | null,
  origin = "jvp",
): { outs: Tensor[]; tangents: Tangent[] } => {
  const trace = new JvpTrace(parent, origin);
  try {
    const ys = withTrace(trace, () => f(primals.map((x, i) => trace.wrap(x, tangents[i]))));
    const duals = ys.map((y) => trace.unwrap(y));
    return { outs: duals.map((d) => d.primal), tangents: duals.map((d) => d.tangent) };
  } finally {
    trace.done = true;
  }
};
