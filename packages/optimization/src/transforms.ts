import {
  add,
  clip,
  DomainError,
  div,
  lessEqual,
  mul,
  neg,
  pow,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  tree,
  where,
  zeros,
  zerosLike,
} from "@ansatz/tensor";
import { type Schedule, scheduleAt } from "./schedules";
import { type GradientTransform, inDtypeOf, leafwise, stateless } from "./transform";

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

/**
 * The descent step: u = −η(t) g, in g's dtype whatever the schedule's. The state counts the updates.
 *
 * @throws {DomainError} a number that is negative or not finite
 * @example scaleByLearningRate(cosineDecay(0.1, 1000))
 */
export const scaleByLearningRate = (rate: Schedule): GradientTransform<{ step: Tensor }> => {
  if (typeof rate === "number") nonnegative("scaleByLearningRate", { rate });
  return {
    init: () => ({ step: counter() }),
    update: (grads, { step }) => {
      const eta = scheduleAt(rate, step);
      return { updates: leafwise((g) => inDtypeOf(g, neg(mul(eta, g))), grads), state: { step: add(step, 1) } };
    },
  };
};

/** u = c g. @example chain(scale(-0.1)) // descent with a fixed step */
export const scale = (c: number): GradientTransform<null> => stateless((g) => mul(c, g));

export interface MomentumState {
  readonly velocity: unknown;
}

/**
 * Momentum: v ← βv + g, u = v; with `nesterov`, u = βv + g, which makes the stored iterate the look-ahead point.
 * Followed by −η it is Polyak's heavy ball θ ← θ + β(θ − θ₋₁) − η∇f. For Nesterov's method by its own iterates see `nesterov`.
 *
 * @throws {DomainError} β outside [0, 1)
 * @see Polyak 1964; Sutskever et al. 2013 (PyTorch's form, dampening 0)
 * @example chain(momentum(0.9), scaleByLearningRate(0.01)) // = sgd(0.01, { momentum: 0.9 })
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
 *
 * Invariant, up to ε, under a diagonal rescaling of the coordinates.
 *
 * @throws {DomainError} β₁ or β₂ outside [0, 1), ε negative
 * @see Kingma & Ba 2015, arXiv:1412.6980, algorithm 1
 * @example chain(scaleByAdam({ beta2: 0.99 }), scaleByLearningRate(1e-3))
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
      return { updates, state: { step, m, v } };
    },
  };
};

/**
 * RMSProp's direction: v ← βv + (1 − β)g², u = g / (√v + ε). There is no bias correction, so the first step is 1/√(1 − β) of the later ones' size.
 *
 * @throws {DomainError} β outside [0, 1), ε negative
 * @see Tieleman & Hinton 2012, lecture 6.5 (β = 0.9; PyTorch's default is 0.99)
 * @example chain(scaleByRms({ beta: 0.99 }), scaleByLearningRate(1e-2))
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

export interface AdaGradOptions {
  /** Added to the root of the sum, or to the sum. */
  readonly eps?: number;
  readonly epsInside?: boolean;
  /** The sum before the first gradient. */
  readonly initial?: number;
}

/**
 * AdaGrad's direction: G ← G + g², u = g / (√G + ε), or g / √(G + ε) with `epsInside`; no move where no gradient has ever been. The first
 * step has size 1 in every coordinate, the T-th of equal gradients 1/√T.
 *
 * @throws {DomainError} ε or the initial sum negative, or both 0 (0/0 where a gradient is 0)
 * @see Duchi, Hazan & Singer 2011 (ε outside the root as PyTorch has it; inside as some texts do)
 * @example chain(scaleByAdaGrad(), scaleByLearningRate(0.5))
 */
export const scaleByAdaGrad = ({
  eps = 1e-10,
  epsInside = false,
  initial = 0,
}: AdaGradOptions = {}): GradientTransform<{ readonly sum: unknown }> => {
  nonnegative("scaleByAdaGrad", { eps, initial });
  if (eps === 0 && initial === 0)
    throw new DomainError(
      "scaleByAdaGrad",
      "eps and initial cannot both be 0",
      { eps, initial },
      "0/0 would arise where a gradient is 0",
    );
  const root = (a: Tensor): Tensor => (epsInside ? sqrt(add(a, eps)) : add(sqrt(a), eps));
  return {
    init: (params) => ({ sum: leafwise((p) => add(zerosLike(p), initial), params as unknown) }),
    update: (grads, state) => {
      const total = leafwise((a, g) => add(a, square(g)), state.sum, grads);
      return { updates: leafwise((g, a) => div(g, root(a)), grads, total), state: { sum: total } };
    },
  };
};

/**
 * u = g + λθ: decoupled weight decay when it stands between a direction and the learning rate (AdamW), an ℓ² penalty ½λ|θ|² when it stands
 * before the direction.
 *
 * @throws {DomainError} λ negative
 * @example chain(scaleByAdam(), addDecayedWeights(0.01), scaleByLearningRate(1e-3)) // = adamw(1e-3)
 */
export const addDecayedWeights = (lambda: number): GradientTransform<null> => {
  nonnegative("addDecayedWeights", { lambda });
  return stateless((g, p) => add(g, mul(lambda, p)));
};

/**
 * √Σ x² over all leaves of a tree; 0 for the empty tree. Squares are formed: in float32 it overflows for entries beyond 10¹⁹.
 *
 * @example globalNorm({ w: tensor([3, 0]), b: tensor(4) }) // 5
 */
export const globalNorm = (t: unknown): Tensor => {
  const squares = (tree.leaves(t) as TensorLike[]).map((x) => sum(square(x)));
  return sqrt(squares.length === 0 ? zeros([]) : squares.reduce((a, b) => add(a, b)));
};

/**
 * Gradients scaled by min(1, c / ‖g‖) with ‖g‖ over the whole tree: the direction is kept, the norm is at most c; untouched inside the
 * ball. A NaN or an infinity anywhere makes the updates NaN: nothing is hidden.
 *
 * @throws {DomainError} c not positive
 * @see Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063
 * @example chain(clipByGlobalNorm(1), sgd(0.1))
 */
export const clipByGlobalNorm = (c: number): GradientTransform<null> => {
  if (!(c > 0)) throw new DomainError("clipByGlobalNorm", "the bound must be positive", { c });
  return {
    init: () => null,
    update: (grads, state) => {
      const norm = globalNorm(grads);
      // where, not min: a comparison with NaN is false, and c/NaN stays NaN; c/0 is never taken
      const factor = where(lessEqual(norm, c), 1, div(c, norm));
      return { updates: leafwise((g) => inDtypeOf(g, mul(factor, g)), grads), state };
    },
  };
};

/**
 * Each entry clipped to [−c, c]; NaN stays NaN. The direction changes.
 *
 * @throws {DomainError} c not positive
 * @example chain(clipByValue(0.5), adam(1e-3))
 */
export const clipByValue = (c: number): GradientTransform<null> => {
  if (!(c > 0)) throw new DomainError("clipByValue", "the bound must be positive", { c });
  return stateless((g) => clip(g, -c, c));
};
