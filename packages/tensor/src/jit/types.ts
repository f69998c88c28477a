import type { TensorLike } from "../core/tensor-like";
import type { Static } from "../trees/types";

/** What may be passed where T is expected: for each tensor, whatever stands for one. */
export type Like<T> = [T] extends [boolean] ? T : [T] extends [TensorLike] ? TensorLike : LikeEach<T>;

type LikeEach<T> = T extends TensorLike
  ? TensorLike
  : T extends Static
    ? T
    : T extends readonly unknown[]
      ? { readonly [K in keyof T]: Like<T[K]> }
      : T extends object
        ? { readonly [K in keyof T]: Like<T[K]> }
        : T;

/** What may be passed for a list of arguments. */
export type Likes<A extends readonly unknown[]> = { [K in keyof A]: Like<A[K]> };
