import { isFloat, type Params } from "@ansatz/backend";
import { mul, type Tensor } from "@ansatz/tensor";
import {
  bind,
  evalProgram,
  processIn,
  refuseDerivative,
  state,
  type Tangent,
  type TensorOp,
  type Trace,
  tracer,
  withTrace,
  zeros,
} from "@ansatz/tensor/transforms";
import { flowRules } from "./flow";
import { piecewiseLinear, rules } from "./rules";

/** Coefficients [c₀, c₁, …, c_K] of c(t) = Σ c_k t^k; null is zero. The first is a tensor. */
export type Series = readonly Tangent[];

interface Payload {
  readonly coefficients: Series;
}

/** Taylor mode: every value carries the coefficients of a power series in t, cut off after t^order. */
export class JetTrace implements Trace {
  readonly kind = "jet";
  done = false;

  constructor(
    readonly parent: Trace | null,
    readonly order: number,
    readonly origin: string,
  ) {}

  /** A tracer where something depends on t; the value itself where it is constant. */
  wrap(s: Series): Tensor {
    const x = s[0] as Tensor;
    return !isFloat(x.dtype) || s.slice(1).every((c) => c === null) ? x : this.carrying(x, { coefficients: s });
  }
  /** A tracer with a payload as it is. */
  carrying(x: Tensor, payload: Payload): Tensor {
    return tracer(this, x.shape, x.dtype, x.weak, payload);
  }
  unwrap(t: Tensor): Series {
    if (t.trace === this) return (t.payload as Payload).coefficients;
    return [t, ...new Array<null>(this.order).fill(null)];
  }
  below(t: Tensor): Tensor {
    return this.unwrap(t)[0] as Tensor;
  }

  process(op: TensorOp, inputs: readonly Tensor[], params: Params): readonly Tensor[] {
    if (!inputs.some((t) => t.trace === this)) return processIn(this.parent, op, inputs, params);
    if (op.name === "call" || op.name === "checkpoint")
      return withTrace(this, () => evalProgram(params.body as never, inputs));
    const series = inputs.map((t) => this.unwrap(t));
    return withTrace(this.parent, () => propagate(op, series, params, this.order)).map((s) => this.wrap(s));
  }
}

/** The series of the results of an op, given those of its operands. */
const propagate = (op: TensorOp, series: readonly Series[], params: Params, order: number): readonly Series[] => {
  const d = op.derivative;
  const special = op.core ? (rules.get(op.name) ?? flowRules.get(op.name)) : undefined;
  const told = special?.(op, series, params, order);
  if (told !== undefined) return told;
  const primals = series.map((s) => s[0] as Tensor);
  if (d.kind === "jvpCall") return byCall(op, series, params, order);
  const outs = bind(op, primals, params);
  const constant = (y: Tensor): Series => [y, ...new Array<null>(order).fill(null)];
  if (d.kind === "zero" || !outs.some((y) => isFloat(y.dtype))) return outs.map(constant);
  if (d.kind === "never") return refuseDerivative(op, d.why);
  if (d.kind === "jvp" && !(op.core && piecewiseLinear.has(op.name)))
    return byDerivative(op, series, params, order, outs);
  // linear in the coefficients: each goes its own way
  const columns = Array.from({ length: order }, (_, k): readonly Tangent[] => {
    const ts = series.map((s) => s[k + 1]);
    if (ts.every((t) => t === null)) return outs.map(() => null);
    if (d.kind === "jvp") return d.jvp(primals, ts, params, outs);
    return bind(
      op,
      primals.map((x, i) => ts[i] ?? (isFloat(x.dtype) ? zeros(x) : x)),
      params,
    );
  });
  return outs.map((y, i) => [y, ...columns.map((c) => c[i])]);
};

/** The series of x'(t), one shorter; null where x is constant. */
const velocity = (s: Series, order: number): Series | null => {
  const v = Array.from({ length: order + 1 }, (_, k) => times(k + 1, s[k + 1] ?? null));
  if (v.every((c) => c === null)) return null;
  return [v[0] ?? zeros(s[0] as Tensor), ...v.slice(1)];
};
const times = (c: number, t: Tangent): Tangent => (t === null || c === 1 ? t : mul(c, t));

/**
 * Any op by its tangent rule: y' = rule(x(t), x'(t), y(t)), so coefficient k of y is coefficient k - 1 of the rule over k. Where the rule uses y itself,
 * coefficients are found one after another.
 */
const byDerivative = (
  op: TensorOp,
  series: readonly Series[],
  params: Params,
  order: number,
  outs: readonly Tensor[],
): readonly Series[] => {
  const d = op.derivative;
  if (d.kind !== "jvp") throw new Error("unreachable");
  const slopes = (n: number, ys: (inner: JetTrace) => readonly Tensor[]): (Series | null)[] =>
    within(n, op.name, series, (inner, xs, dxs) =>
      d.jvp(xs, dxs, params, ys(inner)).map((t) => (t === null ? null : inner.unwrap(t))),
    );
  let used = false;
  const watched = (y: Tensor): { readonly coefficients: Series } => ({
    get coefficients() {
      used = true;
      return [y, ...new Array<null>(order - 1).fill(null)];
    },
  });
  const atOnce = slopes(order - 1, (inner) => outs.map((y) => (isFloat(y.dtype) ? inner.carrying(y, watched(y)) : y)));
  if (!used) return outs.map((y, i) => [y, ...integrated(atOnce[i], order)]);
  const known: Tangent[][] = outs.map((y) => [y]);
  for (let k = 1; k <= order; k++) {
    const s = slopes(k - 1, (inner) => known.map((c) => inner.wrap(c)));
    known.forEach((c, i) => {
      c.push(times(1 / k, s[i]?.[k - 1] ?? null));
    });
  }
  return known;
};

/** As byDerivative for ops that compute results and tangents together. */
const byCall = (op: TensorOp, series: readonly Series[], params: Params, order: number): readonly Series[] => {
  const d = op.derivative;
  if (d.kind !== "jvpCall") throw new Error("unreachable");
  return within(order - 1, op.name, series, (inner, xs, dxs) => {
    const { outs, tangents } = d.jvp(xs, dxs, params);
    return outs.map((y, i) => {
      const t = tangents[i];
      return [inner.unwrap(y)[0], ...integrated(t === null ? null : inner.unwrap(t), order)];
    });
  });
};

const integrated = (slope: Series | null, order: number): Tangent[] =>
  Array.from({ length: order }, (_, k) => (slope === null ? null : times(1 / (k + 1), slope[k])));

/** Runs a rule on operands and velocities as series up to t^order. */
const within = <T>(
  order: number,
  name: string,
  series: readonly Series[],
  rule: (inner: JetTrace, xs: readonly Tensor[], dxs: readonly Tangent[]) => T,
): T => {
  const inner = new JetTrace(state.trace, order, name);
  const xs = series.map((s) => inner.wrap(s.slice(0, order + 1)));
  const dxs = series.map((s): Tangent => {
    const v = velocity(s, order);
    return v === null ? null : inner.wrap(v);
  });
  try {
    return withTrace(inner, () => rule(inner, xs, dxs));
  } finally {
    inner.done = true;
  }
};

/** f on series; results as series. */
export const jetFlat = (
  f: (xs: readonly Tensor[]) => readonly Tensor[],
  series: readonly Series[],
  order: number,
  origin: string,
): Series[] => {
  const trace = new JetTrace(state.trace, order, origin);
  try {
    return withTrace(trace, () => f(series.map((s) => trace.wrap(s)))).map((y) => trace.unwrap(y));
  } finally {
    trace.done = true;
  }
};
