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

export interface CompletionFreedom {
  readonly observed: number;
  /** Matrices of rank k form a manifold of this dimension, k (m + n - k). */
  readonly dimension: number;
  /** Rows and columns without a single observation: nothing is known of them. */
  readonly empty: { readonly rows: readonly number[]; readonly columns: readonly number[] };
  /** False where the data cannot determine the completion: then the start chooses one among many, all with residual 0. True promises nothing. */
  readonly mayBeUnique: boolean;
}
/** Counts whether a completion of rank k can be unique at all: fewer data than dimensions, or a row or column unseen, and it is not. */
export const completionFreedom = (r: readonly (readonly (number | null)[])[], rank: number): CompletionFreedom => {
  const [m, n] = [r.length, r[0]?.length ?? 0];
  const observed = r.flat().filter((v) => v !== null).length;
  const dimension = rank * (m + n - rank);
  const every = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  const empty = {
    rows: every(m).filter((i) => r[i].every((v) => v === null)),
    columns: every(n).filter((j) => r.every((row) => row[j] === null)),
  };
  return {
    observed,
    dimension,
    empty,
    mayBeUnique: observed >= dimension && empty.rows.length + empty.columns.length === 0,
  };
};
