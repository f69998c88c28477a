import type { Shape } from "@ansatz/backend";
import * as core from "../core/core-ops";
import { isLinearInput, jvp, type LinearInput, linear, withCalculus } from "../core/op";
import { scalar, type Tensor } from "../core/tensor";
import { bind1 } from "../core/trace";
import { add } from "./arithmetic";
import { batchedAt, moveAxis, range } from "./batching";
import { clamp, iota } from "./choice";
import { instantiate, zerosLike } from "./fill";
import { gather, scatter } from "./indexing";
import { broadcast, concatenate, padGeneral, reshape, transpose } from "./shape";

const avalOf = (x: Tensor | LinearInput) => (isLinearInput(x) ? x.aval : x);

export const sliceOp = withCalculus(core.slice, {
  // read once: the cotangent goes back to its place, with zeros before, after and between
  derivative: linear(([g], [x], { start, limit, strides }) => {
    if (!g) return [null];
    const { shape, dtype } = avalOf(x);
    if (g.size === 0) return [zerosLike({ shape, dtype })];
    const last = start.map((s, i) => s + (Math.ceil((limit[i] - s) / strides[i]) - 1) * strides[i]);
    return [
      padGeneral(g, scalar(0, dtype), {
        low: start,
        high: shape.map((d, i) => d - 1 - last[i]),
        interior: strides.map((s) => s - 1),
      }),
    ];
  }),
  batch: (size, [x], [a], { start, limit, strides }) => {
    const at = a as number;
    const put = (v: readonly number[], n: number): number[] => [...v.slice(0, at), n, ...v.slice(at)];
    return { outs: [slice(x, put(start, 0), put(limit, size), put(strides, 1))], axes: [at] };
  },
});
export const slice = (x: Tensor, start: Shape, limit: Shape, strides: Shape = start.map(() => 1)): Tensor =>
  bind1(sliceOp, [x], { start, limit, strides });

const one = (a: number | null): a is null => a === null;

export const dynamicSliceOp = withCalculus(core.dynamicSlice, {
  // linear in x at fixed starts; transposed, the cotangent is written into zeros at the same place
  derivative: jvp(
    ([, ...starts], [dx], { sizes }) => [dx && dynamicSlice(dx, starts, sizes)],
    ([g], [x, ...starts]) => [
      g && isLinearInput(x) ? dynamicUpdateSlice(zerosLike(x.aval), g, starts as Tensor[]) : null,
      ...starts.map(() => null),
    ],
  ),
  batch: (size, [x, ...starts], [ax, ...as], { sizes }) => {
    if (as.every(one)) {
      const at = ax as number;
      const put = <T>(v: readonly T[], n: T): T[] => [...v.slice(0, at), n, ...v.slice(at)];
      return { outs: [dynamicSlice(x, put(starts, scalar(0, "int32")), put(sizes, size))], axes: [at] };
    }
    // starts differ between members: a gather of the indices start + 0 … size - 1
    const shape = ax === null ? x.shape : x.shape.filter((_, i) => i !== ax);
    const block = blockIndices(size, starts, as, shape, sizes);
    const operand = ax === null ? x : moveAxis(x, ax, 0);
    const batch = ax === null ? 0 : 1;
    const out = gather(operand, block.indices, { batch, axes: block.axes.map((k) => k + batch), mode: "clip" });
    return { outs: [transpose(out, block.restore)], axes: [0] };
  },
});
/** A block of fixed sizes at int32 scalar starts. */
export const dynamicSlice = (x: Tensor, starts: readonly Tensor[], sizes: Shape): Tensor =>
  bind1(dynamicSliceOp, [x, ...starts], { sizes });

export const dynamicUpdateSliceOp = withCalculus(core.dynamicUpdateSlice, {
  // linear in x (outside the block) and in the update (inside it)
  derivative: jvp(
    ([x, u, ...starts], [dx, du]) => [dynamicUpdateSlice(instantiate(dx, x), instantiate(du, u), starts)],
    ([g], [x, u, ...starts]) => [
      g && isLinearInput(x) ? dynamicUpdateSlice(g, zerosLike(avalOf(u)), starts as Tensor[]) : null,
      g && isLinearInput(u) ? dynamicSlice(g, starts as Tensor[], u.aval.shape) : null,
      ...starts.map(() => null),
    ],
  ),
  batch: (size, [x, u, ...starts], [ax, au, ...as]) => {
    const x0 = batchedAt(x, ax, size);
    const u0 = batchedAt(u, au, size);
    if (as.every(one)) return { outs: [dynamicUpdateSlice(x0, u0, [scalar(0, "int32"), ...starts])], axes: [0] };
    const block = blockIndices(size, starts, as, x0.shape.slice(1), u0.shape.slice(1));
    const order = block.restore.map((_, i) => block.restore.indexOf(i));
    const updates = transpose(u0, order);
    const axes = block.axes.map((k) => k + 1);
    return { outs: [scatter(x0, block.indices, updates, { batch: 1, axes, kind: "set" })], axes: [0] };
  },
});
export const dynamicUpdateSlice = (x: Tensor, update: Tensor, starts: readonly Tensor[]): Tensor =>
  bind1(dynamicUpdateSliceOp, [x, update, ...starts], {});

/**
 * Indices [size, …block, k] of the blocks at the starts of each member, over the k axes that the block does not fill. `restore` takes
 * [size, …indexed, …whole], the order of a gather, to [size, …axes in order].
 */
const blockIndices = (
  size: number,
  starts: readonly Tensor[],
  startAxes: readonly (number | null)[],
  shape: Shape,
  sizes: Shape,
): { indices: Tensor; axes: number[]; restore: number[] } => {
  const partial = range(shape.length).filter((k) => sizes[k] !== shape[k]);
  // With nothing to index there is still one axis to carry the members.
  const axes = partial.length > 0 || shape.length === 0 ? partial : [0];
  const dims = axes.map((k) => sizes[k]);
  const full = [size, ...dims];
  const columns = axes.map((k, i) => {
    const start = clamp(scalar(0, "int32"), starts[k], scalar(shape[k] - sizes[k], "int32"));
    const spread = broadcast(start, full, startAxes[k] === null ? [] : [0]);
    return reshape(add(spread, iota(full, "int32", i + 1)), [...full, 1]);
  });
  const indices =
    columns.length === 0 ? broadcast(scalar(0, "int32"), [size, 0], []) : concatenate(columns, full.length);
  const whole = range(shape.length).filter((k) => !axes.includes(k));
  const from = [...axes, ...whole];
  return { indices, axes, restore: [0, ...range(shape.length).map((k) => from.indexOf(k) + 1)] };
};
