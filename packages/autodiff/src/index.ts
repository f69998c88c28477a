export { grad, type ValueAndGrad, valueAndGrad, valueAndGradAux } from "./grad";
export { type Jvp, jvp, type Linearization, linearize, type Vjp, vjp } from "./maps";
