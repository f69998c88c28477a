import { jvp } from "@ansatz/autodiff";
import { epsOf } from "@ansatz/backend";
import {
  abs,
  add,
  arange,
  astype,
  div,
  equal,
  index,
  lessEqual,
  mul,
  ones,
  reshape,
  sort,
  stack,
  sub,
  sum,
  type Tensor,
  where,
} from "@ansatz/tensor";
import { gauss } from "./host/gauss";

/** An elementwise function of tensors of any shape. */
export type Elementwise = (x: Tensor) => Tensor;

/** f⁽ʲ⁾, by differentiation. */
export const derivative = (f: Elementwise, j: number): Elementwise =>
  j === 0 ? f : derivative((x) => jvp(f, [x], [ones(x.shape, { dtype: x.dtype })]).tangent as Tensor, j - 1);

/** A value and a bound for its error, of the right size. */
interface Estimate {
  readonly value: Tensor;
  readonly error: Tensor;
}
/** Nodes in each direction, many and fewer, by the order of the difference. */
const nodes = [
  [12, 8],
  [8, 6],
  [6, 4],
  [4, 3],
] as const;

/**
 * The divided difference f[x₀, …, xₖ], elementwise over tensors of points, equal ones among them (Hermite): it is symmetric, and f⁽ᵏ⁾(x)/k! where all are x.
 *
 * Two ways are taken, and that one kept which says of itself that it errs less: the quotient over the farthest pair, good where it is far,
 *
 *   f[x₀, …, xₖ] = (f[x₁, …, xₖ] - f[x₀, …, xₖ₋₁]) / (xₖ - x₀),     and
 *   f[x₀, …, xₖ] = ∫ f⁽ᵏ⁾(x₀ + s₁(x₁ - x₀) + … + sₖ(xₖ - xₖ₋₁)) ds  over 1 ≥ s₁ ≥ … ≥ sₖ ≥ 0
 *
 * by Gauss's rule, good where all are near (Genocchi and Hermite). The scale of f need not be known.
 */
export const dividedDifference = (f: Elementwise, points: readonly Tensor[]): Tensor => {
  if (points.length === 1) return f(points[0]);
  const sorted = sort(stack(points, -1));
  return estimate(
    f,
    points.map((_, i) => index(sorted, "...", i)),
  ).value;
};

const estimate = (f: Elementwise, x: readonly Tensor[]): Estimate => {
  const k = x.length - 1;
  const eps = epsOf(x[0].dtype);
  if (k === 0) {
    const value = f(x[0]);
    return { value, error: mul(2 * eps, abs(value)) };
  }
  const [low, high] = [estimate(f, x.slice(0, k)), estimate(f, x.slice(1))];
  const gap = sub(x[k], x[0]);
  const none = equal(gap, 0);
  const wide = where(none, 1, gap);
  const far = div(sub(high.value, low.value), wide);
  const farError = where(none, Infinity, div(add(low.error, high.error), wide));
  const [many, fewer] = nodes[Math.min(k, nodes.length) - 1];
  const near = integral(f, x, many);
  const nearError = add(abs(sub(near, integral(f, x, fewer))), mul(4 * eps, abs(near)));
  const better = lessEqual(nearError, farError);
  return { value: where(better, near, far), error: where(better, nearError, farError) };
};

/** The integral over the simplex, sⱼ = u₁ ⋯ uⱼ, by q nodes in each u, each on an axis of its own behind those of the points. */
const integral = (f: Elementwise, x: readonly Tensor[], q: number): Tensor => {
  const k = x.length - 1;
  const { dtype } = x[0];
  const rule = gauss(q);
  const behind = (t: Tensor): Tensor => reshape(t, [...t.shape, ...new Array<number>(k).fill(1)]);
  let at = behind(x[0]);
  let s: Tensor | null = null;
  let weight: Tensor | null = null;
  for (let j = 1; j <= k; j++) {
    const shape = Array.from({ length: k }, (_, i) => (i === j - 1 ? q : 1));
    const along = (value: (r: { x: number; w: number }) => number): Tensor =>
      reshape(constants(rule.map(value), dtype), shape);
    const [u, w] = [along((r) => r.x), along((r) => r.w * r.x ** (k - j))];
    s = s === null ? u : mul(s, u);
    weight = weight === null ? w : mul(weight, w);
    at = add(at, mul(behind(sub(x[j], x[j - 1])), s));
  }
  return sum(
    mul(derivative(f, k)(at), weight as Tensor),
    Array.from({ length: k }, (_, i) => i - k),
  );
};
/** A vector of these numbers, made of ops: the program of an op captures no tensors. */
const constants = (values: readonly number[], dtype: Tensor["dtype"]): Tensor =>
  values.map((v, i) => mul(astype(equal(arange(values.length), i), dtype), v)).reduce((p, q) => add(p, q));
