import { type Shape, sizeOf } from "@ansatz/backend";
import type { Lowering } from "./lowering";
import { lowering } from "./rule";
import { along, type Index, remap, reshaped, type Stored, type Value } from "./value";

export const reshapeTo = (l: Lowering, x: Value, shape: Shape): Value =>
  reshaped(x, shape) ?? reshaped(l.contiguous(x), shape)!;

export const reshape = lowering<{ shape: Shape }>("reshape", (l, { shape }, [x]) => [reshapeTo(l, x, shape)]);

export const transposed = (x: Value, permutation: readonly number[]): Value => {
  const index: Index[] = [];
  permutation.forEach((from, to) => {
    index[from] = along(to, permutation.length);
  });
  return remap(
    x,
    permutation.map((k) => x.shape[k]),
    index,
  );
};

export const transpose = lowering<{ permutation: readonly number[] }>("transpose", (_, { permutation }, [x]) => [
  transposed(x, permutation),
]);

export const broadcastTo = (l: Lowering, x: Value, shape: Shape, axes: readonly number[]): Value => {
  const rank = shape.length;
  const index = axes.map((k, i) =>
    x.shape[i] === 1 ? { offset: 0, coefs: new Array<number>(rank).fill(0) } : along(k, rank),
  );
  return remap(sizeOf(shape) > sizeOf(x.shape) ? l.repeatable(x) : x, shape, index);
};

export const broadcast = lowering<{ shape: Shape; axes: readonly number[] }>("broadcast", (l, { shape, axes }, [x]) => [
  broadcastTo(l, x, shape, axes),
]);

export const sliced = (x: Value, start: readonly number[], shape: Shape, strides?: readonly number[]): Value =>
  remap(
    x,
    shape,
    shape.map((_, k) => along(k, shape.length, strides?.[k] ?? 1, start[k])),
  );

export const slice = lowering<{ start: readonly number[]; strides: readonly number[] }>("slice", (_, p, [x], eq) => [
  sliced(x, p.start, eq.outputs[0].aval.shape, p.strides),
]);

export const reverse = lowering<{ axes: readonly number[] }>("reverse", (_, { axes }, [x]) => {
  const rank = x.shape.length;
  const index = x.shape.map((n, k) => (axes.includes(k) ? along(k, rank, -1, n - 1) : along(k, rank)));
  return [remap(x, x.shape, index)];
});

/** The elements of `out` at start + stride · index, for writing. */
export const part = (out: Stored, start: readonly number[], shape: Shape, strides?: readonly number[]): Stored =>
  sliced(out, start, shape, strides) as Stored;

/** The fill is written everywhere, then the operand's elements in their places. */
export const pad = lowering<{ low: readonly number[]; interior: readonly number[] }>(
  "pad",
  (l, { low, interior }, [x, value], eq) => {
    const { shape } = eq.outputs[0].aval;
    const out = l.fresh(eq.outputs[0].aval);
    const first: number[] = [];
    const counts: number[] = [];
    const steps = interior.map((i) => i + 1);
    shape.forEach((n, a) => {
      // The elements i with 0 ≤ low + i·step < n.
      first[a] = Math.max(0, Math.ceil(-low[a] / steps[a]));
      const last = Math.min(x.shape[a] - 1, Math.floor((n - 1 - low[a]) / steps[a]));
      counts[a] = Math.max(0, last - first[a] + 1);
    });
    if (sizeOf(counts) < sizeOf(shape)) l.write(remap(value, shape, []), out);
    const start = low.map((lo, a) => lo + first[a] * steps[a]);
    if (sizeOf(counts) > 0) l.write(sliced(x, first, counts), part(out, start, counts, steps));
    return [out];
  },
);

export const concatenate = lowering<{ axis: number }>("concatenate", (l, { axis }, args, eq) => {
  const out = l.fresh(eq.outputs[0].aval);
  const start = out.shape.map(() => 0);
  for (const x of args) {
    if (sizeOf(x.shape) > 0) l.write(x, part(out, start, x.shape));
    start[axis] += x.shape[axis];
  }
  return [out];
});
