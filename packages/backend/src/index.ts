// By its own name, so that it stays a module of its own in dist: a namespace bundled into this one would hold every op fast.
export * as core from "@ansatz/backend/core";
export * from "./aval";
export * from "./backend";
export { buildProgram, type Emit } from "./build";
export { checkProgram } from "./check";
export * from "./dtype";
export * from "./errors";
export { lower } from "./lower";
export {
  type ComposedKernel,
  type CoreOp,
  coreOp,
  type HostValue,
  type Op,
  type Param,
  type Params,
  type TensorFlowKernel,
} from "./op";
export { coreOps } from "./ops";
export { dilated, windowed } from "./ops/reductions";
export { Namer, printEquation, printProgram } from "./print";
export * from "./program";
export * from "./schedule";
