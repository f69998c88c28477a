import type { Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import type { Static, Tensors } from "../trees/types";

/** What may be passed where T is expected: for each tensor, whatever stands for one. */
export type Like<T> = T extends Tensor
  ? TensorLike
  : T extends Static
    ? T
    : T extends readonly unknown[]
      ? { readonly [K in keyof T]: Like<T[K]> }
      : T extends object
        ? { readonly [K in keyof T]: Like<T[K]> }
        : T;

/** The function with tensors out, and whatever stands for tensors in. */
export type Jitted<F extends (...args: never[]) => unknown> = F extends (...args: infer A) => infer R
  ? (...args: { [K in keyof A]: Like<A[K]> }) => Tensors<R>
  : never;
