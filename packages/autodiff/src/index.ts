export { checkpoint, customJvp, customVjp, type ReverseRule, stopGradient } from "./custom";
export { grad, type ValueAndGrad, valueAndGrad, valueAndGradAux } from "./grad";
export { hessian, hvp, type JacobianOptions, jacobian } from "./jacobian";
export { type Jvp, jvp, type Linearization, linearize, type Vjp, vjp } from "./maps";
