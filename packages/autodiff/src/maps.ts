import { byteSize } from "@ansatz/backend";
import type { Tensor } from "@ansatz/tensor";
import { jvpFlat, linearizeFlat, state, unflattenFrom, withWeak, zeros } from "@ansatz/tensor/transforms";
import { flatArguments, likeLeaves, nameOf } from "./arguments";
import type { Likes, Tensors } from "./types";

export interface Jvp<R> {
  readonly value: Tensors<R>;
  readonly tangent: Tensors<R>;
}

/**
 * Forward mode: the value of f and its derivative along a direction, in one pass.
 *
 *   value = f(x),   tangent = Df(x) v
 *
 * @param primals  the arguments of f, as an array
 * @param tangents one direction per argument, of the same structure
 * @example jvp((x) => sin(x), [0], [1]).tangent // 1
 */
export function jvp<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  primals: Likes<NoInfer<A>>,
  tangents: Likes<NoInfer<A>>,
): Jvp<R> {
  const caller = nameOf("jvp", f);
  const flat = flatArguments(f, primals as readonly unknown[], caller);
  const dx = likeLeaves(tangents, flat.structure, flat.primals, caller, "tangents");
  const r = jvpFlat(flat.call, flat.primals, dx, state.trace, caller);
  const s = flat.result();
  return {
    value: unflattenFrom(s, r.outs, { at: 0 }) as Tensors<R>,
    tangent: unflattenFrom(
      s,
      r.tangents.map((t, i) => t ?? zeros(r.outs[i])),
      { at: 0 },
    ) as Tensors<R>,
  };
}

export interface Linearization<A extends readonly unknown[], R> {
  readonly value: Tensors<R>;
  /** v ↦ Df(x) v, as often as you like without running f again. */
  readonly pushforward: (...tangents: Likes<A>) => Tensors<R>;
  /** The bytes of the values that the derivative keeps. */
  readonly residualBytes: number;
}

/**
 * f at a point, and its derivative there as a linear function.
 *
 * @example
 * const { value, pushforward } = linearize((x) => sin(x), 0);
 * pushforward(2) // 2 cos 0 = 2
 */
export function linearize<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  ...primals: Likes<NoInfer<A>>
): Linearization<A, R> {
  const caller = nameOf("linearize", f);
  const flat = flatArguments(f, primals as readonly unknown[], caller);
  const lin = linearizeFlat(flat.call, flat.primals, caller);
  const s = flat.result();
  return {
    value: unflattenFrom(s, lin.outs, { at: 0 }) as Tensors<R>,
    residualBytes: lin.residuals.reduce((n, t) => n + byteSize(t), 0),
    pushforward: (...tangents) => {
      const dy = lin.apply(likeLeaves(tangents, flat.structure, flat.primals, caller, "tangents"));
      return unflattenFrom(
        s,
        dy.map((t, i) => t ?? zeros(lin.outs[i])),
        { at: 0 },
      ) as Tensors<R>;
    },
  };
}

export interface Vjp<A extends readonly unknown[], R> {
  readonly value: Tensors<R>;
  /** w ↦ Df(x)ᵀ w: one cotangent per argument. */
  readonly pullback: (cotangent: Tensors<R>) => { [K in keyof A]: Tensors<A[K]> };
  /** The bytes of the values that the backward pass keeps: what `checkpoint` and `checkpointScan` save. */
  readonly residualBytes: number;
}

/**
 * Reverse mode: f at a point, and the transpose of its derivative there.
 *
 * @example
 * const { value, pullback } = vjp((x, y) => mul(x, y), [1, 2], [3, 4]);
 * const [gx, gy] = pullback(tensor([1, 1])); // [3, 4], [1, 2]
 */
export function vjp<A extends readonly unknown[], R>(f: (...args: A) => R, ...primals: Likes<NoInfer<A>>): Vjp<A, R> {
  const caller = nameOf("vjp", f);
  const flat = flatArguments(f, primals as readonly unknown[], caller);
  const lin = linearizeFlat(flat.call, flat.primals, caller);
  const s = flat.result();
  return {
    value: unflattenFrom(s, lin.outs, { at: 0 }) as Tensors<R>,
    residualBytes: lin.residuals.reduce((n, t) => n + byteSize(t), 0),
    pullback: (cotangent) => {
      const w = likeLeaves(cotangent, s, lin.outs, caller, "cotangent");
      const gs = lin.transpose(w).map((g, i): Tensor => withWeak(g ?? zeros(flat.primals[i]), flat.primals[i].weak));
      return unflattenFrom(flat.structure, gs, { at: 0 }) as { [K in keyof A]: Tensors<A[K]> };
    },
  };
}
