export { type Cost, cost } from "./cost";
export { checkpoint, customJvp, customVjp, type ReverseRule, stopGradient } from "./custom";
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
export { hessian, hvp, type JacobianOptions, jacobian } from "./jacobian";
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
