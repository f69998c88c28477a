import { bytesPer, type DType, isFloat } from "@ansatz/backend";
import { argsOf, type Dynamic, isParam, type Nest, type Size } from "../nest/ir";
import { type Formula, quickOf } from "../runtime";
import type { Arrangement } from "./arrangement";
import type { Lanes, ScalarOp } from "./scalar-op";

/** How a nest is walked several elements at a time. */
export interface VectorPlan {
  /** The dim whose steps are taken together. */
  readonly dim: number;
  readonly lanes: Lanes;
  /** The dim is one of the reductions': lanes hold partial results. Else every lane has results of its own. */
  readonly reducing: boolean;
  /** Which nodes differ from lane to lane; the others are scalars. */
  readonly varies: readonly boolean[];
  /** How many vectors one turn of the loop handles, so that their chains of operations run side by side. */
  readonly ways: 1 | 2 | 4;
  /** Elementary functions are written into the loop, without branches; see `emitQuick`. */
  readonly quick: boolean;
  /** threefry nodes held as two registers, of first and of second words. */
  readonly pairs: ReadonlySet<number>;
}

/** The plan for the last sequential dim, or the last parallel one, whichever has its operands in consecutive places. */
export const vectorPlan = (nest: Nest, where: Arrangement): VectorPlan | undefined => {
  const last = nest.dims.length - 1;
  if (nest.reductions.some((r) => r.kind === "argmax" || r.kind === "argmin")) return undefined;
  if (last >= nest.parallel && !nest.running) {
    const plan = planFor(nest, where, last, true);
    if (plan) return plan;
  }
  return nest.parallel > 0 ? planFor(nest, where, nest.parallel - 1, false) : undefined;
};

const planFor = (nest: Nest, where: Arrangement, dim: number, reducing: boolean): VectorPlan | undefined => {
  const varies: boolean[] = [];
  let wide = false;
  let strided = false;
  let contiguous = 0;
  const pairs = pairsOf(nest, where);
  const needs = (d: DType): void => {
    if (bytesPer[d] === 8) wide = true;
  };
  const walks = (stride: Size): boolean => stride === 0 || stride === 1;
  const fixed = (ds: readonly Dynamic[], guard: number): boolean =>
    !(guard >= 0 && varies[guard]) && !ds.some((d) => varies[d.node]);
  nest.nodes.forEach((n, id) => {
    let v = argsOf(n).some((a) => varies[a]);
    if (n.kind === "acc") v = !reducing;
    else if (n.kind === "index") v = n.affine.coefs[dim] !== 0;
    else if (n.kind === "load") {
      const stride = n.address.coefs[dim];
      if (where.isNeeded(id)) {
        if (stride === 1) contiguous++;
        if (!walks(stride) || !fixed(n.dynamic, n.guard)) strided = true;
      }
      v ||= stride !== 0;
    }
    varies.push(v);
    // A key that differs from lane to lane is eight bytes wide, and so is what comes of it.
    if (n.kind === "op" && pairs.has(id) && varies[n.args[0]]) pairs.delete(id);
    if (v && where.isNeeded(id) && !pairs.has(id)) needs(n.dtype);
  });
  if (strided) return undefined;
  if (!reducing) {
    for (const s of nest.stores) {
      if (s.address.coefs[dim] !== 1 || !fixed(s.dynamic, s.guard)) return undefined;
      needs(nest.operands[s.operand]);
    }
  } else if (contiguous === 0) return undefined;
  for (const r of nest.reductions) needs(nest.nodes[r.value].dtype);
  const lanes: Lanes = wide ? 2 : 4;
  const extent = nest.dims[dim];
  if (!isParam(extent) && extent < lanes) return undefined;
  // Ops that must be done lane by lane gain nothing; a few among others do no harm.
  let together = nest.stores.length;
  let apart = 0;
  nest.nodes.forEach((n, id) => {
    if (n.kind !== "op" || !varies[id] || !where.isNeeded(id)) return;
    if (pairs.has(id) || pairs.has(n.args[0]) || shiftOf(nest, id)) together++;
    else if (n.op.lanes?.(nest.nodes[n.args[0]].dtype)) together++;
    else apart++;
  });
  if (apart > together) return undefined;
  // A branch out of the loop must lead to where nothing is half done: formulas are written into innermost loops only.
  let size = 0;
  let formulas = 0;
  nest.nodes.forEach((n, id) => {
    if (!varies[id] || !where.isNeeded(id)) return;
    const of = n.kind === "op" ? n.op.formula : undefined;
    const quick = of && quickFormula(of, nest.nodes[argsOf(n)[0]].dtype);
    if (quick) formulas++;
    size += quick?.made().size ?? (of || pairs.has(id) ? 30 : 1);
  });
  const points = nest.dims.reduce<number>((n, d) => n * (isParam(d) ? fewPoints : d), 1);
  const quick = points >= fewPoints && formulas > 0 && formulas <= mostFormulas && dim === nest.dims.length - 1;
  const ways =
    points < fewPoints ? 1 : isParam(extent) ? (reducing && formulas === 0 ? 2 : 1) : waysFor(extent, lanes, size);
  return { dim, lanes, reducing, varies, pairs, quick, ways };
};

/** Points of a nest below which its code had better be small than fast. */
const fewPoints = 128;
/** Formulas that one loop may hold: more would make the module large. */
const mostFormulas = 6;
/** Nodes that one turn of a loop may hold, a formula counting as thirty unless it says otherwise. */
const mostNodes = 260;

/** As many as leave little for scalars to do, and code of a reasonable size. */
const waysFor = (extent: number, lanes: Lanes, size: number): 1 | 2 | 4 => {
  const good = (ways: number): boolean => {
    const step = ways * lanes;
    return ways * size <= mostNodes && extent >= step && (extent % step < lanes || extent >= 32 * step);
  };
  return good(4) ? 4 : good(2) ? 2 : 1;
};

export const laneOf = (d: DType): "f64x2" | "f32x4" => (d === "float64" ? "f64x2" : "f32x4");

/** What is written into a loop for a formula, if it has a form for that. */
export const quickFormula = (of: Formula, d: DType): Formula | undefined =>
  isFloat(d) ? quickOf(laneOf(d), of) : undefined;

/** The threefry nodes whose words alone are wanted, under a key that all lanes share. */
const pairsOf = (nest: Nest, where: Arrangement): Set<number> => {
  const pairs = new Set<number>();
  nest.nodes.forEach((n, id) => {
    if (n.kind === "op" && n.op.words) pairs.add(id);
  });
  if (pairs.size === 0) return pairs;
  const others = (id: number): void => {
    pairs.delete(id);
  };
  nest.nodes.forEach((n, id) => {
    if (!where.isNeeded(id) || (n.kind === "op" && n.op.word !== undefined)) return;
    argsOf(n).forEach(others);
  });
  for (const s of nest.stores) others(s.value);
  for (const r of nest.reductions) others(r.value);
  return pairs;
};

/** A shift by a known number, if the node is one. */
export const shiftOf = (
  nest: Nest,
  id: number,
): { readonly op: NonNullable<ScalarOp["shift"]>; readonly by: number } | undefined => {
  const n = nest.nodes[id];
  const op = n.kind === "op" ? n.op.shift : undefined;
  if (n.kind !== "op" || !op) return undefined;
  const by = nest.nodes[n.args[1]];
  return by.kind === "const" && by.value >= 0 && by.value < 32 ? { op, by: by.value } : undefined;
};
