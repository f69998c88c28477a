import { DomainError, type DType, DTypeError, isInteger, type Shape, ShapeError, sizeOf } from "@ansatz/backend";
import { scalar, type Tensor } from "../core/tensor";
import { type TensorLike, toTensor } from "../core/tensor-like";
import { normalAxis } from "../functions/axes";
import { asIndices } from "../functions/create";
import { unstack } from "../functions/join";
import { broadcastShapes, cast, operand, stretch } from "../functions/promotion";
import { part, reshape as reshapeTo } from "../functions/shape";
import { searchsorted } from "../functions/sort";
import { add, mod, mul, sub } from "../ops/arithmetic";
import { range } from "../ops/batching";
import { bitcast, convert, iota, select } from "../ops/choice";
import { le } from "../ops/comparison";
import { cumSum } from "../ops/cumulative";
import { fill, onesLike } from "../ops/fill";
import { gather } from "../ops/indexing";
import { randomBits } from "../ops/random";
import { argmax } from "../ops/reductions";
import { broadcast, reshape, reverse, transpose } from "../ops/shape";
import { sort } from "../ops/sorting";
import { log } from "../ops/transcendental";
import { asKey, split } from "./keys";
import { gumbel, uniform } from "./samplers";

export interface RandintOptions {
  /** int32 (the default) or uint32. */
  readonly dtype?: DType;
}
/**
 * Integers from min (included) to max (not included), by JAX's construction: 64 random bits modulo the span, so the probabilities differ
 * from equal by less than 2⁻³². If max ≤ min, min.
 */
export const randint = (
  k: Tensor,
  shape: Shape,
  min: TensorLike,
  max: TensorLike,
  { dtype = "int32" }: RandintOptions = {},
): Tensor => {
  if (!isInteger(dtype)) throw new DTypeError("randint", "samples int32 or uint32", { dtype });
  const [k1, k2] = unstack(split(asKey("randint", k)), -1);
  const limit = dtype === "int32" ? 2 ** 31 : 2 ** 32;
  // an upper bound one past the largest integer is allowed, and then the span is one larger than its difference
  const past = max === limit;
  const low = word("randint", min, dtype);
  const high = past ? scalar(limit - 1, dtype) : word("randint", max, dtype);
  const full = [...k1.shape, ...shape];
  const common = broadcastShapes("randint", full, low.shape, high.shape);
  if (common.length !== full.length || common.some((d, i) => d !== full[i]))
    throw new ShapeError("randint", "bounds must broadcast to the shape", {
      shape: full,
      min: low.shape,
      max: high.shape,
    });
  const [a, b] = [stretch(low, full), stretch(high, full)];
  const unsigned = (t: Tensor): Tensor => (t.dtype === "uint32" ? t : bitcast(t, "uint32"));
  const difference = unsigned(sub(b, a));
  const empty = past ? null : le(b, a);
  const span = past ? add(difference, onesLike(difference)) : select(empty as Tensor, onesLike(difference), difference);
  const [upper, lower] = [randomBits(k1, shape), randomBits(k2, shape)];
  // every uint32 is asked for: 2³² is no uint32, and the bits are the answer
  if (past && min === (dtype === "int32" ? -(2 ** 31) : 0)) return bitcast(lower, dtype);
  // (2³² upper + lower) mod span, with 2³² mod span = (2¹⁶ mod span)² mod span
  const root = mod(fill(2 ** 16, span), span);
  const multiplier = mod(mul(root, root), span);
  const offset = mod(add(mul(mod(upper, span), multiplier), mod(lower, span)), span);
  return add(a, bitcast(offset, dtype));
};
const word = (caller: string, v: TensorLike, dtype: DType): Tensor => {
  if (typeof v === "number") return cast(caller, v, { dtype, weak: false });
  const t = asIndices(v, caller);
  return t.dtype === dtype ? t : convert(t, dtype);
};

export interface CategoricalOptions {
  readonly axis?: number;
  /** The shape of the sample; it ends in the batch shape of the logits (their shape without `axis`), which is also the default. */
  readonly shape?: Shape;
}
/** int32 classes with probabilities softmax(logits) along an axis, by the Gumbel maximum. */
export const categorical = (k: Tensor, logits: TensorLike, { axis = -1, shape }: CategoricalOptions = {}): Tensor => {
  const t = operand("categorical", logits, "float");
  const a = normalAxis("categorical", axis, t.shape.length);
  const batch = t.shape.filter((_, i) => i !== a);
  const wanted = shape ?? batch;
  const lead = wanted.length - batch.length;
  const common = lead < 0 ? [] : broadcastShapes("categorical", wanted, batch);
  if (lead < 0 || common.some((d, i) => d !== wanted[i]))
    throw new ShapeError("categorical", "shape must end in the batch shape of the logits", {
      shape: wanted,
      logits: t.shape,
      axis,
    });
  const inner = wanted.slice(lead);
  const full = [...wanted.slice(0, lead), ...inner.slice(0, a), t.shape[a], ...inner.slice(a)];
  const noise = gumbel(k, full, { dtype: t.dtype });
  return argmax(add(noise, stretch(t, full)), a + lead);
};

/** One shuffle: sorting by random bits, as often as makes collisions harmless (as JAX). */
const shuffle = (k: Tensor, x: Tensor, axis: number): Tensor => {
  const rounds = Math.ceil((3 * Math.log(Math.max(1, x.size))) / Math.log(2 ** 32 - 1));
  let current = k;
  let y = x;
  for (let i = 0; i < rounds; i++) {
    const [next, sub] = unstack(split(current));
    current = next;
    y = sort([randomBits(sub, x.shape), y], axis)[1];
  }
  return y;
};

export interface PermutationOptions {
  readonly axis?: number;
  /** Shuffle every vector along the axis on its own, instead of whole slices. */
  readonly independent?: boolean;
}
/** 0 … n - 1 in random order, or a tensor's slices along an axis. @example permutation(k, 5) // int32 */
export const permutation = (
  k: Tensor,
  x: number | TensorLike,
  { axis = 0, independent = false }: PermutationOptions = {},
): Tensor => {
  const keyed = asKey("permutation", k);
  if (typeof x === "number") return shuffle(keyed, iota([counted("permutation", x)], "int32", 0), 0);
  const t = toTensor(x, "permutation");
  const a = normalAxis("permutation", axis, t.shape.length);
  if (independent || t.shape.length === 1) return shuffle(keyed, t, a);
  return takeRows(t, shuffle(keyed, iota([t.shape[a]], "int32", 0), 0), a);
};
const counted = (caller: string, n: number): number => {
  if (!Number.isInteger(n) || n < 0) throw new DomainError(caller, "a count must be a nonnegative integer", { n });
  return n;
};
/** Whole slices of t along an axis, at int32 indices of any shape, which takes the axis's place. */
const takeRows = (t: Tensor, indices: Tensor, axis: number): Tensor => {
  const y = gather(t, reshape(indices, [...indices.shape, 1]), { batch: 0, axes: [axis], mode: "clip" });
  // [I…, rest] → the axis replaced by I…
  const n = indices.shape.length;
  const rank = y.shape.length;
  return transpose(y, [...range(axis, n), ...range(n), ...range(rank - n - axis, n + axis)]);
};

export interface ChoiceOptions {
  readonly shape?: Shape;
  readonly replace?: boolean;
  /** Probabilities along the axis; equal if left out. */
  readonly p?: TensorLike;
  readonly axis?: number;
}
/** Drawn from 0 … n - 1, or from a tensor's slices along an axis, with or without putting back. */
export const choice = (
  k: Tensor,
  a: number | TensorLike,
  { shape = [], replace = true, p, axis = 0 }: ChoiceOptions = {},
): Tensor => {
  const keyed = asKey("choice", k);
  const t = typeof a === "number" ? null : toTensor(a, "choice");
  const at = t ? normalAxis("choice", axis, t.shape.length) : 0;
  const n = t ? t.shape[at] : counted("choice", a as number);
  const draws = sizeOf(shape);
  if (n === 0 && draws > 0) throw new ShapeError("choice", "nothing to choose from", { a: t?.shape ?? a });
  if (!replace && draws > n)
    throw new DomainError("choice", "cannot draw more than there are without replacement", { draws, from: n });
  const picked = (ind: Tensor): Tensor => (t ? takeRows(t, ind, at) : ind);
  if (p === undefined) {
    if (replace) return picked(randint(keyed, shape, 0, n));
    const some = part(permutation(keyed, t ?? n, { axis: at }), at, 0, draws);
    return t
      ? reshapeTo(some, [...some.shape.slice(0, at), ...shape, ...some.shape.slice(at + 1)])
      : reshape(some, shape);
  }
  const weights = operand("choice", p, "float");
  if (weights.shape.length !== 1 || weights.shape[0] !== n)
    throw new ShapeError("choice", "p must be a vector with one probability each", { p: weights.shape, n });
  if (replace) {
    const sums = cumSum(weights, 0);
    const total = reshape(part(sums, 0, n - 1, n), []);
    const u = uniform(keyed, shape, { dtype: weights.dtype });
    return picked(searchsorted(sums, mul(broadcast(total, shape, []), sub(onesLike(u), u))));
  }
  const noise = add(gumbel(keyed, [n], { dtype: weights.dtype }), log(weights));
  // the largest first, as JAX: an ascending sort read from its end
  const order = sort([noise, iota([n], "int32", 0)], 0)[1];
  return picked(reshape(part(reverse(order, [0]), 0, 0, draws), shape));
};
