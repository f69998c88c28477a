import { type DType, sizeOf } from "@ansatz/backend";
import { sortKeyOf, sortStep } from "../emit/sort";
import { aligned } from "../memory/heap";
import { at, type Ref } from "../plan/func";
import { sortScratchBytes } from "../runtime";
import { lowering } from "./rule";
import type { Stored } from "./value";

export const sort = lowering<{ axis: number; keys: number }>("sort", (l, { axis, keys }, args) => {
  const { shape } = args[0];
  const from = args.map((a) => l.contiguous(a));
  const to = from.map((s): Stored => l.fresh(s));
  const length = shape[axis];
  const refs = (vs: readonly Stored[]): Ref[] => vs.map((v) => at(v.buffer));
  const own = aligned(Math.max(...args.slice(0, keys).map((a) => sortScratchBytes(sortKeyOf(a.dtype), length))));
  const scratchBytes = own + (args.length > 1 ? aligned(4 * length) : 0);
  if (sizeOf(shape) > 0)
    l.steps.push({
      kind: "sort",
      type: sortStep,
      dtypes: args.map((a): DType => a.dtype),
      keys,
      outer: sizeOf(shape.slice(0, axis)),
      length,
      inner: sizeOf(shape.slice(axis + 1)),
      from: refs(from),
      to: refs(to),
      scratch: at(l.buffer(scratchBytes)),
      scratchBytes,
      order: args.length > 1 ? own : undefined,
    });
  return to;
});
