import { DomainError, ShapeError } from "@ansatz/backend";
import type { Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import { range } from "../ops/batching";
import { fill } from "../ops/fill";
import { sqrt } from "../ops/transcendental";
import { add, div, maximum, minimum, mul, sub } from "./arithmetic";
import { type AxisArgument, normalAxis } from "./axes";
import { equal, isClose, type Tolerance, where } from "./comparison";
import { linspace } from "./create";
import { index, take } from "./indexing";
import { diag, matmul, outer } from "./matmul";
import { operand, promote } from "./promotion";
import { all, max, mean, min, sum } from "./reduce";
import { part, reshape, transpose } from "./shape";
import { bincount, searchsorted } from "./sort";

/** Small numerical helpers of NumPy's. */

/** Whether all elements are close: a bool scalar tensor. */
export const allClose = (x: TensorLike, y: TensorLike, tolerance: Tolerance = {}): Tensor =>
  all(isClose(x, y, tolerance));
/** Whether all elements are equal (the shapes must broadcast): a bool scalar tensor. */
export const arrayEqual = (x: TensorLike, y: TensorLike): Tensor => all(equal(x, y));

/** Σ w x / Σ w over the axes. */
export const average = (x: TensorLike, weights: TensorLike, axis?: AxisArgument): Tensor => {
  const [t, w] = promote("average", [x, weights], "float");
  return div(sum(mul(t, w), axis), sum(mul(w, fill(1, t)), axis));
};

/** The covariance of variables in rows, observations in columns: Σ (x - x̄)(x - x̄)ᵀ / (n - ddof); ddof is 1 unless told. */
export const cov = (x: TensorLike, { ddof = 1 }: { readonly ddof?: number } = {}): Tensor => {
  const t = operand("cov", x, "float");
  if (t.shape.length > 2) throw new ShapeError("cov", "takes a vector or a matrix", { shape: t.shape });
  const centred = sub(t, mean(t, -1, { keepDims: true }));
  const n = t.shape[t.shape.length - 1] - ddof;
  return div(matmul(centred, transpose(centred)), Math.max(0, n));
};
/** The correlations of variables in rows: the covariance divided by the deviations of both. */
export const corrcoef = (x: TensorLike): Tensor => {
  const c = cov(x);
  if (c.shape.length === 0) return div(c, c);
  const s = sqrt(diag(c));
  return div(c, outer(s, s));
};

/**
 * Piecewise linear interpolation through (xp, fp) at x; xp ascending. Outside, the end values.
 *
 * @example interp(2.5, [1, 2, 3], [3, 2, 0]) // 1
 */
export const interp = (x: TensorLike, xp: TensorLike, fp: TensorLike): Tensor => {
  const [t, a, f] = promote("interp", [x, xp, fp], "float");
  if (a.shape.length !== 1 || f.shape.length !== 1 || a.size !== f.size || a.size === 0)
    throw new ShapeError("interp", "xp and fp must be vectors of one length", { xp: a.shape, fp: f.shape });
  const n = a.size;
  if (n === 1) return add(mul(t, 0), f);
  const i = minimum(maximum(searchsorted(a, t, { side: "right" }), 1), n - 1);
  const before = sub(i, 1);
  const [x0, x1, f0, f1] = [take(a, before), take(a, i), take(f, before), take(f, i)];
  const width = sub(x1, x0);
  const flat = equal(width, 0);
  const share = div(sub(minimum(maximum(t, index(a, 0)), index(a, n - 1)), x0), where(flat, 1, width));
  return add(f0, mul(where(flat, 0, share), sub(f1, f0)));
};

/** ∫ y along an axis by the trapezoidal rule, over points x or a step. @example trapezoid([0, 1, 4], { step: 1 }) // 3 */
export const trapezoid = (
  y: TensorLike,
  { x, step = 1, axis = -1 }: { readonly x?: TensorLike; readonly step?: number; readonly axis?: number } = {},
): Tensor => {
  const t = operand("trapezoid", y, "float");
  const k = normalAxis("trapezoid", axis, t.shape.length);
  const n = t.shape[k];
  const sums = add(part(t, k, 0, n - 1), part(t, k, 1, n));
  if (x === undefined) return mul(sum(sums, k), step / 2);
  const p = operand("trapezoid", x, "float");
  const d = sub(part(p, p.shape.length - 1, 1, n), part(p, p.shape.length - 1, 0, n - 1));
  const shape = d.shape.length === 1 ? t.shape.map((_, i) => (i === k ? n - 1 : 1)) : d.shape;
  return mul(sum(mul(sums, reshape(d, shape)), k), 0.5);
};

/** Σ c_k x^(n - k) by Horner's scheme, the highest power first (as NumPy). @example polyval([1, 0, -1], 3) // 8 */
export const polyval = (c: TensorLike, x: TensorLike): Tensor => {
  const [p, t] = promote("polyval", [c, x], "numeric");
  if (p.shape.length !== 1) throw new ShapeError("polyval", "takes a vector of coefficients", { c: p.shape });
  return range(p.size).reduce<Tensor>((y, k) => add(mul(y, t), index(p, k)), fill(0, t));
};

/**
 * How many elements fall in each of `bins` bins of equal width between the smallest and the largest (or the limits given); the last bin
 * includes its upper edge. Elements outside are not counted.
 */
export const histogram = (
  x: TensorLike,
  { bins = 10, limits }: { readonly bins?: number; readonly limits?: readonly [number, number] } = {},
): { counts: Tensor; edges: Tensor } => {
  if (!Number.isInteger(bins) || bins < 1) throw new DomainError("histogram", "needs at least one bin", { bins });
  const t = operand("histogram", x, "float");
  const [low, high] = limits ? limits : [min(t), max(t)];
  const edges = linspace(low, high, bins + 1);
  const place = sub(searchsorted(edges, t, { side: "right" }), 1);
  const last = equal(t, high);
  // NaN sorts behind the last edge, and bincount drops what is out of range
  return { counts: bincount(where(last, bins - 1, place), bins), edges };
};
