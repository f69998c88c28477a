import { relu } from "@ansatz/nn";
import {
  add,
  DomainError,
  expandDims,
  matmul,
  mean,
  mul,
  sub,
  type Tensor,
  type TensorLike,
  tensor,
  toTensor,
} from "@ansatz/tensor";

/** f(x) = 1/n Σ u_k σ(⟨v_k, x⟩ + b_k) with n neurons: u [n], v [n, d], b [n], x [.., d] → [..] (P0 (4)). */
export const twoLayer = (
  { u, v, b }: { readonly u: TensorLike; readonly v: TensorLike; readonly b: TensorLike },
  x: TensorLike,
  activation: (z: Tensor) => Tensor = relu,
): Tensor => mean(mul(u, activation(add(matmul(x, toTensor(v, "twoLayer").transpose()), b))), -1);

/** max(⟨w, x⟩ + b, 0): the neuron of McCulloch and Pitts with a ramp for a step (P2). */
export const neuron = (x: TensorLike, w: TensorLike, bias: TensorLike): Tensor => relu(add(matmul(x, w), bias));

/**
 * The piecewise-linear interpolant as a sum of ramps, f(x) = y₀ + Σ_k c_k max(x − x_k, 0) with c_k the change of slope at the knot x_k: on the knots'
 * interval, at most h²/8 max|f″| away from f.
 */
export const reluInterpolant = (knots: readonly number[], values: readonly number[]) => {
  if (knots.length < 2 || knots.length !== values.length || knots.some((k, i) => i > 0 && k <= knots[i - 1]))
    throw new DomainError("reluInterpolant", "needs at least two increasing knots and a value for each", {
      knots: knots.length,
      values: values.length,
    });
  const slopes = knots.slice(1).map((k, i) => (values[i + 1] - values[i]) / (k - knots[i]));
  const changes = tensor(Float64Array.from(slopes, (s, i) => s - (i > 0 ? slopes[i - 1] : 0)));
  const starts = tensor(Float64Array.from(knots.slice(0, -1)));
  return (x: TensorLike): Tensor => add(values[0], matmul(relu(sub(expandDims(x, -1), starts)), changes));
};

/** The two-hidden-unit network that computes exclusive or: relu(x₁ + x₂) − 2 relu(x₁ + x₂ − 1), its weights times 2 for the mean over two neurons. */
export const exclusiveOr = {
  v: [
    [1, 1],
    [1, 1],
  ],
  b: [0, -1],
  u: [2, -4],
} as const;
