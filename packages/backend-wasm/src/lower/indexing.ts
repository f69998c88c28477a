import { type DType, sizeOf } from "@ansatz/backend";
import { sortKeyOf } from "../emit/sort";
import { at, type Ref } from "../plan/func";
import { sortScratchBytes } from "../runtime";
import { NestBuilder } from "./nest-builder";
import { type Rule, rule } from "./rule";
import { constant, type Stored } from "./value";

const dynamicSlice = rule<{ sizes: readonly number[] }>((l, { sizes }, [x, ...starts]) => [
  sizeOf(sizes) === 0
    ? constant(0, x.dtype, sizes)
    : { kind: "sliced", dtype: x.dtype, shape: sizes, arg: l.store(x), starts },
]);

const dynamicUpdateSlice: Rule = (l, _, [x, update, ...starts], eq) => {
  const out = l.fresh(eq.outputs[0].aval);
  l.write(l.store(x), out);
  if (sizeOf(update.shape) === 0) return [out];
  const b = new NestBuilder(update.shape, l);
  const dynamic = b.starts(out, starts, update.shape);
  b.storeAt(out, b.value(update, b.identity), b.identity, { dynamic });
  l.nest(b.finish());
  return [out];
};

interface GatherParams {
  readonly batch: number;
  readonly axes: readonly number[];
  readonly mode: "clip" | "fill";
  readonly fillValue: number;
}

const gather = rule<GatherParams>((l, p, [x, indices], eq) => {
  const { shape } = eq.outputs[0].aval;
  const fill = x.dtype === "key" ? 0 : p.fillValue;
  // Nothing to read: whatever is asked for is out of range, and cannot be clipped into it.
  if (sizeOf(x.shape) === 0) return [constant(fill, x.dtype, shape)];
  return [
    {
      kind: "gathered",
      dtype: x.dtype,
      shape,
      arg: l.store(x),
      indices: l.weight(indices).work > 2 ? l.store(indices) : indices,
      batch: p.batch,
      axes: p.axes,
      mode: p.mode,
      fill,
    },
  ];
});

interface ScatterParams {
  readonly batch: number;
  readonly axes: readonly number[];
  readonly kind: "add" | "set" | "min" | "max";
}

const scatter = rule<ScatterParams>((l, p, [x, indices, updates], eq) => {
  const out = l.fresh(eq.outputs[0].aval);
  l.write(l.store(x), out);
  if (sizeOf(updates.shape) === 0 || sizeOf(x.shape) === 0) return [out];
  const b = new NestBuilder(updates.shape, l);
  const { dynamic, guard, affine } = b.lookup(indices, b.identity, out, p.batch, p.axes, false);
  b.storeAt(out, b.value(updates, b.identity), affine, { dynamic, guard, combine: p.kind });
  l.nest(b.finish());
  return [out];
});

const sort = rule<{ axis: number; keys: number }>((l, { axis, keys }, args) => {
  const { shape } = args[0];
  const from = args.map((a) => l.contiguous(a));
  const to = from.map((s): Stored => l.fresh(s));
  const length = shape[axis];
  const refs = (vs: readonly Stored[]): Ref[] => vs.map((v) => at(v.buffer));
  const scratch = Math.max(...args.slice(0, keys).map((a) => sortScratchBytes(sortKeyOf(a.dtype), length)));
  if (sizeOf(shape) > 0)
    l.steps.push({
      kind: "sort",
      dtypes: args.map((a): DType => a.dtype),
      keys,
      outer: sizeOf(shape.slice(0, axis)),
      length,
      inner: sizeOf(shape.slice(axis + 1)),
      from: refs(from),
      to: refs(to),
      scratch: at(l.buffer(scratch)),
      order: args.length > 1 ? at(l.buffer(4 * length)) : undefined,
    });
  return to;
});

export const indexingRules: Record<string, Rule> = { dynamicSlice, dynamicUpdateSlice, gather, scatter, sort };
