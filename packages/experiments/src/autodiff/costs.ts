import { cost, grad, jacobian, jvp } from "@ansatz/autodiff";
import {
  add,
  DomainError,
  indexAdd,
  matmul,
  mul,
  ones,
  sin,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
} from "@ansatz/tensor";
import { separable } from "./finite-differences";

/** Scalar functions of d numbers whose gradients are counted. */
export const costlyFunctions = {
  separable,
  /** A chain in which every entry meets every other: |sin(x) + x Σx|². */
  coupled: (x: Tensor): Tensor => sum(square(add(sin(x), mul(x, sum(x))))),
  /** A layer of d by 16 weights all of which are 1, and a sum: 32 d operations. */
  network: (x: Tensor): Tensor => sum(tanh(matmul(ones([16, x.size]), x))),
} as const;

export interface GradientFlops {
  readonly dimension: number;
  /** One evaluation. */
  readonly function: number;
  /** d + 1 evaluations and d quotients. */
  readonly differences: number;
  /** d directions, one after the other, in one program. */
  readonly forward: number;
  readonly reverse: number;
}

/**
 * The operations of a gradient in d dimensions by forward differences, by forward mode along each axis, and in reverse mode, counted in the programs
 * themselves: (d + 1) and about 2d evaluations against fewer than 5.
 */
export const gradientFlops = (f: (x: Tensor) => Tensor, dimensions: readonly number[], h = 1e-4): GradientFlops[] =>
  dimensions.map((dimension) => {
    if (!Number.isInteger(dimension) || dimension < 1)
      throw new DomainError("gradientFlops", "dimensions are whole and at least 1", { dimension });
    const x = ones([dimension]);
    const one = cost(f)(x).flops;
    const quotient = cost((y: Tensor) => mul(1 / h, sub(f(indexAdd(y, 0, h)), f(y))))(x).flops - 2 * one;
    const direction = cost((y: Tensor, v: Tensor) => jvp(f, [y], [v]).tangent)(x, x).flops;
    return {
      dimension,
      function: one,
      differences: (dimension + 1) * one + dimension * quotient,
      forward: dimension * direction,
      reverse: cost(grad((y: Tensor) => f(y)))(x).flops,
    };
  });

export interface ModeCost {
  readonly inputs: number;
  readonly outputs: number;
  readonly forward: number;
  readonly reverse: number;
  readonly cheaper: "forward" | "reverse";
}

/**
 * The text's table "which mode when", measured: the operations of a whole Jacobian of ℝⁿ → ℝᵐ, x ↦ V sin(W x) with 64 hidden numbers, by n forward or by m
 * reverse sweeps.
 */
export const modeCosts = (sizes: readonly { readonly inputs: number; readonly outputs: number }[]): ModeCost[] =>
  sizes.map(({ inputs, outputs }) => {
    const W = ones([64, inputs]);
    const V = ones([outputs, 64]);
    const f = (x: Tensor): Tensor => matmul(V, sin(matmul(W, x)));
    const flops = (mode: "forward" | "reverse"): number => cost(jacobian(f, { mode }))(ones([inputs])).flops;
    const [forward, reverse] = [flops("forward"), flops("reverse")];
    return { inputs, outputs, forward, reverse, cheaper: forward <= reverse ? "forward" : "reverse" };
  });
