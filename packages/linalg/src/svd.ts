import { type Aval, type DType, epsOf } from "@ansatz/backend";
import {
  abs,
  add,
  concatenate,
  defineOp,
  diagonal,
  div,
  expandDims,
  lessEqual,
  matmul,
  matrixTranspose,
  max,
  mul,
  neg,
  sub,
  type Tensor,
  type TensorLike,
  where,
} from "@ansatz/tensor";
import { bind, type TensorOp } from "@ansatz/tensor/transforms";
import { svdOnTensorFlow } from "./devices/tensorflow";
import { work } from "./host/memory";
import { largest, scaleBy, scaleFor } from "./host/scaling";
import { singularValues } from "./host/svd";
import { failure, warning } from "./info";
import { columns, columnsFrom, corner, infoOf, leading, like, matrix, overBatch, rows, scaleColumns } from "./support";

/** How far, relative to the largest, computed singular values that are equal may lie apart. */
const rounding = (m: number, n: number, dtype: DType): number => 4 * Math.max(m, n) * epsOf(dtype);

type Form = { readonly vectors: "none" | "thin" | "full" };

/** For A [m, n] with m ≥ n. */
const svdOp: TensorOp<Form> = /* @__PURE__ */ defineOp<Form>({
  name: "svd",
  abstract: ([a], { vectors }): Aval[] => {
    const [m, n] = [rows(a), columns(a)];
    const s = like(a, [n]);
    return vectors === "none"
      ? [s, infoOf(a)]
      : [like(a, [m, vectors === "full" ? m : n]), s, like(a, [n, n]), infoOf(a)];
  },
  host: ([a], { vectors }, into) => {
    const [m, n] = [rows(a.aval), columns(a.aval)];
    const dtype = a.aval.dtype;
    const nu = vectors === "full" ? m : n;
    const info = { shape: [], dtype: "int32" as const };
    const outputs =
      vectors === "none"
        ? [{ shape: [n], dtype }, info]
        : [{ shape: [m, nu], dtype }, { shape: [n], dtype }, { shape: [n, n], dtype }, info];
    return overBatch([a], [2], outputs, into, ([x], floats, [code]) => {
      const [u, s, vt] = vectors === "none" ? [null, floats[0], null] : floats;
      const size = largest(x);
      const scale = scaleFor(size);
      scaleBy(x, scale);
      const ut = u && work(nu * m);
      const rowsOfV = vt && work(n * n);
      const failed = size < Infinity ? singularValues(x, m, n, s, ut, rowsOfV, nu) : n;
      code[0] = !(size < Infinity) ? failure("notFinite") : failed > 0 ? failure("notConverged", failed) : 0;
      if (code[0] !== 0) {
        for (const f of floats) f.fill(NaN);
        return;
      }
      const tol = rounding(m, n, dtype) * (s[0] ?? 0);
      for (let i = n - 1; i > 0; i--) if (s[i - 1] - s[i] <= tol) code[0] = warning("repeated", i);
      for (let i = 0; i < n; i++) s[i] /= scale;
      if (vt && rowsOfV) vt.set(rowsOfV);
      if (u && ut) for (let i = 0; i < m; i++) for (let j = 0; j < nu; j++) u[i * nu + j] = ut[j * m + i];
    });
  },
  derivative: {
    kind: "jvp",
    jvp: ([a], [da], { vectors }, outs) => {
      if (columns(a) === 0) return outs.map(() => null);
      if (vectors === "none") {
        const [u, , vt] = bind(svdOp, [a], { vectors: "thin" });
        return [
          diagonal(matmul(matrixTranspose(u), matmul(da as Tensor, matrixTranspose(vt))), { axes: [-2, -1] }),
          null,
        ];
      }
      return tangents(a, da as Tensor, outs[0], outs[1], matrixTranspose(outs[2]), vectors === "full");
    },
  },
  batch: (...args) => leading(() => svdOp)(...args),
  kernels: { tfjs: { compose: svdOnTensorFlow(() => svdOp) } },
});

/**
 * With M = UᵀdA V: ds = diag M, dU = U Ω + …, dV = V Θ where, entry by entry,
 *   Ω = ½ [(M + Mᵀ)/(sⱼ - sᵢ) + (M - Mᵀ)/(sⱼ + sᵢ)],   Θ = ½ [(M + Mᵀ)/(sⱼ - sᵢ) - (M - Mᵀ)/(sⱼ + sᵢ)].
 * The first quotient is 0 where s repeats (no derivative of single vectors exists), the second where both are 0. In functions that do not tell
 * vectors of one value apart (U Vᵀ, U S Vᵀ) the first cancels. Columns of U outside of A's range move by dA V S⁻¹.
 */
const tangents = (a: Tensor, da: Tensor, u: Tensor, s: Tensor, v: Tensor, full: boolean): (Tensor | null)[] => {
  const [m, n] = [rows(a), columns(a)];
  const u1 = corner(u, m, n);
  const dav = matmul(da, v);
  const inner = matmul(matrixTranspose(u1), dav);
  const turned = matrixTranspose(inner);
  const [si, sj] = [expandDims(s, -1), expandDims(s, -2)];
  const tol = mul(rounding(m, n, s.dtype), expandDims(max(abs(s), -1, { keepDims: true }), -1));
  const quotient = (x: Tensor, by: Tensor): Tensor => {
    const none = lessEqual(abs(by), tol);
    return where(none, 0, div(x, where(none, 1, by)));
  };
  const even = mul(0.5, quotient(add(inner, turned), sub(sj, si)));
  const odd = mul(0.5, quotient(sub(inner, turned), add(sj, si)));
  const ds = diagonal(inner, { axes: [-2, -1] });
  const dvt = matrixTranspose(matmul(v, sub(even, odd)));
  let du = matmul(u1, add(even, odd));
  if (m > n) {
    const none = lessEqual(s, mul(m * epsOf(s.dtype), max(s, -1, { keepDims: true })));
    const over = where(none, 0, div(1, where(none, 1, s)));
    if (!full) du = add(du, scaleColumns(sub(dav, matmul(u1, inner)), over));
    else {
      const u2 = columnsFrom(u, n);
      const out = scaleColumns(matmul(matrixTranspose(u2), dav), over);
      du = concatenate([add(du, matmul(u2, out)), neg(matmul(u1, matrixTranspose(out)))], -1);
    }
  }
  return [du, ds, dvt, null];
};

export interface Svd {
  /** Left singular vectors in columns: [m, k], or [m, m]. */
  readonly u: Tensor;
  /** Singular values, descending: [k], k = min(m, n). */
  readonly s: Tensor;
  /** Right singular vectors in rows: [k, n], or [n, n]. */
  readonly vt: Tensor;
  readonly info: Tensor;
}
export interface SvdOptions {
  /** u is [m, m] and vt [n, n]: bases of the whole spaces. */
  readonly full?: boolean;
}

/**
 * The singular value decomposition
 *
 *   A = U diag(s) Vᵀ,   UᵀU = I,   VᵀV = I,   s₁ ≥ s₂ ≥ … ≥ 0
 *
 * by bidiagonal reduction, never through AᵀA, so small singular values keep their digits relative to ‖A‖. Where s repeats (`info` warns) single
 * vectors have no derivative; functions of U, s, V that do not tell them apart keep exact first derivatives.
 *
 * @example svd([[3, 0], [0, 4]]).s // [4, 3]
 */
export const svd = (a: TensorLike, { full = false }: SvdOptions = {}): Svd => {
  const x = matrix("svd", a);
  const vectors = full ? "full" : "thin";
  if (rows(x) >= columns(x)) {
    const [u, s, vt, info] = bind(svdOp, [x], { vectors });
    return { u, s, vt, info };
  }
  const [v, s, ut, info] = bind(svdOp, [matrixTranspose(x)], { vectors });
  return { u: matrixTranspose(ut), s, vt: matrixTranspose(v), info };
};

/** The singular values alone, descending; NaN where they do not exist. @example svdvals([[3, 0], [0, 4]]) // [4, 3] */
export const svdvals = (a: TensorLike): Tensor => {
  const x = matrix("svdvals", a);
  return bind(svdOp, [rows(x) >= columns(x) ? x : matrixTranspose(x)], { vectors: "none" })[0];
};
