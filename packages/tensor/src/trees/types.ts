import type { Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";

/** What belongs to the structure of a tree and holds no numbers. */
export type Static = string | boolean | null | undefined | ((...args: never[]) => unknown);

/** Anything that can be a leaf. */
export type Leaf = TensorLike;

/**
 * A tree: tensors (or what stands for one), arrays and records of trees. Use it for values; for types of functions
 * use `OfTree<T>`, which takes interfaces, too.
 */
export type Tree<L = Leaf> = L | Static | readonly Tree<L>[] | { readonly [k: string]: Tree<L> };

/** What a function of something that is no tree is refused with: the property's name is the message, its type the places at fault. */
export interface NotATree<Places> {
  readonly "a tree is made of tensors, numbers, arrays and plain records; this is none": Places;
}

/** The places in T that hold what a tree cannot, as text; never where T is a tree. */
type Misfits<T, Place extends string, Depth extends readonly unknown[] = []> = Depth["length"] extends 8
  ? never
  : T extends Leaf | Static
    ? never
    : T extends readonly (infer E)[]
      ? Misfits<E, `${Place}[]`, [...Depth, 0]>
      : T extends Unfit
        ? Place
        : T extends object
          ? { [K in keyof T]-?: Misfits<T[K], `${Place}.${K & string}`, [...Depth, 0]> }[keyof T]
          : Place;

type Unfit = Date | RegExp | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> | Promise<unknown> | bigint | symbol;

/** Nothing more to ask of a function of T where T is a tree; an unsatisfiable, readable demand where it is none. */
export type OfTree<T> = [Misfits<T, "argument">] extends [never] ? unknown : NotATree<Misfits<T, "argument">>;

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
