import type { Program } from "@ansatz/backend";

const memos = new WeakMap<Program, Map<string, unknown>>();

/** What was derived from a program once and for all. */
export const memo = <T>(p: Program, what: string, make: () => T): T => {
  let m = memos.get(p);
  if (m === undefined) {
    m = new Map();
    memos.set(p, m);
  }
  if (!m.has(what)) m.set(what, make());
  return m.get(what) as T;
};

/** Whether the results of a program are weak; not part of the program itself, for backends do not care. */
const weakness = new WeakMap<Program, readonly boolean[]>();
export const setWeak = (p: Program, weak: readonly boolean[]): Program => {
  weakness.set(p, weak);
  return p;
};
export const weakOf = (p: Program): readonly boolean[] => weakness.get(p) ?? p.outputs.map(() => false);
