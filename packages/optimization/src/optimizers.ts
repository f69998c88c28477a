import type { Schedule } from "./schedules";
import { chain, type GradientTransform } from "./transform";
import {
  type AdamOptions,
  addDecayedWeights,
  scaleByAdaGrad,
  scaleByAdam,
  scaleByLearningRate,
  scaleByRms,
  momentum as withMomentum,
} from "./transforms";

/** Gradient descent, with momentum if asked for: v ← βv + g, θ ← θ − ηv. */
export const sgd = (
  rate: Schedule,
  options: { readonly momentum?: number; readonly nesterov?: boolean } = {},
): GradientTransform =>
  options.momentum === undefined
    ? chain(scaleByLearningRate(rate))
    : chain(withMomentum(options.momentum, { nesterov: options.nesterov ?? false }), scaleByLearningRate(rate));

/** Adam: θ ← θ − η m̂ / (√v̂ + ε). The first step has size η in every coordinate with a gradient. See `scaleByAdam`. */
export const adam = (rate: Schedule, options: AdamOptions = {}): GradientTransform =>
  chain(scaleByAdam(options), scaleByLearningRate(rate));

/**
 * Adam with decoupled weight decay: θ ← θ − η (m̂ / (√v̂ + ε) + λθ).
 * @see Loshchilov & Hutter 2019, arXiv:1711.05101
 */
export const adamw = (
  rate: Schedule,
  options: AdamOptions & { readonly weightDecay?: number } = {},
): GradientTransform =>
  chain(scaleByAdam(options), addDecayedWeights(options.weightDecay ?? 1e-2), scaleByLearningRate(rate));

/** RMSProp: θ ← θ − η g / (√v + ε). See `scaleByRms`. */
export const rmsprop = (
  rate: Schedule,
  options: { readonly beta?: number; readonly eps?: number } = {},
): GradientTransform => chain(scaleByRms(options), scaleByLearningRate(rate));

/** AdaGrad: θ ← θ − η g / (√Σg² + ε). See `scaleByAdaGrad`. */
export const adagrad = (
  rate: Schedule,
  options: { readonly eps?: number; readonly initial?: number } = {},
): GradientTransform => chain(scaleByAdaGrad(options), scaleByLearningRate(rate));
