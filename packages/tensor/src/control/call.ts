import type { Program } from "@ansatz/backend";
import * as core from "../core/core-ops";
import { isLinearInput, type TensorOp, withCalculus } from "../core/op";
import type { Tensor } from "../core/tensor";
import { bind } from "../core/trace";
import { batchedAt } from "../ops/batching";
import { type Axis, batchProgram } from "../transforms/batch-trace";
import { restrict } from "../transforms/dce";
import { setWeak, weakOf } from "../transforms/memo";
import { evalProgram } from "../transforms/program-trace";
import { jvpProgram, partialEvalProgram } from "../transforms/program-transforms";
import { transposeProgram } from "../transforms/transpose";
import { cotangentsOf, isPresent, merge, only, present, spread } from "./masks";

interface CallParams {
  readonly [k: string]: Program | string;
  readonly body: Program;
  readonly name: string;
}

export const callOp: TensorOp<CallParams> = withCalculus<CallParams>(core.call, {
  derivative: {
    kind: "jvpCall",
    jvp: (primals, tangents, { body, name }) => {
      const j = jvpProgram(body, tangents.map(isPresent));
      const all = bindCall([...primals, ...present(tangents)], j.program, `jvp(${name})`);
      const n = body.outputs.length;
      return { outs: all.slice(0, n), tangents: spread(j.nonzero, all.slice(n)) };
    },
    transpose: (cts, inputs, { body, name }) => {
      const t = transposeProgram(body, inputs.map(isLinearInput), cts.map(isPresent));
      const plain = inputs.filter((x): x is Tensor => !isLinearInput(x));
      const gs = bindCall([...plain, ...present(cts)], t.program, `transpose(${name})`);
      return cotangentsOf(inputs, t.given, gs);
    },
  },
  partial: (recorder, inputs, unknown, { body, name }) => {
    const p = partialEvalProgram(body, unknown);
    const known = bindCall(
      inputs.filter((_, i) => !unknown[i]),
      p.known,
      `known(${name})`,
    );
    const n = known.length - p.residuals;
    const later = recorder.record(
      callOp as unknown as TensorOp,
      [...known.slice(n), ...inputs.filter((_, i) => unknown[i])],
      { body: p.unknown, name },
    );
    return merge(p.unknownOut, later, known.slice(0, n));
  },
  batch: (size, inputs, axes, { body, name }) => {
    const b = batchProgram(body, size, axes.map(isPresent));
    const outs = bindCall(
      inputs.map((x, i) => (axes[i] === null ? x : batchedAt(x, axes[i], size))),
      b.program,
      `vmap(${name})`,
    );
    return { outs, axes: b.batched.map((yes): Axis => (yes ? 0 : null)) };
  },
  prune: ({ body, name }, used) => {
    const r = restrict(body, used);
    const program = { ...r.program, inputs: only(r.inputs, body.inputs) };
    return {
      params: { body: setWeak(program, only(used, weakOf(body))), name },
      inputs: r.inputs,
      outputs: used,
    };
  },
  weak: (_, { body }) => weakOf(body),
});

/** Applies a program as one equation; a program without equations is applied at once. */
export const bindCall = (inputs: readonly Tensor[], body: Program, name: string): readonly Tensor[] =>
  body.equations.length === 0 ? evalProgram(body, inputs) : bind(callOp, inputs, { body, name });
