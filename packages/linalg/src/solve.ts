import { epsOf } from "@ansatz/backend";
import {
  abs,
  defineOp,
  div,
  equal,
  eye,
  less,
  logicalAnd,
  max,
  sum,
  type Tensor,
  type TensorLike,
  where,
} from "@ansatz/tensor";
import { bind1, stop, stretch, type TensorOp } from "@ansatz/tensor/transforms";
import { solveTriangular } from "./host/triangular";
import { warning } from "./info";
import { factor, factorForSolve, type LuFactors, solveWith } from "./lu";
import { infoOf, leading, overBatch, rows, square, system } from "./support";

/**
 * 1/‖A⁻¹‖₁ from the factors of A by Hager's estimator with Higham's alternative (LAPACK's gecon): a few solves with A and Aᵀ; rarely off by more
 * than a factor of 3.
 */
const inverseNormOp: TensorOp = /* @__PURE__ */ defineOp({
  name: "reciprocalInverseNorm",
  abstract: ([f]) => [{ ...infoOf(f), dtype: f.dtype }],
  host: ([f, perm], _, into) => {
    const n = rows(f.aval);
    return overBatch([f, perm], [2, 1], [{ shape: [], dtype: f.aval.dtype }], into, ([lu, p], [out]) => {
      const apply = (x: Float64Array): Float64Array => {
        const y = Float64Array.from(p, (i) => x[i]);
        solveTriangular(lu, y, n, 1, true, false, true);
        solveTriangular(lu, y, n, 1, false, false, false);
        return y;
      };
      const applyTransposed = (x: Float64Array): Float64Array => {
        const y = x.slice();
        solveTriangular(lu, y, n, 1, false, true, false);
        solveTriangular(lu, y, n, 1, true, true, true);
        const out2 = new Float64Array(n);
        p.forEach((to, i) => {
          out2[to] = y[i];
        });
        return out2;
      };
      out[0] = n === 0 ? Infinity : 1 / estimate(n, apply, applyTransposed);
    });
  },
  derivative: { kind: "zero" },
  batch: (...args) => leading(() => inverseNormOp)(...args),
});

const size1 = (x: Float64Array): number => x.reduce((s, v) => s + Math.abs(v), 0);
const estimate = (
  n: number,
  apply: (x: Float64Array) => Float64Array,
  applyTransposed: (x: Float64Array) => Float64Array,
): number => {
  let x: Float64Array = new Float64Array(n).fill(1 / n);
  let best = 0;
  let last = -1;
  for (let turn = 0; turn < 5; turn++) {
    const y = apply(x);
    const now = size1(y);
    if (!(now < Infinity)) return Infinity;
    if (turn > 0 && now <= best) break;
    best = now;
    const z = applyTransposed(y.map((v) => (v < 0 ? -1 : 1)));
    let j = 0;
    for (let i = 1; i < n; i++) if (Math.abs(z[i]) > Math.abs(z[j])) j = i;
    if (j === last) break;
    last = j;
    x = new Float64Array(n);
    x[j] = 1;
  }
  const alternating = Float64Array.from({ length: n }, (_, i) => (i % 2 ? -1 : 1) * (1 + (n > 1 ? i / (n - 1) : 0)));
  return Math.max(best, (2 * size1(apply(alternating))) / (3 * n));
};

/** 1/(‖A‖₁‖A⁻¹‖₁), estimated. */
const rcondOf = (a: Tensor, f: LuFactors): Tensor => {
  if (rows(a) === 0) return bind1(inverseNormOp, [f.factors, f.permutation], {});
  const norm = max(sum(abs(stop(a)), -2), -1);
  return where(equal(f.info, 0), div(bind1(inverseNormOp, [f.factors, f.permutation], {}), norm), 0);
};

export interface Solution {
  readonly x: Tensor;
  /** An estimate of 1/(‖A‖₁‖A⁻¹‖₁): about as many digits are lost as it has zeros behind the point. */
  readonly rcond: Tensor;
  /** Singular matrices fail, ill-conditioned ones warn. */
  readonly info: Tensor;
}

/** As solve, and how far the answer can be trusted. @example check(solveWithInfo(a, b)).x */
export const solveWithInfo = (a: TensorLike, b: TensorLike): Solution => {
  const s = system("solve", a, b);
  square("solve", s.a);
  const f = factorForSolve(s.a);
  const rcond = rcondOf(s.a, f);
  const poor = logicalAnd(equal(f.info, 0), less(rcond, epsOf(s.a.dtype)));
  return {
    x: s.undo(solveWith(s.a, f, s.b)),
    rcond,
    info: where(poor, warning("illConditioned"), f.info),
  };
};

/**
 * The solution X of A X = B by LU with partial pivoting; NaN where A is singular (`solveWithInfo` says so, and estimates the condition).
 *
 * @param a [..., n, n]   @param b [n], [..., n] or [..., n, k]: a vector where it has one axis less than a
 * @example solve([[3, 1], [1, 2]], [9, 8]) // [2, 3]
 */
export const solve = (a: TensorLike, b: TensorLike): Tensor => {
  const s = system("solve", a, b);
  square("solve", s.a);
  const f = factorForSolve(s.a);
  return s.undo(solveWith(s.a, f, s.b));
};

/** A⁻¹; NaN where A is singular. Prefer solve. @example inv([[4, 2], [2, 3]]) // [[0.375, -0.25], [-0.25, 0.5]] */
export const inv = (a: TensorLike): Tensor => {
  const x = square("inv", a);
  return solve(x, stretch(eye(rows(x), rows(x), { dtype: x.dtype }), x.shape));
};
/** A⁻¹ with the reciprocal condition number and `info`. */
export const invWithInfo = (a: TensorLike): Solution => {
  const x = square("inv", a);
  return solveWithInfo(x, stretch(eye(rows(x), rows(x), { dtype: x.dtype }), x.shape));
};

/** An estimate of 1/(‖A‖₁‖A⁻¹‖₁), 0 for a singular matrix, for the price of one factorization. */
export const rcond = (a: TensorLike): Tensor => {
  const x = square("rcond", a);
  return rcondOf(x, factor(stop(x)));
};
