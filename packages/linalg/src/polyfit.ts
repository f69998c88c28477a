import { DomainError, ShapeError } from "@ansatz/backend";
import {
  add,
  div,
  equal,
  greater,
  less,
  matmul,
  max,
  min,
  mul,
  ones,
  sqrt,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  where,
} from "@ansatz/tensor";
import { operand, promote, stop } from "@ansatz/tensor/transforms";
import { warning } from "./info";
import { lstsq, type RankOptions } from "./least-squares";

export type PolynomialBasis = "monomial" | "chebyshev";
export interface PolyfitOptions extends RankOptions {
  /** "monomial" (default): Σ c_k xᵏ; "chebyshev": Σ c_k T_k(t), t being x moved from the range of the data to [-1, 1], far better conditioned. */
  readonly basis?: PolynomialBasis;
  /**
   * Whether columns are scaled to length 1 before the solution of least norm is taken (default, as NumPy does). It matters where the degree is n or more: then
   * infinitely many polynomials fit, and the scaling decides which is "least".
   */
  readonly scaled?: boolean;
}
export interface Polynomial {
  readonly basis: PolynomialBasis;
  /** c₀, c₁, …: ascending. */
  readonly coefficients: Tensor;
  /** What x = ±1 stands for in the Chebyshev basis: [low, high]. */
  readonly low: Tensor;
  readonly high: Tensor;
}
export interface PolynomialFit extends Polynomial {
  /** Numerical rank of the (scaled) matrix of basis functions. */
  readonly rank: Tensor;
  /** Its singular values. */
  readonly s: Tensor;
  /** Warns when the rank is deficient, as it must be for degree ≥ n. */
  readonly info: Tensor;
}

/** [n, degree + 1]: the basis functions at the points, by their recurrences. */
const designMatrix = (t: Tensor, degree: number, basis: PolynomialBasis): Tensor => {
  const columns = [ones(t.shape, { dtype: t.dtype }), t];
  for (let k = 2; k <= degree; k++)
    columns.push(basis === "monomial" ? mul(t, columns[k - 1]) : sub(mul(mul(2, t), columns[k - 1]), columns[k - 2]));
  return stack(columns.slice(0, degree + 1), -1);
};
const moved = (x: Tensor, { basis, low, high }: Pick<Polynomial, "basis" | "low" | "high">): Tensor =>
  basis === "monomial" ? x : div(sub(mul(2, x), add(low, high)), sub(high, low));

/**
 * The polynomial of a degree that fits data best in least squares, min (1/n) Σ (P(xᵢ) - yᵢ)². Degree n - 1 interpolates distinct points; beyond, the coefficients
 * of least norm are taken (in the chosen basis and scaling) and `info` warns.
 *
 * @param x  points [n]   @param y  values [n]
 * @example polyfit([0, 1, 2], [1, 3, 5], 1).coefficients // [1, 2]
 */
export const polyfit = (
  x: TensorLike,
  y: TensorLike,
  degree: number,
  { basis = "monomial", scaled = true, rtol }: PolyfitOptions = {},
): PolynomialFit => {
  const [points, data] = promote("polyfit", [x, y], "float");
  if (points.shape.length !== 1 || data.shape.join() !== points.shape.join() || points.size === 0)
    throw new ShapeError("polyfit", "needs as many values as points, at least one", { x: points.shape, y: data.shape });
  if (!(Number.isInteger(degree) && degree >= 0))
    throw new DomainError("polyfit", "the degree is a whole number", { degree });
  if (basis !== "monomial" && basis !== "chebyshev")
    throw new DomainError("polyfit", 'basis is "monomial" or "chebyshev"', { basis });
  const [low, high] = [min(stop(points)), max(stop(points))];
  const flat = equal(low, high);
  const range = { basis, low: where(flat, sub(low, 1), low), high: where(flat, add(high, 1), high) };
  const a = designMatrix(moved(points, range), degree, basis);
  const lengths = sqrt(sum(square(a), 0));
  const scale = scaled ? where(equal(lengths, 0), 1, lengths) : ones([degree + 1], { dtype: a.dtype });
  const { x: c, rank, s, info } = lstsq(div(a, scale), data, { rtol });
  // more coefficients than the points determine: those of least norm were taken
  const open = where(less(rank, degree + 1), sub(warning("rankDeficient", 1), mul(16, rank)), 0);
  return { ...range, coefficients: div(c, scale), rank, s, info: where(greater(info, 0), info, open) };
};

/** P(x) for x of any shape. @example polynomialAt(polyfit([0, 1], [1, 3], 1), 2) // 5 */
export const polynomialAt = (p: Polynomial, x: TensorLike): Tensor => {
  const t = moved(operand("polynomialAt", x, "float"), p);
  return matmul(designMatrix(t, p.coefficients.shape[0] - 1, p.basis), p.coefficients);
};
