export { referenceBackend } from "./backend";
export { evaluate } from "./evaluate";
export { threefry2x32 } from "./random";
export { erf, erfc } from "./special";
