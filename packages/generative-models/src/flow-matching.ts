import {
  mean,
  normal,
  ShapeError,
  split,
  square,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  toTensor,
  uniform,
} from "@ansatz/tensor";
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
 * Conditional flow matching, the mean over the batch of
 *
 *   ‖v(x_t, t) − u_t(x₀, x₁)‖²,   x₀ ~ N(0, I),  t ~ U[0, 1],  x_t on the path from x₀ to x₁,
 *
 * with squared norms summed over the axes of an example. Its gradient is, in the mean, that of matching the marginal field E[u | x_t]; its
 * minimum is not 0 but the conditional variance of u (πs/2 per coordinate for N(0, 1) → N(m, s²) on the straight path).
 *
 * @param velocity  v(x, t), x [n, …], t [n]
 * @param x1        data [n, …]; noise and times are drawn in its dtype
 * @throws {ShapeError} x1 is no batch, x0 is not like x1, t is not [n], or v(x, t) is not like x
 * @see Lipman et al. 2023, arXiv:2210.02747, eq. (9)
 * @example flowMatchingLoss((x, t) => mul(0, x), [[1, -1], [2, 0]], key(0)) // the mean of ‖x₁ − x₀‖²
 */
export const flowMatchingLoss = (
  velocity: VelocityField,
  x1: TensorLike,
  key: Tensor,
  options: FlowMatchingOptions = {},
): Tensor => {
  const data = toTensor(x1, "flowMatchingLoss");
  if (data.shape.length < 2)
    throw new ShapeError("flowMatchingLoss", "data must be a batch [n, …] of examples of rank 1 or more", {
      x1: data.shape,
    });
  const [noiseKey, timeKey] = split(key);
  const x0 = options.x0 ?? normal(noiseKey, data.shape, { dtype: data.dtype });
  const t = options.t ?? uniform(timeKey, [data.shape[0]], { dtype: data.dtype });
  same("x0", x0.shape, data.shape);
  same("t", t.shape, [data.shape[0]]);
  const { x, velocity: u } = (options.path ?? straightPath()).at(x0, data, t);
  const v = velocity(x, t);
  same("v(x, t)", v.shape, data.shape);
  const error = square(sub(v, u));
  return mean(
    sum(
      error,
      error.shape.slice(1).map((_, i) => i + 1),
    ),
  );
};

// shapes that merely broadcast would give a number, and a wrong one
const same = (name: string, seen: readonly number[], asked: readonly number[]): void => {
  if (seen.join() !== asked.join())
    throw new ShapeError("flowMatchingLoss", `${name} has the wrong shape`, { seen, expected: asked });
};
