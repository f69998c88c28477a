import { type Aval, epsOf } from "@ansatz/backend";
import {
  abs,
  add,
  concatenate,
  defineOp,
  diagonal,
  div,
  expandDims,
  eye,
  lessEqual,
  matmul,
  max,
  mul,
  neg,
  square as squared,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  where,
} from "@ansatz/tensor";
import { bind, type TensorOp } from "@ansatz/tensor/transforms";
import { eigenGeneral } from "./host/eig";
import { work } from "./host/memory";
import { largest, scaleBy, scaleFor } from "./host/scaling";
import { failure, warning } from "./info";
import { solve } from "./solve";
import { corner, infoOf, leading, like, overBatch, rows, scaleColumns, square } from "./support";

type Form = { readonly vectors: boolean };

/** Outputs: eigenvalues (re, im), then eigenvectors (re, im) in columns, then info. */
const eigOp: TensorOp<Form> = /* @__PURE__ */ defineOp<Form>({
  name: "eig",
  abstract: ([a], { vectors }): Aval[] => {
    const w = like(a, [rows(a)]);
    return vectors ? [w, w, a, a, infoOf(a)] : [w, w, infoOf(a)];
  },
  host: ([a], { vectors }, into) => {
    const n = rows(a.aval);
    const dtype = a.aval.dtype;
    const w = { shape: [n], dtype };
    const v = { shape: [n, n], dtype };
    const info = { shape: [], dtype: "int32" as const };
    return overBatch([a], [2], vectors ? [w, w, v, v, info] : [w, w, info], into, ([x], floats, [code]) => {
      const [re, im, vr, vi] = floats;
      const size = largest(x);
      const s = scaleFor(size);
      scaleBy(x, s);
      const packed = vectors ? work(n * n) : null;
      const failed = size < Infinity ? eigenGeneral(x, n, re, im, packed) : n;
      code[0] = !(size < Infinity) ? failure("notFinite") : failed > 0 ? failure("notConverged", failed) : 0;
      if (code[0] !== 0) {
        for (const f of floats) f.fill(NaN);
        return;
      }
      if (packed) {
        unpack(packed, im, n, vr, vi);
        if (dependent(re, im, vr, vi, n)) code[0] = warning("nearlyDefective");
      }
      scaleBy(re, 1 / s);
      scaleBy(im, 1 / s);
    });
  },
  derivative: {
    kind: "jvp",
    // With X = W⁻¹ dA W: dλ = diag X, dW = W C with Cᵢⱼ = Xᵢⱼ/(λⱼ - λᵢ) off the diagonal (0 where λ repeats); Re wᴴdw = 0 keeps the norm 1
    jvp: ([a], [da], { vectors }, outs) => {
      if (rows(a) === 0) return outs.map(() => null);
      const [wr, wi, vr, vi] = vectors ? outs : bind(eigOp, [a], { vectors: true });
      const n = rows(a);
      const big = concatenate([concatenate([vr, neg(vi)], -1), concatenate([vi, vr], -1)], -2);
      const right = concatenate([matmul(da as Tensor, vr), matmul(da as Tensor, vi)], -2);
      const x = solve(big, right);
      const xr = corner(x, n, n);
      const xi = lowerHalf(x, n);
      const axes = { axes: [-2, -1] as const };
      const dw = [diagonal(xr, axes), diagonal(xi, axes)];
      if (!vectors) return [...dw, null];
      const [gr, gi] = [wr, wi].map((w) => sub(expandDims(w, -2), expandDims(w, -1)));
      const size = max(add(abs(wr), abs(wi)), -1, { keepDims: true });
      const tol = mul(n * epsOf(wr.dtype), expandDims(size, -1));
      const same = lessEqual(add(abs(gr), abs(gi)), tol);
      const d = where(same, 1, add(squared(gr), squared(gi)));
      const cr = where(same, 0, div(add(mul(xr, gr), mul(xi, gi)), d));
      const ci = where(same, 0, div(sub(mul(xi, gr), mul(xr, gi)), d));
      const dr = sub(matmul(vr, cr), matmul(vi, ci));
      const di = add(matmul(vr, ci), matmul(vi, cr));
      const along = sum(add(mul(vr, dr), mul(vi, di)), -2);
      return [...dw, sub(dr, scaleColumns(vr, along)), sub(di, scaleColumns(vi, along)), null];
    },
  },
  batch: (...args) => leading(() => eigOp)(...args),
});
const lowerHalf = (x: Tensor, n: number): Tensor => {
  const flip = concatenate([mul(0, eye(n, n, { dtype: x.dtype })), eye(n, n, { dtype: x.dtype })], -1);
  return matmul(flip, x);
};

const unpack = (packed: Float64Array, im: Float64Array, n: number, vr: Float64Array, vi: Float64Array): void => {
  for (let j = 0; j < n; j++)
    for (let i = 0; i < n; i++) {
      const at = i * n + j;
      if (im[j] > 0) {
        vr[at] = packed[at];
        vi[at] = packed[at + 1];
      } else if (im[j] < 0) {
        vr[at] = packed[at - 1];
        vi[at] = -packed[at];
      } else vr[at] = packed[at];
    }
};
/** Whether two eigenvectors of nearly equal eigenvalues are parallel to √eps. */
const dependent = (re: Float64Array, im: Float64Array, vr: Float64Array, vi: Float64Array, n: number): boolean => {
  const size = re.reduce((m, x, i) => Math.max(m, Math.abs(x) + Math.abs(im[i])), 0);
  for (let j = 0; j < n; j++)
    for (let k = 0; k < j; k++) {
      if (Math.abs(re[j] - re[k]) + Math.abs(im[j] - im[k]) > 1e-4 * size) continue;
      let [x, y] = [0, 0];
      for (let i = 0; i < n; i++) {
        const [a, b, c, d] = [vr[i * n + j], vi[i * n + j], vr[i * n + k], vi[i * n + k]];
        x += a * c + b * d;
        y += a * d - b * c;
      }
      if (x * x + y * y > 1 - 1e-8) return true;
    }
  return false;
};

export interface Complex {
  readonly re: Tensor;
  readonly im: Tensor;
}
export interface Eig {
  /** In LAPACK's order of deflation; conjugate pairs are neighbours, the one with positive imaginary part first. */
  readonly values: Complex;
  /** In columns, of norm 1, the largest component of a complex one real. */
  readonly vectors: Complex;
  readonly info: Tensor;
}

/**
 * Eigenvalues and right eigenvectors of a general matrix: A W = W diag(λ), by balancing, Hessenberg reduction and Francis' double-shift QR.
 *
 * Derivatives exist where the eigenvalues are simple. A defective matrix (too few eigenvectors) is reported in `info`; use `schur` there.
 *
 * @example eig([[0, -1], [1, 0]]).values.im // [1, -1]
 */
export const eig = (a: TensorLike): Eig => {
  const [wr, wi, vr, vi, info] = bind(eigOp, [square("eig", a)], { vectors: true });
  return { values: { re: wr, im: wi }, vectors: { re: vr, im: vi }, info };
};
/** The eigenvalues of a general matrix. @example eigvals([[2, 1], [0, 3]]).re // [2, 3] */
export const eigvals = (a: TensorLike): Complex => {
  const [re, im] = bind(eigOp, [square("eigvals", a)], { vectors: false });
  return { re, im };
};
