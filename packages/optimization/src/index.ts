export { type AverageState, movingAverage } from "./averaging";
export { type Descent, type DescentInfo, type DescentState, gradientDescent } from "./minimize";
export { nesterov } from "./nesterov";
export { adagrad, adam, adamw, rmsprop, sgd } from "./optimizers";
export {
  cosineDecay,
  exponentialDecay,
  inverseSqrtDecay,
  inverseTimeDecay,
  linearSchedule,
  piecewise,
  type Schedule,
  type ScheduleFunction,
  warmup,
} from "./schedules";
export { applyUpdates, chain, type GradientTransform, stateless } from "./transform";
export {
  type AdaGradOptions,
  type AdamOptions,
  addDecayedWeights,
  clipByGlobalNorm,
  clipByValue,
  globalNorm,
  momentum,
  scale,
  scaleByAdaGrad,
  scaleByAdam,
  scaleByLearningRate,
  scaleByRms,
} from "./transforms";
