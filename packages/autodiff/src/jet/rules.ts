import type { Params } from "@ansatz/backend";
import { add, cos, cosh, div, exp, log, mul, neg, pow, sin, sinh, sub, type Tensor } from "@ansatz/tensor";
import { bind1, type Tangent, type TensorOp } from "@ansatz/tensor/transforms";
import type { Series } from "./trace";

/**
 * How a core op takes power series, where there is a shorter way than its tangent rule; undefined: not this time. Griewank & Walther 2008, "Evaluating
 * Derivatives", §13.2.
 */
export type SeriesRule = (
  op: TensorOp,
  series: readonly Series[],
  params: Params,
  order: number,
) => readonly Series[] | undefined;

/** Ops whose tangent rule holds for every coefficient, for they are linear between their kinks. */
export const piecewiseLinear: ReadonlySet<string> = /* @__PURE__ */ new Set([
  "abs",
  "add",
  "clamp",
  "concatenate",
  "convert",
  "cumMax",
  "cumMin",
  "dynamicSlice",
  "dynamicUpdateSlice",
  "gather",
  "max",
  "min",
  "mod",
  "pad",
  "reduceMax",
  "reduceMin",
  "reduceWindow",
  "scatter",
  "select",
  "sort",
  "sub",
]);

/** Σ of terms j = from … to, zeros left out. */
const sumOf = (from: number, to: number, term: (j: number) => Tangent): Tangent => {
  let s: Tangent = null;
  for (let j = from; j <= to; j++) {
    const t = term(j);
    if (t !== null) s = s === null ? t : add(s, t);
  }
  return s;
};
const both = (a: Tangent, b: Tangent, f: (a: Tensor, b: Tensor) => Tensor): Tangent =>
  a === null || b === null ? null : f(a, b);
const minus = (a: Tangent, b: Tangent): Tangent => (b === null ? a : a === null ? neg(b) : sub(a, b));
const scaled = (c: number, t: Tangent): Tangent => (t === null ? null : mul(c, t));

/** z = x · y for any bilinear op: z_k = Σ x_j · y_(k-j). */
const bilinear: SeriesRule = (op, [x, y], params, order) => [
  Array.from({ length: order + 1 }, (_, k) =>
    sumOf(0, k, (j) => both(x[j], y[k - j], (a, b) => bind1(op, [a, b], params))),
  ),
];

/** z = x / y: x = z y, so z_k = (x_k - Σ_{j ≥ 1} y_j z_(k-j)) / y₀. */
const quotient: SeriesRule = (_, [x, y], _p, order) => {
  const z: Tangent[] = [];
  for (let k = 0; k <= order; k++) {
    const s = sumOf(1, k, (j) => both(y[j], z[k - j], mul));
    z.push(both(minus(x[k], s), y[0], div));
  }
  return [z];
};

/** Coefficient k of ∫ x' y: (1/k) Σ j x_j y_(k-j). */
const integral = (x: Series, y: readonly Tangent[], k: number): Tangent =>
  scaled(
    1 / k,
    sumOf(1, k, (j) => scaled(j, both(x[j], y[k - j], mul))),
  );

/** z' = x' z, from z₀. */
const exponential = (x: Series, z0: Tensor, order: number): Tangent[] => {
  const z: Tangent[] = [z0];
  for (let k = 1; k <= order; k++) z.push(integral(x, z, k));
  return z;
};

/** A pair of functions that are each other's derivatives, up to the sign of the second's: s' = x' c, c' = ± x' s. */
const pair =
  (first: (x: Tensor) => Tensor, second: (x: Tensor) => Tensor, sign: 1 | -1, which: 0 | 1): SeriesRule =>
  (_, [x], _p, order) => {
    const s: Tangent[] = [first(x[0] as Tensor)];
    const c: Tangent[] = [second(x[0] as Tensor)];
    for (let k = 1; k <= order; k++) {
      const ds = integral(x, c, k);
      const dc = integral(x, s, k);
      s.push(ds);
      c.push(sign === 1 || dc === null ? dc : neg(dc));
    }
    return [which === 0 ? s : c];
  };

/** x' = z' x, so z_k = (x_k - (1/k) Σ_{j < k} j z_j x_(k-j)) / x₀. */
const logarithm = (x: Series, order: number): Tangent[] => {
  const z: Tangent[] = [log(x[0] as Tensor)];
  for (let k = 1; k <= order; k++) {
    const s = scaled(
      1 / k,
      sumOf(1, k - 1, (j) => scaled(j, both(z[j], x[k - j], mul))),
    );
    z.push(both(minus(x[k], s), x[0], div));
  }
  return z;
};

/** x^y where y moves: e^(y log x). A constant y goes by the tangent rule, which is right where x is 0. */
const power: SeriesRule = (_, [x, y], _p, order) => {
  if (y.slice(1).every((c) => c === null)) return undefined;
  const l = logarithm(x, order);
  const w = Array.from({ length: order + 1 }, (_, k) => sumOf(0, k, (j) => both(y[j], l[k - j], mul)));
  return [exponential(w, pow(x[0] as Tensor, y[0] as Tensor), order)];
};

export const rules: ReadonlyMap<string, SeriesRule> = /* @__PURE__ */ new Map<string, SeriesRule>([
  ["mul", bilinear],
  ["dotGeneral", bilinear],
  ["convGeneral", bilinear],
  ["div", quotient],
  ["exp", (_, [x], _p, order) => [exponential(x, exp(x[0] as Tensor), order)]],
  ["log", (_, [x], _p, order) => [logarithm(x, order)]],
  ["sin", pair(sin, cos, -1, 0)],
  ["cos", pair(sin, cos, -1, 1)],
  ["sinh", pair(sinh, cosh, 1, 0)],
  ["cosh", pair(sinh, cosh, 1, 1)],
  ["pow", power],
]);
