import type { Entries } from "./protocol";

const turn = (angle: number, scale = 1): Entries => [
  scale * Math.cos(angle),
  -scale * Math.sin(angle),
  scale * Math.sin(angle),
  scale * Math.cos(angle),
];
/** D R(θ) D⁻¹ with D = diag(a, b): Exercise 1.1.1. */
const elliptic = (a: number, b: number, theta: number): Entries => [
  Math.cos(theta),
  (-a / b) * Math.sin(theta),
  (b / a) * Math.sin(theta),
  Math.cos(theta),
];

export const mapPresets: readonly { name: string; value: Entries }[] = [
  { name: "Rotation", value: turn(Math.PI / 6) },
  { name: "Scaling", value: [2, 0, 0, 0.5] },
  { name: "Shear", value: [1, 1, 0, 1] },
  { name: "Projection", value: [1, 0, 0, 0] },
  { name: "Reflection", value: [0, 1, 1, 0] },
  { name: "Symmetric", value: [2, 1, 1, 1.5] },
  { name: "Singular", value: [1, 2, 0.5, 1] },
];
export const orbitPresets: readonly { name: string; value: Entries }[] = [
  { name: "Exercise 1.1.1", value: elliptic(2, 1, 1) },
  { name: "Seven points", value: elliptic(2, 1.2, (6 * Math.PI) / 7) },
  { name: "Golden turn", value: turn(Math.PI * (Math.sqrt(5) - 1)) },
  { name: "Spiral", value: turn(0.45, 0.94) },
  { name: "Node", value: [0.9, 0.1, 0, 0.7] },
  { name: "Saddle", value: [1.1, 0.15, 0.15, 0.8] },
  { name: "Shear", value: [1, 0.2, 0, 1] },
];
