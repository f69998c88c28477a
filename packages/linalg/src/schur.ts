import { defineOp, type Tensor, type TensorLike } from "@ansatz/tensor";
import { bind, type TensorOp } from "@ansatz/tensor/transforms";
import { reduceToHessenberg } from "./host/hessenberg";
import { work } from "./host/memory";
import { largest, scaleBy, scaleFor } from "./host/scaling";
import { realSchur } from "./host/schur";
import { failure } from "./info";
import { infoOf, leading, overBatch, rows, square } from "./support";

type Form = { readonly triangular: boolean };

const schurOp: TensorOp<Form> = /* @__PURE__ */ defineOp<Form>({
  name: "schur",
  abstract: ([a]) => [a, a, infoOf(a)],
  host: ([a], { triangular }, into) => {
    const n = rows(a.aval);
    const out = { shape: [n, n], dtype: a.aval.dtype };
    return overBatch([a], [2], [out, out, { shape: [], dtype: "int32" }], into, ([x], [t, zOut], [info]) => {
      const z = work(n * n);
      const size = largest(x);
      const s = scaleFor(size);
      scaleBy(x, s);
      let failed = n;
      if (size < Infinity) {
        reduceToHessenberg(x, n, z);
        failed = triangular ? realSchur(x, n, z, new Float64Array(n), new Float64Array(n)) : 0;
      }
      info[0] = !(size < Infinity) ? failure("notFinite") : failed > 0 ? failure("notConverged", failed) : 0;
      if (info[0] === 0) {
        zOut.set(z);
        for (let i = 0; i < n; i++) for (let j = Math.max(0, i - 1); j < n; j++) t[i * n + j] = x[i * n + j] / s;
      } else {
        t.fill(NaN);
        zOut.fill(NaN);
      }
    });
  },
  derivative: {
    kind: "never",
    why: "its vectors are not determined by the matrix; differentiate eigvals, or a matrix function (expm, sqrtm, logm)",
  },
  batch: (...args) => leading(() => schurOp)(...args),
});

export interface Schur {
  /** Quasi-upper-triangular: 2×2 blocks on the diagonal, with equal diagonal entries, hold the complex pairs. */
  readonly t: Tensor;
  /** Orthogonal. */
  readonly z: Tensor;
  readonly info: Tensor;
}
/** The real Schur form A = Z T Zᵀ. @example schur([[0, 1], [-1, 0]]).t */
export const schur = (a: TensorLike): Schur => {
  const [t, z, info] = bind(schurOp, [square("schur", a)], { triangular: true });
  return { t, z, info };
};

export interface Hessenberg {
  /** Zero below the first subdiagonal. */
  readonly h: Tensor;
  /** Orthogonal. */
  readonly q: Tensor;
}
/** The Hessenberg form A = Q H Qᵀ by Householder reflections. @example hessenberg([[1, 2, 3], [4, 5, 6], [7, 8, 9]]).h */
export const hessenberg = (a: TensorLike): Hessenberg => {
  const [h, q] = bind(schurOp, [square("hessenberg", a)], { triangular: false });
  return { h, q };
};
