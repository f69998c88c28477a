/** Helpers for the tests of packages that build on tensors. */

/** Raw ops: exact dtypes and shapes, no promotion; the derivative tests go through all of them. */
export * as ops from "../ops";
export { assertClose, type Closeness } from "./close";
