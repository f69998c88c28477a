import type { Value } from "./value";

/** What it costs to compute one element of a recipe afresh. */
export interface Weight {
  /** Arithmetic, in units of an addition. */
  readonly work: number;
  readonly nodes: number;
  readonly loads: number;
}

const cheap = new Set(
  "neg abs add sub mul max min eq ne lt le gt ge and or xor not floor ceil round trunc select clamp convert bitcast shiftLeft shiftRightLogical shiftRightArithmetic".split(
    " ",
  ),
);
const moderate = new Set("sign div sqrt rsqrt floorDiv mod".split(" "));

const workOf = (name: string): number => (cheap.has(name) ? 1 : moderate.has(name) ? 4 : name === "threefry" ? 40 : 15);

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
      let { work, nodes, loads } = { work: workOf(v.name), nodes: 1, loads: 0 };
      for (const a of v.args) {
        const w = of(a);
        work += w.work;
        nodes += w.nodes;
        loads += w.loads;
      }
      return { work, nodes, loads };
    }
    case "remap":
      return of(v.arg);
    case "windowed":
      return { work: 2 * v.arg.shape.length, nodes: 1 + 4 * v.arg.shape.length, loads: 1 };
    case "gathered": {
      const w = of(v.indices);
      return { work: 4 + 2 * v.axes.length + w.work, nodes: 4 * v.axes.length + w.nodes, loads: 1 + w.loads };
    }
    case "sliced":
      return { work: 0, nodes: 1 + 3 * v.starts.length, loads: 1 + v.starts.length };
    case "random": {
      const w = of(v.key);
      return { work: 40 + w.work, nodes: 4 + w.nodes, loads: w.loads };
    }
    case "reduced": {
      const w = of(v.arg);
      return { work: reductionWork, nodes: 1 + w.nodes, loads: w.loads };
    }
  }
};
