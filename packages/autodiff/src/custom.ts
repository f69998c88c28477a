import { ShapeError } from "@ansatz/backend";
import type { Tensor } from "@ansatz/tensor";
import {
  applyCustom,
  bind,
  checkpointOp,
  flattenInto,
  leafTensor,
  reverseRule,
  type Structure,
  stop,
  synchronous,
  traceBody,
  unflattenFrom,
  zeros,
} from "@ansatz/tensor/transforms";
import { likeLeaves, nameOf } from "./arguments";
import type { Likes, Tensors } from "./types";

/**
 * x, but a constant to every derivative: d stopGradient(x) = 0. Any tree.
 *
 * @example grad((x) => mul(x, stopGradient(x)))(3) // 3, not 6
 */
export const stopGradient = <T>(x: T): Tensors<T> => {
  const leaves: unknown[] = [];
  const s = flattenInto(x, leaves, "stopGradient");
  return unflattenFrom(
    s,
    leaves.map((t) => stop(leafTensor(t, "stopGradient"))),
    { at: 0 },
  ) as Tensors<T>;
};

/**
 * f with a forward rule of its own, used in both modes and at every order. The rule must be linear in the tangents, and is written with
 * ops, so it is differentiable itself.
 *
 * @param rule (primals, tangents) ↦ { value: f(x), tangent: Df(x) v }
 * @throws {AnsatzError} f uses a differentiated tensor that is not one of its arguments
 * @example const softplus = customJvp((x) => log1p(exp(x)), ([x], [v]) => ({ value: softplus(x), tangent: mul(v, sigmoid(x)) }))
 */
export const customJvp = <A extends readonly unknown[], R>(
  f: (...args: A) => R,
  rule: (primals: NoInfer<A>, tangents: NoInfer<A>) => { readonly value: NoInfer<R>; readonly tangent: NoInfer<R> },
): ((...args: Likes<A>) => Tensors<R>) => {
  const caller = nameOf("customJvp", f);
  return (...args) => {
    const { leaves, structure, call, result } = flat(f, args as readonly unknown[], caller);
    const outs = applyCustom(
      {
        name: caller,
        call,
        jvp: (primals, tangents) => {
          const dxs = primals.map((x, i) => tangents[i] ?? zeros(x));
          const r = rule(rebuild<A>(structure, primals), rebuild<A>(structure, dxs));
          const ys: unknown[] = [];
          const s = flattenInto(r.value, ys, caller);
          result(s);
          const values = ys.map((y) => leafTensor(y, caller));
          return { outs: values, tangents: likeLeaves(r.tangent, s, values, caller, "tangent") };
        },
      },
      leaves,
    );
    return unflattenFrom(result(), outs, { at: 0 }) as Tensors<R>;
  };
};

export interface ReverseRule<A extends readonly unknown[], R, S> {
  /** The value, and what the backward pass needs to remember. */
  readonly forward: (...args: NoInfer<A>) => { readonly value: NoInfer<R>; readonly residuals: S };
  /** One cotangent per argument, each like its argument (null: zero). */
  readonly backward: (residuals: NoInfer<S>, cotangent: NoInfer<R>) => { readonly [K in keyof A]: A[K] | null };
}

/**
 * f with a reverse rule of its own. Forward mode (jvp) is then an error; where a linear forward rule can be written, customJvp serves both.
 *
 * @example
 * const clipped = customVjp((x) => x, {
 *   forward: (x) => ({ value: x, residuals: null }),
 *   backward: (_, g) => [clip(g, -1, 1)],
 * });
 */
export const customVjp = <A extends readonly unknown[], R, S>(
  f: (...args: A) => R,
  rule: ReverseRule<A, R, S>,
): ((...args: Likes<A>) => Tensors<R>) => {
  const caller = nameOf("customVjp", f);
  return (...args) => {
    const { leaves, structure, call, result } = flat(f, args as readonly unknown[], caller);
    let kept: Structure = { kind: "empty", value: null };
    const jvp = reverseRule(
      caller,
      (inputs) => {
        const forward = rule.forward as unknown as (...a: unknown[]) => { value: unknown; residuals: unknown };
        const r = forward(...rebuild<unknown[]>(structure, inputs));
        const ys: unknown[] = [];
        result(flattenInto(r.value, ys, caller));
        const residuals: unknown[] = [];
        kept = flattenInto(r.residuals, residuals, caller);
        return {
          outs: ys.map((y) => leafTensor(y, caller)),
          residuals: residuals.map((y) => leafTensor(y, caller)),
        };
      },
      (residuals, cotangents) => {
        const gs = rule.backward(
          unflattenFrom(kept, residuals, { at: 0 }) as S,
          unflattenFrom(result(), cotangents, { at: 0 }) as R,
        );
        return cotangentLeaves(gs as readonly unknown[], structure, leaves, caller);
      },
    );
    const outs = applyCustom({ name: caller, call, jvp }, leaves);
    return unflattenFrom(result(), outs, { at: 0 }) as Tensors<R>;
  };
};

/**
 * f whose reverse pass computes intermediate values again instead of keeping them: less memory, more time.
 *
 * @example
 * const layer = checkpoint((x, w) => sin(mul(x, w)));
 * grad((x) => scan((c, w) => [layer(c, w), null], x, [1, 2, 3])[0])(0.5)
 */
export const checkpoint = <A extends readonly unknown[], R>(
  f: (...args: A) => R,
): ((...args: Likes<A>) => Tensors<R>) => {
  const caller = nameOf("checkpoint", f);
  return (...args) => {
    const leaves: unknown[] = [];
    const structures = (args as readonly unknown[]).map((a) => flattenInto(a, leaves, caller));
    const inputs = leaves.map((x) => leafTensor(x, caller));
    const body = traceBody(f as (...a: never[]) => unknown, structures, inputs, caller);
    const outs = bind(checkpointOp, [...body.captured, ...inputs], { body: body.program });
    return unflattenFrom(body.out, outs, { at: 0 }) as Tensors<R>;
  };
};

/** A function of trees on flat lists, with the structure of its result kept. */
const flat = (f: (...args: never[]) => unknown, args: readonly unknown[], caller: string) => {
  const raw: unknown[] = [];
  const structure: Structure = { kind: "array", children: args.map((a) => flattenInto(a, raw, caller)) };
  let out: Structure = { kind: "empty", value: undefined };
  return {
    structure,
    leaves: raw.map((x) => leafTensor(x, caller)),
    result: (s?: Structure): Structure => {
      if (s !== undefined) out = s;
      return out;
    },
    call: (xs: readonly Tensor[]): readonly Tensor[] => {
      const ys: unknown[] = [];
      const values = rebuild<unknown[]>(structure, xs);
      out = flattenInto(synchronous(caller, (f as (...a: unknown[]) => unknown)(...values)), ys, caller);
      return ys.map((y) => leafTensor(y, caller));
    },
  };
};

const rebuild = <T>(s: Structure, xs: readonly Tensor[]): T => unflattenFrom(s, xs, { at: 0 }) as T;

const cotangentLeaves = (
  gs: readonly unknown[],
  structure: Structure,
  like: readonly Tensor[],
  caller: string,
): (Tensor | null)[] => {
  const children = structure.kind === "array" ? structure.children : [];
  if (!Array.isArray(gs) || gs.length !== children.length)
    throw new ShapeError(caller, "backward must return one cotangent per argument", {
      arguments: children.length,
      seen: Array.isArray(gs) ? gs.length : typeof gs,
    });
  let at = 0;
  return children.flatMap((s, i) => {
    const count: unknown[] = [];
    flattenInto(unflattenFrom(s, like, { at }), count, caller);
    const mine = like.slice(at, at + count.length);
    at += count.length;
    if (gs[i] === null || gs[i] === undefined) return mine.map(() => null);
    return likeLeaves(gs[i], s, mine, caller, `cotangent of argument ${i}`);
  });
};
