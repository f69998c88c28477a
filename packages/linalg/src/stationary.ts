import { customRoot, grad } from "@ansatz/autodiff";
import { concatenate, reshape, slice, type Tensor } from "@ansatz/tensor";
import { minres } from "./iterative";

/**
 * A stationary point of an objective that an iteration has found, as a function of what the objective captures: by ∇f = 0, in both modes and to every order. Its
 * Hessian may be singular along directions in which f does not change; then the shortest derivative is taken, and what does not see those directions is exact.
 */
export const stationaryPoint = (
  objective: (xs: readonly Tensor[]) => Tensor,
  found: readonly Tensor[],
): readonly Tensor[] => {
  const sizes = found.map((x) => x.size);
  const joined = (xs: readonly Tensor[]): Tensor => concatenate(xs.map((x) => reshape(x, [x.size])));
  const parts = (v: Tensor): Tensor[] => {
    let at = 0;
    return sizes.map((size, i) => reshape(slice(v, [at], [(at += size)]), found[i].shape));
  };
  const gradient = (v: Tensor): Tensor => grad((y: Tensor) => objective(parts(y)))(v) as Tensor;
  const x = customRoot(gradient, joined(found), (_, x0) => x0, {
    symmetric: true,
    linearSolve: (H, b) =>
      minres(H as (v: Tensor) => Tensor, b, { rtol: b.dtype === "float32" ? 1e-6 : 1e-13, maxSteps: 20 * b.shape[0] })
        .value,
  }) as Tensor;
  return parts(x);
};
