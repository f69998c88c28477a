import {
  abs,
  add,
  DomainError,
  div,
  expandDims,
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
} from "@ansatz/tensor";

const sameSpace = (caller: string, x: Tensor, y: Tensor): void => {
  if (x.rank !== 2 || y.rank !== 2 || x.shape[1] !== y.shape[1])
    throw new ShapeError(caller, "both samples must be [n, d] with one d", { x: x.shape, y: y.shape });
};

/** Mean Euclidean distance between rows of x [n, d] and y [m, d]. Differences are formed, so equal rows are at distance 0 exactly. */
const meanDistance = (x: Tensor, y: Tensor): Tensor =>
  mean(sqrt(sum(square(sub(expandDims(x, 1), expandDims(y, 0))), -1)));

/**
 * Energy distance 2 E‖X − Y‖ − E‖X − X′‖ − E‖Y − Y′‖ ≥ 0 between two samples (V-statistic: pairs of equal indices count with distance 0);
 * 0 if and only if the laws agree.
 * @see Székely & Rizzo 2013, doi:10.1016/j.jspi.2013.03.018
 */
export const energyDistance = (x: Tensor, y: Tensor): Tensor => {
  sameSpace("energyDistance", x, y);
  return sub(mul(2, meanDistance(x, y)), add(meanDistance(x, x), meanDistance(y, y)));
};

/**
 * Sliced Wasserstein distance (E_θ W_p^p(θ·X, θ·Y))^{1/p} over random directions of the sphere, between samples of equal size:
 * on a line the optimal coupling sorts.
 * @see Bonneel et al. 2015, doi:10.1007/s10851-014-0506-3
 */
export const slicedWasserstein = (
  x: Tensor,
  y: Tensor,
  key: Tensor,
  { projections = 128, p = 2 }: { readonly projections?: number; readonly p?: number } = {},
): Tensor => {
  sameSpace("slicedWasserstein", x, y);
  if (x.shape[0] !== y.shape[0])
    throw new ShapeError(
      "slicedWasserstein",
      "samples must have equal size",
      { x: x.shape, y: y.shape },
      "subsample the larger",
    );
  if (!(p >= 1)) throw new DomainError("slicedWasserstein", "p must be at least 1", { p });
  const g = normal(key, [x.shape[1], projections], { dtype: x.dtype });
  const directions = div(g, sqrt(sum(square(g), 0)));
  const difference = abs(sub(sort(matmul(x, directions), { axis: 0 }), sort(matmul(y, directions), { axis: 0 })));
  return pow(mean(pow(difference, p)), 1 / p);
};
