import { attentionSteps, ternary } from "@ansatz/experiments";
import { type Tensor, tensor } from "@ansatz/tensor";
import type { Answer } from "../../../live/answers";
import type { AttentionAnswer, AttentionView } from "./protocol";

const matrix = (entries: readonly number[], columns = 2): Tensor =>
  tensor(Float64Array.from(entries)).reshape([entries.length / columns, columns]);
const numbers = (x: Tensor): number[] => Array.from(x.dataSync() as ArrayLike<number>);

/** Exercise 1.1.4 with the reader's tokens and weights: as many passes as asked for, the last one stage by stage. */
export const prepareAttention =
  (): Answer<AttentionView, AttentionAnswer> =>
  ({ tokens, heads, scale, pass }) => {
    const model = {
      ...ternary.model,
      heads: heads.map(({ query, key, value }) => ({ query: matrix(query), key: matrix(key), value: matrix(value) })),
      scale,
    };
    const X = matrix(tokens);
    const once = (from: Tensor | undefined) => attentionSteps(X, model, ternary.vocabulary, from);
    const tokenOf = (steps: ReturnType<typeof once>): Tensor => steps[steps.length - 2]?.value as Tensor;
    let steps = once(undefined);
    for (let p = 1; p < pass; p++) steps = once(tokenOf(steps));
    const [before, after] = [numbers(steps[0]?.value as Tensor), numbers(tokenOf(steps))];
    return {
      stages: steps.map(({ symbol, formula, spec, value }) => ({
        symbol,
        formula,
        spec,
        shape: [...value.shape],
        values: numbers(value),
      })),
      fixed: before.every((v, i) => Math.abs(v - (after[i] as number)) < 1e-12),
    };
  };
