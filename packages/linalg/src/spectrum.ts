import { DomainError, ShapeError } from "@ansatz/backend";
import { cumsum, div, equal, index, less, max, square, sum, type Tensor, type TensorLike, where } from "@ansatz/tensor";
import { operand } from "@ansatz/tensor/transforms";

/** What a list of singular values says of the dimension of data. */

const values = (caller: string, s: TensorLike): Tensor => {
  const t = operand(caller, s, "float");
  if (t.shape.length === 0 || t.shape[t.shape.length - 1] === 0)
    throw new ShapeError(caller, "takes singular values on the last axis, at least one", { s: t.shape });
  return t;
};
/** Squares divided by the largest, so that none overflows. */
const shares = (s: Tensor): Tensor => {
  const top = max(s, -1, { keepDims: true });
  return square(div(s, where(equal(top, 0), 1, top)));
};

/**
 * The share of the variance (of the squared Frobenius norm) in the first k directions, for k = 1, 2, …:
 *
 *   E_k = Σ_{j≤k} sⱼ² / Σⱼ sⱼ²
 *
 * It never falls and ends at 1, also for the spectrum of zeros, whose E_k is 1 by convention (nothing is left to explain).
 *
 * @param s  singular values [..., r], descending
 * @example explainedVariance([2, 1, 0]) // [0.8, 1, 1]
 */
export const explainedVariance = (s: TensorLike): Tensor => {
  const part = shares(values("explainedVariance", s));
  const total = sum(part, -1, { keepDims: true });
  const none = equal(total, 0);
  return where(none, 1, div(cumsum(part, -1), where(none, 1, total)));
};

/**
 * The smallest k whose first k directions explain at least `fraction` of the variance, as int32: a measure of intrinsic dimension.
 *
 * @example componentsFor([2, 1, 0], 0.9) // 2
 */
export const componentsFor = (s: TensorLike, fraction: number): Tensor => {
  if (!(fraction > 0 && fraction <= 1))
    throw new DomainError("componentsFor", "the fraction lies in (0, 1]", { fraction });
  const curve = explainedVariance(s);
  // the last value of the curve counts as 1 whatever the sums have lost
  return sum(less(index(curve, "...", { stop: -1 }), fraction).astype("int32"), -1).add(1);
};

/**
 * (Σ λ)² / Σ λ² with λ = s²: how many directions share the variance. d for an isotropic spectrum of length d, 1 when one direction has it all; NaN for
 * zeros.
 *
 * @example participationRatio([1, 1, 1]) // 3
 */
export const participationRatio = (s: TensorLike): Tensor => {
  const part = shares(values("participationRatio", s));
  return div(square(sum(part, -1)), sum(square(part), -1));
};
