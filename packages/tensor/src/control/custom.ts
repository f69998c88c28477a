import { AnsatzError, type Aval, isFloat, type Program } from "@ansatz/backend";
import { isLinearInput, type Tangent, type TensorOp } from "../core/op";
import { state } from "../core/state";
import type { Tensor } from "../core/tensor";
import { bind, withTrace } from "../core/trace";
import { batchedAt } from "../ops/batching";
import { stopGradient } from "../ops/stop-gradient";
import { type Axis, batchFlat, batchProgram } from "../transforms/batch-trace";
import { dce } from "../transforms/dce";
import type { JvpTrace } from "../transforms/jvp-trace";
import { setWeak, weakOf } from "../transforms/memo";
import { traceFlat } from "../transforms/program-trace";
import { jvpProgram, partialEvalProgram } from "../transforms/program-transforms";
import { transposeProgram } from "../transforms/transpose";
import { zeros } from "../transforms/zeros";
import { bindCall } from "./call";
import { cotangentsOf, isPresent, merge, not, only, present, spread } from "./masks";

/** A function with a derivative of its own, on flat lists. */
export interface Custom {
  readonly name: string;
  call(inputs: readonly Tensor[]): readonly Tensor[];
  jvp(
    primals: readonly Tensor[],
    tangents: readonly Tangent[],
  ): { outs: readonly Tensor[]; tangents: readonly Tangent[] };
}

type Rule = Custom["jvp"];

interface CustomParams {
  readonly [k: string]: Program | string | number | Rule;
  readonly body: Program;
  readonly name: string;
  /** Leading inputs that the function captured; they have no derivative. */
  readonly captured: number;
  readonly rule: Rule;
}

const outputsOf = (_: readonly Aval[], { body }: { readonly body: Program }): readonly Aval[] =>
  body.outputs.map((a) => a.aval);

const customOp: TensorOp<CustomParams> = {
  name: "customDerivative",
  core: false,
  abstract: outputsOf,
  compose: (_, { body }) => body,
  derivative: {
    kind: "jvpCall",
    jvp: (primals, tangents, { rule, captured, name }) => {
      if (tangents.slice(0, captured).some(isPresent))
        throw new AnsatzError(
          "derivative",
          name,
          "a function with a derivative of its own uses a differentiated tensor that is not an argument",
          undefined,
          "pass it as an argument, so that the rule can say what its derivative is",
        );
      return rule(primals.slice(captured), tangents.slice(captured));
    },
    transpose: (cts, inputs, { body, name }) => {
      const t = transposeProgram(body, inputs.map(isLinearInput), cts.map(isPresent));
      const plain = inputs.filter((x): x is Tensor => !isLinearInput(x));
      return cotangentsOf(inputs, t.given, bindCall([...plain, ...present(cts)], t.program, `transpose(${name})`));
    },
  },
  batch: (size, inputs, axes, p) => {
    const mask = axes.map(isPresent);
    const all = p.body.outputs.map(() => true);
    const outs = bind(
      customOp,
      inputs.map((x, i) => (mask[i] ? batchedAt(x, axes[i], size) : x)),
      {
        ...p,
        body: batchProgram(p.body, size, mask, all).program,
        rule: batchedRule(p.rule, size, mask.slice(p.captured)),
      },
    );
    return { outs, axes: all.map((): Axis => 0) };
  },
  weak: (_, { body }) => weakOf(body),
};

/** The rule under vmap: all results have the batch axis in front. */
const batchedRule =
  (rule: Rule, size: number, mask: readonly boolean[]): Rule =>
  (primals, tangents) => {
    const n = primals.length;
    let given: boolean[] = [];
    const r = batchFlat(
      (xs) => {
        const { outs, tangents: dys } = rule(xs.slice(0, n), spread(tangents.map(isPresent), xs.slice(n)));
        given = dys.map(isPresent);
        return [...outs, ...present(dys)];
      },
      size,
      [...primals, ...present(tangents)],
      [...mask.map((m) => (m ? 0 : null)), ...only(tangents.map(isPresent), mask).map((m) => (m ? 0 : null))],
    );
    const outs = r.outs.map((y, i) => batchedAt(y, r.axes[i], size));
    const k = outs.length - given.filter(Boolean).length;
    return { outs: outs.slice(0, k), tangents: spread(given, outs.slice(k)) };
  };

/**
 * Applies a custom function: with values where there are values, by its rule where it is differentiated, and staged as one equation inside
 * jit, vmap and loop bodies.
 */
export const applyCustom = (f: Custom, inputs: readonly Tensor[]): readonly Tensor[] => {
  const trace = state.trace;
  if (trace === null) return f.call(inputs);
  if (trace.kind !== "program" && !inputs.some((t) => t.trace === trace))
    return withTrace(trace.parent, () => applyCustom(f, inputs));
  if (trace.kind === "jvp") {
    const jvp = trace as JvpTrace;
    const duals = inputs.map((t) => jvp.unwrap(t));
    const r = withTrace(trace.parent, () =>
      f.jvp(
        duals.map((d) => d.primal),
        duals.map((d) => d.tangent),
      ),
    );
    return r.outs.map((y, i) => jvp.wrap(y, r.tangents[i]));
  }
  const t = traceFlat((xs) => f.call(xs), inputs, f.name);
  return bind(customOp, [...t.captured, ...inputs], {
    body: setWeak(t.program, t.weak),
    name: f.name,
    captured: t.captured.length,
    rule: f.jvp,
  });
};

/** The reverse rule of a function: cotangents of its inputs from residuals and the cotangents of its results. */
export type Backward = (residuals: readonly Tensor[], cotangents: readonly Tensor[]) => readonly Tangent[];

interface BackwardParams {
  readonly [k: string]: Backward | number | string | readonly { shape: readonly number[]; dtype: Aval["dtype"] }[];
  readonly backward: Backward;
  readonly residuals: number;
  readonly name: string;
  readonly results: readonly Aval[] & readonly { shape: readonly number[]; dtype: Aval["dtype"] }[];
}

const forwardMode = (name: string): never => {
  throw new AnsatzError(
    "derivative",
    name,
    "was given a reverse rule only (customVjp), and cannot be differentiated in forward mode",
    undefined,
    "use grad or vjp, or give it a forward rule with customJvp: both modes follow from that",
  );
};

/** Stands for the tangents of a customVjp function: never computed, only transposed. */
const backwardOp: TensorOp<BackwardParams> = {
  name: "customVjp",
  core: false,
  abstract: (_, { results }) => results,
  compose: (_, { name }) => forwardMode(name),
  derivative: {
    kind: "jvp",
    jvp: (_p, _t, { name }) => forwardMode(name),
    transpose: (cts, inputs, { backward, residuals, results }) => {
      const gs = backward(
        inputs.slice(0, residuals) as Tensor[],
        results.map((a, i) => cts[i] ?? zeros(a)),
      );
      return inputs.map((_, i) => (i < residuals ? null : (gs[i - residuals] ?? null)));
    },
  },
  batch: (size, inputs, axes, p) => {
    const n = p.residuals;
    const backward: Backward = (residuals, cts) => {
      let given: boolean[] = [];
      const r = batchFlat(
        (xs) => {
          const gs = p.backward(xs.slice(0, n), xs.slice(n));
          given = gs.map(isPresent);
          return present(gs);
        },
        size,
        [...residuals, ...cts],
        [...residuals, ...cts].map(() => 0),
      );
      return spread(
        given,
        r.outs.map((y, i) => batchedAt(y, r.axes[i], size)),
      );
    };
    const outs = bind(
      backwardOp,
      inputs.map((x, i) => batchedAt(x, axes[i], size)),
      { ...p, backward, results: p.results.map((a) => ({ shape: [size, ...a.shape], dtype: a.dtype })) },
    );
    return { outs, axes: outs.map((): Axis => 0) };
  },
};

/** The forward rule that a reverse rule amounts to. */
export const reverseRule =
  (
    name: string,
    forward: (inputs: readonly Tensor[]) => { outs: readonly Tensor[]; residuals: readonly Tensor[] },
    backward: Backward,
  ): Rule =>
  (primals, tangents) => {
    const { outs, residuals } = forward(primals);
    const smooth = outs.map((y) => isFloat(y.dtype));
    const results = only(smooth, outs).map((y) => ({ shape: y.shape, dtype: y.dtype }));
    const floats = primals.map((x) => isFloat(x.dtype));
    const dxs = primals.map((x, i) => tangents[i] ?? zeros(x));
    const dys = bind(backwardOp, [...residuals, ...only(floats, dxs)], {
      name,
      residuals: residuals.length,
      results,
      backward: (rs, gs) => {
        const all = spread(smooth, gs);
        return only(
          floats,
          backward(
            rs,
            outs.map((y, i) => all[i] ?? zeros(y)),
          ),
        );
      },
    });
    return { outs, tangents: spread(smooth, dys) };
  };

/** x as a constant of every differentiation. */
export const stop = (x: Tensor): Tensor => {
  if (x.trace === null) return x;
  if (x.trace.kind === "jvp" && !x.trace.done) return stop(x.trace.below(x) as Tensor);
  return stopGradient(x);
};

interface CheckpointParams {
  readonly [k: string]: Program;
  readonly body: Program;
}

/** A call whose intermediate values are computed again in the reverse pass instead of being kept. */
export const checkpointOp: TensorOp<CheckpointParams> = {
  name: "checkpoint",
  core: false,
  abstract: outputsOf,
  compose: (_, { body }) => body,
  derivative: {
    kind: "jvpCall",
    jvp: (primals, tangents, { body }) => {
      const j = jvpProgram(body, tangents.map(isPresent));
      const all = bind(checkpointOp, [...primals, ...present(tangents)], { body: j.program });
      const n = body.outputs.length;
      return { outs: all.slice(0, n), tangents: spread(j.nonzero, all.slice(n)) };
    },
    transpose: (cts, inputs, { body }) => {
      const t = transposeProgram(body, inputs.map(isLinearInput), cts.map(isPresent));
      const plain = inputs.filter((x): x is Tensor => !isLinearInput(x));
      return cotangentsOf(inputs, t.given, bindCall([...plain, ...present(cts)], t.program, "checkpoint"));
    },
  },
  partial: (recorder, inputs, unknown, { body }) => {
    const p = partialEvalProgram(body, unknown);
    const n = p.known.outputs.length - p.residuals;
    const known = bindCall(
      only(not(unknown), inputs),
      setWeak(dce({ ...p.known, outputs: p.known.outputs.slice(0, n) }), only(not(p.unknownOut), weakOf(body))),
      "checkpoint",
    );
    const later = dce({ ...body, outputs: only(p.unknownOut, body.outputs) });
    const outs = recorder.record(checkpointOp as unknown as TensorOp, inputs, {
      body: setWeak(later, only(p.unknownOut, weakOf(body))),
    });
    return merge(p.unknownOut, outs, known);
  },
  batch: (size, inputs, axes, { body }) => {
    const mask = axes.map(isPresent);
    const b = batchProgram(body, size, mask);
    const outs = bind(
      checkpointOp,
      inputs.map((x, i) => (mask[i] ? batchedAt(x, axes[i], size) : x)),
      { body: b.program },
    );
    return { outs, axes: b.batched.map((yes): Axis => (yes ? 0 : null)) };
  },
  weak: (_, { body }) => weakOf(body),
};
