import { aval } from "@ansatz/backend";
import {
  add,
  concatenate,
  defineOp,
  matmul,
  matrixTranspose,
  neg,
  sub,
  type Tensor,
  type TensorLike,
  takeAlongAxis,
  tril,
} from "@ansatz/tensor";
import { bind, stretch, type TensorOp } from "@ansatz/tensor/transforms";
import { qrOnTensorFlow } from "./devices/tensorflow";
import { work } from "./host/memory";
import { factorQr, formQ } from "./host/qr";
import { largest, scaleBy, scaleFor } from "./host/scaling";
import { batchOf, columns, columnsFrom, corner, infoOf, leading, like, matrix, overBatch, rows } from "./support";
import { solveUpper } from "./triangular-solve";

type Form = { readonly full: boolean };

const qrOp: TensorOp<Form> = /* @__PURE__ */ defineOp<Form>({
  name: "qr",
  abstract: ([a], { full }) => {
    const [m, n] = [rows(a), columns(a)];
    const k = full ? m : Math.min(m, n);
    return [like(a, [m, k]), like(a, [k, n])];
  },
  host: ([a], { full }, into) => {
    const [m, n] = [rows(a.aval), columns(a.aval)];
    const k = full ? m : Math.min(m, n);
    const dtype = a.aval.dtype;
    return overBatch(
      [a],
      [2],
      [
        { shape: [m, k], dtype },
        { shape: [k, n], dtype },
      ],
      into,
      ([x], [q, r]) => factorInto(x, m, n, k, q, r),
    );
  },
  derivative: { kind: "jvp", jvp: ([a], [da], { full }, [q, r]) => tangents(a, da as Tensor, q, r, full) },
  batch: (...args) => leading(() => qrOp)(...args),
  kernels: { tfjs: { compose: qrOnTensorFlow(() => qrOp) } },
});

const factorInto = (
  x: Float64Array,
  m: number,
  n: number,
  k: number,
  q: Float64Array,
  r: Float64Array,
  perm?: Int32Array,
): void => {
  const size = largest(x);
  if (!(size < Infinity)) {
    q.fill(NaN);
    r.fill(NaN);
    return;
  }
  const s = scaleFor(size);
  scaleBy(x, s);
  const tau = factorQr(x, m, n, perm);
  const own = work(m * k);
  formQ(x, tau, m, n, k, own);
  q.set(own);
  for (let i = 0; i < Math.min(m, k); i++) for (let j = i; j < n; j++) r[i * n + j] = x[i * n + j] / s;
};

/**
 * A = Q R, so QᵀdA R⁻¹ = QᵀdQ + dR R⁻¹ is a skew matrix Ω plus an upper triangular one: with M = QᵀdA R⁻¹, Ω = tril(M, -1) - tril(M, -1)ᵀ,
 * dQ = Q (Ω - M) + dA R⁻¹ and dR = (M - Ω) R. Further columns of A follow, dR₂ = Qᵀ(dA₂ - dQ R₂); so do further columns Q₂ of a full Q, which
 * turn as little as orthogonality allows: dQ₂ = -Q₁ (Q₂ᵀdQ₁)ᵀ.
 */
const tangents = (a: Tensor, da: Tensor, q: Tensor, r: Tensor, full: boolean): [Tensor, Tensor] => {
  const [m, n] = [rows(a), columns(a)];
  const k = Math.min(m, n);
  const q1 = corner(q, m, k);
  const q1t = matrixTranspose(q1);
  const r1 = corner(r, k, k);
  const overR = matrixTranspose(solveUpper(r1, matrixTranspose(corner(da, m, k)), true));
  const s = matmul(q1t, overR);
  const low = tril(s, -1);
  const omega = sub(low, matrixTranspose(low));
  const dq1 = add(matmul(q1, sub(omega, s)), overR);
  const dr1 = matmul(sub(s, omega), r1);
  if (n > k) {
    const rest = sub(columnsFrom(da, k), matmul(dq1, columnsFrom(corner(r, k, n), k)));
    return [dq1, concatenate([dr1, matmul(q1t, rest)], -1)];
  }
  if (!full || m === k) return [dq1, dr1];
  const q2 = columnsFrom(q, k);
  const dq2 = neg(matmul(q1, matmul(matrixTranspose(dq1), q2)));
  const zeroRows = matmul(matrixTranspose(q2), matmul(q1, dr1)); // zero to rounding, of the right shape
  return [concatenate([dq1, dq2], -1), concatenate([dr1, sub(zeroRows, zeroRows)], -2)];
};

const permutationOp: TensorOp = /* @__PURE__ */ defineOp({
  name: "qrPivots",
  abstract: ([a]) => [aval([...batchOf(a, 2), columns(a)], "int32"), infoOf(a)],
  host: ([a], _, into) => {
    const [m, n] = [rows(a.aval), columns(a.aval)];
    return overBatch(
      [a],
      [2],
      [
        { shape: [n], dtype: "int32" },
        { shape: [], dtype: "int32" },
      ],
      into,
      ([x], _, [perm]) => {
        const size = largest(x);
        scaleBy(x, scaleFor(size));
        factorQr(x, m, n, perm);
      },
    );
  },
  derivative: { kind: "zero" },
  batch: (...args) => leading(() => permutationOp)(...args),
});

export interface Qr {
  /** Orthonormal columns. */
  readonly q: Tensor;
  /** Upper triangular or trapezoidal. */
  readonly r: Tensor;
}
export interface QrOptions {
  /** q is [m, m] and r [m, n]; otherwise q is [m, k] and r [k, n] with k = min(m, n). */
  readonly full?: boolean;
}

/**
 * The QR factorization by Householder reflections, signs as LAPACK's:
 *
 *   A = Q R,   QᵀQ = I
 *
 * Differentiable where the leading k columns of A are independent. The last m - k columns of a full Q are determined only up to a rotation;
 * derivatives of functions that do not depend on it are exact. NaN in, NaN out.
 *
 * @example qr([[3, 1], [4, 2]]).r // [[-5, -2.2], [0, 0.4]]
 */
export const qr = (a: TensorLike, { full = false }: QrOptions = {}): Qr => {
  const [q, r] = bind(qrOp, [matrix("qr", a)], { full });
  return { q, r };
};

export interface PivotedQr extends Qr {
  /** A[:, permutation] = Q R; the diagonal of R falls in size. */
  readonly permutation: Tensor;
}
/** QR with column pivoting, which reveals the rank: A[:, permutation] = Q R with |r₀₀| ≥ |r₁₁| ≥ … */
export const qrPivoted = (a: TensorLike, { full = false }: QrOptions = {}): PivotedQr => {
  const x = matrix("qrPivoted", a);
  const [permutation] = bind(permutationOp, [x], {});
  const order = stretch(permutation.reshape([...batchOf(x, 2), 1, columns(x)]), x.shape);
  const [q, r] = bind(qrOp, [takeAlongAxis(x, order, -1)], { full });
  return { q, r, permutation };
};
