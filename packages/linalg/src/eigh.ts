import { epsOf, ShapeError } from "@ansatz/backend";
import {
  abs,
  defineOp,
  diagonal,
  div,
  expandDims,
  greater,
  lessEqual,
  matmul,
  matrixTranspose,
  max,
  mul,
  sub,
  type Tensor,
  type TensorLike,
  where,
} from "@ansatz/tensor";
import { bind, broadcastShapes, promote, stretch, type TensorOp } from "@ansatz/tensor/transforms";
import { cholesky } from "./cholesky";
import { eighOnTensorFlow } from "./devices/tensorflow";
import { eigenSymmetric } from "./host/eigh";
import { work } from "./host/memory";
import { transposeInto, view } from "./host/products";
import { largest, scaleBy, scaleFor, symmetrise } from "./host/scaling";
import { failure, warning } from "./info";
import { columns, infoOf, leading, like, overBatch, rows, square, symmetricPart } from "./support";
import { solveLower } from "./triangular-solve";

type Form = { readonly vectors: boolean };

const eighOp: TensorOp<Form> = /* @__PURE__ */ defineOp<Form>({
  name: "eigh",
  abstract: ([a], { vectors }) => [like(a, [rows(a)]), ...(vectors ? [a] : []), infoOf(a)],
  host: ([a], { vectors }, into) => {
    const n = rows(a.aval);
    const dtype = a.aval.dtype;
    const outputs = [
      { shape: [n], dtype },
      ...(vectors ? [{ shape: [n, n], dtype }] : []),
      { shape: [], dtype: "int32" as const },
    ];
    return overBatch([a], [2], outputs, into, ([x], [w, v], [info]) => {
      symmetrise(x, n);
      const size = largest(x);
      const vt = vectors ? work(n * n) : null;
      const s = scaleFor(size);
      scaleBy(x, s);
      const failed = size < Infinity ? eigenSymmetric(x, n, w, vt) : n;
      info[0] = !(size < Infinity) ? failure("notFinite") : failed > 0 ? failure("notConverged", failed) : 0;
      if (info[0] !== 0) {
        w.fill(NaN);
        v?.fill(NaN);
        return;
      }
      const tol = n * epsOf(dtype) * Math.max(Math.abs(w[0] ?? 0), Math.abs(w[n - 1] ?? 0));
      for (let i = n - 1; i > 0; i--) if (w[i] - w[i - 1] <= tol) info[0] = warning("repeated", i);
      for (let i = 0; i < n; i++) w[i] /= s;
      if (vt) transposeInto(view(vt, 0, n), n, n, view(v, 0, n));
    });
  },
  derivative: {
    kind: "jvp",
    // dA in the eigenbasis is S = VᵀdA V: dλ = diag S and dV = V (F ∘ S) with Fᵢⱼ = 1/(λⱼ - λᵢ), 0 within a repeated eigenvalue, where no
    // derivative of single vectors exists and functions of the whole eigenspace do not see it
    jvp: ([a], [da], { vectors }, outs) => {
      if (rows(a) === 0) return vectors ? [null, null, null] : [null, null];
      const { values, vectors: v } = vectors ? { values: outs[0], vectors: outs[1] } : decompose(a);
      const s = matmul(matrixTranspose(v), matmul(symmetricPart(da as Tensor), v));
      const dw = diagonal(s, { axes: [-2, -1] });
      return vectors ? [dw, matmul(v, mul(inverseGaps(values), s)), null] : [dw, null];
    },
  },
  batch: (...args) => leading(() => eighOp)(...args),
  kernels: { tfjs: { compose: eighOnTensorFlow(() => eighOp) } },
});

const decompose = (a: Tensor): Eigh => {
  const [values, vectors, info] = bind(eighOp, [a], { vectors: true });
  return { values, vectors, info };
};

/** 1/(wⱼ - wᵢ); 0 where the two agree to n eps max|w|, or to what is told. */
export const inverseGaps = (w: Tensor, within?: Tensor): Tensor => {
  const gap = sub(expandDims(w, -2), expandDims(w, -1));
  const size = expandDims(max(abs(w), -1, { keepDims: true }), -1);
  const same = lessEqual(abs(gap), within ?? mul(columns(w) * epsOf(w.dtype), size));
  return where(same, 0, div(1, where(same, 1, gap)));
};

export interface Eigh {
  /** Ascending. */
  readonly values: Tensor;
  /** Orthonormal, in columns. */
  readonly vectors: Tensor;
  readonly info: Tensor;
}

/**
 * The spectral theorem: for symmetric A,
 *
 *   A = V diag(λ) Vᵀ,   VᵀV = I,   λ ascending
 *
 * Derivatives: where λ repeats (to rounding; `info` warns), single vectors have none. Functions that depend on whole eigenspaces keep exact first
 * derivatives (projectors, traces). Functions of the matrix have exact derivatives of every order there: `funmSymmetric`, `spectralSum`, expm, sqrtm, inv, pinv.
 *
 * @param a [..., n, n]; its symmetric part is taken
 * @example eigh([[2, 1], [1, 2]]).values // [1, 3]
 */
export const eigh = (a: TensorLike): Eigh => decompose(square("eigh", a));

/** The eigenvalues of a symmetric matrix alone, ascending; NaN where they do not exist. */
export const eigvalsh = (a: TensorLike): Tensor => bind(eighOp, [square("eigvalsh", a)], { vectors: false })[0];

/**
 * The generalised symmetric eigenproblem, for symmetric A and symmetric positive definite B:
 *
 *   A V = B V diag(λ),   Vᵀ B V = I,   λ ascending
 *
 * through B = L Lᵀ and the ordinary problem for L⁻¹ A L⁻ᵀ; errors grow with the condition of B. `info` is that of the Cholesky factorization where it
 * failed, else that of the eigenproblem.
 *
 * @example eighGeneralized([[2, 0], [0, 3]], [[1, 0], [0, 2]]).values // [1.5, 2]
 */
export const eighGeneralized = (a: TensorLike, b: TensorLike): Eigh => {
  const [x, y] = promote("eighGeneralized", [a, b], "float").map((t) => square("eighGeneralized", t));
  if (rows(x) !== rows(y))
    throw new ShapeError("eighGeneralized", "takes matrices of one size", { a: x.shape, b: y.shape });
  const shape = broadcastShapes("eighGeneralized", x.shape, y.shape);
  const { l, info } = cholesky(stretch(y, shape));
  const half = solveLower(l, symmetricPart(stretch(x, shape)));
  const inner = eigh(solveLower(l, matrixTranspose(half)));
  return {
    values: inner.values,
    vectors: solveLower(l, inner.vectors, true),
    info: where(greater(info, 0), info, inner.info),
  };
};
