export {
  AnsatzError,
  BackendError,
  DomainError,
  type DType,
  DTypeError,
  type Shape,
  ShapeError,
  type TypedArray,
} from "@ansatz/backend";
export { cond, switchCase } from "./control/cond";
export { type ScanOptions, scan } from "./control/scan";
export { tap } from "./control/tap";
export { fori, map, whileLoop } from "./control/while";
export { useBackend, withBackend } from "./core/backends";
export { TraceError } from "./core/leaks";
export { ready, scope, toBackend } from "./core/memory";
export { isTensor, type NestedNumbers, type Numbers, Tensor } from "./core/tensor";
export { type NestedArray, type TensorLike, toTensor } from "./core/tensor-like";
export { defineOp } from "./define-op";
export * from "./functions";
export { debugNaNs, NaNError } from "./jit/debug-nans";
export { explain } from "./jit/explain";
export { profile } from "./jit/profile";
export { type JitOptions, jit, prepare } from "./jit/jit";
export type { Like, Likes } from "./jit/types";
export * from "./random";
export * from "./special";
export { fromTransfer, type Message, toTransfer } from "./transfer";
export * as tree from "./trees";
export type { Structure } from "./trees/structure";
export type { Leaf, MapLeaves, NotATree, OfTree, Static, Tensors, Tree } from "./trees/types";
export { type Axes, type VmapOptions, vmap } from "./vmap";
