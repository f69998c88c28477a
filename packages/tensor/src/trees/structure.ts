import { DomainError, ShapeError } from "@ansatz/backend";
import { isTensor } from "../core/tensor";
import { nameOf } from "../core/tensor-like";

/**
 * The shape of a tree without its leaves. Leaves are tensors, numbers, typed arrays and rectangular nested arrays of numbers; other
 * arrays and plain records are nodes; null and undefined are empty; strings, lone booleans and functions belong to the structure.
 */
export type Structure =
  | { readonly kind: "leaf" }
  | { readonly kind: "array"; readonly children: readonly Structure[] }
  | { readonly kind: "record"; readonly keys: readonly string[]; readonly children: readonly Structure[] }
  | { readonly kind: "empty"; readonly value: null | undefined }
  | { readonly kind: "static"; readonly value: unknown };

export const leafStructure: Structure = { kind: "leaf" };

/** A rectangular nested array of numbers (or booleans): one tensor. */
export const isNumbers = (x: readonly unknown[]): boolean => x.length > 0 && shapeOf(x) !== null;

const shapeOf = (x: unknown): number[] | null => {
  if (typeof x === "number" || typeof x === "boolean") return [];
  if (!Array.isArray(x) || x.length === 0) return null;
  const first = shapeOf(x[0]);
  if (first === null) return null;
  for (let i = 1; i < x.length; i++) {
    const s = shapeOf(x[i]);
    if (s === null || s.length !== first.length || s.some((d, k) => d !== first[k])) return null;
  }
  return [x.length, ...first];
};

export const isRecord = (x: object): x is Record<string, unknown> => {
  const proto = Object.getPrototypeOf(x);
  return proto === null || proto === Object.prototype || Object.getPrototypeOf(proto) === null;
};

/** Appends the leaves of `x` to `leaves` and returns its structure. */
export const flattenInto = (x: unknown, leaves: unknown[], caller: string, path = ""): Structure => {
  if (x === null || x === undefined) return { kind: "empty", value: x };
  if (typeof x === "number" || isTensor(x)) {
    leaves.push(x);
    return leafStructure;
  }
  if (typeof x !== "object") return { kind: "static", value: x };
  if (Array.isArray(x)) {
    if (isNumbers(x)) {
      leaves.push(x);
      return leafStructure;
    }
    return { kind: "array", children: x.map((c, i) => flattenInto(c, leaves, caller, `${path}[${i}]`)) };
  }
  if (ArrayBuffer.isView(x)) {
    leaves.push(x);
    return leafStructure;
  }
  if (isRecord(x)) {
    const keys = Object.keys(x).sort();
    return {
      kind: "record",
      keys,
      children: keys.map((k) => flattenInto(x[k], leaves, caller, path === "" ? k : `${path}.${k}`)),
    };
  }
  throw new DomainError(
    caller,
    "a tree is made of tensors, numbers, arrays and plain records",
    { [path === "" ? "seen" : `at ${path}`]: nameOf(x) },
    "pass the tensors it holds in a record",
  );
};

/** Builds the tree of this structure, taking leaves in order. */
export const unflattenFrom = (s: Structure, leaves: readonly unknown[], cursor: { at: number }): unknown => {
  switch (s.kind) {
    case "leaf":
      return leaves[cursor.at++];
    case "array":
      return s.children.map((c) => unflattenFrom(c, leaves, cursor));
    case "record": {
      const out: Record<string, unknown> = {};
      for (let i = 0; i < s.keys.length; i++) out[s.keys[i]] = unflattenFrom(s.children[i], leaves, cursor);
      return out;
    }
    default:
      return s.value;
  }
};

export const countLeaves = (s: Structure): number =>
  s.kind === "leaf" ? 1 : "children" in s ? s.children.reduce((n, c) => n + countLeaves(c), 0) : 0;

/** The path of each leaf, as a person would write it: layers[2].bias. */
export const leafPaths = (s: Structure, path = ""): string[] => {
  if (s.kind === "leaf") return [path];
  if (s.kind === "array") return s.children.flatMap((c, i) => leafPaths(c, `${path}[${i}]`));
  if (s.kind === "record")
    return s.children.flatMap((c, i) => leafPaths(c, path === "" ? s.keys[i] : `${path}.${s.keys[i]}`));
  return [];
};

/** Where two structures first differ, in words, or null. `null` and `undefined` are equal. */
export const difference = (a: Structure, b: Structure, path = ""): { path: string; seen: string } | null => {
  if (a.kind !== b.kind) return { path, seen: `${describe(a)} against ${describe(b)}` };
  if (a.kind === "array" && b.kind === "array") {
    if (a.children.length !== b.children.length)
      return { path, seen: `${a.children.length} entries against ${b.children.length}` };
    for (let i = 0; i < a.children.length; i++) {
      const d = difference(a.children[i], b.children[i], `${path}[${i}]`);
      if (d) return d;
    }
  }
  if (a.kind === "record" && b.kind === "record") {
    const missing = [
      ...a.keys.filter((k) => !b.keys.includes(k)).map((k) => `"${k}" only in the first`),
      ...b.keys.filter((k) => !a.keys.includes(k)).map((k) => `"${k}" only in the other`),
    ];
    if (missing.length > 0) return { path, seen: missing.join(", ") };
    for (let i = 0; i < a.keys.length; i++) {
      const d = difference(a.children[i], b.children[i], path === "" ? a.keys[i] : `${path}.${a.keys[i]}`);
      if (d) return d;
    }
  }
  if (a.kind === "static" && b.kind === "static" && !Object.is(a.value, b.value))
    return { path, seen: `${nameOf(a.value)} against ${nameOf(b.value)}` };
  return null;
};

export const describe = (s: Structure): string => {
  switch (s.kind) {
    case "leaf":
      return "a tensor";
    case "array":
      return `an array of ${s.children.length}`;
    case "record":
      return `a record { ${s.keys.join(", ")} }`;
    case "empty":
      return String(s.value);
    case "static":
      return nameOf(s.value);
  }
};

/**
 * The leaves of `x` where it has structure `s`, which decides what is a node: [1, 2] beside two tensors is two leaves. Throws where the
 * structures differ, naming the place.
 */
export const flattenAs = (s: Structure, x: unknown, leaves: unknown[], caller: string, path = ""): void => {
  if (s.kind === "array" && Array.isArray(x) && x.length === s.children.length) {
    for (let i = 0; i < x.length; i++) flattenAs(s.children[i], x[i], leaves, caller, `${path}[${i}]`);
    return;
  }
  if (s.kind === "record" && typeof x === "object" && x !== null && !isTensor(x) && isRecord(x)) {
    const keys = Object.keys(x).sort();
    if (keys.length === s.keys.length && keys.every((k, i) => k === s.keys[i])) {
      s.keys.forEach((k, i) => {
        flattenAs(s.children[i], x[k], leaves, caller, path === "" ? k : `${path}.${k}`);
      });
      return;
    }
  }
  const before = leaves.length;
  const d = difference(s, flattenInto(x, leaves, caller, path), path);
  if (d === null) return;
  leaves.length = before;
  throw new ShapeError(caller, `structures differ${d.path === "" ? "" : ` at ${d.path}`}: ${d.seen}`);
};
