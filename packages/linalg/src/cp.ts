import { DomainError } from "@ansatz/backend";
import {
  abs,
  add,
  astype,
  div,
  equal,
  foldIn,
  greater,
  index,
  less,
  logicalAnd,
  matmul,
  matrixTranspose,
  max,
  mul,
  normal,
  ones,
  pow,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  where,
  whileLoop,
  zeros,
} from "@ansatz/tensor";
import { operand, stop } from "@ansatz/tensor/transforms";
import { constantly } from "./constantly";
import { failure } from "./info";
import { khatriRao } from "./kronecker";
import { pinv } from "./least-squares";
import { unfold } from "./multilinear";
import { norm2 } from "./norms";
import { stationaryPoint } from "./stationary";

/** X ≈ Σ_r weights_r a_r ⊗ b_r ⊗ …, the columns of all factors of length 1. */
export interface Cp {
  /** [rank], descending by size is not promised. */
  readonly weights: Tensor;
  /** [d_k, rank] for each mode. */
  readonly factors: readonly Tensor[];
}
export interface CpOptions {
  /** Stop when the relative error moves by less than this in a sweep; 1e-10 by default. */
  readonly tol?: number;
  /** Sweeps over all modes; 500 by default. */
  readonly maxSteps?: number;
  /** Factors to start from instead of random ones. */
  readonly start?: readonly TensorLike[];
}
export interface CpResult extends Cp {
  readonly info: Tensor;
  readonly stats: {
    readonly steps: Tensor;
    /** ‖X - approximation‖ / ‖X‖. */
    readonly error: Tensor;
  };
}

/** The tensor that weights and factors stand for. */
export const cpToTensor = ({ weights, factors }: Cp): Tensor =>
  reshape(
    matmul(khatriRao(...factors), weights),
    factors.map((f) => f.shape[0]),
  );

/**
 * The canonical polyadic decomposition by alternating least squares: each factor in turn solves the linear least-squares problem that the others leave,
 *
 *   A_k = X₍k₎ (⊙_{i≠k} A_i) (∘_{i≠k} A_iᵀA_i)⁺,
 *
 * so the error never grows. The problem is not convex: the limit depends on the key, a best approximation need not exist (terms may diverge and cancel), and
 * the factors are unique only up to order and sign, under Kruskal's condition. Weights and factors differentiate in both modes and to every order, as the
 * stationary point of the squared error that was found: as exactly as the iteration has converged, so choose `tol` accordingly.
 *
 * @param rank  number of terms
 * @param key   for the normal random factors it starts from
 * @see Kolda and Bader 2009, SIAM Review 51, figure 3.3
 * @example cp([[[1, 2], [2, 4]], [[3, 6], [6, 12]]], 1, key(0)).stats.error // 0
 */
export const cp = (
  x: TensorLike,
  rank: number,
  key: Tensor,
  { tol = 1e-10, maxSteps = 500, start }: CpOptions = {},
): CpResult => {
  const t = operand("cp", x, "float");
  const d = t.shape.length;
  if (d < 2) throw new DomainError("cp", "decomposes tensors of at least two modes", { shape: t.shape });
  if (!(Number.isInteger(rank) && rank >= 1))
    throw new DomainError("cp", "the rank is a whole number from 1", { rank });
  if (start && (start.length !== d || start.length === 0))
    throw new DomainError("cp", "needs a factor to start from for each mode", { start: start.length, modes: d });
  const first = start
    ? start.map((f) => operand("cp", f, "float"))
    : t.shape.map((n, i) => normal(foldIn(key, i), [n, rank], { dtype: t.dtype }));
  const [steps, change, ...found] = constantly(
    "cp",
    (y, ...initial) => {
      const unfoldings = y.shape.map((_, k) => unfold(y, k));
      const size = norm2(y);
      const gram = (a: Tensor): Tensor => matmul(matrixTranspose(a), a);
      const sweep = (us: readonly Tensor[]): { us: Tensor[]; weights: Tensor } => {
        const next = [...us];
        let lengths = ones([rank], { dtype: y.dtype });
        for (let k = 0; k < d; k++) {
          const others = next.filter((_, i) => i !== k);
          const right = matmul(unfoldings[k], khatriRao(...others));
          const solved = matmul(right, pinv(others.map(gram).reduce(mul)));
          lengths = sqrt(sum(square(solved), 0));
          const none = equal(lengths, 0);
          next[k] = where(none, 0, div(solved, where(none, 1, lengths)));
        }
        return { us: next, weights: lengths };
      };
      const errorOf = (w: Tensor, us: readonly Tensor[]): Tensor =>
        div(norm2(sub(y, cpToTensor({ weights: w, factors: us }))), where(equal(size, 0), 1, size));
      type S = { us: readonly Tensor[]; weights: Tensor; error: Tensor; change: Tensor; k: Tensor };
      const one = add(mul(0, size), 1);
      const end = whileLoop(
        (s: S) => logicalAnd(greater(s.change, tol), less(s.k, maxSteps)),
        (s: S) => {
          const { us, weights: w } = sweep(s.us);
          const error = errorOf(w, us);
          return { us, weights: w, error, change: abs(sub(s.error, error)), k: add(s.k, 1) };
        },
        {
          us: initial,
          weights: mul(0, index(initial[0], 0)),
          error: one,
          change: one,
          k: astype(zeros([]), "int32"),
        },
      ) as unknown as S;
      return [end.k, end.change, end.weights, ...end.us];
    },
    t,
    ...first,
  );
  const { weights, factors } = differentiable(t, found[0], found.slice(1));
  const size = norm2(t);
  const error = div(norm2(sub(t, cpToTensor({ weights, factors }))), where(equal(size, 0), 1, size));
  return {
    weights,
    factors,
    info: where(greater(change, tol), add(failure("notConverged"), mul(16, steps)), 0),
    stats: { steps, error },
  };
};

/** The terms with their weights shared out evenly are a stationary point of the squared error, and of a penalty that holds them even. */
const differentiable = (x: Tensor, weights: Tensor, factors: readonly Tensor[]): Cp => {
  const d = factors.length;
  const even = factors.map((f) => mul(f, pow(weights, 1 / d)));
  const squares = (zs: readonly Tensor[]): Tensor[] => zs.map((z) => sum(square(z), 0));
  // of the size of the curvature along the other directions
  const typical = stop(pow(max(squares(even)[0]), d - 2));
  const objective = (zs: readonly Tensor[]): Tensor => {
    const sizes = squares(zs);
    const apart = sizes.slice(1).map((s, k) => sum(square(sub(s, sizes[k]))));
    const one = add(mul(0, sizes[0]), 1);
    const fit = sum(square(sub(x, cpToTensor({ weights: one, factors: zs }))));
    return mul(
      0.5,
      add(
        fit,
        mul(
          typical,
          apart.reduce((p, q) => add(p, q)),
        ),
      ),
    );
  };
  const zs = stationaryPoint(objective, even);
  const lengths = squares(zs).map((s) => {
    const none = equal(s, 0);
    return { none, length: where(none, 0, sqrt(where(none, 1, s))) };
  });
  return {
    weights: lengths.map((l) => l.length).reduce((p, q) => mul(p, q)),
    factors: zs.map((z, k) => {
      const { none, length } = lengths[k];
      return where(none, 0, div(z, where(none, 1, length)));
    }),
  };
};
