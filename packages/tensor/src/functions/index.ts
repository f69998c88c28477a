/** What users call: operands may be numbers, nested arrays, typed arrays or tensors; they promote and broadcast as in NumPy. */
export * from "./arithmetic";
export type { AxisArgument } from "./axes";
export {
  bitwiseAnd,
  bitwiseNot,
  bitwiseOr,
  bitwiseXor,
  equal,
  greater,
  greaterEqual,
  isClose,
  isFinite,
  isInf,
  isNaN,
  leftShift,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  notEqual,
  rightShift,
  type Tolerance,
  where,
} from "./comparison";
export * from "./convolution";
export {
  arange,
  astype,
  type DTypeOption,
  eye,
  fromTypedArray,
  full,
  fullLike,
  linspace,
  logspace,
  meshgrid,
  oneHot,
  ones,
  onesLike,
  tensor,
  tril,
  triu,
  zeros,
  zerosLike,
} from "./create";
export { type Cumulative, type CumulativeOptions, cummax, cummin, cumprod, cumsum, diff } from "./cumulative";
export {
  argwhere,
  booleanMask,
  booleanMaskSized,
  nonzero,
  nonzeroSized,
  type Unique,
  unique,
  uniqueSized,
} from "./data-dependent";
export { einsum } from "./einsum";
export { type EinsumPlan, type EinsumStep, explainEinsum } from "./explain-einsum";
export type { Index, Range } from "./index-spec";
export * from "./indexing";
export * from "./join";
export * from "./math";
export * from "./matmul";
export { allClose, arrayEqual, average, corrcoef, cov, histogram, interp, polyval, trapezoid } from "./numerical";
export {
  type ArgOptions,
  all,
  any,
  argmax,
  argmin,
  countNonzero,
  max,
  mean,
  min,
  nanmax,
  nanmean,
  nanmin,
  nansum,
  norm,
  prod,
  ptp,
  type ReduceOptions,
  type Reduction,
  std,
  sum,
  type VarianceOptions,
  variance,
} from "./reduce";
export {
  atLeast,
  broadcastTensors,
  broadcastTo,
  expandDims,
  flip,
  matrixTranspose,
  moveAxis,
  ravel,
  reshape,
  roll,
  rot90,
  squeeze,
  swapAxes,
  transpose,
} from "./shape";
export * from "./softmax";
export * from "./sort";
