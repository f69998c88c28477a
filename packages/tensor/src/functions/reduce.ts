import { isFloat, ShapeError, sizeOf } from "@ansatz/backend";
import type { Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import * as arithmetic from "../ops/arithmetic";
import { convert, select } from "../ops/choice";
import { eq, lt, ne } from "../ops/comparison";
import { fill } from "../ops/fill";
import * as raw from "../ops/reductions";
import { reshape } from "../ops/shape";
import { sqrt } from "../ops/transcendental";
import { div, sub } from "./arithmetic";
import { type AxisArgument, kept, normalAxes, normalAxis } from "./axes";
import { asBool } from "./comparison";
import { type Need, operand, stretch } from "./promotion";

/** Reductions over one axis, several, or all (the default). `keepDims` leaves extent 1 in their place. */
export interface ReduceOptions {
  readonly keepDims?: boolean;
}

/** Applies a raw reduction over axes as users name them. */
export const reduced = (
  caller: string,
  t: Tensor,
  axis: AxisArgument,
  keepDims: boolean,
  op: (x: Tensor, axes: readonly number[]) => Tensor,
): Tensor => {
  const axes = normalAxes(caller, axis, t.shape.length);
  const out = axes.length === 0 ? t : op(t, axes);
  return keepDims ? reshape(out, kept(t.shape, axes)) : out;
};

const over =
  (caller: string, need: Need, op: (x: Tensor, axes: readonly number[]) => Tensor, nonempty = false) =>
  (x: TensorLike, axis?: AxisArgument, { keepDims = false }: ReduceOptions = {}): Tensor => {
    const t = operand(caller, x, need);
    if (nonempty && normalAxes(caller, axis, t.shape.length).some((k) => t.shape[k] === 0))
      throw new ShapeError(caller, "has no value over an empty axis", { shape: t.shape, axis });
    return reduced(caller, t, axis, keepDims, op);
  };

export type Reduction = (x: TensorLike, axis?: AxisArgument, options?: ReduceOptions) => Tensor;

/** Σ x; 0 over an empty axis; bools are counted. @example sum([[1, 2], [3, 4]], 0) // [4, 6] */
export const sum: Reduction = /* @__PURE__ */ over("sum", "numeric", raw.reduceSum);
/** Π x; 1 over an empty axis. The derivative is right at zeros. */
export const prod: Reduction = /* @__PURE__ */ over("prod", "numeric", raw.reduceProd);
/** The largest; NaN if any is NaN. The derivative is shared equally on ties. @throws {ShapeError} over an empty axis */
export const max: Reduction = /* @__PURE__ */ over("max", "plain", raw.reduceMax, true);
/** The smallest; NaN if any is NaN. @throws {ShapeError} over an empty axis */
export const min: Reduction = /* @__PURE__ */ over("min", "plain", raw.reduceMin, true);

/** Whether all are true (nonzero); true over an empty axis. */
export const all: Reduction = (x, axis, { keepDims = false } = {}) =>
  reduced("all", asBool(x, "all"), axis, keepDims, raw.reduceAnd);
/** Whether any is true (nonzero); false over an empty axis. */
export const any: Reduction = (x, axis, { keepDims = false } = {}) =>
  reduced("any", asBool(x, "any"), axis, keepDims, raw.reduceOr);
/** How many are not zero, as int32. */
export const countNonzero: Reduction = (x, axis, { keepDims = false } = {}) =>
  reduced("countNonzero", convert(asBool(x, "countNonzero"), "int32"), axis, keepDims, raw.reduceSum);

/** How many elements lie along the axes. */
const countOf = (t: Tensor, axes: readonly number[]): number => sizeOf(axes.map((k) => t.shape[k]));

const per = (total: Tensor, n: number): Tensor => arithmetic.div(total, fill(n, total));

/** The arithmetic mean; NaN over an empty axis; integers give the default float. */
export const mean: Reduction = (x, axis, { keepDims = false } = {}) => {
  const t = operand("mean", x, "float");
  return reduced("mean", t, axis, keepDims, (v, axes) => per(raw.reduceSum(v, axes), countOf(v, axes)));
};

export interface VarianceOptions extends ReduceOptions {
  /** Subtracted from the count in the denominator: 0 for the population (the default), 1 for the unbiased estimate. */
  readonly ddof?: number;
}
/** Mean squared deviation from the mean, Σ (x - x̄)² / (n - ddof), in two passes. */
export const variance = (
  x: TensorLike,
  axis?: AxisArgument,
  { keepDims = false, ddof = 0 }: VarianceOptions = {},
): Tensor => {
  const t = operand("variance", x, "float");
  const axes = normalAxes("variance", axis, t.shape.length);
  const centred = sub(t, mean(t, axes, { keepDims: true }));
  const squares = raw.reduceSum(arithmetic.square(centred), axes);
  const out = per(squares, Math.max(0, countOf(t, axes) - ddof));
  return keepDims ? reshape(out, kept(t.shape, axes)) : out;
};
/** √variance. The derivative is infinite (or NaN) where all deviations are 0. */
export const std = (x: TensorLike, axis?: AxisArgument, options: VarianceOptions = {}): Tensor =>
  sqrt(variance(x, axis, options));

export interface ArgOptions {
  readonly keepDims?: boolean;
}
const arg =
  (caller: string, op: (x: Tensor, axis: number) => Tensor) =>
  (x: TensorLike, axis?: number | null, { keepDims = false }: ArgOptions = {}): Tensor => {
    const t = operand(caller, x, "plain");
    const flat = axis === null || axis === undefined;
    const v = flat ? reshape(t, [t.size]) : t;
    const k = flat ? 0 : normalAxis(caller, axis, t.shape.length);
    if (v.shape[k] === 0) throw new ShapeError(caller, "has no value over an empty axis", { shape: t.shape, axis });
    const out = op(v, k);
    if (!keepDims) return out;
    return reshape(out, flat ? t.shape.map(() => 1) : kept(t.shape, [k]));
  };
/** int32 index of the first maximum along an axis (of the flattened tensor without one); the first NaN wins. */
export const argmax: (x: TensorLike, axis?: number | null, options?: ArgOptions) => Tensor = /* @__PURE__ */ arg(
  "argmax",
  raw.argmax,
);
/** int32 index of the first minimum along an axis (of the flattened tensor without one); the first NaN wins. */
export const argmin: (x: TensorLike, axis?: number | null, options?: ArgOptions) => Tensor = /* @__PURE__ */ arg(
  "argmin",
  raw.argmin,
);

/**
 * A power of two that brings numbers as large as m to where their squares neither overflow nor vanish: 1 nearly always.
 * float64 holds 2^-1074 to 2^1024, float32 2^-149 to 2^128.
 */
const comfortable = (m: Tensor): Tensor => {
  const [large, down, small, up] = m.dtype === "float64" ? [480, -600, -480, 600] : [50, -80, -50, 100];
  const power = (n: number): Tensor => fill(2 ** n, m);
  return select(lt(power(large), m), power(down), select(lt(m, power(small)), power(up), power(0)));
};

/**
 * √Σ x² over the axes: the Euclidean (Frobenius) length, also where the squares would overflow or vanish. The derivative at 0 is 0.
 *
 * @example norm([3e200, 4e200]) // 5e200
 */
export const norm: Reduction = (x, axis, { keepDims = false } = {}) => {
  const t = operand("norm", x, "float");
  const axes = normalAxes("norm", axis, t.shape.length);
  const shape = kept(t.shape, axes);
  const largest = axes.some((k) => t.shape[k] === 0) ? null : raw.reduceMax(arithmetic.abs(t), axes);
  const scaling = largest && comfortable(largest);
  const scaled = scaling ? arithmetic.mul(t, stretch(reshape(scaling, shape), t.shape)) : t;
  const squares = raw.reduceSum(arithmetic.square(scaled), axes);
  const zero = eq(squares, fill(0, squares));
  // √ has slope ∞ at 0: there the root is of 1 and the result is taken from a constant
  const root = select(zero, fill(0, squares), sqrt(select(zero, fill(1, squares), squares)));
  const out = scaling ? arithmetic.div(root, scaling) : root;
  return keepDims ? reshape(out, shape) : out;
};

/** max - min. */
export const ptp: Reduction = (x, axis, options) => sub(max(x, axis, options), min(x, axis, options));

const ignoring =
  (caller: string, identity: number, op: Reduction): Reduction =>
  (x, axis, options) => {
    const t = operand(caller, x, "numeric");
    return op(isFloat(t.dtype) ? select(ne(t, t), fill(identity, t), t) : t, axis, options);
  };
/** Σ x without the NaNs. */
export const nansum: Reduction = /* @__PURE__ */ ignoring("nansum", 0, (x, a, o) => sum(x, a, o));
/** The largest that is not NaN; -∞ if all are. */
export const nanmax: Reduction = /* @__PURE__ */ ignoring("nanmax", Number.NEGATIVE_INFINITY, (x, a, o) =>
  max(x, a, o),
);
/** The smallest that is not NaN; ∞ if all are. */
export const nanmin: Reduction = /* @__PURE__ */ ignoring("nanmin", Number.POSITIVE_INFINITY, (x, a, o) =>
  min(x, a, o),
);
/** The mean of what is not NaN. */
export const nanmean: Reduction = (x, axis, options) => {
  const t = operand("nanmean", x, "float");
  return div(nansum(t, axis, options), sum(convert(eq(t, t), t.dtype), axis, options));
};
