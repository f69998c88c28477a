import { jvp } from "./maps";
import type { Like, OfTree, Tensor, TensorLike, Tensors } from "./types";

/**
 * The derivative of f at x along several directions, one after another:
 *
 *   directionalDerivative(f, x, u, v, …) = Dᵏf(x)[u, v, …] = ∂ᵏ/∂s∂t… f(x + s u + t v + …) at 0
 *
 * by jvp in jvp, which doubles the work with each direction; along one direction again and again, `taylor` is cheaper from the third on.
 *
 * @example directionalDerivative((x) => prod(x), [2, 3, 5], [1, 0, 0], [0, 1, 0]) // ∂²(xyz)/∂x∂y = 5
 */
export function directionalDerivative(
  f: (x: Tensor) => Tensor,
  x: TensorLike,
  ...directions: readonly TensorLike[]
): Tensor;
export function directionalDerivative<X, R>(
  f: ((x: X) => R) & OfTree<X>,
  x: Like<NoInfer<X>>,
  ...directions: readonly Like<NoInfer<X>>[]
): Tensors<R>;
export function directionalDerivative(
  f: (x: never) => unknown,
  x: unknown,
  ...directions: readonly unknown[]
): unknown {
  let g = f as (x: unknown) => unknown;
  for (const v of directions) {
    const before = g;
    g = (y) => (jvp as (f: unknown, x: unknown[], v: unknown[]) => { tangent: unknown })(before, [y], [v]).tangent;
  }
  return g(x);
}
