/** Helpers for the tests of packages that build on tensors. */
export { assertClose, type Closeness } from "./close";
