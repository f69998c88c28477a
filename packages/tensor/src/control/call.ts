import { core, type Program } from "@ansatz/backend";
import { isLinearInput, type LinearInput, type Tangent, type TensorOp, withCalculus } from "../core/op";
import type { Tensor } from "../core/tensor";
import { bind } from "../core/trace";
import { batchedAt } from "../ops/batching";
import { type Axis, batchProgram } from "../transforms/batch-trace";
import { weakOf } from "../transforms/memo";
import { evalProgram } from "../transforms/program-trace";
import { jvpProgram, partialEvalProgram } from "../transforms/program-transforms";
import { transposeProgram } from "../transforms/transpose";

/** Spreads values over the places where `mask` holds; null elsewhere. */
export const spread = <T>(mask: readonly boolean[], values: readonly T[]): (T | null)[] => {
  let k = 0;
  return mask.map((m) => (m ? values[k++] : null));
};

/** Takes from `yes` where `mask` holds, else from `no`, each in order. */
export const merge = <T>(mask: readonly boolean[], yes: readonly T[], no: readonly T[]): T[] => {
  let y = 0;
  let n = 0;
  return mask.map((m) => (m ? yes[y++] : no[n++]));
};

export const present = <T>(xs: readonly (T | null)[]): T[] =>
  xs.filter((x): x is NonNullable<typeof x> => x !== null) as T[];
export const isPresent = (x: unknown): boolean => x !== null;

/** For each input of an equation, its cotangent: those of the linear ones, where one came back. */
export const cotangentsOf = (
  inputs: readonly (Tensor | LinearInput)[],
  given: readonly boolean[],
  gs: readonly Tensor[],
): Tangent[] => {
  const back = spread(given, gs);
  let k = 0;
  return inputs.map((x) => (isLinearInput(x) ? back[k++] : null));
};

interface CallParams {
  readonly [k: string]: Program | string;
  readonly body: Program;
  readonly name: string;
}

export const callOp: TensorOp<CallParams> = withCalculus<CallParams>(core.call as never, {
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
  weak: (_, { body }) => weakOf(body),
});

/** Applies a program as one equation; a program without equations is applied at once. */
export const bindCall = (inputs: readonly Tensor[], body: Program, name: string): readonly Tensor[] =>
  body.equations.length === 0 ? evalProgram(body, inputs) : bind(callOp, inputs, { body, name });
