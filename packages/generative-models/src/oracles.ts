import {
  add,
  div,
  expandDims,
  matmul,
  mul,
  softmax,
  square,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  transpose,
} from "@ansatz/tensor";
import { alongBatch, type VelocityField } from "./path";

/**
 * The marginal velocity of straight paths between independent N(0, 1) and N(m, s²), coordinate by coordinate:
 *
 *   v(x, t) = m + (t s² − (1 − t)) / ((1 − t)² + t² s²) · (x − t m),
 *
 * whose flow is x₀ ↦ m + s x₀.
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
 */
export const empiricalVelocity =
  (points: Tensor): VelocityField =>
  (x, time) => {
    const t = expandDims(time, -1);
    // ‖x − t xⁱ‖² up to the term in x alone, which softmax does not see
    const cross = sub(mul(mul(2, t), matmul(x, transpose(points))), mul(square(t), sum(square(points), 1)));
    const weights = softmax(div(cross, mul(2, square(sub(1, t)))), -1);
    return div(sub(matmul(weights, points), x), sub(1, t));
  };
