/** What Tensor offers as methods: a small set, so that a bundle that chains carries little. The class calls these. */
export { add, div, mul, neg, sub } from "./arithmetic";
export type { AxisArgument } from "./axes";
export { at } from "./basic-index";
export { astype } from "./create";
export type { ReduceOptions } from "./reduce";
export { max, mean, min, sum } from "./reduce";
export { reshape, transpose } from "./shape";
