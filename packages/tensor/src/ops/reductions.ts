import type { CoreOp } from "@ansatz/backend";
import * as core from "../core/core-ops";
import { isLinearInput, jvp, linear, type TensorOp, withCalculus, zeroDerivative } from "../core/op";
import type { Tensor } from "../core/tensor";
import { bind1 } from "../core/trace";
import { add, div, mul } from "./arithmetic";
import { moveAxis, range, shifted } from "./batching";
import { convert } from "./choice";
import { eq } from "./comparison";
import { zerosLike } from "./fill";
import { broadcast, concatenate, reshape, transpose } from "./shape";
import { slice } from "./slicing";

interface Axes {
  readonly [k: string]: readonly number[];
  readonly axes: readonly number[];
}
type BatchOf = Extract<TensorOp<Axes>["batch"], (...args: never[]) => unknown>;

/** The batch axis stays where it is; reduced axes before it close up. */
const along =
  /* @__NO_SIDE_EFFECTS__ */
    (op: () => TensorOp<Axes>): BatchOf =>
    (_, [x], [a], p) => {
      const at = a as number;
      const axes = p.axes.map((k) => shifted(k, at));
      return { outs: [bind1(op(), [x], { axes })], axes: [at - axes.filter((k) => k < at).length] };
    };

/** A reduced result put back over the axes it was reduced along. */
const spread = (y: Tensor, shape: readonly number[], axes: readonly number[]): Tensor =>
  broadcast(
    y,
    shape,
    range(shape.length).filter((k) => !axes.includes(k)),
  );

export const reduceSumOp: TensorOp<Axes> = withCalculus(core.reduceSum, {
  // every summand gets the sum's cotangent
  derivative: linear(([g], [x], { axes }) => [g && isLinearInput(x) ? spread(g, x.aval.shape, axes) : null]),
  batch: along(() => reduceSumOp),
});
export const reduceSum = (x: Tensor, axes: readonly number[]): Tensor =>
  axes.length === 0 ? x : bind1(reduceSumOp, [x], { axes });

export const reduceProdOp: TensorOp<Axes> = withCalculus(core.reduceProd, {
  // pairs (x, dx) multiply as dual numbers, (a, da)(b, db) = (ab, da·b + a·db), halving the axis each time: right at zeros, to any order
  derivative: jvp(([x], [dx], { axes }) => [dx && productTangent(x, dx, axes)]),
  batch: along(() => reduceProdOp),
});
export const reduceProd = (x: Tensor, axes: readonly number[]): Tensor => bind1(reduceProdOp, [x], { axes });

const productTangent = (x: Tensor, dx: Tensor, axes: readonly number[]): Tensor => {
  const kept = range(x.shape.length).filter((k) => !axes.includes(k));
  const shape = kept.map((k) => x.shape[k]);
  const flat = (t: Tensor): Tensor =>
    reshape(transpose(t, [...axes, ...kept]), [axes.reduce((n, k) => n * t.shape[k], 1), ...shape]);
  let p = flat(x);
  let d = flat(dx);
  if (p.shape[0] === 0) return zerosLike({ shape, dtype: x.dtype });
  const part = (t: Tensor, from: number, to: number): Tensor => slice(t, [from, ...shape.map(() => 0)], [to, ...shape]);
  while (p.shape[0] > 1) {
    const n = p.shape[0];
    const h = n >> 1;
    const [a, b, da, db] = [part(p, 0, h), part(p, h, 2 * h), part(d, 0, h), part(d, h, 2 * h)];
    const dab = add(mul(da, b), mul(a, db));
    const ab = mul(a, b);
    p = n % 2 ? concatenate([ab, part(p, n - 1, n)], 0) : ab;
    d = n % 2 ? concatenate([dab, part(d, n - 1, n)], 0) : dab;
  }
  return reshape(d, shape);
};

const extremum = /* @__NO_SIDE_EFFECTS__ */ (op: CoreOp<Axes>, self: () => TensorOp<Axes>): TensorOp<Axes> =>
  withCalculus(op, {
    // the tangents of the places that attain it, shared equally on ties
    derivative: jvp(([x], [dx], { axes }, [y]) => {
      if (!dx) return [null];
      const attained = convert(eq(x, spread(y, x.shape, axes)), x.dtype);
      return [div(reduceSum(mul(dx, attained), axes), reduceSum(attained, axes))];
    }),
    batch: along(self),
  });
export const reduceMaxOp: TensorOp<Axes> = extremum(core.reduceMax, () => reduceMaxOp);
export const reduceMax = (x: Tensor, axes: readonly number[]): Tensor => bind1(reduceMaxOp, [x], { axes });
export const reduceMinOp: TensorOp<Axes> = extremum(core.reduceMin, () => reduceMinOp);
export const reduceMin = (x: Tensor, axes: readonly number[]): Tensor => bind1(reduceMinOp, [x], { axes });

export const reduceAndOp: TensorOp<Axes> = withCalculus(core.reduceAnd, {
  derivative: zeroDerivative,
  batch: along(() => reduceAndOp),
});
export const reduceAnd = (x: Tensor, axes: readonly number[]): Tensor => bind1(reduceAndOp, [x], { axes });
export const reduceOrOp: TensorOp<Axes> = withCalculus(core.reduceOr, {
  derivative: zeroDerivative,
  batch: along(() => reduceOrOp),
});
export const reduceOr = (x: Tensor, axes: readonly number[]): Tensor => bind1(reduceOrOp, [x], { axes });

interface Axis {
  readonly [k: string]: number;
  readonly axis: number;
}
const arg = /* @__NO_SIDE_EFFECTS__ */ (op: CoreOp<Axis>, self: () => TensorOp<Axis>): TensorOp<Axis> =>
  withCalculus(op, {
    derivative: zeroDerivative,
    batch: (_, [x], [a], { axis }) => ({
      outs: [bind1(self(), [moveAxis(x, a as number, 0)], { axis: axis + 1 })],
      axes: [0],
    }),
  });
export const argmaxOp: TensorOp<Axis> = arg(core.argmax, () => argmaxOp);
export const argmax = (x: Tensor, axis: number): Tensor => bind1(argmaxOp, [x], { axis });
export const argminOp: TensorOp<Axis> = arg(core.argmin, () => argminOp);
export const argmin = (x: Tensor, axis: number): Tensor => bind1(argminOp, [x], { axis });
