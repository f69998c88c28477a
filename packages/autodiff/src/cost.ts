import { byteSize, type Equation, type Program, sizeOf, type Var } from "@ansatz/backend";
import { flattenInto, leafTensor, traceBody } from "@ansatz/tensor/transforms";
import { nameOf } from "./arguments";
import type { Likes } from "./types";

/** The work of a program, counted in its equations: the same on every machine. */
export interface Cost {
  /**
   * Arithmetic operations: one per entry for elementwise ops, transcendental functions and comparisons included; 2·(contracted extent) - 1 per entry of a
   * product; n - 1 for a sum of n; nothing for moving data. A scan counts its length, a branch its dearest case, a while loop one round.
   */
  readonly flops: number;
  /** The length of the program: bodies of loops and branches counted once, calls and composed ops written out. */
  readonly equations: number;
  /** The most bytes of values alive at one time, inputs and results included, if nothing were fused. */
  readonly peakBytes: number;
  /** Ops that compute in TypeScript, whose work is not counted. */
  readonly uncounted: readonly string[];
}

/**
 * What a function costs on such arguments, by counting in the program that it becomes.
 *
 * @example
 * const f = (x) => sum(mul(sin(x), x));
 * const x = ones([1000]);
 * cost(grad(f))(x).flops / cost(f)(x).flops // 1.67
 */
export const cost = <A extends readonly unknown[]>(f: (...args: A) => unknown): ((...args: Likes<A>) => Cost) => {
  const caller = nameOf("cost", f);
  return (...args) => {
    const raw: unknown[] = [];
    const structures = (args as readonly unknown[]).map((a, i) => flattenInto(a, raw, caller, `argument ${i}`));
    const inputs = raw.map((x) => leafTensor(x, caller));
    return costOf(traceBody(f as (...a: never[]) => unknown, structures, inputs, caller).program);
  };
};

const nothing: Cost = { flops: 0, equations: 0, peakBytes: 0, uncounted: [] };

/** The cost of a program. */
export const costOf = (p: Program): Cost => {
  const known = costs.get(p);
  if (known !== undefined) return known;
  const lastUse = new Map<Var, number>();
  p.equations.forEach((eq, i) => {
    for (const a of eq.inputs) if (a.kind === "var") lastUse.set(a, i);
  });
  for (const a of p.outputs) if (a.kind === "var") lastUse.set(a, p.equations.length);
  let flops = 0;
  let equations = 0;
  const uncounted = new Set<string>();
  let alive = p.inputs.reduce((n, v) => n + byteSize(v.aval), 0);
  let peakBytes = alive;
  p.equations.forEach((eq, i) => {
    const c = equationCost(eq);
    flops += c.flops;
    equations += c.equations;
    for (const name of c.uncounted) uncounted.add(name);
    const made = eq.outputs.reduce((n, v) => n + byteSize(v.aval), 0);
    peakBytes = Math.max(peakBytes, alive + Math.max(made, c.peakBytes));
    alive += made;
    for (const v of new Set([...eq.inputs, ...eq.outputs]))
      if (v.kind === "var" && (lastUse.get(v) ?? i) <= i && !p.inputs.includes(v)) alive -= byteSize(v.aval);
  });
  const total = { flops, equations, peakBytes, uncounted: [...uncounted].sort() };
  costs.set(p, total);
  return total;
};
const costs = new WeakMap<Program, Cost>();

const equationCost = (eq: Equation): Cost => {
  const { op, params } = eq;
  const out = eq.outputs.reduce((n, v) => n + sizeOf(v.aval.shape), 0);
  const body = (name: string): Program => params[name] as Program;
  if (!op.core) {
    const inner = op.compose?.(
      eq.inputs.map((a) => a.aval),
      params,
    );
    return inner === undefined ? { ...nothing, equations: 1, uncounted: [op.name] } : costOf(inner);
  }
  switch (op.name) {
    case "call":
      return costOf(body("body"));
    case "scan": {
      const c = costOf(body("body"));
      const stacked = eq.outputs.reduce((n, v) => n + byteSize(v.aval), 0);
      return {
        ...c,
        flops: (params.length as number) * c.flops,
        equations: 1 + c.equations,
        peakBytes: stacked + c.peakBytes,
      };
    }
    case "while": {
      const [c, b] = [costOf(body("cond")), costOf(body("body"))];
      return {
        flops: c.flops + b.flops,
        equations: 1 + c.equations + b.equations,
        peakBytes: c.peakBytes + b.peakBytes,
        uncounted: [...c.uncounted, ...b.uncounted],
      };
    }
    case "cond": {
      const all = (params.branches as readonly Program[]).map(costOf);
      return {
        flops: Math.max(...all.map((c) => c.flops)),
        equations: 1 + all.reduce((n, c) => n + c.equations, 0),
        peakBytes: Math.max(...all.map((c) => c.peakBytes)),
        uncounted: all.flatMap((c) => c.uncounted),
      };
    }
    default:
      return { ...nothing, equations: 1, flops: coreFlops(eq, out) };
  }
};

/** Ops that only move, make or relabel data. */
const moves = new Set([
  "bitcast",
  "broadcast",
  "concatenate",
  "convert",
  "dynamicSlice",
  "dynamicUpdateSlice",
  "gather",
  "iota",
  "pad",
  "reshape",
  "reverse",
  "slice",
  "tap",
  "transpose",
]);

const coreFlops = (eq: Equation, out: number): number => {
  const { name } = eq.op;
  const shape = (i: number): readonly number[] => eq.inputs[i].aval.shape;
  if (moves.has(name)) return 0;
  if (name.startsWith("reduce") && name !== "reduceWindow") return Math.max(0, sizeOf(shape(0)) - out);
  switch (name) {
    case "argmax":
    case "argmin":
      return sizeOf(shape(0));
    case "scatter":
      return eq.params.kind === "set" ? 0 : sizeOf(shape(2));
    case "reduceWindow":
      return out * sizeOf(eq.params.window as readonly number[]);
    case "dotGeneral": {
      const contracted = (eq.params.lhsContract as readonly number[]).reduce((n, k) => n * shape(0)[k], 1);
      return out * Math.max(0, 2 * contracted - 1);
    }
    case "convGeneral":
      return out * Math.max(0, 2 * sizeOf(shape(1).slice(1)) - 1);
    case "sort": {
      const n = shape(0)[eq.params.axis as number];
      return n < 2 ? 0 : sizeOf(shape(0)) * Math.ceil(Math.log2(n));
    }
    default:
      return out;
  }
};
