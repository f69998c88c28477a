import type { Value } from "./value";

/** What it costs to compute one element of a recipe afresh. */
export interface Weight {
  /** Arithmetic, in units of an addition. */
  readonly work: number;
  readonly nodes: number;
  readonly loads: number;
  /** Whether random words are drawn in it. */
  readonly draws?: boolean;
}

/** Random numbers so few that another loop would cost more than it saves. */
export const fewDraws = 64;

/** Reductions are never computed twice. */
export const reductionWork = 1e6;

const leaf: Weight = { work: 0, nodes: 1, loads: 1 };
const nothing: Weight = { work: 0, nodes: 1, loads: 0 };

export const weigh = (v: Value, known: Map<Value, Weight>, stored: (v: Value) => boolean): Weight => {
  if (v.kind === "stored" || stored(v)) return leaf;
  let w = known.get(v);
  if (w === undefined) known.set(v, (w = afresh(v, (a) => weigh(a, known, stored))));
  return w;
};

const afresh = (v: Exclude<Value, { kind: "stored" }>, of: (v: Value) => Weight): Weight => {
  switch (v.kind) {
    case "constant":
    case "coordinate":
      return nothing;
    case "pointwise": {
      let { work, nodes, loads, draws } = { work: v.op.work, nodes: 1, loads: 0, draws: false };
      for (const a of v.args) {
        const w = of(a);
        work += w.work;
        nodes += w.nodes;
        loads += w.loads;
        draws ||= w.draws ?? false;
      }
      return { work, nodes, loads, draws };
    }
    case "remap":
      return of(v.arg);
    case "computed":
      return v.weight(of);
    case "reduced": {
      const w = of(v.arg);
      return { work: reductionWork, nodes: 1 + w.nodes, loads: w.loads };
    }
  }
};
