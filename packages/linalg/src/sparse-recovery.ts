import { DomainError, ShapeError } from "@ansatz/backend";
import {
  abs,
  div,
  eye,
  matmul,
  matrixTranspose,
  max,
  maximum,
  min,
  mul,
  sqrt,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  take,
  tensor,
} from "@ansatz/tensor";
import { stop } from "@ansatz/tensor/transforms";
import { columns, matrix, rows } from "./support";
import { svdvals } from "./svd";

/** When a sparse x can be found again from few measurements A x. */

const one = (caller: string, a: TensorLike): Tensor => {
  const x = matrix(caller, a);
  if (x.shape.length !== 2) throw new ShapeError(caller, "takes one matrix", { a: x.shape });
  return x;
};

/** All subsets of k of n, in lexicographic order. */
const subsets = (n: number, k: number): number[][] => {
  const out: number[][] = [];
  const grow = (from: number, chosen: number[]): void => {
    if (chosen.length === k) out.push(chosen);
    else for (let i = from; i <= n - (k - chosen.length); i++) grow(i + 1, [...chosen, i]);
  };
  grow(0, []);
  return out;
};
const binomial = (n: number, k: number): number => {
  let b = 1;
  for (let i = 0; i < k; i++) b = (b * (n - i)) / (i + 1);
  return b;
};

/**
 * The restricted isometry constant: the least δ_k with
 *
 *   (1 - δ_k)‖x‖² ≤ ‖A x‖² ≤ (1 + δ_k)‖x‖²   for every x with at most k entries that are not zero,
 *
 * by the singular values of all C(n, k) choices of columns: exact, and for small n only. `coherence` bounds it for large n.
 *
 * @throws {DomainError} k is not from 1 to n, or there are more than 100,000 choices
 * @see Candès, Romberg and Tao 2006, arXiv:math/0503066
 * @example restrictedIsometry([[1, 0], [0, 1]], 1) // 0
 */
export const restrictedIsometry = (a: TensorLike, k: number): Tensor => {
  const x = one("restrictedIsometry", a);
  const n = columns(x);
  if (!(Number.isInteger(k) && k >= 1 && k <= n))
    throw new DomainError("restrictedIsometry", "k is a whole number from 1 to the number of columns", { k, n });
  if (binomial(n, k) > 100_000)
    throw new DomainError(
      "restrictedIsometry",
      "has too many choices of columns to try",
      { n, k, choices: binomial(n, k) },
      "bound it by coherence",
    );
  const supports = subsets(n, k);
  const blocks = stack(supports.map((s) => take(x, tensor(Int32Array.from(s)), 1)));
  const squares = square(svdvals(blocks));
  const low = rows(x) < k ? mul(0, max(squares)) : min(squares);
  return maximum(sub(max(squares), 1), sub(1, low));
};

/**
 * The mutual coherence μ = max_{i≠j} |aᵢᵀaⱼ| / (‖aᵢ‖‖aⱼ‖) of the columns. Every x with k < (1 + 1/μ)/2 entries that are not zero is the only solution so sparse, and
 * basis pursuit finds it, once the columns have equal length.
 *
 * @throws {DomainError} a column is zero (outside of jit), or there is only one
 * @see Donoho and Elad 2003, PNAS 100, 2197–2202
 * @example coherence([[1, 0, 1], [0, 1, 1]]) // 1/√2
 */
export const coherence = (a: TensorLike): Tensor => {
  const x = one("coherence", a);
  const n = columns(x);
  if (n < 2) throw new DomainError("coherence", "needs at least two columns", { a: x.shape });
  const lengths = sqrt(sum(square(x), 0));
  const seen = stop(lengths);
  if (seen.trace === null && seen.dataSync().some((v: number | bigint) => Number(v) === 0))
    throw new DomainError("coherence", "is undefined where a column is zero", { a: x.shape });
  const unit = div(x, lengths);
  const gram = matmul(matrixTranspose(unit), unit);
  return max(mul(sub(1, eye(n, n, { dtype: x.dtype })), abs(gram)));
};
