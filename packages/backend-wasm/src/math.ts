// The elementary functions that kernels may call: `math(exp, "float64")`; and what an extension op needs to be a formula itself.
export { formulaLowering } from "./lower/elementwise";
export { type Formula, formula } from "./runtime/lanes";
export {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  cbrt,
  cos,
  cosh,
  erf,
  erfc,
  exp,
  expm1,
  floorDiv,
  log,
  log1p,
  logReduce,
  logSum,
  mod,
  pow,
  sin,
  sinh,
  tan,
  tanh,
} from "./runtime/math";
export { rows } from "./runtime/rows";
