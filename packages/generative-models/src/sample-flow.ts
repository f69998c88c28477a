import { add, arange, concatenate, DomainError, expandDims, fori, full, mul, scan, type Tensor } from "@ansatz/tensor";
import type { VelocityField } from "./path";

export interface FlowOptions {
  /** Equal steps from `from` to `to`. */
  readonly steps?: number;
  /** Euler's first-order method, or Heun's second-order method (two evaluations a step; the last step of a field singular at `to` should be Euler's). */
  readonly solver?: "euler" | "heun";
  readonly from?: number;
  readonly to?: number;
}

const stepper = (velocity: VelocityField, x0: Tensor, options: FlowOptions) => {
  const { steps = 50, solver = "heun", from = 0, to = 1 } = options;
  if (!Number.isInteger(steps) || steps < 1)
    throw new DomainError("sampleFlow", "steps must be a positive integer", { steps });
  const h = (to - from) / steps;
  const n = x0.shape[0];
  const times = (t: Tensor): Tensor => add(full([n], 0, { dtype: x0.dtype }), t);
  const step = (x: Tensor, i: Tensor): Tensor => {
    const t = add(from, mul(h, i));
    const k1 = velocity(x, times(t));
    if (solver === "euler") return add(x, mul(h, k1));
    const k2 = velocity(add(x, mul(h, k1)), times(add(t, h)));
    return add(x, mul(h / 2, add(k1, k2)));
  };
  return { steps, step };
};

/**
 * The flow of dx/dt = v(x, t) from noise x0 [n, …] at t = 0 to samples at t = 1, in one program.
 */
export const sampleFlow = (velocity: VelocityField, x0: Tensor, options: FlowOptions = {}): Tensor => {
  const { steps, step } = stepper(velocity, x0, options);
  return fori(0, steps, (i, x: Tensor) => step(x, i), x0);
};

/** As sampleFlow, keeping every step: [steps + 1, n, …], the first being x0. */
export const flowTrajectory = (velocity: VelocityField, x0: Tensor, options: FlowOptions = {}): Tensor => {
  const { steps, step } = stepper(velocity, x0, options);
  const [, rest] = scan(
    (x: Tensor, i: Tensor) => {
      const next = step(x, i);
      return [next, next] as const;
    },
    x0,
    arange(steps, { dtype: "int32" }),
  );
  return concatenate([expandDims(x0, 0), rest], 0);
};
