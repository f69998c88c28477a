import {
  add,
  cos,
  DomainError,
  div,
  greaterEqual,
  maximum,
  minimum,
  mul,
  pow,
  sqrt,
  sub,
  type Tensor,
  type TensorLike,
  where,
} from "@ansatz/tensor";

/** A number, or a function of the step (an int32 scalar, 0 at the first update) that traces. */
export type Schedule = number | ((step: Tensor) => TensorLike);

/** The schedule's value at a step. */
export const scheduleAt = (schedule: Schedule, step: Tensor): TensorLike =>
  typeof schedule === "number" ? schedule : schedule(step);

const positive = (caller: string, values: Readonly<Record<string, number>>): void => {
  for (const [name, v] of Object.entries(values))
    if (!(v > 0 && Number.isFinite(v)))
      throw new DomainError(caller, `${name} must be positive and finite`, { [name]: v });
};

/** min(t / T, 1), in floating point. */
const fraction = (step: Tensor, over: number): Tensor => minimum(div(step, over), 1);

/** From `start` to `end` in equal steps over `steps` updates, then `end`. */
export const linearSchedule = (start: number, end: number, steps: number): Schedule => {
  positive("linearSchedule", { steps });
  return (t) => add(start, mul(end - start, fraction(t, steps)));
};

/**
 * Cosine decay: η(t) = η₀ (α + (1 − α)(1 + cos πt/T)/2) for t < T, then α η₀.
 * @see Loshchilov & Hutter 2017, arXiv:1608.03983, eq. (5) without restarts
 */
export const cosineDecay = (rate: number, steps: number, options: { readonly floor?: number } = {}): Schedule => {
  positive("cosineDecay", { steps });
  const floor = options.floor ?? 0;
  return (t) => mul(rate, add(floor, mul((1 - floor) / 2, add(1, cos(mul(Math.PI, fraction(t, steps)))))));
};

/** η(t) = η₀ γ^(t/T); in whole powers if `staircase`. */
export const exponentialDecay = (rate: number, steps: number, factor: number): Schedule => {
  positive("exponentialDecay", { steps, factor });
  return (t) => mul(rate, pow(factor, div(t, steps)));
};

/** η(t) = η₀ / (1 + t/T): meets the Robbins–Monro conditions Ση = ∞, Ση² < ∞. With η₀ = T = 1 it is 1/(t + 1). */
export const inverseTimeDecay = (rate: number, steps = 1): Schedule => {
  positive("inverseTimeDecay", { steps });
  return (t) => div(rate, add(1, div(t, steps)));
};

/** η(t) = η₀ / √(1 + t/T). */
export const inverseSqrtDecay = (rate: number, steps = 1): Schedule => {
  positive("inverseSqrtDecay", { steps });
  return (t) => div(rate, sqrt(add(1, div(t, steps))));
};

/** A linear rise from 0 over `steps` updates, then `after`, whose clock starts when the rise ends. The first update already moves. */
export const warmup = (steps: number, after: Schedule): Schedule => {
  positive("warmup", { steps });
  const top = (t: Tensor): TensorLike => scheduleAt(after, t);
  return (t) => {
    const later = maximum(sub(t, steps), 0);
    const rise = minimum(div(add(t, 1), steps), 1);
    return where(greaterEqual(t, steps), top(later), mul(rise, top(later)));
  };
};

/** schedules[i] between boundaries[i − 1] and boundaries[i], each with its own clock. */
export const piecewise = (boundaries: readonly number[], schedules: readonly Schedule[]): Schedule => {
  if (schedules.length !== boundaries.length + 1 || boundaries.some((b, i) => i > 0 && b <= boundaries[i - 1]))
    throw new DomainError("piecewise", "needs increasing boundaries and one schedule more than boundaries", {
      boundaries: [...boundaries],
      schedules: schedules.length,
    });
  return (t) =>
    boundaries.reduce<TensorLike>(
      (value, b, i) => where(greaterEqual(t, b), scheduleAt(schedules[i + 1], maximum(sub(t, b), 0)), value),
      scheduleAt(schedules[0], t),
    );
};
