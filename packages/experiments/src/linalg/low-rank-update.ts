import { truncatedSvd } from "@ansatz/linalg";
import {
  add,
  matmul,
  mul,
  ShapeError,
  sqrt,
  sub,
  type Tensor,
  type TensorLike,
  toTensor,
  transpose,
} from "@ansatz/tensor";

/** Sidebar of chapter 1.2.2: W′ = W + B A with B [m, r], A [r, n] and r much smaller than m and n (LoRA). */
export interface LowRankUpdate {
  readonly base: TensorLike;
  readonly b: TensorLike;
  readonly a: TensorLike;
}

/** W x + B (A x) for x [n] or columns [n, k]: B A is never formed. */
export const applyUpdate = ({ base, b, a }: LowRankUpdate, x: TensorLike): Tensor => {
  const [w, left, right] = [base, b, a].map((t) => toTensor(t, "applyUpdate"));
  if (left.shape[1] !== right.shape[0] || left.shape[0] !== w.shape[0] || right.shape[1] !== w.shape[1])
    throw new ShapeError("applyUpdate", "needs W [m, n], B [m, r] and A [r, n]", {
      base: w.shape,
      b: left.shape,
      a: right.shape,
    });
  return add(matmul(w, x), matmul(left, matmul(right, x)));
};

/** Numbers to train: r (m + n) against m n. */
export const updateParameters = (m: number, n: number, r: number): { readonly low: number; readonly full: number } => ({
  low: r * (m + n),
  full: m * n,
});

/** The factors of rank r whose product is nearest to target - base (Eckart–Young): B = U √S, A = √S Vᵀ. */
export const fitUpdate = (
  base: TensorLike,
  target: TensorLike,
  r: number,
): { readonly b: Tensor; readonly a: Tensor; readonly error: Tensor } => {
  const { u, s, vt, error } = truncatedSvd(sub(toTensor(target, "fitUpdate"), base), r);
  const root = sqrt(s);
  return { b: mul(u, root), a: transpose(mul(transpose(vt), root)), error };
};
