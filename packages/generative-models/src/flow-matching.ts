import { mean, normal, ShapeError, split, square, sub, sum, type Tensor, uniform } from "@ansatz/tensor";
import { type ConditionalPath, straightPath, type VelocityField } from "./path";

export interface FlowMatchingOptions {
  /** Default: straight, σ = 0. */
  readonly path?: ConditionalPath;
  /** Starting points, as x1. Default: standard normal, from the key. */
  readonly x0?: Tensor;
  /** Times [n] in [0, 1]. Default: independent uniforms, from the key. */
  readonly t?: Tensor;
}

/**
 * Conditional flow matching: the mean over the batch of ‖v(x_t, t) − u_t(x₀, x₁)‖², with squared norms summed over the axes of an example.
 * Its gradient is that of matching the marginal field E[u | x_t]; its minimum is not 0 but the conditional variance of u
 * (πs/2 per coordinate for N(0, 1) → N(m, s²) on the straight path).
 *
 * @param velocity v(x, t), x [n, …], t [n]
 * @param x1 data [n, …]
 * @see Lipman et al. 2023, arXiv:2210.02747, eq. (9)
 */
export const flowMatchingLoss = (
  velocity: VelocityField,
  x1: Tensor,
  key: Tensor,
  options: FlowMatchingOptions = {},
): Tensor => {
  if (x1.rank < 2)
    throw new ShapeError("flowMatchingLoss", "data must be a batch [n, …] of examples of rank 1 or more", {
      x1: x1.shape,
    });
  const [noiseKey, timeKey] = split(key);
  const x0 = options.x0 ?? normal(noiseKey, x1.shape, { dtype: x1.dtype });
  const t = options.t ?? uniform(timeKey, [x1.shape[0]], { dtype: x1.dtype });
  const { x, velocity: u } = (options.path ?? straightPath()).at(x0, x1, t);
  const error = square(sub(velocity(x, t), u));
  return mean(
    sum(
      error,
      error.shape.slice(1).map((_, i) => i + 1),
    ),
  );
};
