import { svd } from "@ansatz/linalg";
import { arange, less, matmul, mul, scan, square, sub, sum, type Tensor, tensor, where } from "@ansatz/tensor";

/** The ratings of exercise 1.2.2; null is unknown. */
export const ratings: readonly (readonly (number | null)[])[] = [
  [5, null, 3, 1],
  [4, 2, null, null],
  [null, 5, 4, null],
  [1, null, 2, 3],
];

export interface Completion {
  readonly x: Tensor;
  /** ‖P(X - R)‖² before each step. */
  readonly objective: Tensor;
}

/**
 * Hard-impute: X ← the best rank-k approximation of (R where it is known, X elsewhere). The objective ‖P(X - R)‖² never grows, but the problem is not
 * convex, and for many unknowns the limit depends on the start.
 */
export const completeMatrix = (
  r: readonly (readonly (number | null)[])[],
  rank: number,
  { start, steps = 300 }: { readonly start?: (m: Tensor, known: Tensor) => Tensor; readonly steps?: number } = {},
): Completion => {
  const known = tensor(r.map((row) => row.map((v) => v !== null)));
  const data = tensor(
    r.map((row) => row.map((v) => v ?? 0)),
    { dtype: "float64" },
  );
  const x0 = start ? start(data, known) : mul(0, data);
  const truncated = (z: Tensor): Tensor => {
    const { u, s, vt } = svd(z);
    return matmul(mul(u, where(less(arange(s.shape[0]), rank), s, 0)), vt);
  };
  const [x, objective] = scan(
    (y: Tensor, _: Tensor) => [truncated(where(known, data, y)), sum(where(known, square(sub(y, data)), 0))] as const,
    x0,
    arange(steps),
  );
  return { x: x as Tensor, objective: objective as Tensor };
};
