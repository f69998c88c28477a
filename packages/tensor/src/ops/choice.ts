import { type DType, isFloat } from "@ansatz/backend";
import * as core from "../core/core-ops";
import { isLinearInput, jvp, type TensorOp, withCalculus, zeroDerivative } from "../core/op";
import type { Tensor } from "../core/tensor";
import { bind1 } from "../core/trace";
import { add } from "./arithmetic";
import { batchedAt, type ParamsOf } from "./batching";
import { and, gt, lt } from "./comparison";
import { instantiate, plus, zerosLike } from "./fill";
import { broadcast } from "./shape";

/** A scalar stretched to a shape; anything else as it is. */
const stretch = (x: Tensor, shape: readonly number[]): Tensor =>
  x.shape.length === shape.length ? x : broadcast(x, shape, []);

export const selectOp = withCalculus(core.select, {
  // d select(p, x, y) = select(p, dx, dy); the cotangent goes where the value came from
  derivative: jvp(
    ([p, x, y], [, dx, dy]) => [select(p, instantiate(dx, x), instantiate(dy, y))],
    ([g], [p, x, y]) => {
      if (!g) return [null, null, null];
      const zero = zerosLike(g);
      return [
        null,
        isLinearInput(x) ? select(p as Tensor, g, zero) : null,
        isLinearInput(y) ? select(p as Tensor, zero, g) : null,
      ];
    },
  ),
  batch: (size, [p, x, y], [ap, ax, ay]) => {
    const scalarPredicate = p.shape.length === (ap === null ? 0 : 1);
    const bx = batchedAt(x, ax, size);
    const by = batchedAt(y, ay, size);
    if (scalarPredicate && ap === null) return { outs: [select(p, bx, by)], axes: [0] };
    const bp = batchedAt(p, ap, size);
    const full = scalarPredicate && bx.shape.length > 1 ? broadcast(bp, bx.shape, [0]) : bp;
    return { outs: [select(full, bx, by)], axes: [0] };
  },
});
/** x where p, else y; p of their shape or a scalar. */
export const select = (p: Tensor, x: Tensor, y: Tensor): Tensor => bind1(selectOp, [p, x, y], {});

export const clampOp = withCalculus(core.clamp, {
  // dx where lo < x < hi, dlo where x < lo, dhi where x > hi; on a bound 0 (as JAX)
  derivative: jvp(([lo, x, hi], [dlo, dx, dhi]) => {
    const l = stretch(lo, x.shape);
    const h = stretch(hi, x.shape);
    const zero = zerosLike(x);
    const inside = dx && select(and(gt(x, l), lt(x, h)), dx, zero);
    const below = dlo && select(lt(x, l), stretch(dlo, x.shape), zero);
    const above = dhi && select(gt(x, h), stretch(dhi, x.shape), zero);
    return [plus(add, plus(add, inside, below), above)];
  }),
  batch: (size, [lo, x, hi], [al, ax, ah]) => {
    const bx = batchedAt(x, ax, size);
    const bound = (b: Tensor, axis: number | null): Tensor => {
      if (axis === null && b.shape.length === 0) return b;
      const front = batchedAt(b, axis, size);
      return front.shape.length === bx.shape.length ? front : broadcast(front, bx.shape, [0]);
    };
    return { outs: [clamp(bound(lo, al), bx, bound(hi, ah))], axes: [0] };
  },
});
export const clamp = (lo: Tensor, x: Tensor, hi: Tensor): Tensor => bind1(clampOp, [lo, x, hi], {});

export const convertOp = withCalculus(core.convert, {
  // between floats linear; to integers and bool piecewise constant
  derivative: jvp(
    (_, [dx], { dtype }) => [dx && isFloat(dtype) ? convert(dx, dtype) : null],
    ([g], [x]) => [g && isLinearInput(x) ? convert(g, x.aval.dtype) : null],
  ),
  batch: "elementwise",
  weak: "never",
});
export const convert = (x: Tensor, dtype: DType): Tensor => (x.dtype === dtype ? x : bind1(convertOp, [x], { dtype }));

export const bitcastOp = withCalculus(core.bitcast, {
  derivative: zeroDerivative,
  // The trailing axis belongs to the layout, so the batch axis leads.
  batch: (size, [x], [a], p) => ({ outs: [bitcast(batchedAt(x, a, size), p.dtype)], axes: [0] }),
});
export const bitcast = (x: Tensor, dtype: DType): Tensor => bind1(bitcastOp, [x], { dtype });

export const iotaOp: TensorOp<ParamsOf<typeof core.iota>> = withCalculus(core.iota, {
  derivative: zeroDerivative,
  batch: (_size, _ins, _axes, p) => ({ outs: [bind1(iotaOp, [], p)], axes: [null] }),
});
/** The index along `axis` of an array of this shape. */
export const iota = (shape: readonly number[], dtype: DType, axis: number): Tensor =>
  bind1(iotaOp, [], { shape, dtype, axis });
