import * as core from "../core/core-ops";
import { isLinearInput, jvp, known, withCalculus } from "../core/op";
import type { Tensor } from "../core/tensor";
import { bind1 } from "../core/trace";
import { add } from "./arithmetic";
import { moveAxis, type ParamsOf, range, shifted } from "./batching";
import { plus } from "./fill";
import { transpose } from "./shape";

export interface DotAxes {
  readonly lhsContract: readonly number[];
  readonly rhsContract: readonly number[];
  readonly lhsBatch?: readonly number[];
  readonly rhsBatch?: readonly number[];
}
type P = ParamsOf<typeof core.dotGeneral>;

const free = (rank: number, ...taken: (readonly number[])[]): number[] =>
  range(rank).filter((k) => !taken.some((t) => t.includes(k)));

/**
 * Cotangent of lhs. With z[b, i, j] = Σ_c x[b, i, c] y[b, j, c]: x̄[b, i, c] = Σ_j z̄[b, i, j] y[b, j, c], a contraction over y's free
 * axes; its axes come as (b, i, contracted in y's order) and are put back where x has them.
 */
const transposeLhs = (g: Tensor, y: Tensor, rank: number, p: P): Tensor => {
  const lhsFree = free(rank, p.lhsBatch, p.lhsContract);
  const rhsFree = free(y.shape.length, p.rhsBatch, p.rhsContract);
  const b = p.lhsBatch.length;
  const out = dotGeneral(g, y, {
    lhsContract: range(rhsFree.length, b + lhsFree.length),
    rhsContract: rhsFree,
    lhsBatch: range(b),
    rhsBatch: p.rhsBatch,
  });
  const inOrder = range(p.rhsContract.length).sort((i, j) => p.rhsContract[i] - p.rhsContract[j]);
  const places = [...p.lhsBatch, ...lhsFree, ...inOrder.map((i) => p.lhsContract[i])];
  return transposeBack(out, places);
};

/** Axis i of t goes to place places[i]. */
const transposeBack = (t: Tensor, places: readonly number[]): Tensor =>
  places.every((k, i) => k === i)
    ? t
    : transpose(
        t,
        places.map((_, k) => places.indexOf(k)),
      );

/** The cotangent seen from the other operand: free axes of lhs and rhs change places. */
const swapped = (g: Tensor, b: number, lhsFree: number, rhsFree: number): Tensor =>
  lhsFree === 0 || rhsFree === 0
    ? g
    : transpose(g, [...range(b), ...range(rhsFree, b + lhsFree), ...range(lhsFree, b)]);

const flip = (p: P): P => ({
  lhsContract: p.rhsContract,
  rhsContract: p.lhsContract,
  lhsBatch: p.rhsBatch,
  rhsBatch: p.lhsBatch,
});

export const dotGeneralOp = withCalculus(core.dotGeneral, {
  // bilinear: d(x·y) = dx·y + x·dy
  derivative: jvp(
    ([x, y], [dx, dy], p) => [plus(add, dx && dotGeneral(dx, y, p), dy && dotGeneral(x, dy, p))],
    ([g], [x, y], p) => {
      if (!g) return [null, null];
      if (isLinearInput(x)) return [transposeLhs(g, known(y, "dotGeneral"), x.aval.shape.length, p), null];
      if (!isLinearInput(y)) return [null, null];
      const b = p.lhsBatch.length;
      const c = p.lhsContract.length;
      const rank = y.aval.shape.length;
      const turned = swapped(g, b, x.shape.length - b - c, rank - b - c);
      return [null, transposeLhs(turned, x, rank, flip(p))];
    },
  ),
  batch: (_, [x, y], [ax, ay], p) => {
    const shiftAll = (ks: readonly number[], a: number): number[] => ks.map((k) => shifted(k, a));
    const b = p.lhsBatch.length;
    if (ax !== null && ay !== null) {
      const out = dotGeneral(moveAxis(x, ax, 0), moveAxis(y, ay, 0), {
        lhsContract: shiftAll(p.lhsContract, 0),
        rhsContract: shiftAll(p.rhsContract, 0),
        lhsBatch: [0, ...shiftAll(p.lhsBatch, 0)],
        rhsBatch: [0, ...shiftAll(p.rhsBatch, 0)],
      });
      return { outs: [out], axes: [0] };
    }
    // one batched operand: its batch axis is one more free axis
    if (ax !== null) {
      const q = { ...p, lhsContract: shiftAll(p.lhsContract, ax), lhsBatch: shiftAll(p.lhsBatch, ax) };
      const place = b + free(x.shape.length, q.lhsContract, q.lhsBatch).indexOf(ax);
      return { outs: [dotGeneral(x, y, q)], axes: [place] };
    }
    const at = ay as number;
    const q = { ...p, rhsContract: shiftAll(p.rhsContract, at), rhsBatch: shiftAll(p.rhsBatch, at) };
    const lhsFree = x.shape.length - b - p.lhsContract.length;
    const place = b + lhsFree + free(y.shape.length, q.rhsContract, q.rhsBatch).indexOf(at);
    return { outs: [dotGeneral(x, y, q)], axes: [place] };
  },
});

/** Contraction over paired axes; result axes: batch, free of x, free of y. */
export const dotGeneral = (x: Tensor, y: Tensor, p: DotAxes): Tensor =>
  bind1(dotGeneralOp, [x, y], {
    lhsContract: p.lhsContract,
    rhsContract: p.rhsContract,
    lhsBatch: p.lhsBatch ?? [],
    rhsBatch: p.rhsBatch ?? [],
  });
