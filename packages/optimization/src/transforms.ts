import {
  add,
  clip,
  DomainError,
  div,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tree,
  zeros,
  zerosLike,
} from "@ansatz/tensor";
import { type Schedule, scheduleAt } from "./schedules";
import { type GradientTransform, leafwise, stateless } from "./transform";

const zeroTree = (params: unknown): unknown => leafwise((p) => zerosLike(p), params);
const counter = (): Tensor => zeros([], { dtype: "int32" });

const inUnit = (caller: string, values: Readonly<Record<string, number>>): void => {
  for (const [name, v] of Object.entries(values))
    if (!(v >= 0 && v < 1)) throw new DomainError(caller, `${name} must lie in [0, 1)`, { [name]: v });
};
const nonnegative = (caller: string, values: Readonly<Record<string, number>>): void => {
  for (const [name, v] of Object.entries(values))
    if (!(v >= 0 && v < Infinity))
      throw new DomainError(caller, `${name} must be finite and not negative`, { [name]: v });
};

/** The descent step: u = −η(t) g. The state counts the updates. */
export const scaleByLearningRate = (rate: Schedule): GradientTransform<{ step: Tensor }> => {
  if (typeof rate === "number") nonnegative("scaleByLearningRate", { rate });
  return {
    init: () => ({ step: counter() }),
    update: (grads, { step }) => {
      const eta = scheduleAt(rate, step);
      return { updates: leafwise((g) => neg(mul(eta, g)), grads), state: { step: add(step, 1) } };
    },
  };
};

/** u = c g. */
export const scale = (c: number): GradientTransform<null> => stateless((g) => mul(c, g));

export interface MomentumState {
  readonly velocity: unknown;
}

/**
 * Momentum: v ← βv + g, u = v; with `nesterov`, u = βv + g, which makes the stored iterate the look-ahead point.
 * Followed by −η it is Polyak's heavy ball θ ← θ + β(θ − θ₋₁) − η∇f.
 * @see Polyak 1964; Sutskever et al. 2013
 */
export const momentum = (
  beta: number,
  options: { readonly nesterov?: boolean } = {},
): GradientTransform<MomentumState> => {
  inUnit("momentum", { beta });
  const accumulate = (v: Tensor, g: Tensor): Tensor => add(mul(beta, v), g);
  return {
    init: (params) => ({ velocity: zeroTree(params) }),
    update: (grads, state) => {
      const velocity = leafwise(accumulate, state.velocity, grads);
      const updates = options.nesterov ? leafwise(accumulate, velocity, grads) : velocity;
      return { updates: updates as typeof grads, state: { velocity } };
    },
  };
};

export interface AdamOptions {
  /** Decay of the first moment. */
  readonly beta1?: number;
  /** Decay of the second moment. */
  readonly beta2?: number;
  /** Added to the root of the second moment. */
  readonly eps?: number;
}

export interface AdamState {
  readonly step: Tensor;
  readonly m: unknown;
  readonly v: unknown;
}

/**
 * Adam's direction: m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², u = m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ⁺¹), v̂ = v / (1 − β₂ᵗ⁺¹), t = 0, 1, ….
 * (A text that divides by 1 − βᵗ from t = 0 divides by zero; the exponent is t + 1.)
 * @see Kingma & Ba 2015, arXiv:1412.6980, algorithm 1
 */
export const scaleByAdam = ({
  beta1 = 0.9,
  beta2 = 0.999,
  eps = 1e-8,
}: AdamOptions = {}): GradientTransform<AdamState> => {
  inUnit("scaleByAdam", { beta1, beta2 });
  nonnegative("scaleByAdam", { eps });
  return {
    init: (params) => ({ step: counter(), m: zeroTree(params), v: zeroTree(params) }),
    update: (grads, state) => {
      const step = add(state.step, 1);
      const m = leafwise((a, g) => add(mul(beta1, a), mul(1 - beta1, g)), state.m, grads);
      const v = leafwise((a, g) => add(mul(beta2, a), mul(1 - beta2, square(g))), state.v, grads);
      // 1 - β^(t+1), once per update rather than per element
      const c1 = sub(1, pow(beta1, step));
      const c2 = sub(1, pow(beta2, step));
      const updates = leafwise((_g, a, b) => div(div(a, c1), add(sqrt(div(b, c2)), eps)), grads, m, v);
      return { updates: updates, state: { step, m, v } };
    },
  };
};

/**
 * RMSProp's direction: v ← βv + (1 − β)g², u = g / (√v + ε). There is no bias correction, so the first step is 1/√(1 − β) of the later ones' size.
 * @see Tieleman & Hinton 2012, lecture 6.5
 */
export const scaleByRms = ({
  beta = 0.9,
  eps = 1e-8,
}: {
  readonly beta?: number;
  readonly eps?: number;
} = {}): GradientTransform<{
  readonly v: unknown;
}> => {
  inUnit("scaleByRms", { beta });
  nonnegative("scaleByRms", { eps });
  return {
    init: (params) => ({ v: zeroTree(params) }),
    update: (grads, state) => {
      const v = leafwise((a, g) => add(mul(beta, a), mul(1 - beta, square(g))), state.v, grads);
      return { updates: leafwise((g, b) => div(g, add(sqrt(b), eps)), grads, v), state: { v } };
    },
  };
};

/**
 * AdaGrad's direction: G ← G + g², u = g / (√G + ε); no move where no gradient has ever been.
 * @see Duchi, Hazan & Singer 2011 (ε outside the root, as PyTorch has it)
 */
export const scaleByAdaGrad = ({
  eps = 1e-10,
  initial = 0,
}: {
  readonly eps?: number;
  readonly initial?: number;
} = {}): GradientTransform<{
  readonly sum: unknown;
}> => {
  nonnegative("scaleByAdaGrad", { eps, initial });
  if (eps === 0 && initial === 0)
    throw new DomainError(
      "scaleByAdaGrad",
      "eps and initial cannot both be 0",
      { eps, initial },
      "0/0 would arise where a gradient is 0",
    );
  return {
    init: (params) => ({ sum: leafwise((p) => add(zerosLike(p), initial), params as unknown) }),
    update: (grads, state) => {
      const total = leafwise((a, g) => add(a, square(g)), state.sum, grads);
      return {
        updates: leafwise((g, a) => div(g, add(sqrt(a), eps)), grads, total),
        state: { sum: total },
      };
    },
  };
};

/** u = g + λθ: decoupled weight decay when it stands between a direction and the learning rate (AdamW). */
export const addDecayedWeights = (lambda: number): GradientTransform<null> => {
  nonnegative("addDecayedWeights", { lambda });
  return stateless((g, p) => add(g, mul(lambda, p)));
};

/** √Σ x² over all leaves. */
export const globalNorm = (t: unknown): Tensor => {
  const squares = (tree.leaves(t) as Tensor[]).map((x) => sum(square(x)));
  return sqrt(squares.length === 0 ? zeros([]) : squares.reduce((a, b) => add(a, b)));
};

/**
 * Gradients scaled by min(1, c / ‖g‖) with ‖g‖ over the whole tree; untouched inside the ball, NaN and infinity pass through.
 * @see Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063
 */
export const clipByGlobalNorm = (c: number): GradientTransform<null> => {
  if (!(c > 0)) throw new DomainError("clipByGlobalNorm", "the bound must be positive", { c });
  return {
    init: () => null,
    update: (grads, state) => {
      const factor = minimum(1, div(c, maximum(globalNorm(grads), 1e-38)));
      return { updates: leafwise((g) => mul(factor, g), grads), state };
    },
  };
};

/** Each entry clipped to [−c, c]. */
export const clipByValue = (c: number): GradientTransform<null> => {
  if (!(c > 0)) throw new DomainError("clipByValue", "the bound must be positive", { c });
  return stateless((g) => clip(g, -c, c));
};
