import { DomainError, ShapeError, showAval } from "@ansatz/backend";
import { add, mean, mul, normal, rademacher, reshape, split, sum, type Tensor, vmap } from "@ansatz/tensor";
import { type Linearized, linearizeFlat, unflattenFrom, zeros } from "@ansatz/tensor/transforms";
import { type Flat, flatFunction, nameOf } from "./arguments";
import { valueAndGrad } from "./grad";
import type { Like, Likes, OfTree, Tensors } from "./types";
import { along } from "./units";

export interface Divergence<R> {
  /** f(x) */
  readonly value: Tensors<R>;
  /** Σᵢ ∂fᵢ/∂xᵢ, a scalar. */
  readonly divergence: Tensor;
}

export interface Laplacian<P> {
  /** f(x), a scalar. */
  readonly value: Tensor;
  readonly grad: Tensors<P>;
  /** Σᵢ ∂²f/∂xᵢ², a scalar. */
  readonly laplacian: Tensor;
}

export interface EstimateOptions {
  /** How many random directions; 1 unless told. The variance falls as 1/samples. */
  readonly samples?: number;
  /**
   * What they are made of. "rademacher" (±1, the default) has the least variance among entries that are independent with mean 0 and variance 1,
   * 2 Σ_{i≠j} Sᵢⱼ², S the symmetric part of the Jacobian; "normal" has 2 Σᵢⱼ Sᵢⱼ².
   */
  readonly noise?: "rademacher" | "normal";
}

/**
 * The divergence of a vector field, with its value: exact, by one direction of forward mode per entry of x, all at once.
 *
 *   div f(x) = Σᵢ ∂fᵢ/∂xᵢ(x)
 *
 * @throws {ShapeError} f(x) is not of the shape of x
 * @example divergence((x) => mul(x, x))([1, 2]).divergence // 2·1 + 2·2 = 6
 */
export function divergence<P, A extends readonly unknown[], R>(
  f: ((p: P, ...rest: A) => R) & OfTree<P>,
): (p: Like<P>, ...rest: Likes<A>) => Divergence<R>;
export function divergence(f: (...args: never[]) => unknown): unknown {
  const caller = nameOf("divergence", f);
  return (p: unknown, ...rest: unknown[]) => {
    const field = fieldOf(f, p, rest, caller);
    return { value: field.value(), divergence: exactTrace(field) };
  };
}

/**
 * Hutchinson's unbiased estimate of the divergence, with the value of the field: for random ε with E[εεᵀ] = I,
 *
 *   div f(x) = E[εᵀ Df(x) ε]
 *
 * one linearisation and one product with it per sample, whatever the dimension.
 *
 * @returns (key, x, …rest) ↦ { value, divergence }
 * @see Hutchinson 1990; Grathwohl et al. 2019, "FFJORD"
 * @example estimateDivergence((x) => mul(x, x))(key(0), [1, 2]).divergence // 6, for the Jacobian is diagonal
 */
export function estimateDivergence<P, A extends readonly unknown[], R>(
  f: ((p: P, ...rest: A) => R) & OfTree<P>,
  options?: EstimateOptions,
): (key: Tensor, p: Like<P>, ...rest: Likes<A>) => Divergence<R>;
export function estimateDivergence(f: (...args: never[]) => unknown, options: EstimateOptions = {}): unknown {
  const caller = nameOf("estimateDivergence", f);
  return (key: Tensor, p: unknown, ...rest: unknown[]) => {
    const field = fieldOf(f, p, rest, caller);
    return { value: field.value(), divergence: estimatedTrace(field, key, options, caller) };
  };
}

/**
 * The Laplacian of a scalar function, with its value and gradient: exact, by one direction of forward over reverse mode per entry of x.
 *
 *   Δf(x) = Σᵢ ∂²f/∂xᵢ²(x) = div ∇f(x)
 *
 * @example laplacian((x) => sum(mul(x, mul(x, x))))([1, 2]).laplacian // 6·1 + 6·2 = 18
 */
export function laplacian<P, A extends readonly unknown[]>(
  f: ((p: P, ...rest: A) => Tensor) & OfTree<P>,
): (p: Like<P>, ...rest: Likes<A>) => Laplacian<P>;
export function laplacian(f: (...args: never[]) => unknown): unknown {
  const caller = nameOf("laplacian", f);
  return (p: unknown, ...rest: unknown[]) => {
    const { field, value } = gradientField(f, p, rest, caller);
    return { value, grad: field.value(), laplacian: exactTrace(field) };
  };
}

/**
 * Hutchinson's unbiased estimate of the Laplacian, E[εᵀ ∇²f(x) ε], with value and gradient: one Hessian-vector product per sample.
 *
 * @returns (key, x, …rest) ↦ { value, grad, laplacian }
 * @example estimateLaplacian((x) => sum(mul(x, x)))(key(0), [1, 2, 3]).laplacian // 6
 */
export function estimateLaplacian<P, A extends readonly unknown[]>(
  f: ((p: P, ...rest: A) => Tensor) & OfTree<P>,
  options?: EstimateOptions,
): (key: Tensor, p: Like<P>, ...rest: Likes<A>) => Laplacian<P>;
export function estimateLaplacian(f: (...args: never[]) => unknown, options: EstimateOptions = {}): unknown {
  const caller = nameOf("estimateLaplacian", f);
  return (key: Tensor, p: unknown, ...rest: unknown[]) => {
    const { field, value } = gradientField(f, p, rest, caller);
    return { value, grad: field.value(), laplacian: estimatedTrace(field, key, options, caller) };
  };
}

interface Field {
  readonly lin: Linearized;
  readonly primals: readonly Tensor[];
  value(): unknown;
}

const fieldOf = (
  f: (...args: never[]) => unknown,
  p: unknown,
  rest: readonly unknown[],
  caller: string,
  results = (ys: readonly Tensor[]): readonly Tensor[] => ys,
): Field => {
  const flat = flatFunction(f, p, rest, caller);
  const lin = linearizeFlat((xs) => results(flat.call(xs)), flat.primals, caller);
  sameShapes(flat, lin, caller);
  return { lin, primals: flat.primals, value: () => unflattenFrom(flat.result(), lin.outs, { at: 0 }) };
};

const sameShapes = (flat: Flat, lin: Linearized, caller: string): void => {
  const shapes = (ts: readonly Tensor[]): string => ts.map((t) => `[${t.shape}]`).join(" ");
  if (shapes(lin.outs) !== shapes(flat.primals))
    throw new ShapeError(caller, "a vector field returns what it takes", {
      x: flat.primals.map(showAval),
      "f(x)": lin.outs.map(showAval),
    });
};

/** ∇f as a field, with f(x) beside it. */
const gradientField = (
  f: (...args: never[]) => unknown,
  p: unknown,
  rest: readonly unknown[],
  caller: string,
): { field: Field; value: Tensor } => {
  const both = valueAndGrad(f as (x: Tensor) => Tensor) as unknown as (...a: unknown[]) => {
    value: Tensor;
    grad: unknown;
  };
  const flat = flatFunction(((...args: unknown[]) => both(...args)) as never, p, rest, caller);
  const lin = linearizeFlat(flat.call, flat.primals, caller);
  const n = flat.primals.length;
  const s = flat.result(); // a record { grad, value }
  const grads: Linearized = {
    ...lin,
    outs: lin.outs.slice(0, n),
    apply: (v) => lin.apply(v).slice(0, n),
  };
  return {
    field: {
      lin: grads,
      primals: flat.primals,
      value: () => (unflattenFrom(s, lin.outs, { at: 0 }) as { grad: unknown }).grad,
    },
    value: lin.outs[n],
  };
};

const total = (ts: readonly Tensor[]): Tensor => ts.reduce((a, b) => add(a, b));

const exactTrace = ({ lin, primals }: Field): Tensor =>
  total(
    primals.map((x, j) => {
      const [terms] = along(x, (v) => {
        const d = lin.apply(primals.map((_, k) => (k === j ? v : null)))[j];
        return [d === null ? null : sum(mul(v, d))];
      });
      return terms === null ? zeros({ shape: [], dtype: x.dtype }) : sum(terms);
    }),
  );

const estimatedTrace = (
  { lin, primals }: Field,
  key: Tensor,
  { samples = 1, noise = "rademacher" }: EstimateOptions,
  caller: string,
): Tensor => {
  if (!Number.isInteger(samples) || samples < 1)
    throw new DomainError(caller, "samples is a whole number ≥ 1", { samples });
  if (noise !== "rademacher" && noise !== "normal")
    throw new DomainError(caller, "noise is rademacher or normal", { noise });
  const draw = noise === "normal" ? normal : rademacher;
  const one = (k: Tensor): Tensor => {
    const keys = split(k, primals.length);
    const v = primals.map((x, i) => draw(keys.at(i), x.shape, { dtype: x.dtype as "float64" }));
    const d = lin.apply(v);
    return total(d.map((t, i) => (t === null ? zeros({ shape: [], dtype: primals[i].dtype }) : sum(mul(v[i], t)))));
  };
  if (samples === 1) return one(key);
  return mean(vmap(one)(reshape(split(key, samples), [samples])));
};
