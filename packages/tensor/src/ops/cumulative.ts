import * as core from "../core/core-ops";
import { jvp, linear, type TensorOp, withCalculus } from "../core/op";
import { scalar, type Tensor } from "../core/tensor";
import { bind1 } from "../core/trace";
import { add, mul } from "./arithmetic";
import { moveAxis, shifted } from "./batching";
import { iota, select } from "./choice";
import { and, eq, gt, lt, ne, or } from "./comparison";
import { fill } from "./fill";
import { gather } from "./indexing";
import { padGeneral, reshape } from "./shape";

interface Running {
  readonly [k: string]: number | boolean;
  readonly axis: number;
  readonly reverse: boolean;
}
type BatchOf = Extract<TensorOp<Running>["batch"], (...args: never[]) => unknown>;
const along =
  /* @__NO_SIDE_EFFECTS__ */
    (op: () => TensorOp<Running>): BatchOf =>
    (_, [x], [a], p) => ({ outs: [bind1(op(), [x], { ...p, axis: shifted(p.axis, a as number) })], axes: [a] });

export const cumSumOp: TensorOp<Running> = withCalculus(core.cumSum, {
  // y_n = Σ_{i ≤ n} x_i, so x_i reaches every n ≥ i: the transposed sum runs from the other end
  derivative: linear(([g], _, p) => [g && cumSum(g, p.axis, !p.reverse)]),
  batch: along(() => cumSumOp),
});
export const cumSum = (x: Tensor, axis: number, fromEnd = false): Tensor =>
  bind1(cumSumOp, [x], { axis, reverse: fromEnd });

export const cumProdOp: TensorOp<Running> = withCalculus(core.cumProd, {
  // prefix products of dual numbers, (a, da)(b, db) = (ab, da·b + a·db), by doubling strides: right at zeros, to any order
  derivative: jvp(([x], [dx], { axis, reverse: fromEnd }) => [dx && cumProdTangent(x, dx, axis, fromEnd as boolean)]),
  batch: along(() => cumProdOp),
});
export const cumProd = (x: Tensor, axis: number, fromEnd = false): Tensor =>
  bind1(cumProdOp, [x], { axis, reverse: fromEnd });

/** x moved by k places along an axis (towards the end, or the start), `value` entering. */
const shift = (x: Tensor, k: number, axis: number, fromEnd: boolean, value: number): Tensor => {
  const zero = x.shape.map(() => 0);
  const move = (n: number): number[] => zero.map((_, i) => (i === axis ? n : 0));
  const config = fromEnd ? { low: move(-k), high: move(k) } : { low: move(k), high: move(-k) };
  return padGeneral(x, scalar(value, x.dtype), { ...config, interior: zero });
};

const cumProdTangent = (x: Tensor, dx: Tensor, axis: number, fromEnd: boolean): Tensor => {
  let p = x;
  let d = dx;
  for (let k = 1; k < x.shape[axis]; k *= 2) {
    const before = shift(p, k, axis, fromEnd, 1);
    const dBefore = shift(d, k, axis, fromEnd, 0);
    d = add(mul(dBefore, p), mul(before, d));
    p = mul(before, p);
  }
  return d;
};

// The tangent at n is that of the element holding the record there: the first to attain it (ties do not share).
const record = /* @__NO_SIDE_EFFECTS__ */ (beats: (x: Tensor, y: Tensor) => Tensor) =>
  jvp<Running>(([x], [dx], { axis, reverse: fromEnd }, [y]) => {
    if (!dx || x.shape[axis] === 0) return [dx];
    const place = iota(x.shape, "int32", axis);
    const first = fill(fromEnd ? x.shape[axis] - 1 : 0, place);
    const prior = shift(y, 1, axis, fromEnd as boolean, 0);
    const firstNaN = and(ne(x, x), eq(prior, prior));
    const news = or(or(eq(place, first), beats(x, prior)), firstNaN);
    const marks = select(news, place, first);
    return [takeAlong(dx, fromEnd ? cumMin(marks, axis, true) : cumMax(marks, axis), axis)];
  });

/** x at index[…, n, …] along an axis, index int32 of any extent there and of x's extents elsewhere; clipped. */
export const takeAlong = (x: Tensor, index: Tensor, axis: number): Tensor => {
  const last = x.shape.length - 1;
  const xs = moveAxis(x, axis, last);
  const at = moveAxis(index, axis, last);
  const out = gather(xs, reshape(at, [...at.shape, 1]), { batch: last, axes: [last], mode: "clip" });
  return moveAxis(out, last, axis);
};

export const cumMaxOp: TensorOp<Running> = withCalculus(core.cumMax, {
  derivative: record((x, y) => gt(x, y)),
  batch: along(() => cumMaxOp),
});
export const cumMax = (x: Tensor, axis: number, fromEnd = false): Tensor =>
  bind1(cumMaxOp, [x], { axis, reverse: fromEnd });

export const cumMinOp: TensorOp<Running> = withCalculus(core.cumMin, {
  derivative: record((x, y) => lt(x, y)),
  batch: along(() => cumMinOp),
});
export const cumMin = (x: Tensor, axis: number, fromEnd = false): Tensor =>
  bind1(cumMinOp, [x], { axis, reverse: fromEnd });
