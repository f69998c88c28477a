import type { Schedule } from "./schedules";
import { chain, type GradientTransform } from "./transform";
import {
  type AdaGradOptions,
  type AdamOptions,
  addDecayedWeights,
  scaleByAdaGrad,
  scaleByAdam,
  scaleByLearningRate,
  scaleByRms,
  momentum as withMomentum,
} from "./transforms";

/**
 * Gradient descent θ ← θ − η(t) g, with momentum if asked for: v ← βv + g, θ ← θ − ηv (`nesterov`: θ ← θ − η(βv + g)).
 * On an L-smooth convex f it needs η < 2/L, with momentum η < 2(1 + β)/L.
 *
 * @throws {DomainError} a rate negative or not finite, β outside [0, 1)
 * @example gradientDescent((x) => square(x), sgd(0.1, { momentum: 0.9 }))
 */
export const sgd = (
  rate: Schedule,
  options: { readonly momentum?: number; readonly nesterov?: boolean } = {},
): GradientTransform =>
  options.momentum === undefined
    ? chain(scaleByLearningRate(rate))
    : chain(withMomentum(options.momentum, { nesterov: options.nesterov ?? false }), scaleByLearningRate(rate));

/**
 * Adam: θ ← θ − η m̂ / (√v̂ + ε). The first step has size η in every coordinate with a gradient. See `scaleByAdam`.
 *
 * @example gradientDescent((x) => square(x), adam(0.1))
 */
export const adam = (rate: Schedule, options: AdamOptions = {}): GradientTransform =>
  chain(scaleByAdam(options), scaleByLearningRate(rate));

/**
 * Adam with decoupled weight decay: θ ← θ − η (m̂ / (√v̂ + ε) + λθ), λ = `weightDecay`.
 *
 * @see Loshchilov & Hutter 2019, arXiv:1711.05101 (λ is multiplied by η, as in PyTorch)
 * @example gradientDescent((x) => square(x), adamw(0.1, { weightDecay: 0.05 }))
 */
export const adamw = (
  rate: Schedule,
  options: AdamOptions & { readonly weightDecay?: number } = {},
): GradientTransform =>
  chain(scaleByAdam(options), addDecayedWeights(options.weightDecay ?? 1e-2), scaleByLearningRate(rate));

/**
 * RMSProp: θ ← θ − η g / (√v + ε). The first step has size η/√(1 − β). See `scaleByRms`.
 *
 * @example gradientDescent((x) => square(x), rmsprop(0.01))
 */
export const rmsprop = (
  rate: Schedule,
  options: { readonly beta?: number; readonly eps?: number } = {},
): GradientTransform => chain(scaleByRms(options), scaleByLearningRate(rate));

/**
 * AdaGrad: θ ← θ − η g / (√Σg² + ε). See `scaleByAdaGrad`.
 *
 * @example gradientDescent((x) => square(x), adagrad(0.5))
 */
export const adagrad = (rate: Schedule, options: AdaGradOptions = {}): GradientTransform =>
  chain(scaleByAdaGrad(options), scaleByLearningRate(rate));
