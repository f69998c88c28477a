export { flatten, type LeafOf, leaves, map, paths, reduce, structure, unflatten } from "./tree";
