import type { DType, Shape } from "@ansatz/backend";
import { sameShape, showAval } from "@ansatz/backend";
import { isTensor, type Tensor } from "../core/tensor";
import { nameOf, toTensor } from "../core/tensor-like";
import type { Arg } from "../transforms/staging";
import { flattenInto, isNumbers, isRecord } from "../trees/structure";

/** What a compiled function depends on of its arguments: everything but the numbers. */
export type Spec =
  | { readonly kind: "tensor"; readonly shape: Shape; readonly dtype: DType; readonly weak: boolean }
  | { readonly kind: "number" }
  | { readonly kind: "numbers"; readonly shape: Shape; readonly dtype: DType }
  | { readonly kind: "typed"; readonly make: unknown; readonly length: number }
  | { readonly kind: "array"; readonly items: readonly Spec[] }
  | { readonly kind: "record"; readonly keys: readonly string[]; readonly items: readonly Spec[] }
  | { readonly kind: "empty" }
  | { readonly kind: "static"; readonly value: unknown };

export const specOf = (x: unknown, caller: string): Spec => {
  if (x === null || x === undefined) return { kind: "empty" };
  if (typeof x === "number") return { kind: "number" };
  if (typeof x !== "object") return { kind: "static", value: x };
  if (isTensor(x)) return { kind: "tensor", shape: x.shape, dtype: x.dtype, weak: x.weak };
  if (Array.isArray(x)) {
    if (!isNumbers(x)) return { kind: "array", items: x.map((v) => specOf(v, caller)) };
    const t = toTensor(x, caller);
    return { kind: "numbers", shape: t.shape, dtype: t.dtype };
  }
  if (ArrayBuffer.isView(x)) return { kind: "typed", make: x.constructor, length: (x as Uint8Array).length };
  if (isRecord(x)) {
    const keys = Object.keys(x).sort();
    return { kind: "record", keys, items: keys.map((k) => specOf(x[k], caller)) };
  }
  flattenInto(x, [], caller); // throws: it is no tree
  throw new Error("unreachable");
};

/** Whether `x` fits, appending its leaves to `leaves` on the way. */
export const fits = (s: Spec, x: unknown, leaves: unknown[]): boolean => {
  switch (s.kind) {
    case "tensor": {
      if (!isTensor(x)) return false;
      if (x.dtype !== s.dtype || x.weak !== s.weak || !(x.shape === s.shape || sameShape(x.shape, s.shape)))
        return false;
      leaves.push(x);
      return true;
    }
    case "number":
      if (typeof x !== "number") return false;
      leaves.push(x);
      return true;
    case "array": {
      if (!Array.isArray(x) || x.length !== s.items.length) return false;
      for (let i = 0; i < s.items.length; i++) if (!fits(s.items[i], x[i], leaves)) return false;
      return true;
    }
    case "record": {
      if (typeof x !== "object" || x === null || Array.isArray(x) || isTensor(x)) return false;
      let n = 0;
      for (const _ in x) n++;
      if (n !== s.keys.length) return false;
      for (let i = 0; i < n; i++) {
        const k = s.keys[i];
        if (!Object.hasOwn(x, k) || !fits(s.items[i], (x as Record<string, unknown>)[k], leaves)) return false;
      }
      return true;
    }
    case "empty":
      return x === null || x === undefined;
    case "static":
      return Object.is(s.value, x);
    case "typed":
      if (!ArrayBuffer.isView(x) || x.constructor !== s.make || (x as Uint8Array).length !== s.length) return false;
      leaves.push(x);
      return true;
    case "numbers": {
      if (!Array.isArray(x) || x.length !== s.shape[0] || !isNumbers(x)) return false;
      const t = toTensor(x, "jit");
      if (t.dtype !== s.dtype || !sameShape(t.shape, s.shape)) return false;
      leaves.push(t);
      return true;
    }
  }
};

/** The arguments of the traced function, in words, where two signatures first differ; null where they agree. */
export const specDifference = (s: Spec, x: Spec, path: string): string | null => {
  if (s.kind !== x.kind) return `${path} was ${showSpec(s)}, now ${showSpec(x)}`;
  if (s.kind === "array" && x.kind === "array") {
    if (s.items.length !== x.items.length) return `${path} had ${s.items.length} entries, now ${x.items.length}`;
    for (let i = 0; i < s.items.length; i++) {
      const d = specDifference(s.items[i], x.items[i], `${path}[${i}]`);
      if (d) return d;
    }
    return null;
  }
  if (s.kind === "record" && x.kind === "record") {
    if (s.keys.join() !== x.keys.join()) return `${path} had keys ${s.keys.join(", ")}, now ${x.keys.join(", ")}`;
    for (let i = 0; i < s.items.length; i++) {
      const d = specDifference(s.items[i], x.items[i], `${path}.${s.keys[i]}`);
      if (d) return d;
    }
    return null;
  }
  const before = showSpec(s);
  const now = showSpec(x);
  if (s.kind === "static" && x.kind === "static")
    return Object.is(s.value, x.value)
      ? null
      : `${path} (static) was ${before}, now ${now}${before === now ? " (another one)" : ""}`;
  return before === now ? null : `${path} was ${before}, now ${now}`;
};

const showSpec = (s: Spec): string => {
  switch (s.kind) {
    case "tensor":
      return `${showAval(s)}${s.weak ? " (weak)" : ""}`;
    case "number":
      return "a number";
    case "numbers":
      return `nested arrays ${showAval(s)}`;
    case "typed":
      return `${(s.make as { name: string }).name} of ${s.length}`;
    case "array":
      return `an array of ${s.items.length}`;
    case "record":
      return `a record { ${s.keys.join(", ")} }`;
    case "empty":
      return "empty";
    case "static":
      return nameOf(s.value);
  }
};

export const argOf = (t: Tensor): Arg => ({ shape: t.shape, dtype: t.dtype, weak: t.weak });
