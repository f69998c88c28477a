import { add, DomainError, mul, reshape, sub, type Tensor } from "@ansatz/tensor";

/** A velocity field v(x, t) for x [n, …] and times t [n]; its flow carries noise (t = 0) to data (t = 1). */
export type VelocityField = (x: Tensor, t: Tensor) => Tensor;

/** A path from x₀ to x₁ that depends on both ends: where it is at time t, and how fast it goes. */
export interface ConditionalPath {
  at(x0: Tensor, x1: Tensor, t: Tensor): { readonly x: Tensor; readonly velocity: Tensor };
}

/** t [n] with the trailing unit axes that let it multiply x [n, …]. */
export const alongBatch = (t: Tensor, x: Tensor): Tensor =>
  reshape(t, [...t.shape, ...x.shape.slice(t.rank).map(() => 1)]);

/**
 * The straight path x_t = (1 − (1 − σ)t) x₀ + t x₁, whose velocity x₁ − (1 − σ) x₀ does not change on the way. With σ = 0 it ends in x₁ exactly.
 *
 * @throws {DomainError} σ outside [0, 1)
 * @see Lipman et al. 2023, arXiv:2210.02747, eq. (22)–(23); Liu et al. 2023, arXiv:2209.03003
 * @example straightPath().at(tensor([[0]]), tensor([[4]]), tensor([0.25])) // x [[1]], velocity [[4]]
 */
export const straightPath = ({ sigmaMin = 0 }: { readonly sigmaMin?: number } = {}): ConditionalPath => {
  if (!(sigmaMin >= 0 && sigmaMin < 1))
    throw new DomainError("straightPath", "sigmaMin must lie in [0, 1)", { sigmaMin });
  return {
    at: (x0, x1, t) => {
      const s = alongBatch(t, x1);
      return {
        x: add(mul(sub(1, mul(1 - sigmaMin, s)), x0), mul(s, x1)),
        velocity: sub(x1, mul(1 - sigmaMin, x0)),
      };
    },
  };
};
