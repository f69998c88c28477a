import { type Shape, sizeOf } from "@ansatz/backend";
import { add, and, belowUnsigned, clamp, convert, max, min } from "../emit/ops";
import type { Dynamic } from "../nest/ir";
import { NestBuilder } from "./nest-builder";
import { lowering } from "./rule";
import { type Computed, constant, type Index, type Stored, type Value } from "./value";

const zero: Index = { offset: 0, coefs: [] };

/**
 * Where gather reads and scatter writes: `index` runs over [B…, I…, rest]; the operand is `arg`. With `clip`, indices are brought
 * into range; otherwise `guard` says whether they are.
 */
const lookup = (
  b: NestBuilder,
  indices: Value,
  index: readonly Index[],
  arg: Stored,
  batch: number,
  axes: readonly number[],
  clip: boolean,
) => {
  const lead = indices.shape.length - 1;
  const dynamic: Dynamic[] = [];
  const affine: Index[] = [];
  let guard = -1;
  let rest = lead;
  const unsigned = indices.dtype === "uint32";
  arg.shape.forEach((extent, a) => {
    const which = axes.indexOf(a);
    if (a < batch) affine.push(index[a]);
    else if (which < 0) affine.push(index[rest++]);
    else {
      affine.push(zero);
      let i = b.value(indices, [...index.slice(0, lead), { offset: which, coefs: [] }]);
      const size = b.size(extent);
      if (clip) {
        const last = b.size(Math.max(0, extent - 1));
        i = unsigned
          ? b.op(min, "uint32", i, b.op(convert, "uint32", last))
          : b.op(clamp, "int32", b.constant(0, "int32"), i, last);
      } else {
        const inside = b.op(belowUnsigned, "bool", i, size);
        guard = guard < 0 ? inside : b.op(and, "bool", guard, inside);
      }
      dynamic.push({ node: i, stride: arg.strides[a] });
    }
  });
  return { dynamic, guard, affine };
};

/** Clamped dynamic starts of a block of `sizes` in `arg`. */
const startsOf = (b: NestBuilder, arg: Stored, starts: readonly Value[], sizes: Shape): Dynamic[] =>
  starts.flatMap((s, a) => {
    const room = arg.shape[a] - sizes[a];
    if (room === 0) return [];
    const node = b.op(clamp, "int32", b.constant(0, "int32"), b.value(s, []), b.size(room));
    return [{ node, stride: arg.strides[a] }];
  });

/** A block at int32 scalar starts, clamped so that it lies inside. */
const sliced = (arg: Stored, starts: readonly Value[], sizes: Shape): Computed => ({
  kind: "computed",
  dtype: arg.dtype,
  shape: sizes,
  read: (b, index) => b.load(arg, index, startsOf(b, arg, starts, sizes)),
  weight: () => ({ work: 0, nodes: 1 + 3 * starts.length, loads: 1 + starts.length }),
});

const gathered = (
  arg: Stored,
  indices: Value,
  shape: Shape,
  { batch, axes, mode }: GatherParams,
  fill: number,
): Computed => ({
  kind: "computed",
  dtype: arg.dtype,
  shape,
  read: (b, index) => {
    const { dynamic, guard, affine } = lookup(b, indices, index, arg, batch, axes, mode === "clip");
    return b.load(arg, affine, dynamic, guard, guard < 0 ? -1 : b.constant(fill, arg.dtype));
  },
  weight: (of) => {
    const w = of(indices);
    return { work: 4 + 2 * axes.length + w.work, nodes: 4 * axes.length + w.nodes, loads: 1 + w.loads };
  },
});

export const dynamicSlice = lowering<{ sizes: readonly number[] }>("dynamicSlice", (l, { sizes }, [x, ...starts]) => [
  sizeOf(sizes) === 0 ? constant(0, x.dtype, sizes) : sliced(l.store(x), starts, sizes),
]);

export const dynamicUpdateSlice = lowering("dynamicUpdateSlice", (l, _, [x, update, ...starts], eq) => {
  const out = l.fresh(eq.outputs[0].aval);
  l.write(l.store(x), out);
  if (sizeOf(update.shape) === 0) return [out];
  const b = new NestBuilder(update.shape, l);
  const dynamic = startsOf(b, out, starts, update.shape);
  b.storeAt(out, b.value(update, b.identity), b.identity, { dynamic });
  l.nest(b.finish());
  return [out];
});

interface GatherParams {
  readonly batch: number;
  readonly axes: readonly number[];
  readonly mode: "clip" | "fill";
  readonly fillValue: number;
}

export const gather = lowering<GatherParams>("gather", (l, p, [x, indices], eq) => {
  const { shape } = eq.outputs[0].aval;
  const fill = x.dtype === "key" ? 0 : p.fillValue;
  // Nothing to read: whatever is asked for is out of range, and cannot be clipped into it.
  if (sizeOf(x.shape) === 0) return [constant(fill, x.dtype, shape)];
  return [gathered(l.store(x), l.weight(indices).work > 2 ? l.store(indices) : indices, shape, p, fill)];
});

interface ScatterParams {
  readonly batch: number;
  readonly axes: readonly number[];
  readonly kind: "add" | "set" | "min" | "max";
}

/** How an update meets what is there. */
const combining = { set: undefined, add, min, max };

export const scatter = lowering<ScatterParams>("scatter", (l, p, [x, indices, updates], eq) => {
  const out = l.fresh(eq.outputs[0].aval);
  l.write(l.store(x), out);
  if (sizeOf(updates.shape) === 0 || sizeOf(x.shape) === 0) return [out];
  const b = new NestBuilder(updates.shape, l);
  const { dynamic, guard, affine } = lookup(b, indices, b.identity, out, p.batch, p.axes, false);
  b.storeAt(out, b.value(updates, b.identity), affine, { dynamic, guard, combine: combining[p.kind] });
  l.nest(b.finish());
  return [out];
});
