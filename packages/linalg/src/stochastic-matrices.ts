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
import { operand, stop } from "@ansatz/tensor/transforms";
import { constantly } from "./constantly";
import { eigvals } from "./eig";
import { implicitVector } from "./eigenpair";
import { failure } from "./info";
import { asOperator, dtypeOf, isLinearOperator, type Operator } from "./linear-operator";
import { isSparse } from "./sparse/pattern";
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
 * chain goes round and is reported. Derivatives, in both modes and to every order, follow from the equation, not from the steps.
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
  type S = Record<"v" | "next" | "change" | "rate" | "k", Tensor>;
  const [found, change, rate, steps] = constantly(
    "stationaryDistribution",
    (start0) => {
      const next = unit(op.adjoint(start0));
      const change0 = size(sub(next, start0));
      const end = whileLoop(
        (s: S) => logicalAnd(greater(s.change, tol), less(s.k, maxSteps)),
        (s: S) => {
          const after = unit(op.adjoint(s.next));
          const moved = size(sub(after, s.next));
          const ratio = where(equal(s.change, 0), 0, div(moved, where(equal(s.change, 0), 1, s.change)));
          return { v: s.next, next: after, change: moved, rate: ratio, k: add(s.k, 1) };
        },
        { v: start0, next, change: change0, rate: mul(0, change0), k: astype(ones([]), "int32") },
      );
      return [end.next, end.change, end.rate, end.k];
    },
    first,
  );
  // Pᵀπ = c π with Σ π = 1
  const equation = (x: Tensor): Tensor => {
    const y = op.adjoint(x);
    return add(sub(y, mul(sum(y), x)), mul(sub(1, sum(x)), stop(found)));
  };
  const dense = !isLinearOperator(p) && !isSparse(p);
  return {
    value: implicitVector(equation, found, dense),
    info: where(
      greater(change, tol),
      add(failure("notConverged"), mul(16, steps)),
      where(equal(change, change), 0, failure("notFinite")),
    ),
    stats: { steps, residual: change, rate },
  };
};
