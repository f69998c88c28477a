import { grad } from "@ansatz/autodiff";
import {
  add,
  DomainError,
  indexAdd,
  mul,
  sin,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  toTensor,
} from "@ansatz/tensor";

export interface Differences {
  readonly gradient: Tensor;
  /** Evaluations of f. */
  readonly evaluations: number;
}

/**
 * The gradient of f at x [d] by differences: forward (f(x + he_i) − f(x))/h, d + 1 evaluations, error O(h) + O(ε/h); or central
 * (f(x + he_i) − f(x − he_i))/2h, 2d evaluations, O(h²) + O(ε/h). (ERRATUM of the text: forward differences need d + 1 evaluations, not d.)
 */
export const finiteDifferences = (
  f: (x: Tensor) => Tensor,
  x: TensorLike,
  { h, central = false }: { readonly h: number; readonly central?: boolean },
): Differences => {
  if (!(h !== 0 && Number.isFinite(h))) throw new DomainError("finiteDifferences", "h must be finite and not 0", { h });
  const at = toTensor(x, "finiteDifferences");
  let evaluations = 0;
  const count = (y: Tensor): Tensor => {
    evaluations++;
    return f(y);
  };
  const moved = (i: number, by: number): Tensor => count(indexAdd(at, i, by));
  const base = central ? null : count(at);
  const gradient = stack(
    Array.from({ length: at.size }, (_, i) => mul(1 / (base ? h : 2 * h), sub(moved(i, h), base ?? moved(i, -h)))),
  );
  return { gradient, evaluations };
};

/** g(x) = Σ (sin xᵢ + 0.1 xᵢ²), with ∂ᵢg = cos xᵢ + 0.2 xᵢ: the function of Example 2.1.2(3). */
export const separable = (x: Tensor): Tensor => sum(add(sin(x), mul(0.1, square(x))));

export interface GradientCost {
  readonly dimension: number;
  readonly differences: { readonly evaluations: number; readonly seconds: number };
  readonly reverse: { readonly evaluations: number; readonly seconds: number };
  /** Largest difference of the two gradients. */
  readonly disagreement: number;
}

/**
 * Example 2.1.2(3), Exercise 2.1.1(2): the gradient of `separable` in d dimensions by forward differences (h = 10⁻⁴) and in reverse mode. Evaluations
 * of f count, seconds (by `clock`, in milliseconds) only illustrate.
 */
export const gradientCost = (
  dimensions: readonly number[],
  at: (d: number) => Tensor,
  clock: () => number,
): GradientCost[] =>
  dimensions.map((dimension) => {
    const x = at(dimension);
    const start = clock();
    const differences = finiteDifferences(separable, x, { h: 1e-4 });
    const middle = clock();
    let evaluations = 0;
    const counted = (y: Tensor): Tensor => {
      evaluations++;
      return separable(y);
    };
    const reverse = grad(counted)(x);
    const end = clock();
    const gap = sub(differences.gradient, reverse).toArray() as number[];
    return {
      dimension,
      differences: { evaluations: differences.evaluations, seconds: (middle - start) / 1000 },
      reverse: { evaluations, seconds: (end - middle) / 1000 },
      disagreement: Math.max(...gap.map(Math.abs)),
    };
  });
