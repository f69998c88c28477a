import {
  add,
  arange,
  concatenate,
  expandDims,
  matmul,
  scan,
  type Tensor,
  type TensorLike,
  toTensor,
} from "@ansatz/tensor";

/**
 * Chapter 1.1.5: x_{t+1} = A(x_t, t) x_t + b(x_t, t), t = 0 … T − 1: the states [T + 1, n]. Constant A and b give x_T = Aᵀx₀ + Σ_{k<T} Aᵏ b, which
 * converges to (I − A)⁻¹b if and only if the spectral radius of A is below 1. (ERRATUM of the text: its t runs to T, one too far.)
 */
export const affineRecursion = (
  x0: TensorLike,
  A: (x: Tensor, t: Tensor) => TensorLike,
  b: (x: Tensor, t: Tensor) => TensorLike,
  steps: number,
): Tensor => {
  const start = toTensor(x0, "affineRecursion");
  const [, rest] = scan(
    (x: Tensor, t: Tensor) => {
      const next = add(matmul(A(x, t), x), b(x, t));
      return [next, next] as const;
    },
    start,
    arange(steps, { dtype: "int32" }),
  );
  return concatenate([expandDims(start, 0), rest], 0);
};
