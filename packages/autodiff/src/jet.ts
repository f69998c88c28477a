import { DomainError } from "@ansatz/backend";
import { mul, type Tensor } from "@ansatz/tensor";
import { ones, type Structure, type Tangent, unflattenFrom, withWeak, zeros } from "@ansatz/tensor/transforms";
import { type Flat, flatArguments, flatFunction, likeLeaves, nameOf } from "./arguments";
import { jetFlat, type Series } from "./jet/trace";
import type { Like, Likes, OfTree, TensorLike, Tensors } from "./types";

export interface Jet<R> {
  readonly value: Tensors<R>;
  /** Entry k - 1 is the coefficient of t^k. */
  readonly series: Tensors<R>[];
}

/**
 * Taylor mode: the power series of f along a curve,
 *
 *   x(t) = x + Σ series[k-1] t^k   ↦   f(x(t)) = value + Σ result[k-1] t^k + O(t^(K+1)),
 *
 * all K coefficients in one pass of O(K²) operations per operation of f (O(K³) where a function has only its tangent rule), against 2^K for jvp in
 * jvp. Coefficients, not derivatives: d^k f/dt^k = k! · result[k-1]. For K = 1 it is jvp.
 *
 * @param primals the arguments of f, as an array
 * @param series  K lists like `primals`: the coefficients of t, t², …, t^K
 * @see Griewank & Walther 2008, "Evaluating Derivatives", ch. 13; Bettencourt, Johnson & Duvenaud 2019
 * @example jet((x) => exp(x), [0], [[1], [0], [0]]).series // [1, 1/2, 1/6]
 */
export function jet<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  primals: Likes<NoInfer<A>>,
  series: readonly Likes<NoInfer<A>>[],
): Jet<R> {
  const caller = nameOf("jet", f);
  const flat = flatArguments(f, primals as readonly unknown[], caller);
  const columns = series.map((s, k) => likeLeaves(s, flat.structure, flat.primals, caller, `series[${k}]`));
  const along = flat.primals.map((x, i) => [x, ...columns.map((c) => c[i])]);
  const { outs, structure } = run(flat, along, series.length, caller);
  return {
    value: rebuild(structure, outs, 0) as Tensors<R>,
    series: series.map((_, k) => rebuild(structure, outs, k + 1) as Tensors<R>),
  };
}

/**
 * The Taylor coefficients of f at x along a direction, by default 1 in every entry:
 *
 *   f(x + t v) = c₀ + c₁ t + … + c_n t^n + O(t^(n+1))
 *
 * @returns [c₀, …, c_n]
 * @example taylor((x) => log1p(x), 0, 3) // [0, 1, -1/2, 1/3]
 */
export function taylor(f: (x: Tensor) => Tensor, x: TensorLike, order: number, direction?: TensorLike): Tensor[];
export function taylor<X, R>(
  f: ((x: X) => R) & OfTree<X>,
  x: Like<NoInfer<X>>,
  order: number,
  direction?: Like<NoInfer<X>>,
): Tensors<R>[];
export function taylor(f: (x: never) => unknown, x: unknown, order: number, direction?: unknown): unknown[] {
  const caller = nameOf("taylor", f);
  wholeOrder(caller, order);
  const flat = flatFunction(f, x, [], caller);
  const v =
    direction === undefined
      ? flat.primals.map((t) => withWeak(ones(t), t.weak))
      : likeLeaves(direction, flat.structure, flat.primals, caller, "direction");
  const along = flat.primals.map((t, i) => [t, ...zeroth(v[i], order)]);
  const { outs, structure } = run(flat, along, order, caller);
  return Array.from({ length: order + 1 }, (_, k) => rebuild(structure, outs, k));
}

/**
 * The n-th derivative of f at x: f⁽ⁿ⁾(x) = n! c_n, c_n by `taylor`. For x with several entries it is that along the direction of ones, which for an
 * elementwise f is the n-th derivative of each entry.
 *
 * @example nthDerivative((t) => exp(mul(3, sub(exp(t), 1))), 0, 2) // 12: the second moment of Poisson's law with mean 3
 */
export function nthDerivative(f: (x: Tensor) => Tensor, x: TensorLike, n: number): Tensor;
export function nthDerivative<X, R>(f: ((x: X) => R) & OfTree<X>, x: Like<NoInfer<X>>, n: number): Tensors<R>;
export function nthDerivative(f: (x: never) => unknown, x: unknown, n: number): unknown {
  wholeOrder("nthDerivative", n);
  let factorial = 1;
  for (let k = 2; k <= n; k++) factorial *= k;
  const flat = flatFunction(f, x, [], nameOf("nthDerivative", f));
  const along = flat.primals.map((t) => [t, ...zeroth(withWeak(ones(t), t.weak), n)]);
  const { outs, structure } = run(flat, along, n, "nthDerivative");
  return unflattenFrom(
    structure,
    outs.map((s) => mul(factorial, s[n] ?? zeros(s[0] as Tensor))),
    { at: 0 },
  );
}

/**
 * The power series of the solution of ẋ = f(x), x(0) = x0: x(t) = Σ x_k t^k with
 *
 *   x_(k+1) = (1/(k + 1)) · coefficient k of f(x(t))
 *
 * For f that depends on time, put t among the unknowns with ṫ = 1.
 *
 * @param f a tree like x0 from a tree like x0   @returns [x0, x₁, …, x_order]
 * @example odeSeries((x) => mul(x, x), 1, 4) // 1/(1 - t): [1, 1, 1, 1, 1]
 */
export function odeSeries<X>(f: (x: Tensors<NoInfer<X>>) => Tensors<NoInfer<X>>, x0: X, order: number): Tensors<X>[] {
  const caller = nameOf("odeSeries", f);
  wholeOrder(caller, order);
  const flat = flatFunction(f as (...a: never[]) => unknown, x0, [], caller);
  const xs: Tangent[][] = flat.primals.map((x) => [x]);
  for (let k = 0; k < order; k++) {
    const { outs } = run(flat, xs, k, caller);
    const slopes = likeLeaves(
      unflattenFrom(
        flat.result(),
        outs.map((s) => s[k] ?? zeros(s[0] as Tensor)),
        { at: 0 },
      ),
      flat.structure,
      flat.primals,
      caller,
      "f(x)",
    );
    xs.forEach((c, i) => {
      c.push(mul(1 / (k + 1), slopes[i]));
    });
  }
  return Array.from({ length: order + 1 }, (_, k) => rebuild(flat.structure, xs, k) as Tensors<X>);
}

const run = (flat: Flat, along: readonly Series[], order: number, caller: string) => ({
  outs: jetFlat(flat.call, along, order, caller),
  structure: flat.result(),
});

const rebuild = (s: Structure, outs: readonly Series[], k: number): unknown =>
  unflattenFrom(
    s,
    outs.map((c) => c[k] ?? zeros(c[0] as Tensor)),
    { at: 0 },
  );

/** [v, 0, …, 0], or nothing where the order is 0. */
const zeroth = (v: Tensor, order: number): Tangent[] => Array.from({ length: order }, (_, k) => (k === 0 ? v : null));

const wholeOrder = (caller: string, order: number): void => {
  if (!Number.isInteger(order) || order < 0)
    throw new DomainError(caller, "the order is a whole number ≥ 0", { order });
};
