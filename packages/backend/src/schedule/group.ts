import type { Atom, Equation, Program, Var } from "../program";
import type { Place } from "./plan";

/**
 * Equations in an order that respects data flow, gathered into groups that run together: fusible ones of one result shape, and
 * those on the host, counters apart from what may have to wait for the device. A group is closed when somebody outside needs it, so no group waits for a later one. Effects stay in order.
 */
export const groupEquations = (
  equations: readonly Equation[],
  place: (eq: Equation) => Place,
  fusible: ((eq: Equation) => boolean) | undefined,
): Equation[][] => {
  const done: Equation[][] = [];
  const open = new Map<string, Equation[]>();
  const home = new Map<Atom, string>();
  const close = (key: string): void => {
    const group = open.get(key);
    if (!group) return;
    open.delete(key);
    done.push(group);
    for (const v of group.flatMap((eq) => eq.outputs)) home.delete(v);
  };
  for (const eq of equations) {
    const key = keyOf(eq, place(eq), fusible);
    for (const a of eq.inputs) {
      const k = home.get(a);
      if (k !== undefined && k !== key) close(k);
    }
    if (key === undefined) {
      done.push([eq]);
      continue;
    }
    const group = open.get(key) ?? [];
    group.push(eq);
    open.set(key, group);
    for (const v of eq.outputs) home.set(v, key);
  }
  for (const key of [...open.keys()]) close(key);
  return done;
};

/** Which open group an equation may join; undefined if it runs alone. */
const keyOf = (eq: Equation, place: Place, fusible: ((eq: Equation) => boolean) | undefined): string | undefined => {
  if (place === "few" || place === "fallback") return eq.op.effects ? undefined : place;
  if (place === "device" && fusible?.(eq) && eq.outputs.length === 1) return eq.outputs[0].aval.shape.join(",");
  return undefined;
};

/** Who uses each value of a program: its equations, and "out" for its outputs. */
export type Users = ReadonlyMap<Atom, ReadonlySet<Equation | "out">>;

export const usersOf = (p: Program, equations: readonly Equation[]): Users => {
  const users = new Map<Atom, Set<Equation | "out">>();
  const note = (a: Atom, user: Equation | "out"): void => {
    const known = users.get(a);
    if (known) known.add(user);
    else users.set(a, new Set([user]));
  };
  for (const eq of equations) for (const a of eq.inputs) note(a, eq);
  for (const a of p.outputs) note(a, "out");
  return users;
};

/** Equations as a program of their own: inputs are what they take from outside, outputs what is used outside. */
export const subprogram = (users: Users, group: readonly Equation[]): Program => {
  const results = group.flatMap((eq) => eq.outputs);
  const inside = new Set<Atom>(results);
  const members = new Set<Equation | "out">(group);
  const inputs = new Set<Var>();
  for (const a of group.flatMap((eq) => eq.inputs)) if (a.kind === "var" && !inside.has(a)) inputs.add(a);
  const leaves = (v: Var): boolean => [...(users.get(v) ?? [])].some((user) => !members.has(user));
  return { inputs: [...inputs], equations: group, outputs: results.filter(leaves) };
};
