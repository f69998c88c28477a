/** What Tensor offers as methods: a small set, so that a bundle that chains carries little. The class calls these. */
export { add, div, mul, neg, pow, sub } from "./arithmetic";
export type { AxisArgument } from "./axes";
export { astype } from "./create";
export { index } from "./indexing";
export { matmul } from "./matmul";
export type { ReduceOptions } from "./reduce";
export { max, mean, min, sum } from "./reduce";
export { reshape, transpose } from "./shape";
