import { isFloat, ShapeError } from "@ansatz/backend";
import { scalar, type Tensor } from "../core/tensor";
import { type TensorLike, toTensor } from "../core/tensor-like";
import { floorDiv, mod, sub } from "../ops/arithmetic";
import { convert, iota, select } from "../ops/choice";
import { and, ne, not } from "../ops/comparison";
import { cumSum } from "../ops/cumulative";
import { fill } from "../ops/fill";
import { gather, scatter } from "../ops/indexing";
import { reduceSum } from "../ops/reductions";
import { broadcast, concatenate, reshape } from "../ops/shape";
import { sort } from "../ops/sorting";
import { asBool } from "./comparison";
import { operand } from "./promotion";
import { part } from "./shape";

/**
 * Functions whose result is as long as the data says. They are async, because a length must be known before a tensor can be made; under jit
 * and vmap use the form that takes the length: fewer elements are padded, more are cut.
 */

/** Flat places where a mask holds, in order, `size` of them; then the flat size (out of range). */
const places = (mask: Tensor, size: number): Tensor => {
  const flat = reshape(mask, [mask.size]);
  const n = flat.size;
  const rank = cumSum(convert(flat, "int32"), 0);
  // the k-th true goes to place k - 1; the others nowhere
  const to = select(flat, sub(rank, fill(1, rank)), fill(-1, rank));
  const empty = fill(n, { shape: [size], dtype: "int32" });
  return scatter(empty, reshape(to, [n, 1]), iota([n], "int32", 0), { batch: 0, axes: [0], kind: "set" });
};
const countOf = async (mask: Tensor): Promise<number> => {
  const total = reduceSum(convert(reshape(mask, [mask.size]), "int32"), [0]);
  return Number((await total.data())[0]);
};

/** Where x is not zero: int32 indices, one vector per axis. */
export const nonzero = async (x: TensorLike): Promise<Tensor[]> => {
  const mask = asBool(x, "nonzero");
  return nonzeroSized(mask, await countOf(mask));
};
/** The first `size` places where x is not zero, one vector per axis; places that are not there have the index `fillValue`. */
export const nonzeroSized = (x: TensorLike, size: number, fillValue = 0): Tensor[] => {
  const mask = asBool(x, "nonzeroSized");
  const flat = places(mask, size);
  const there = ne(flat, fill(mask.size, flat));
  let stride = mask.size;
  return mask.shape.map((d) => {
    stride = d === 0 ? 0 : stride / d;
    const i = mod(floorDiv(flat, fill(stride, flat)), fill(d, flat));
    return select(there, i, fill(fillValue, i));
  });
};
/** Indices [count, rank] where x is not zero. */
export const argwhere = async (x: TensorLike): Promise<Tensor> => {
  const columns = await nonzero(x);
  if (columns.length === 0)
    return fill(0, { shape: [(await countOf(asBool(x, "argwhere"))) as number, 0], dtype: "int32" });
  return concatenate(
    columns.map((c) => reshape(c, [c.size, 1])),
    1,
  );
};

/** The elements (or slices, if the mask has fewer axes) of x where the mask holds. @example await booleanMask([1, 2, 3], [true, false, true]) // [1, 3] */
export const booleanMask = async (x: TensorLike, mask: TensorLike): Promise<Tensor> => {
  const m = asBool(mask, "booleanMask");
  return booleanMaskSized(x, m, await countOf(m));
};
/** The first `size` of them, zeros where there are fewer. */
export const booleanMaskSized = (x: TensorLike, mask: TensorLike, size: number): Tensor => {
  const t = toTensor(x, "booleanMask");
  const m = asBool(mask, "booleanMask");
  const k = m.shape.length;
  if (k > t.shape.length || m.shape.some((d, i) => d !== t.shape[i]))
    throw new ShapeError("booleanMask", "the mask must cover the leading axes", { x: t.shape, mask: m.shape });
  const rows = reshape(t, [m.size, ...t.shape.slice(k)]);
  return gather(rows, reshape(places(m, size), [size, 1]), { batch: 0, axes: [0], mode: "fill", fillValue: 0 });
};

export interface Unique {
  /** The distinct elements, ascending; NaN once, last. */
  readonly values: Tensor;
  /** Where each occurs first in the flattened input. */
  readonly indices: Tensor;
  /** The place in `values` of every element of the flattened input. */
  readonly inverse: Tensor;
  /** How often each occurs. */
  readonly counts: Tensor;
}
/** The distinct elements of the flattened input. */
export const unique = async (x: TensorLike): Promise<Unique> => {
  const s = sortedRuns(operand("unique", x, "plain"));
  return uniqueOf(s, await countOf(s.starts));
};
/** The first `size` distinct elements; where there are fewer the smallest is repeated, with count 0. */
export const uniqueSized = (x: TensorLike, size: number): Unique =>
  uniqueOf(sortedRuns(operand("unique", x, "plain")), size);

interface Runs {
  readonly sorted: Tensor;
  readonly order: Tensor;
  /** Where a run of equal elements begins. */
  readonly starts: Tensor;
}
const sortedRuns = (t: Tensor): Runs => {
  const n = t.size;
  const [sorted, order] = sort([reshape(t, [n]), iota([n], "int32", 0)], 0);
  if (n === 0) return { sorted, order, starts: fill(0, { shape: [0], dtype: "bool" }) };
  const [before, after] = [part(sorted, 0, 0, n - 1), part(sorted, 0, 1, n)];
  const differs = ne(before, after);
  const missing = (v: Tensor): Tensor => ne(v, v);
  const change = isFloat(t.dtype) ? and(differs, not(and(missing(before), missing(after)))) : differs;
  return { sorted, order, starts: concatenate([broadcast(scalar(1, "bool"), [1], []), change], 0) };
};
const uniqueOf = ({ sorted, order, starts }: Runs, size: number): Unique => {
  const n = sorted.size;
  const first = places(starts, size);
  const there = ne(first, fill(n, first));
  const at = reshape(select(there, first, fill(0, first)), [size, 1]);
  const read = (t: Tensor): Tensor => gather(t, at, { batch: 0, axes: [0], mode: "clip" });
  const ends = concatenate(
    [part(first, 0, Math.min(1, size), size), fill(n, { shape: [Math.min(1, size)], dtype: "int32" })],
    0,
  );
  const run = sub(cumSum(convert(starts, "int32"), 0), fill(1, order));
  const inverse = scatter(fill(0, order), reshape(order, [n, 1]), run, { batch: 0, axes: [0], kind: "set" });
  return { values: read(sorted), indices: read(order), inverse, counts: sub(ends, first) };
};
