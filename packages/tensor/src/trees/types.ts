import type { Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";

/** What belongs to the structure of a tree and holds no numbers. */
export type Static = string | boolean | null | undefined | ((...args: never[]) => unknown);

/** Anything that can be a leaf. */
export type Leaf = TensorLike;

/**
 * A tree: tensors (or what stands for one), arrays and records of trees. Use it for values; constrain your own types with `Ok<T>`
 * instead, which takes interfaces, too.
 */
export type Tree<L = Leaf> = L | Static | readonly Tree<L>[] | { readonly [k: string]: Tree<L> };

/** What a type that is no tree turns into: its name is the message. */
export interface NotATree<Path extends string> {
  readonly "a tree is made of tensors, numbers, arrays and plain records; this is none": Path;
}

/** T itself where T is a tree; where not, an unsatisfiable type naming the member at fault. */
export type Ok<T, Path extends string = "the value"> = T extends Leaf | Static
  ? T
  : T extends readonly unknown[]
    ? { readonly [K in keyof T]: Ok<T[K], `${Path}[]`> }
    : T extends Date | RegExp | Map<never, never> | Set<never> | Promise<unknown> | bigint | symbol
      ? NotATree<Path>
      : T extends object
        ? { readonly [K in keyof T]: Ok<T[K], `${Path}.${K & string}`> }
        : NotATree<Path>;

/** The tree with every leaf replaced by a tensor: what a traced function receives, what gradients look like. */
export type Tensors<T> = [T] extends [boolean] ? T : [T] extends [TensorLike] ? Tensor : TensorsEach<T>;

type TensorsEach<T> = T extends Tensor
  ? T
  : T extends Static
    ? T
    : T extends TensorLike
      ? Tensor
      : T extends readonly unknown[]
        ? { -readonly [K in keyof T]: Tensors<T[K]> }
        : T extends object
          ? { [K in keyof T]: Tensors<T[K]> }
          : T;

/** The tree with every leaf replaced by an L. */
export type MapLeaves<T, L> = T extends Leaf
  ? T extends boolean
    ? T
    : L
  : T extends Static
    ? T
    : T extends readonly unknown[]
      ? { -readonly [K in keyof T]: MapLeaves<T[K], L> }
      : T extends object
        ? { [K in keyof T]: MapLeaves<T[K], L> }
        : T;
