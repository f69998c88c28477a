import { AnsatzError } from "@ansatz/backend";
import {
  evalProgram,
  flattenInto,
  leafTensor,
  spread,
  traceBody,
  transposeProgram,
  unflattenFrom,
  withWeak,
  zeros,
} from "@ansatz/tensor/transforms";
import { likeLeaves, nameOf, requireFloats } from "./arguments";
import type { Likes, Tensors } from "./types";

/**
 * The transpose of a linear function, without evaluating it anywhere:
 *
 *   ⟨f(x), w⟩ = ⟨x, linearTranspose(f, …like)(w)⟩
 *
 * @param f    linear in all its arguments together
 * @param like values, or anything of their structure, shapes and dtypes, that say what f takes; their numbers do not matter
 * @returns w ↦ one tree per argument
 * @throws {AnsatzError} f is not linear
 * @example
 * const [x] = linearTranspose((x) => cumsum(x), [0, 0, 0])([1, 10, 100]);
 * x // [111, 110, 100]: the sums from the other end
 */
export const linearTranspose = <A extends readonly unknown[], R>(
  f: (...args: A) => R,
  ...like: Likes<NoInfer<A>>
): ((w: Tensors<R>) => { [K in keyof A]: Tensors<A[K]> }) => {
  const caller = nameOf("linearTranspose", f);
  const raw: unknown[] = [];
  const structures = (like as readonly unknown[]).map((a, i) => flattenInto(a, raw, caller, `argument ${i}`));
  const inputs = raw.map((x) => leafTensor(x, caller));
  requireFloats(inputs, { kind: "array", children: structures }, caller, "argument");
  const body = traceBody(f as (...a: never[]) => unknown, structures, inputs, caller);
  const linear = body.program.inputs.map((_, i) => i >= body.captured.length);
  const results = body.program.outputs.map((a) => zeros(a.aval));
  return (w) => {
    const g = likeLeaves(w, body.out, results, caller, "w");
    const t = transposeLinear(caller, () =>
      transposeProgram(
        body.program,
        linear,
        g.map(() => true),
      ),
    );
    const back = spread(t.given, evalProgram(t.program, [...body.captured, ...g]));
    const gs = inputs.map((x, i) => withWeak(back[i] ?? zeros(x), x.weak));
    return unflattenFrom({ kind: "array", children: structures }, gs, { at: 0 }) as never;
  };
};

/** Transposition of what a user says is linear: where it is not, the error says so. */
export const transposeLinear = <T>(caller: string, transpose: () => T): T => {
  try {
    return transpose();
  } catch (e) {
    if (!(e instanceof AnsatzError) || !e.message.includes("has no transposition")) throw e;
    throw new AnsatzError(
      "derivative",
      caller,
      `the function is not linear (${e.caller}), so it has no transpose`,
      undefined,
      "give the linear part alone, for instance linearize(f, x).pushforward",
    );
  }
};
