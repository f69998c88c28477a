export { referenceBackend } from "./backend";
export { evaluate, evaluateOp, hostValue } from "./evaluate";
export { threefry2x32 } from "./random";
export { erf, erfc } from "./special";
