import { type Shape, sizeOf } from "@ansatz/backend";
import * as core from "../core/core-ops";
import { isLinearInput, type LinearInput, linear, withCalculus } from "../core/op";
import type { Tensor } from "../core/tensor";
import { scalar } from "../core/tensor";
import { bind1 } from "../core/trace";
import { sub } from "./arithmetic";
import { batchedAt, range, shifted } from "./batching";
import { select } from "./choice";
import { zerosLike } from "./fill";
import { reduceSum } from "./reductions";
import { slice } from "./slicing";

/** Rearrangements: linear, each transposed by undoing it. */

const avalOf = (x: Tensor | LinearInput) => (isLinearInput(x) ? x.aval : x);

export const reshapeOp = withCalculus(core.reshape, {
  derivative: linear(([g], [x]) => [g && reshape(g, avalOf(x).shape)]),
  batch: (size, [x], [a], { shape }) => ({ outs: [reshape(batchedAt(x, a, size), [size, ...shape])], axes: [0] }),
});
export const reshape = (x: Tensor, shape: Shape): Tensor => bind1(reshapeOp, [x], { shape });

export const transposeOp = withCalculus(core.transpose, {
  derivative: linear(([g], _, { permutation }) => {
    const inverse = new Array<number>(permutation.length);
    permutation.forEach((k, i) => {
      inverse[k] = i;
    });
    return [g && transpose(g, inverse)];
  }),
  batch: (_, [x], [a], { permutation }) => ({
    outs: [transpose(x, [a as number, ...permutation.map((k) => shifted(k, a as number))])],
    axes: [0],
  }),
});
/** Axis i of the result is axis permutation[i] of x. */
export const transpose = (x: Tensor, permutation: readonly number[]): Tensor =>
  bind1(transposeOp, [x], { permutation });

export const broadcastOp = withCalculus(core.broadcast, {
  // each element was read many times: its cotangent is the sum over the readers
  derivative: linear(([g], [x], { shape, axes }) => {
    if (!g) return [null];
    const { shape: small } = avalOf(x);
    const repeated = range(shape.length).filter((k) => {
      const i = axes.indexOf(k);
      return i < 0 || small[i] !== shape[k];
    });
    return [reshape(reduceSum(g, repeated), small)];
  }),
  batch: (size, [x], [a], { shape, axes }) => ({
    outs: [broadcast(batchedAt(x, a, size), [size, ...shape], [0, ...axes.map((k) => k + 1)])],
    axes: [0],
  }),
});
/** Axis i of x becomes axis axes[i] of the result; the others repeat. */
export const broadcast = (x: Tensor, shape: Shape, axes: readonly number[]): Tensor =>
  bind1(broadcastOp, [x], { shape, axes });

export const reverseOp = withCalculus(core.reverse, {
  derivative: linear(([g], _, { axes }) => [g && reverse(g, axes)]),
  batch: (_, [x], [a], { axes }) => ({
    outs: [
      reverse(
        x,
        axes.map((k) => shifted(k, a as number)),
      ),
    ],
    axes: [a],
  }),
});
export const reverse = (x: Tensor, axes: readonly number[]): Tensor => bind1(reverseOp, [x], { axes });

export const concatenateOp = withCalculus(core.concatenate, {
  // each operand gets its stretch of the cotangent
  derivative: linear(([g], ins, { axis }) => {
    let at = 0;
    return ins.map((x) => {
      const n = avalOf(x).shape[axis];
      const from = at;
      at += n;
      if (!g || !isLinearInput(x)) return null;
      const start = g.shape.map((_, i) => (i === axis ? from : 0));
      return slice(
        g,
        start,
        g.shape.map((d, i) => (i === axis ? from + n : d)),
      );
    });
  }),
  batch: (size, ins, axes, { axis }) => ({
    outs: [
      concatenate(
        ins.map((x, i) => batchedAt(x, axes[i], size)),
        axis + 1,
      ),
    ],
    axes: [0],
  }),
});
export const concatenate = (xs: readonly Tensor[], axis: number): Tensor => bind1(concatenateOp, xs, { axis });

export interface PadConfig {
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly interior: readonly number[];
}

export const padOp = withCalculus(core.pad, {
  // x's elements are read once: cropped back out; the value gets what is left of the sum
  derivative: linear(([g], [x, v], p) => {
    if (!g) return [null, null];
    const inner = unpad(g, avalOf(x).shape, p);
    const all = (t: Tensor): Tensor => reduceSum(t, range(t.shape.length));
    return [isLinearInput(x) ? inner : null, isLinearInput(v) ? sub(all(g), all(inner)) : null];
  }),
  batch: (size, [x, v], [ax, av], p) => {
    const x0 = batchedAt(x, ax, size);
    const config = { low: [0, ...p.low], high: [0, ...p.high], interior: [0, ...p.interior] };
    if (av === null) return { outs: [padGeneral(x0, v, config)], axes: [0] };
    // one value per member: pad with zeros, then put the values where a padded mask says so
    const body = padGeneral(x0, zerosLike({ shape: [], dtype: x.dtype }), config);
    const mask = padGeneral(broadcast(scalar(1, "bool"), x0.shape, []), scalar(0, "bool"), config);
    return { outs: [select(mask, body, broadcast(v, body.shape, [0]))], axes: [0] };
  },
});
const unpad = (g: Tensor, shape: Shape, { low, high, interior }: PadConfig): Tensor => {
  if (sizeOf(shape) === 0) return zerosLike({ shape, dtype: g.dtype });
  const cropped =
    low.every((l) => l === 0) && high.every((h) => h === 0)
      ? g
      : padGeneral(g, scalar(0, g.dtype), {
          low: low.map((l) => -l),
          high: high.map((h) => -h),
          interior: low.map(() => 0),
        });
  return interior.every((i) => i === 0)
    ? cropped
    : slice(
        cropped,
        shape.map(() => 0),
        cropped.shape,
        interior.map((i) => i + 1),
      );
};
export const padGeneral = (x: Tensor, value: Tensor, { low, high, interior }: PadConfig): Tensor =>
  bind1(padOp, [x, value], { low, high, interior });
/** Zeros (or `value`) before and after. */
export const pad = (x: Tensor, low: readonly number[], high: readonly number[], value = 0): Tensor =>
  padGeneral(x, scalar(value, x.dtype), { low, high, interior: low.map(() => 0) });
