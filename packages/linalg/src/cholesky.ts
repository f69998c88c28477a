import {
  add,
  defineOp,
  eye,
  matmul,
  matrixTranspose,
  mul,
  ones,
  sub,
  type Tensor,
  type TensorLike,
  tril,
} from "@ansatz/tensor";
import { bind, type TensorOp } from "@ansatz/tensor/transforms";
import { choleskyOnTensorFlow } from "./devices/tensorflow";
import { factorCholesky } from "./host/cholesky";
import { symmetrise } from "./host/scaling";
import { failure } from "./info";
import { infoOf, leading, overBatch, rows, square, symmetricPart, system } from "./support";
import { solveLower } from "./triangular-solve";

/** Factors the symmetric part. */
const choleskyOp: TensorOp = /* @__PURE__ */ defineOp({
  name: "cholesky",
  abstract: ([a]) => [a, infoOf(a)],
  host: ([a], _, into) => {
    const n = rows(a.aval);
    return overBatch(
      [a],
      [2],
      [
        { shape: [n, n], dtype: a.aval.dtype },
        { shape: [], dtype: "int32" },
      ],
      into,
      ([m], [l], [info]) => {
        if (!symmetrise(m, n)) info[0] = failure("notFinite");
        else {
          const pivot = factorCholesky(m, n, l);
          if (pivot > 0) info[0] = failure("notPositiveDefinite", pivot);
        }
        if (info[0] !== 0) l.fill(NaN);
      },
    );
  },
  derivative: {
    kind: "jvp",
    // dA = dL Lᵀ + L dLᵀ: L⁻¹dL is the lower half Φ of S = L⁻¹ dA L⁻ᵀ, its diagonal halved
    jvp: ([a], [da], _, [l]) => {
      const s = matrixTranspose(solveLower(l, matrixTranspose(solveLower(l, symmetricPart(da as Tensor)))));
      const n = rows(a);
      const half = sub(tril(ones([n, n], { dtype: a.dtype })), mul(0.5, eye(n, n, { dtype: a.dtype })));
      return [matmul(l, mul(s, half)), null];
    },
  },
  batch: (...args) => leading(() => choleskyOp)(...args),
  kernels: { tfjs: { compose: choleskyOnTensorFlow } },
});

export interface Cholesky {
  /** Lower triangular, with a positive diagonal. */
  readonly l: Tensor;
  readonly info: Tensor;
}

/**
 * The Cholesky factor of a symmetric positive definite matrix:
 *
 *   A = L Lᵀ
 *
 * @param a [..., n, n]; its symmetric part ½(A + Aᵀ) is factored
 * @returns l, NaN where `info` says that A is not positive definite
 * @example cholesky([[4, 2], [2, 3]]).l // [[2, 0], [1, 1.41421356]]
 */
export const cholesky = (a: TensorLike): Cholesky => {
  const [l, info] = bind(choleskyOp, [square("cholesky", a)], {});
  return { l, info };
};

/** A⁻¹ B from the factor of A. @example choleskySolve(cholesky(a).l, b) */
export const choleskySolve = (l: TensorLike, b: TensorLike): Tensor => {
  const s = system("choleskySolve", l, b);
  return s.undo(solveLower(s.a, solveLower(s.a, s.b), true));
};

/** L L ᵀ + v vᵀ factored anew: a rank-one update of a Cholesky factor. @example choleskyUpdate(l, v).l */
export const choleskyUpdate = (l: TensorLike, v: TensorLike): Cholesky => rankOne("choleskyUpdate", l, v, 1);
/** L Lᵀ - v vᵀ factored anew; `info` when that is not positive definite. */
export const choleskyDowndate = (l: TensorLike, v: TensorLike): Cholesky => rankOne("choleskyDowndate", l, v, -1);
const rankOne = (caller: string, l: TensorLike, v: TensorLike, sign: number): Cholesky => {
  const s = system(caller, l, v);
  const a = matmul(s.a, matrixTranspose(s.a));
  return cholesky(add(a, mul(sign, matmul(s.b, matrixTranspose(s.b)))));
};
