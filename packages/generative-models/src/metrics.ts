import {
  abs,
  add,
  DomainError,
  div,
  expandDims,
  greater,
  matmul,
  mean,
  mul,
  normal,
  pow,
  ShapeError,
  sort,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  toTensor,
  where,
} from "@ansatz/tensor";

const samples = (caller: string, x: TensorLike, y: TensorLike): readonly [Tensor, Tensor] => {
  const a = toTensor(x, caller);
  const b = toTensor(y, caller);
  if (a.shape.length !== 2 || b.shape.length !== 2 || a.shape[1] !== b.shape[1] || a.size === 0 || b.size === 0)
    throw new ShapeError(caller, "both samples must be [n, d], not empty, with one d", { x: a.shape, y: b.shape });
  return [a, b];
};

/** f(s) where s > 0, else 0 with slope 0: the root's slope is ∞ at 0, and ∞ · 0 would be NaN. */
const zeroAtZero = (f: (s: Tensor) => Tensor, s: Tensor): Tensor => {
  const positive = greater(s, 0);
  return where(positive, f(where(positive, s, 1)), where(greater(s, Number.NEGATIVE_INFINITY), 0, s));
};

/** Mean Euclidean distance between rows of x [n, d] and y [m, d]. Differences are formed, so equal rows are at distance 0 exactly. */
const meanDistance = (x: Tensor, y: Tensor): Tensor =>
  mean(zeroAtZero(sqrt, sum(square(sub(expandDims(x, 1), expandDims(y, 0))), -1)));

/**
 * Energy distance between two samples x [n, d] and y [m, d],
 *
 *   2 E‖X − Y‖ − E‖X − X′‖ − E‖Y − Y′‖ ≥ 0,
 *
 * in the units of x; expectations over all pairs, equal indices too (the V-statistic), so it is 0 exactly when the two multisets are equal up
 * to repetition. Unchanged by rotations and translations of both. Differentiable; where points coincide their distance has slope 0. Forms
 * [n, m, d] differences unless compiled. SciPy's `energy_distance` is its square root (d = 1).
 *
 * @throws {ShapeError} not [n, d] and [m, d], or empty
 * @see Székely & Rizzo 2013, doi:10.1016/j.jspi.2013.03.018
 * @example energyDistance([[0, 0]], [[3, 4]]) // 10
 */
export const energyDistance = (x: TensorLike, y: TensorLike): Tensor => {
  const [a, b] = samples("energyDistance", x, y);
  return sub(mul(2, meanDistance(a, b)), add(meanDistance(a, a), meanDistance(b, b)));
};

/**
 * Sliced Wasserstein distance between samples x, y [n, d] of equal size,
 *
 *   (E_θ W_p^p(θ·X, θ·Y))^{1/p},   θ uniform on the sphere, from the key: on a line the optimal coupling sorts.
 *
 * On the line (d = 1) it is W_p itself. For p = 2 a translation by c is at distance about ‖c‖/√d. Differentiable; at equal samples the slope is 0.
 *
 * @throws {ShapeError} not [n, d] twice   @throws {DomainError} p < 1, or projections not a positive integer
 * @see Bonneel et al. 2015, doi:10.1007/s10851-014-0506-3
 * @example slicedWasserstein([[0], [2]], [[3], [1]], key(0)) // 1
 */
export const slicedWasserstein = (
  x: TensorLike,
  y: TensorLike,
  key: Tensor,
  { projections = 128, p = 2 }: { readonly projections?: number; readonly p?: number } = {},
): Tensor => {
  const [a, b] = samples("slicedWasserstein", x, y);
  if (a.shape[0] !== b.shape[0])
    throw new ShapeError(
      "slicedWasserstein",
      "samples must have equal size",
      { x: a.shape, y: b.shape },
      "subsample the larger",
    );
  if (!(p >= 1 && p < Infinity)) throw new DomainError("slicedWasserstein", "p must be at least 1 and finite", { p });
  if (!Number.isInteger(projections) || projections < 1)
    throw new DomainError("slicedWasserstein", "projections must be a positive integer", { projections });
  const g = normal(key, [a.shape[1], projections], { dtype: a.dtype });
  const directions = div(g, sqrt(sum(square(g), 0)));
  const difference = abs(sub(sort(matmul(a, directions), { axis: 0 }), sort(matmul(b, directions), { axis: 0 })));
  if (p === 1) return mean(difference);
  return zeroAtZero((s) => (p === 2 ? sqrt(s) : pow(s, 1 / p)), mean(pow(difference, p)));
};
