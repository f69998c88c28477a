export { type BoundedWhileOptions, boundedWhile } from "./bounded-while";
export { type CheckGradsOptions, checkGrads } from "./check-grads";
export { type CheckpointScanOptions, checkpointScan } from "./checkpoint-scan";
export { type Cost, cost } from "./cost";
export { checkpoint, customJvp, customVjp, type ReverseRule, stopGradient } from "./custom";
export { directionalDerivative } from "./directional";
export {
  type GradientEstimate,
  pathwiseGradient,
  type SampleCount,
  type ScoreOptions,
  scoreGradient,
  straightThrough,
} from "./estimators";
export { gvp } from "./gauss-newton";
export { grad, type ValueAndGrad, valueAndGrad, valueAndGradAux } from "./grad";
export {
  customFixedPoint,
  customRoot,
  customRootAux,
  type Endomorphism,
  type FixedPointOptions,
  type ImplicitOptions,
  type Solver,
} from "./implicit";
export {
  type HessianMode,
  type HessianOptions,
  hessian,
  hvp,
  type JacobianOptions,
  jacfwd,
  jacobian,
  jacrev,
} from "./jacobian";
export { type Jet, jet, nthDerivative, odeSeries, taylor } from "./jet";
export {
  customLinearSolve,
  customLinearSolveAux,
  type LinearOperator,
  type LinearSolveOptions,
  type LinearSolver,
} from "./linear-solve";
export { linearTranspose } from "./linear-transpose";
export { type Jvp, jvp, type Linearization, linearize, type Vjp, vjp } from "./maps";
export {
  type Divergence,
  divergence,
  type EstimateOptions,
  estimateDivergence,
  estimateLaplacian,
  type Laplacian,
  laplacian,
} from "./trace-of-jacobian";
