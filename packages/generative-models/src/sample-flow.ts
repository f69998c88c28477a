import {
  add,
  arange,
  concatenate,
  DomainError,
  div,
  expandDims,
  fori,
  full,
  mul,
  ShapeError,
  scan,
  type Tensor,
  type TensorLike,
  toTensor,
} from "@ansatz/tensor";
import type { VelocityField } from "./path";

export interface FlowOptions {
  /** Equal steps from `from` to `to`; 50 unless told. */
  readonly steps?: number;
  /**
   * "euler" (first order, one evaluation a step) or "heun" (second order, two; the default): Heun's second-order method, the explicit
   * trapezoidal rule. It evaluates at `to`; a field singular there needs "euler", or `to` a little before.
   */
  readonly solver?: "euler" | "heun";
  /** 0 unless told. */
  readonly from?: number;
  /** 1 unless told. With `to` < `from` the flow runs backwards. */
  readonly to?: number;
}

const stepper = (caller: string, velocity: VelocityField, x0: TensorLike, options: FlowOptions) => {
  const { steps = 50, solver = "heun", from = 0, to = 1 } = options;
  const start = toTensor(x0, caller);
  if (!Number.isInteger(steps) || steps < 1)
    throw new DomainError(caller, "steps must be a positive integer", { steps });
  if (solver !== "euler" && solver !== "heun")
    throw new DomainError(caller, 'the solver must be "euler" or "heun"', { solver });
  if (!Number.isFinite(from) || !Number.isFinite(to))
    throw new DomainError(caller, "from and to must be finite", { from, to });
  if (start.shape.length < 1) throw new ShapeError(caller, "x0 must be a batch [n, …]", { x0: start.shape });
  const h = (to - from) / steps;
  // multiplied out for every step, so that rounding does not pile up and the last time is `to` itself
  const times = (i: TensorLike): Tensor =>
    add(full([start.shape[0]], from, { dtype: start.dtype }), mul(to - from, div(i, steps)));
  const step = (x: Tensor, i: Tensor): Tensor => {
    const k1 = velocity(x, times(i));
    if (solver === "euler") return add(x, mul(h, k1));
    const k2 = velocity(add(x, mul(h, k1)), times(add(i, 1)));
    return add(x, mul(h / 2, add(k1, k2)));
  };
  return { start, steps, step };
};

/**
 * The flow of dx/dt = v(x, t) from noise x0 [n, …] at t = 0 to samples at t = 1, as one program. Differentiable in x0 and in what v captures.
 *
 * @param velocity  v(x, t), x [n, …], t [n]
 * @throws {DomainError} steps not a positive integer, an unknown solver   @throws {ShapeError} x0 is a scalar
 * @example sampleFlow(gaussianVelocity(1.5, 0.5), [[-2], [0], [2]], { steps: 200 }) // [[0.5], [1.5], [2.5]] to 10⁻⁵
 */
export const sampleFlow = (velocity: VelocityField, x0: TensorLike, options: FlowOptions = {}): Tensor => {
  const { start, steps, step } = stepper("sampleFlow", velocity, x0, options);
  return fori(0, steps, (i, x: Tensor) => step(x, i), start);
};

/**
 * As sampleFlow, keeping every step: [steps + 1, n, …], the first being x0.
 *
 * @example flowTrajectory((x, t) => mul(-1, x), [[1]], { steps: 2, solver: "euler" }) // [[[1]], [[0.5]], [[0.25]]]
 */
export const flowTrajectory = (velocity: VelocityField, x0: TensorLike, options: FlowOptions = {}): Tensor => {
  const { start, steps, step } = stepper("flowTrajectory", velocity, x0, options);
  const [, rest] = scan(
    (x: Tensor, i: Tensor) => {
      const next = step(x, i);
      return [next, next] as const;
    },
    start,
    arange(steps, { dtype: "int32" }),
  );
  return concatenate([expandDims(start, 0), rest], 0);
};
