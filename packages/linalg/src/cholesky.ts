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
import { updateCholesky } from "./host/cholesky-update";
import { largest, symmetrise } from "./host/scaling";
import { failure } from "./info";
import { columns, infoOf, leading, overBatch, rows, square, symmetricPart, system } from "./support";
import { solveLower } from "./triangular-solve";

/** dA = dL Lᵀ + L dLᵀ: L⁻¹dL is the lower half Φ of S = L⁻¹ dA L⁻ᵀ, its diagonal halved. */
const factorTangent = (l: Tensor, da: Tensor): Tensor => {
  const s = matrixTranspose(solveLower(l, matrixTranspose(solveLower(l, da))));
  const n = rows(l);
  const half = sub(tril(ones([n, n], { dtype: l.dtype })), mul(0.5, eye(n, n, { dtype: l.dtype })));
  return matmul(l, mul(s, half));
};

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
    jvp: (_inputs, [da], _params, [l]) => [factorTangent(l, symmetricPart(da as Tensor)), null],
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

type Sign = { readonly downdate: boolean };
const updateOp: TensorOp<Sign> = /* @__PURE__ */ defineOp<Sign>({
  name: "choleskyUpdate",
  abstract: ([l]) => [l, infoOf(l)],
  host: ([l, v], { downdate }, into) => {
    const [n, k] = [rows(l.aval), columns(v.aval)];
    const outputs = [
      { shape: [n, n], dtype: l.aval.dtype },
      { shape: [], dtype: "int32" as const },
    ];
    return overBatch([l, v], [2, 2], outputs, into, ([x, y], [out], [info]) => {
      for (let i = 0; i < n; i++) x.fill(0, i * n + i + 1, (i + 1) * n);
      const finite = largest(x) < Infinity && largest(y) < Infinity;
      const bad = finite ? updateCholesky(x, y, n, k, downdate) : 0;
      info[0] = !finite ? failure("notFinite") : bad > 0 ? failure("notPositiveDefinite", bad) : 0;
      if (info[0] === 0) out.set(x);
      else out.fill(NaN);
    });
  },
  derivative: {
    kind: "jvp",
    // A = L Lᵀ ± V Vᵀ, and then as for the factor of A
    jvp: ([l, v], [dl, dv], { downdate }, [out]) => {
      const lower = tril(l);
      const half: Tensor[] = [];
      if (dl) half.push(matmul(tril(dl), matrixTranspose(lower)));
      if (dv) half.push(mul(downdate ? -1 : 1, matmul(dv, matrixTranspose(v))));
      const sum = half.reduce((p, q) => add(p, q));
      return [factorTangent(out, add(sum, matrixTranspose(sum))), null];
    },
  },
  batch: (...args) => leading(() => updateOp)(...args),
});

/**
 * The factor of L Lᵀ + V Vᵀ by rotations, in O(n²) for each column of V.
 *
 * @param l [..., n, n] lower triangular with a positive diagonal   @param v a vector [n] or columns [n, k]
 * @example choleskyUpdate([[2, 0], [1, 1]], [0, 1]).l // [[2, 0], [1, 1.41421356]]
 */
export const choleskyUpdate = (l: TensorLike, v: TensorLike): Cholesky => rankOne("choleskyUpdate", l, v, false);
/**
 * The factor of L Lᵀ - V Vᵀ, by a downdate that is backward stable; NaN where that matrix is not positive definite, as `info` then says.
 *
 * @example choleskyDowndate([[2, 0], [1, 2]], [0, 1]).l // [[2, 0], [1, 1.73205081]]
 */
export const choleskyDowndate = (l: TensorLike, v: TensorLike): Cholesky => rankOne("choleskyDowndate", l, v, true);
const rankOne = (caller: string, l: TensorLike, v: TensorLike, downdate: boolean): Cholesky => {
  const s = system(caller, l, v);
  const [out, info] = bind(updateOp, [square(caller, s.a), s.b], { downdate });
  return { l: out, info };
};
