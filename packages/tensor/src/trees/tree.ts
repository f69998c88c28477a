import { ShapeError } from "@ansatz/backend";
import type { Tensor } from "../core/tensor";
import { countLeaves, flattenAs, flattenInto, leafPaths, type Structure, unflattenFrom } from "./structure";
import type { Leaf, MapLeaves, Static } from "./types";

/** The leaves of a tree in order (records by sorted key), and its structure. */
export const flatten = (tree: unknown, caller = "tree.flatten"): { leaves: unknown[]; structure: Structure } => {
  const leaves: unknown[] = [];
  const structure = flattenInto(tree, leaves, caller);
  return { leaves, structure };
};

/** The tree of a structure with the given leaves. */
export const unflatten = (structure: Structure, leaves: readonly unknown[]): unknown => {
  const n = countLeaves(structure);
  if (n !== leaves.length)
    throw new ShapeError("tree.unflatten", "needs one leaf for each place", { leaves: leaves.length, places: n });
  return unflattenFrom(structure, leaves, { at: 0 });
};

export const leaves = (tree: unknown): unknown[] => flatten(tree, "tree.leaves").leaves;
export const structure = (tree: unknown): Structure => flatten(tree, "tree.structure").structure;
export const paths = (tree: unknown): string[] => leafPaths(flatten(tree, "tree.paths").structure);

/**
 * `f` applied leaf by leaf to trees of one structure.
 *
 * @throws {ShapeError} tree.map: structures differ at layers[2].bias: a tensor against undefined
 * @example tree.map((p, g) => sub(p, mul(0.1, g)), { w: tensor([1, 2]) }, { w: tensor([10, 10]) }) // { w: [0, 1] }
 */
export function map<T, R>(f: (leaf: LeafOf<T>) => R, tree: T): MapLeaves<T, R>;
export function map<T, U, R>(f: (a: LeafOf<T>, b: LeafOf<U>) => R, tree: T, other: U): MapLeaves<T, R>;
export function map<T, U, V, R>(
  f: (a: LeafOf<T>, b: LeafOf<U>, c: LeafOf<V>) => R,
  tree: T,
  second: U,
  third: V,
): MapLeaves<T, R>;
export function map<T, R>(
  f: (leaf: LeafOf<T>, ...others: LeafOf<T>[]) => R,
  tree: T,
  ...others: readonly unknown[]
): MapLeaves<T, R>;
export function map(f: (...leaves: never[]) => unknown, tree: unknown, ...others: readonly unknown[]): unknown {
  const first = flatten(tree, "tree.map");
  const rest = others.map((t) => {
    const found: unknown[] = [];
    flattenAs(first.structure, t, found, "tree.map");
    return found;
  });
  const out = first.leaves.map((leaf, i) => (f as (...x: unknown[]) => unknown)(leaf, ...rest.map((r) => r[i])));
  return unflattenFrom(first.structure, out, { at: 0 });
}

/** What `f` sees in tree.map: tensors where the type says so. */
export type LeafOf<T> = T extends Tensor
  ? T
  : T extends Leaf
    ? T extends boolean
      ? never
      : T
    : T extends Static
      ? never
      : T extends readonly (infer E)[]
        ? LeafOf<E>
        : T extends object
          ? { [K in keyof T]-?: LeafOf<T[K]> }[keyof T]
          : never;

/** Folds the leaves from left to right. */
export const reduce = <T, A>(f: (acc: A, leaf: LeafOf<T>) => A, tree: T, initial: A): A =>
  leaves(tree).reduce<A>((acc, leaf) => f(acc, leaf as LeafOf<T>), initial);
