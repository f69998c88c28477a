import * as core from "../core/core-ops";
import { isLinearInput, type JvpRule, jvp, type TensorOp, type TransposeRule, withCalculus } from "../core/op";
import { scalar, type Tensor } from "../core/tensor";
import { bind1 } from "../core/trace";
import { add, div, mul } from "./arithmetic";
import { batchedAt, moveAxis, type ParamsOf } from "./batching";
import { clamp, convert, iota, select } from "./choice";
import { eq } from "./comparison";
import { fill, instantiate, plus, zerosLike } from "./fill";
import { broadcast, concatenate, reshape } from "./shape";

export interface GatherConfig {
  /** Leading axes that operand and indices have in common. */
  readonly batch: number;
  /** Indexed operand axes. */
  readonly axes: readonly number[];
  readonly mode: "clip" | "fill";
  readonly fillValue?: number;
}
export interface ScatterConfig {
  readonly batch: number;
  readonly axes: readonly number[];
  readonly kind: "add" | "set" | "min" | "max";
}

export const gatherOp: TensorOp<ParamsOf<typeof core.gather>> = withCalculus(core.gather, {
  // linear in the operand at fixed indices; a filled place has derivative 0. Transposed: cotangents of one element add up (scatter-add),
  // clipped places count for the element they read, filled ones are dropped.
  derivative: jvp(
    ([, indices], [dx], p) => [dx && bind1(gatherOp, [dx, indices], { ...p, fillValue: 0 })],
    ([g], [x, indices], { batch, axes, mode }) => {
      if (!g || !isLinearInput(x)) return [null, null];
      const at =
        mode === "clip"
          ? clipped(
              indices as Tensor,
              axes.map((k) => x.aval.shape[k]),
            )
          : (indices as Tensor);
      return [scatter(zerosLike(x.aval), at, g, { batch, axes, kind: "add" }), null];
    },
  ),
  batch: (size, [x, indices], [ax, ai], p) => {
    const { batch, axes } = p;
    const next = axes.map((k) => k + 1);
    // only the indices: the members are more index axes, behind the batch axes
    if (ax === null) return { outs: [bind1(gatherOp, [x, moveAxis(indices, ai as number, batch)], p)], axes: [batch] };
    // only the operand: the members are one more axis taken whole, the first of them
    if (ai === null) {
      const out = bind1(gatherOp, [moveAxis(x, ax, batch), indices], { ...p, axes: next });
      return { outs: [out], axes: [indices.shape.length - 1] };
    }
    const both = [batchedAt(x, ax, size), batchedAt(indices, ai, size)];
    return { outs: [bind1(gatherOp, both, { ...p, batch: batch + 1, axes: next })], axes: [0] };
  },
});
/** operand [B…, D…], indices [B…, I…, k] → [B…, I…, rest]. */
export const gather = (x: Tensor, indices: Tensor, { batch, axes, mode, fillValue = 0 }: GatherConfig): Tensor =>
  bind1(gatherOp, [x, indices], { batch, axes, mode, fillValue });

/** Indices brought into [0, extent - 1], one extent per component. */
const clipped = (indices: Tensor, extents: readonly number[]): Tensor => {
  if (extents.length === 0) return indices;
  const zero = scalar(0, indices.dtype);
  if (extents.every((d) => d === extents[0])) return clamp(zero, indices, scalar(extents[0] - 1, indices.dtype));
  const top = concatenate(
    extents.map((d) => reshape(scalar(d - 1, indices.dtype), [1])),
    0,
  );
  const spread = (t: Tensor): Tensor => broadcast(t, indices.shape, [indices.shape.length - 1]);
  return clamp(zero, indices, spread(top));
};

type P = ParamsOf<typeof core.scatter>;

const scatterJvp: JvpRule<P> = ([x, indices, u], [dx, , du], p, [y]) => {
  const { batch, axes, kind } = p;
  // add, set: the same scatter of the tangents (set: the last writer's tangent stays)
  if (kind === "add" && !du) return [dx];
  if (kind === "add" || kind === "set") return [scatter(instantiate(dx, x), indices, instantiate(du, u), p)];
  // min, max: the tangents of all that equal the result, shared equally among them (as reduceMax)
  const read = (t: Tensor): Tensor => gather(t, indices, { batch, axes, mode: "fill" });
  const indicator = (a: Tensor, b: Tensor): Tensor => convert(eq(a, b), x.dtype);
  const mx = indicator(x, y);
  const mu = indicator(u, read(y));
  const sum = { batch, axes, kind: "add" } as const;
  const count = scatter(mx, indices, mu, sum);
  const from = dx && mul(dx, mx);
  const put = du && scatter(zerosLike(x), indices, mul(du, mu), sum);
  const total = plus(add, from, put);
  return [total && div(total, count)];
};

const scatterTranspose: TransposeRule<P> = ([g], [x, indices, u], { batch, axes, kind }) => {
  if (!g) return [null, null, null];
  const at = indices as Tensor;
  const read = (t: Tensor): Tensor => gather(t, at, { batch, axes, mode: "fill" });
  if (kind === "add") return [isLinearInput(x) ? g : null, null, isLinearInput(u) ? read(g) : null];
  // set: the operand keeps what nobody wrote; of several writers to a place the last one counts
  const uAval = isLinearInput(u) ? u.aval : u;
  const kept = isLinearInput(x) ? scatter(g, at, zerosLike(uAval), { batch, axes, kind: "set" }) : null;
  if (!isLinearInput(u)) return [kept, null, null];
  const size = uAval.shape.reduce((a, b) => a * b, 1);
  const ids = reshape(iota([size], "int32", 0), uAval.shape);
  const last = scatter(fill(-1, { shape: g.shape, dtype: "int32" }), at, ids, { batch, axes, kind: "set" });
  const wins = eq(gather(last, at, { batch, axes, mode: "fill", fillValue: -1 }), ids);
  return [kept, null, select(wins, read(g), zerosLike(uAval))];
};

export const scatterOp = withCalculus(core.scatter, {
  derivative: jvp(scatterJvp, scatterTranspose),
  batch: (size, [x, indices, u], [ax, ai, au], p) => {
    const axes = p.axes.map((k) => k + 1);
    // indices in common: the members are one more axis taken whole
    if (ai === null) {
      const lead = indices.shape.length - 1;
      const out = scatter(batchedAt(x, ax, size, p.batch), indices, batchedAt(u, au, size, lead), { ...p, axes });
      return { outs: [out], axes: [p.batch] };
    }
    const [x0, i0, u0] = [batchedAt(x, ax, size), batchedAt(indices, ai, size), batchedAt(u, au, size)];
    return { outs: [scatter(x0, i0, u0, { ...p, batch: p.batch + 1, axes })], axes: [0] };
  },
});
/** The operand with updates [B…, I…, rest] added, set, or combined by min or max at the indices. */
export const scatter = (x: Tensor, indices: Tensor, updates: Tensor, p: ScatterConfig): Tensor =>
  bind1(scatterOp, [x, indices, updates], { batch: p.batch, axes: p.axes, kind: p.kind });
