import { type Atom, isProgram, type Op, type Param, type Params, type Program, type Var } from "@ansatz/backend";
import { idOf } from "./state";

/**
 * A string equal for programs that compute the same by the same equations: ops and functions by identity, variables by number. Programs
 * traced anew from a closure made anew find their executable by it.
 */
export const programKey = (p: Program): string => {
  const known = keys.get(p);
  if (known !== undefined) return known;
  const numbers = new Map<Var, number>();
  const parts: string[] = [];
  const define = (v: Var): void => {
    numbers.set(v, numbers.size);
    parts.push(avalKey(v.aval.dtype, v.aval.shape));
  };
  const atom = (a: Atom): string =>
    a.kind === "var" ? String(numbers.get(a)) : `${Object.is(a.value, -0) ? "-0" : a.value}${a.aval.dtype}`;
  p.inputs.forEach(define);
  for (const eq of p.equations) {
    parts.push(`;${idOf(eq.op)}(${eq.inputs.map(atom).join()})`, paramsKey(eq.op, eq.params), "=");
    eq.outputs.forEach(define);
  }
  parts.push(">", p.outputs.map(atom).join());
  const key = parts.join("");
  keys.set(p, key);
  return key;
};

const keys = new WeakMap<Program, string>();

export const avalKey = (dtype: string, shape: readonly number[]): string => `${dtype}[${shape}]`;

/** `exact` tells functions apart even where they do not change what is computed (but how it differentiates). */
export const paramsKey = (op: Op, params: Params, exact = false): string => {
  let key = "";
  for (const k in params) {
    const v = params[k];
    // An op that is its body differentiates and batches by its functions, but computes by its body alone.
    if (!exact && typeof v === "function" && op.effects === undefined && op.host === undefined) continue;
    key += `${k}:${paramKey(op, v, exact)},`;
  }
  return key === "" ? key : `{${key}}`;
};

const paramKey = (op: Op, v: Param, exact: boolean): string => {
  if (typeof v === "number") return Object.is(v, -0) ? "-0" : String(v);
  if (typeof v === "string") return JSON.stringify(v);
  if (typeof v === "function") return `f${idOf(v)}`;
  if (typeof v !== "object" || v === null) return String(v);
  if (isProgram(v)) return `p(${programKey(v)})`;
  if (Array.isArray(v)) return `[${v.map((x) => paramKey(op, x, exact)).join()}]`;
  return paramsKey(op, v as Params, exact);
};

/** Whether two params are the same, cheaply when they are. */
export const sameParams = (a: Params, b: Params): boolean => {
  if (a === b) return true;
  for (const k in a) if (!sameParam(a[k], b[k])) return false;
  for (const k in b) if (!(k in a)) return false;
  return true;
};

const sameParam = (a: Param, b: Param): boolean => {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (isProgram(a) || isProgram(b)) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!sameParam(a[i], b[i])) return false;
    return true;
  }
  return !Array.isArray(b) && sameParams(a as Params, b as Params);
};
