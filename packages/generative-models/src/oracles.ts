import {
  add,
  div,
  expandDims,
  matmul,
  mul,
  ShapeError,
  softmax,
  square,
  sub,
  sum,
  type TensorLike,
  toTensor,
  transpose,
} from "@ansatz/tensor";
import { alongBatch, type VelocityField } from "./path";

/**
 * The marginal velocity of straight paths between independent N(0, 1) and N(m, s²), coordinate by coordinate:
 *
 *   v(x, t) = m + (t s² − (1 − t)) / ((1 − t)² + t² s²) · (x − t m),
 *
 * whose flow is x₀ ↦ m + s x₀. Both ends may be vectors, one entry per coordinate.
 *
 * @example gaussianVelocity(1.5, 0.5)(tensor([[0]]), tensor([0])) // [[1.5]]: E[x₁ − x₀ | x₀ = 0]
 */
export const gaussianVelocity =
  (m: TensorLike, s: TensorLike): VelocityField =>
  (x, time) => {
    const t = alongBatch(time, x);
    const s2 = square(s);
    const gain = div(sub(mul(t, s2), sub(1, t)), add(square(sub(1, t)), mul(square(t), s2)));
    return add(m, mul(gain, sub(x, mul(t, m))));
  };

/**
 * The marginal velocity of straight paths from N(0, I) to finitely many points [k, d], each with weight 1/k:
 *
 *   v(x, t) = Σᵢ wᵢ(x, t) (xⁱ − x) / (1 − t),  w ∝ exp(−‖x − t xⁱ‖² / 2(1 − t)²).
 *
 * It is the exact minimiser of the flow-matching loss on that data, and it memorises it: every trajectory ends in a data point.
 * Singular at t = 1: integrate to 1 − ε.
 *
 * @param data  [k, d]
 * @throws {ShapeError} points are not [k, d]
 * @example empiricalVelocity(tensor([[-1], [1]]))(tensor([[0.5]]), tensor([0])) // [[-0.5]]: towards the mean at first
 */
export const empiricalVelocity =
  (data: TensorLike): VelocityField =>
  (x, time) => {
    const points = toTensor(data, "empiricalVelocity");
    if (points.shape.length !== 2 || x.shape.length !== 2)
      throw new ShapeError("empiricalVelocity", "points and x must be [k, d] and [n, d]", {
        points: points.shape,
        x: x.shape,
      });
    const t = expandDims(time, -1);
    // ‖x − t xⁱ‖² up to the term in x alone, which softmax does not see
    const cross = sub(mul(mul(2, t), matmul(x, transpose(points))), mul(square(t), sum(square(points), 1)));
    const weights = softmax(div(cross, mul(2, square(sub(1, t)))), -1);
    return div(sub(matmul(weights, points), x), sub(1, t));
  };
