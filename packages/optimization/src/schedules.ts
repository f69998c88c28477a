import {
  add,
  cos,
  DomainError,
  div,
  floor,
  greaterEqual,
  maximum,
  minimum,
  mul,
  pow,
  sqrt,
  sub,
  type Tensor,
  type TensorLike,
  toTensor,
  where,
} from "@ansatz/tensor";

/** A function of the step (0 at the first update): it traces, and acts entry by entry on many steps, as when a schedule is drawn. */
export type ScheduleFunction = (step: TensorLike) => Tensor;

/** What optimizers take: a number, or a function of the step, an int32 scalar. */
export type Schedule = number | ((step: Tensor) => TensorLike);

/** The schedule's value at a step. */
export const scheduleAt = (schedule: Schedule, step: TensorLike): TensorLike =>
  typeof schedule === "number" ? schedule : schedule(step as Tensor);

const positive = (caller: string, values: Readonly<Record<string, number>>): void => {
  for (const [name, v] of Object.entries(values))
    if (!(v > 0 && Number.isFinite(v)))
      throw new DomainError(caller, `${name} must be positive and finite`, { [name]: v });
};
const finite = (caller: string, values: Readonly<Record<string, number>>): void => {
  for (const [name, v] of Object.entries(values))
    if (!Number.isFinite(v)) throw new DomainError(caller, `${name} must be finite`, { [name]: v });
};

/** min(t / T, 1), in floating point. */
const fraction = (step: TensorLike, over: number): Tensor => minimum(div(step, over), 1);

/**
 * From `start` to `end` in equal steps over T = `steps` updates, then `end`: η(t) = (1 − s) start + s end, s = min(t/T, 1).
 *
 * @throws {DomainError} steps ≤ 0, or an end that is not finite
 * @example linearSchedule(1, 0.5, 10)([0, 5, 20]) // [1, 0.75, 0.5]
 */
export const linearSchedule = (start: number, end: number, steps: number): ScheduleFunction => {
  positive("linearSchedule", { steps });
  finite("linearSchedule", { start, end });
  return (t) => {
    const s = fraction(t, steps);
    // a convex combination: both ends are met exactly
    return add(mul(start, sub(1, s)), mul(end, s));
  };
};

/**
 * Cosine decay: η(t) = η₀ (α + (1 − α)(1 + cos πt/T)/2) for t < T = `steps`, then α η₀; α is `floor`.
 *
 * @throws {DomainError} steps ≤ 0
 * @see Loshchilov & Hutter 2017, arXiv:1608.03983, eq. (5) without restarts
 * @example cosineDecay(1, 10)([0, 5, 20]) // [1, 0.5, 0]
 */
export const cosineDecay = (
  rate: number,
  steps: number,
  options: { readonly floor?: number } = {},
): ScheduleFunction => {
  const { floor: alpha = 0 } = options;
  positive("cosineDecay", { steps });
  finite("cosineDecay", { rate, floor: alpha });
  return (t) => mul(rate, add(alpha, mul((1 - alpha) / 2, add(1, cos(mul(Math.PI, fraction(t, steps)))))));
};

/**
 * η(t) = η₀ γ^(t/T), T = `steps`, γ = `factor`; with `staircase` the exponent is the whole number below.
 *
 * @throws {DomainError} steps or factor ≤ 0
 * @example exponentialDecay(1, 10, 0.5)([0, 10, 15]) // [1, 0.5, 0.3535…]
 */
export const exponentialDecay = (
  rate: number,
  steps: number,
  factor: number,
  { staircase = false }: { readonly staircase?: boolean } = {},
): ScheduleFunction => {
  positive("exponentialDecay", { steps, factor });
  finite("exponentialDecay", { rate });
  return (t) => {
    const power = div(t, steps);
    return mul(rate, pow(factor, staircase ? floor(power) : power));
  };
};

/**
 * η(t) = η₀ / (1 + t/T): meets the Robbins–Monro conditions Ση = ∞, Ση² < ∞. With η₀ = T = 1 it is 1/(t + 1), for which descent on
 * ½(x − X_t)² is the running mean of X.
 *
 * @throws {DomainError} steps ≤ 0
 * @example inverseTimeDecay(1)([0, 1, 3]) // [1, 0.5, 0.25]
 */
export const inverseTimeDecay = (rate: number, steps = 1): ScheduleFunction => {
  positive("inverseTimeDecay", { steps });
  finite("inverseTimeDecay", { rate });
  return (t) => div(rate, add(1, div(t, steps)));
};

/**
 * η(t) = η₀ / √(1 + t/T).
 *
 * @throws {DomainError} steps ≤ 0
 * @example inverseSqrtDecay(1)([0, 3, 8]) // [1, 0.5, 0.3333…]
 */
export const inverseSqrtDecay = (rate: number, steps = 1): ScheduleFunction => {
  positive("inverseSqrtDecay", { steps });
  finite("inverseSqrtDecay", { rate });
  return (t) => div(rate, sqrt(add(1, div(t, steps))));
};

/**
 * A linear rise over T = `steps` updates, then `after`, whose clock starts when the rise ends: η(t) = (t + 1)/T · after(0) for t < T, then
 * after(t − T). The first update already moves, the last of the rise is at full height.
 *
 * @throws {DomainError} steps ≤ 0
 * @example warmup(4, cosineDecay(1, 10))([0, 1, 3, 4, 9]) // [0.25, 0.5, 1, 1, 0.5]
 */
export const warmup = (steps: number, after: Schedule): ScheduleFunction => {
  positive("warmup", { steps });
  return (t) => {
    const later = scheduleAt(after, maximum(sub(t, steps), 0));
    const rise = minimum(div(add(t, 1), steps), 1);
    return where(greaterEqual(t, steps), later, mul(rise, later));
  };
};

/**
 * schedules[i] for boundaries[i − 1] ≤ t < boundaries[i], each with its own clock that starts at 0.
 *
 * @throws {DomainError} boundaries that do not increase, or a number of schedules other than one more
 * @example piecewise([2, 5], [1, 0.1, 0.01])([0, 1, 2, 4, 5]) // [1, 1, 0.1, 0.1, 0.01]
 */
export const piecewise = (boundaries: readonly number[], schedules: readonly Schedule[]): ScheduleFunction => {
  if (
    schedules.length !== boundaries.length + 1 ||
    boundaries.some((b, i) => !Number.isFinite(b) || (i > 0 && b <= boundaries[i - 1]))
  )
    throw new DomainError("piecewise", "needs increasing boundaries and one schedule more than boundaries", {
      boundaries: [...boundaries],
      schedules: schedules.length,
    });
  return (t) =>
    toTensor(
      boundaries.reduce<TensorLike>(
        (value, b, i) => where(greaterEqual(t, b), scheduleAt(schedules[i + 1], maximum(sub(t, b), 0)), value),
        scheduleAt(schedules[0], t),
      ),
      "piecewise",
    );
};
