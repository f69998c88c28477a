import { add, DomainError, div, mul, sub, type Tensor, zeros, zerosLike } from "@ansatz/tensor";
import { leafwise } from "./transform";

export interface AverageState<P> {
  readonly sum: P;
  /** 1 − βᵗ: what the weights in `sum` add up to. */
  readonly weight: Tensor;
}

/**
 * Exponential moving average of iterates: after t updates, Σᵢ (1 − β) βᵗ⁻ⁱ θᵢ / (1 − βᵗ), an average with weights that add up to 1 from the first update on.
 * Averaged parameters of a network trained by a noisy gradient are better than the last ones.
 * @see Polyak & Juditsky 1992; Kingma & Ba 2015, §7.2
 *
 * @example
 * const average = movingAverage(0.9);
 * let state = average.init(tensor(0));
 * for (const x of [1, 2, 3]) state = average.update(state, tensor(x));
 * console.log(average.value(state).item()); // 2.0701…
 */
export const movingAverage = (beta: number) => {
  if (!(beta >= 0 && beta < 1)) throw new DomainError("movingAverage", "beta must lie in [0, 1)", { beta });
  return {
    init: <P>(params: P): AverageState<P> => ({
      sum: leafwise((p) => zerosLike(p), params),
      weight: zeros([], { dtype: "float32" }),
    }),
    update: <P>({ sum, weight }: AverageState<P>, params: P): AverageState<P> => ({
      sum: leafwise((s, p) => add(s, mul(1 - beta, sub(p, s))), sum, params),
      weight: add(weight, mul(1 - beta, sub(1, weight))),
    }),
    /** The average; NaN before the first update. */
    value: <P>({ sum, weight }: AverageState<P>): P => leafwise((s) => div(s, weight), sum),
  };
};
