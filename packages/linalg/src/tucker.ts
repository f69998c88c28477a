import { DomainError } from "@ansatz/backend";
import {
  add,
  astype,
  eye,
  greater,
  index,
  less,
  logicalAnd,
  matmul,
  matrixTranspose,
  mul,
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
import { cholesky } from "./cholesky";
import { constantly } from "./constantly";
import { failure } from "./info";
import { multilinear, unfold } from "./multilinear";
import { norm2 } from "./norms";
import { stationaryPoint } from "./stationary";
import { svd } from "./svd";
import { solveLower } from "./triangular-solve";

/** X ≈ core ×₀ U₀ ×₁ U₁ … with orthonormal columns in every factor. */
export interface Tucker {
  /** [r₀, r₁, …]. */
  readonly core: Tensor;
  /** [d_k, r_k] for each mode. */
  readonly factors: readonly Tensor[];
}
export interface Hosvd extends Tucker {
  /** √Σ_k Σ_{i>r_k} (σᵢ of unfolding k)², at least the error; and the error is at most √(number of modes) times the least for these ranks. */
  readonly errorBound: Tensor;
  readonly info: Tensor;
}

const ranksFor = (caller: string, x: Tensor, ranks: readonly number[]): void => {
  if (ranks.length !== x.shape.length || ranks.some((r, k) => !(Number.isInteger(r) && r >= 1 && r <= x.shape[k])))
    throw new DomainError(caller, "needs one rank from 1 to d_k for each mode", { shape: x.shape, ranks });
};
/** The leading left singular vectors of an unfolding, and the squares of the values left out. */
const leading = (m: Tensor, r: number): { u: Tensor; tail: Tensor; info: Tensor } => {
  const { u, s, info } = svd(m);
  const missing = r - u.shape[1];
  if (missing > 0)
    return { u: index(svd(m, { full: true }).u, ":", { stop: r }), tail: zeros([], { dtype: s.dtype }), info };
  return { u: index(u, ":", { stop: r }), tail: sum(square(index(s, { start: r }))), info };
};

/**
 * The truncated higher-order SVD: factor k holds the r_k leading left singular vectors of the unfolding along mode k, the core is X multiplied by all their
 * transposes. It is the start of `hooi`, and quasi-optimal by itself:
 *
 *   least error for these ranks ≤ error ≤ errorBound ≤ √d · least error
 *
 * Exact where the ranks are those of the unfoldings. Differentiable as the SVD is.
 *
 * @see De Lathauwer, De Moor and Vandewalle 2000, SIAM J. Matrix Anal. Appl. 21, property 10
 * @example hosvd([[[1, 0], [0, 0]], [[0, 0], [0, 2]]], [1, 1, 1]).core // [[[2]]] up to sign
 */
export const hosvd = (x: TensorLike, ranks: readonly number[]): Hosvd => {
  const t = operand("hosvd", x, "float");
  ranksFor("hosvd", t, ranks);
  const parts = ranks.map((r, k) => leading(unfold(t, k), r));
  const factors = parts.map((p) => p.u);
  const failed = parts.map((p) => p.info).reduce((a, b) => where(greater(a, 0), a, b));
  return {
    core: multilinear(t, factors, { transposed: true }),
    factors,
    errorBound: sqrt(parts.map((p) => p.tail).reduce(add)),
    info: where(greater(failed, 0), failed, 0),
  };
};

/** The tensor that core and factors stand for. */
export const tuckerToTensor = ({ core, factors }: Tucker): Tensor => multilinear(core, factors);

export interface HooiOptions {
  /** Stop when ‖core‖ grows by less than tol · ‖X‖ in a sweep; 1e-10 by default. */
  readonly tol?: number;
  /** Sweeps over all modes; 100 by default. */
  readonly maxSteps?: number;
}
export interface Hooi extends Tucker {
  /** ‖X - approximation‖ = √(‖X‖² - ‖core‖²). */
  readonly error: Tensor;
  readonly info: Tensor;
  readonly stats: { readonly steps: Tensor };
}
/**
 * Tucker approximation by higher-order orthogonal iteration: from the HOSVD, each factor in turn is the best for the others, so the error never grows. The
 * limit is a stationary point, not always the global minimum. It differentiates as such, in both modes and to every order, as exactly as the iteration has converged:
 * what depends on the spans of the factors (the approximation, its error) is exact; columns within a span are carried along without turning.
 *
 * @see De Lathauwer, De Moor and Vandewalle 2000, SIAM J. Matrix Anal. Appl. 21, 1324–1342
 */
export const hooi = (
  x: TensorLike,
  ranks: readonly number[],
  { tol = 1e-10, maxSteps = 100 }: HooiOptions = {},
): Hooi => {
  const t = operand("hooi", x, "float");
  ranksFor("hooi", t, ranks);
  const [steps, gain, ...found] = constantly(
    "hooi",
    (y) => {
      const size = norm2(y);
      const sweep = (us: readonly Tensor[]): Tensor[] => {
        const next = [...us];
        for (let k = 0; k < ranks.length; k++) {
          const others = next.map((u, i) => (i === k ? null : matrixTranspose(u)));
          next[k] = leading(unfold(multilinear(y, others), k), ranks[k]).u;
        }
        return next;
      };
      type S = { us: readonly Tensor[]; fit: Tensor; gain: Tensor; k: Tensor };
      const fitOf = (us: readonly Tensor[]): Tensor => norm2(multilinear(y, us, { transposed: true }));
      const us = hosvd(y, ranks).factors;
      const end = whileLoop(
        (s: S) => logicalAnd(greater(s.gain, mul(tol, size)), less(s.k, maxSteps)),
        (s: S) => {
          const next = sweep(s.us);
          const fit = fitOf(next);
          return { us: next, fit, gain: sub(fit, s.fit), k: add(s.k, 1) };
        },
        { us, fit: fitOf(us), gain: add(size, 1), k: astype(zeros([]), "int32") },
      ) as unknown as S;
      return [end.k, sub(end.gain, mul(tol, size)), ...end.us];
    },
    t,
  );
  const factors = differentiable(t, found);
  const core = multilinear(t, factors, { transposed: true });
  const difference = norm2(sub(t, multilinear(core, factors)));
  return {
    core,
    factors,
    error: difference,
    info: where(greater(gain, 0), add(failure("notConverged"), mul(16, steps)), 0),
    stats: { steps },
  };
};

/** Factors whose spans make ‖X ×₀ U₀ᵀ ×₁ U₁ᵀ …‖ stationary, UᵀY = I holding the bases Y in place. */
const differentiable = (x: Tensor, found: readonly Tensor[]): readonly Tensor[] => {
  const fixed = found.map(stop);
  const size = stop(sum(square(x)));
  const orthonormal = (y: Tensor): Tensor =>
    matrixTranspose(solveLower(cholesky(matmul(matrixTranspose(y), y)).l, matrixTranspose(y)));
  const objective = (ys: readonly Tensor[]): Tensor => {
    const fit = sum(square(multilinear(x, ys.map(orthonormal), { transposed: true })));
    const held = ys.map((y, k) => sum(square(sub(matmul(matrixTranspose(fixed[k]), y), eye(y.shape[1])))));
    return mul(
      0.5,
      sub(
        mul(
          size,
          held.reduce((p, q) => add(p, q)),
        ),
        fit,
      ),
    );
  };
  return stationaryPoint(objective, found).map(orthonormal);
};
