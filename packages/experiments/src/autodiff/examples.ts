import { grad, vjp } from "@ansatz/autodiff";
import {
  add,
  cos,
  div,
  exp,
  fori,
  index,
  linspace,
  log,
  mul,
  onesLike,
  sin,
  square,
  sub,
  type Tensor,
  type TensorLike,
} from "@ansatz/tensor";
import type { GraphNode } from "./graph";

/** Chapter 2.1: the functions of its examples and exercises. A function of several scalars takes them as one vector. */

const entries = (x: Tensor, n: number): Tensor[] => Array.from({ length: n }, (_, i) => index(x, i));

/** Example 2.1.1: sin(x₁ + x₂)/x₁. */
export const sinOver = (x: Tensor): Tensor => {
  const [a, b] = entries(x, 2);
  return div(sin(add(a, b)), a);
};
/** Its five nodes and five edges. */
export const sinOverGraph: readonly GraphNode[] = [
  { name: "w1" },
  { name: "w2" },
  { name: "w3", parents: ["w1", "w2"], f: add },
  { name: "w4", parents: ["w3"], f: sin },
  { name: "w5", parents: ["w4", "w1"], f: div },
];

/** Example 2.1.2(1): sin(x) e^{−x²/5}, and its derivative by hand. */
export const wavePacket = (x: TensorLike): Tensor => mul(sin(x), exp(mul(-0.2, square(x))));
export const wavePacketSlope = (x: TensorLike): Tensor =>
  mul(exp(mul(-0.2, square(x))), sub(cos(x), mul(0.4, mul(x, sin(x)))));

/** Figure 2.2: the function and its derivative on a grid; the derivative in one reverse sweep with a cotangent of ones. */
export const derivativeCurves = ({ from = -6, to = 6, points = 400 } = {}) => {
  const x = linspace(from, to, points);
  const { value, pullback } = vjp((t: Tensor) => wavePacket(t), x);
  const [slope] = pullback(onesLike(x));
  return { x, value, slope };
};

/** Example 2.1.2(2): x²y + yz + z³. */
export const cubic = (v: Tensor): Tensor => {
  const [x, y, z] = entries(v, 3);
  return add(add(mul(square(x), y), mul(y, z)), mul(z, square(z)));
};
/** Exercise 2.1.1(1): x²y + yz + sin z³, and x²y + yz + z³ + xeʸ. */
export const cubicWithSine = (v: Tensor): Tensor => {
  const [x, y, z] = entries(v, 3);
  return add(add(mul(square(x), y), mul(y, z)), sin(mul(z, square(z))));
};
export const cubicWithExponential = (v: Tensor): Tensor => {
  const [x, y] = entries(v, 2);
  return add(cubic(v), mul(x, exp(y)));
};

/** Exercise 2.1.1(3): log(x² + y²) + sin((x + y)²) cut up in three ways. */
export const ownGraphs: Readonly<Record<"fine" | "shared" | "coarse", readonly GraphNode[]>> = {
  fine: [
    { name: "x" },
    { name: "y" },
    { name: "x²", parents: ["x"], f: square },
    { name: "y²", parents: ["y"], f: square },
    { name: "p", parents: ["x²", "y²"], f: add },
    { name: "log p", parents: ["p"], f: log },
    { name: "s", parents: ["x", "y"], f: add },
    { name: "s²", parents: ["s"], f: square },
    { name: "sin s²", parents: ["s²"], f: sin },
    { name: "h", parents: ["log p", "sin s²"], f: add },
  ],
  // (x + y)² = (x² + y²) + 2xy
  shared: [
    { name: "x" },
    { name: "y" },
    { name: "x²", parents: ["x"], f: square },
    { name: "y²", parents: ["y"], f: square },
    { name: "p", parents: ["x²", "y²"], f: add },
    { name: "log p", parents: ["p"], f: log },
    { name: "xy", parents: ["x", "y"], f: mul },
    { name: "s²", parents: ["p", "xy"], f: (p, m) => add(p, mul(2, m)) },
    { name: "sin s²", parents: ["s²"], f: sin },
    { name: "h", parents: ["log p", "sin s²"], f: add },
  ],
  coarse: [
    { name: "x" },
    { name: "y" },
    { name: "p", parents: ["x", "y"], f: (x, y) => add(square(x), square(y)) },
    { name: "q", parents: ["x", "y"], f: (x, y) => square(add(x, y)) },
    { name: "h", parents: ["p", "q"], f: (p, q) => add(log(p), sin(q)) },
  ],
};

/** The state after `steps` steps of the classical Runge–Kutta method for ẋ = θx on [0, T]: a program to differentiate through. */
export const solvedGrowth = (theta: Tensor, x0: TensorLike, T: number, steps: number): Tensor => {
  const h = T / steps;
  const v = (x: Tensor): Tensor => mul(theta, x);
  return fori(
    0,
    steps,
    (_i, x: Tensor) => {
      const k1 = v(x);
      const k2 = v(add(x, mul(h / 2, k1)));
      const k3 = v(add(x, mul(h / 2, k2)));
      const k4 = v(add(x, mul(h, k3)));
      return add(x, mul(h / 6, add(add(k1, mul(2, k2)), add(mul(2, k3), k4))));
    },
    mul(x0, onesLike(theta)),
  );
};
/** ∂x(T)/∂θ through the solver. */
export const growthSensitivity = (theta: number, x0: number, T: number, steps: number): Tensor =>
  grad((p: Tensor) => solvedGrowth(p, x0, T, steps))(theta);
