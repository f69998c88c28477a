/**
 * The interpreters on flat lists of tensors, for packages that build transforms and ops (autodiff, linalg, …). What most people need is in
 * the package's front door.
 */

export { type Atom, type Equation, Namer, type Program, printEquation, type Var } from "@ansatz/backend";
export { type Body, shareCaptured, traceBody } from "../control/body";
export { callOp } from "../control/call";
export { checkpointScanOp } from "../control/checkpoint-scan-op";
export { applyCustom, type Backward, type Custom, checkpointOp, reverseRule, stop } from "../control/custom";
export { isPresent, only, present, spread } from "../control/masks";
export { stageScan } from "../control/scan";
export { synchronous } from "../core/backends";
export { TraceError } from "../core/leaks";
export {
  isLinearInput,
  jvp,
  type LinearInput,
  linear,
  notDifferentiable,
  type Tangent,
  type TensorOp,
  zeroDerivative,
} from "../core/op";
export { state } from "../core/state";
export { tracer, withWeak } from "../core/tensor";
export { bind, bind1, processIn, type Trace, withTrace } from "../core/trace";
export { broadcastShapes, operand, promote, stretch } from "../functions/promotion";
export { leafTensor } from "../jit/signature";
export { batchedAt } from "../ops/batching";
export { countLeaves, flattenAs, flattenInto, leafPaths, type Structure, unflattenFrom } from "../trees/structure";
export { type Axis, batchFlat, batchProgram } from "./batch-trace";
export { cse } from "./cse";
export { dce } from "./dce";
export { JvpTrace, jvpFlat, refuseDerivative } from "./jvp-trace";
export { memo, setWeak, weakOf } from "./memo";
export { type Linearized, linearizeFlat } from "./partial-trace";
export { evalProgram, type Traced, traceClosed, traceFlat } from "./program-trace";
export { jvpProgram, partialEvalProgram } from "./program-transforms";
export type { Arg } from "./staging";
export { transposeProgram } from "./transpose";
export { convertLike, hasTangent, ones, zeros } from "./zeros";
