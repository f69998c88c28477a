import { DomainError, ShapeError } from "@ansatz/backend";
import {
  abs,
  add,
  astype,
  div,
  equal,
  flip,
  greater,
  index,
  less,
  logicalAnd,
  mul,
  ones,
  sort,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  where,
  whileLoop,
} from "@ansatz/tensor";
import { operand } from "@ansatz/tensor/transforms";
import { eigvals } from "./eig";
import { failure } from "./info";
import { asOperator, dtypeOf, type Operator } from "./linear-operator";
import { square as squareMatrix } from "./support";

/** Row-stochastic matrices: P_ij ≥ 0 is the probability of going from i to j, P 1 = 1. Distributions are rows: μ ↦ μ P. */

export interface SpectralGap {
  /** 1 - |λ₂|: 0 for reducible and for periodic chains. */
  readonly gap: Tensor;
  /** The modulus of the second eigenvalue: distances to the stationary distribution fall as |λ₂|ⁿ (times a polynomial where it is defective). */
  readonly rate: Tensor;
}
/**
 * The gap between the eigenvalue 1 of a stochastic matrix and the largest modulus of the others.
 *
 * @example spectralGap([[0.9, 0.1], [0.2, 0.8]]).rate // 0.7
 */
export const spectralGap = (p: TensorLike): SpectralGap => {
  const m = squareMatrix("spectralGap", p);
  if (m.shape[m.shape.length - 1] < 2)
    throw new ShapeError("spectralGap", "a chain of one state has no second eigenvalue", { p: m.shape });
  const { re, im } = eigvals(m);
  const moduli = sort(sqrt(add(square(re), square(im))));
  const rate = index(flip(moduli, -1), "...", 1);
  return { gap: sub(1, rate), rate };
};

export interface StationaryOptions {
  /** A positive distribution to start from; uniform by default. */
  readonly start?: TensorLike;
  /** Stop when ‖π P - π‖₁ ≤ tol; 1e-12 by default. */
  readonly tol?: number;
  /** 10,000 by default. */
  readonly maxSteps?: number;
}
export interface Stationary {
  /** π [n], nonnegative with sum 1. */
  readonly value: Tensor;
  readonly info: Tensor;
  readonly stats: {
    readonly steps: Tensor;
    /** ‖π P - π‖₁. */
    readonly residual: Tensor;
    /** The last ratio of successive changes, which tends to |λ₂|. */
    readonly rate: Tensor;
  };
}
/**
 * The stationary distribution π P = π by power iteration on Pᵀ, normalised in the 1-norm. It converges for irreducible aperiodic chains, with rate |λ₂|; a periodic
 * chain goes round and is reported.
 *
 * @param p  row-stochastic: dense, sparse, or an operator
 * @see ERRATUM of the text, which iterates π ← P π: that tends to a constant vector for every row-stochastic P
 * @example stationaryDistribution([[0.9, 0.1], [0.2, 0.8]]).value // [2/3, 1/3]
 */
export const stationaryDistribution = (
  p: Operator,
  { start, tol = 1e-12, maxSteps = 10_000 }: StationaryOptions = {},
): Stationary => {
  const op = asOperator("stationaryDistribution", p);
  const [n, m] = op.shape;
  if (n !== m || n === 0) throw new ShapeError("stationaryDistribution", "takes a square matrix", { p: [n, m] });
  const dtype = dtypeOf(p, "float64");
  const raw = start === undefined ? ones([n], { dtype }) : operand("stationaryDistribution", start, "float");
  if (raw.shape.length !== 1 || raw.shape[0] !== n)
    throw new DomainError("stationaryDistribution", "the start is a distribution over the states", {
      start: raw.shape,
      n,
    });
  const unit = (v: Tensor): Tensor => div(v, sum(v));
  const size = (v: Tensor): Tensor => sum(abs(v));
  const first = unit(raw);
  const next = unit(op.adjoint(first));
  type S = Record<"v" | "next" | "change" | "rate" | "k", Tensor>;
  const change = size(sub(next, first));
  const end = whileLoop(
    (s: S) => logicalAnd(greater(s.change, tol), less(s.k, maxSteps)),
    (s: S) => {
      const after = unit(op.adjoint(s.next));
      const moved = size(sub(after, s.next));
      const ratio = where(equal(s.change, 0), 0, div(moved, where(equal(s.change, 0), 1, s.change)));
      return { v: s.next, next: after, change: moved, rate: ratio, k: add(s.k, 1) };
    },
    { v: first, next, change, rate: mul(0, change), k: astype(ones([]), "int32") },
  );
  return {
    value: end.next,
    info: where(
      greater(end.change, tol),
      add(failure("notConverged"), mul(16, end.k)),
      where(equal(end.change, end.change), 0, failure("notFinite")),
    ),
    stats: { steps: end.k, residual: end.change, rate: end.rate },
  };
};
