import { flatten, leaves, map, paths, reduce, structure, unflatten } from "./tree";

/** Functions on trees of tensors. An object, for bundlers keep the whole of a namespace that nobody names. */
export const tree = { flatten, leaves, map, paths, reduce, structure, unflatten } as const;
