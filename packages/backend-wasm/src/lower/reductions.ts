import { highest, lowest, type Shape } from "@ansatz/backend";
import { NestBuilder } from "./nest-builder";
import { lowering } from "./rule";
import { along, type Reduced, type Value, without } from "./value";
import { windowed } from "./windowed";

export const reduce = (name: Reduced["name"], arg: Value, axes: readonly number[]): Value =>
  axes.length === 0 ? arg : { kind: "reduced", name, arg, axes, dtype: arg.dtype, shape: without(arg.shape, axes) };

const reduction = /* @__NO_SIDE_EFFECTS__ */ (op: string, name: Reduced["name"]) =>
  lowering<{ axes: readonly number[] }>(op, (_, { axes }, [x]) => [reduce(name, x, axes)]);

const arg = /* @__NO_SIDE_EFFECTS__ */ (name: "argmax" | "argmin") =>
  lowering<{ axis: number }>(name, (_, { axis }, [x]) => [
    { kind: "reduced", name, arg: x, axes: [axis], dtype: "int32", shape: without(x.shape, [axis]) },
  ]);

/** The axis is walked in order, outside it everything is parallel. */
const cumulative = /* @__NO_SIDE_EFFECTS__ */ (op: string, kind: "sum" | "prod" | "max" | "min") =>
  lowering<{ axis: number; reverse: boolean }>(op, (l, { axis, reverse }, [x], eq) => {
    const out = l.fresh(eq.outputs[0].aval);
    if (out.buffer.bytes === 0) return [out];
    const b = new NestBuilder(without(x.shape, [axis]), l);
    const n = x.shape[axis];
    const step = b.sequential(n);
    const along = reverse ? { offset: n - 1, coefs: step.coefs.map((c) => -c) } : step;
    const index = [...b.identity.slice(0, axis), along, ...b.identity.slice(axis)];
    const acc = b.reduction(kind, b.value(x, index), x.dtype);
    b.storeAt(out, acc, index);
    l.nest(b.finish(true));
    return [out];
  });

interface WindowParams {
  readonly kind: "sum" | "max" | "min";
  readonly window: readonly number[];
  readonly strides: readonly number[];
  readonly padding: readonly (readonly [number, number])[];
  readonly dilation: readonly number[];
}

/** A view with the window's axes behind the result's, reduced over them. */
export const reduceWindow = lowering<WindowParams>("reduceWindow", (l, p, [x], eq) => {
  const { shape: out, dtype } = eq.outputs[0].aval;
  const rank = out.length;
  const shape: Shape = [...out, ...p.window];
  const view = windowed({
    dtype,
    shape,
    arg: l.store(x),
    index: out.map((_, a) => {
      const { coefs } = along(a, 2 * rank, p.strides[a]);
      (coefs as number[])[rank + a] = p.dilation[a];
      return { offset: -p.padding[a][0], coefs };
    }),
    divisors: out.map(() => 1),
    checked: p.padding.map(([lo, hi]) => lo > 0 || hi > 0),
    fill: p.kind === "sum" ? 0 : p.kind === "max" ? lowest(dtype) : highest(dtype),
  });
  return [
    reduce(
      p.kind,
      view,
      out.map((_, a) => rank + a),
    ),
  ];
});

export const reduceSum = reduction("reduceSum", "sum");
export const reduceProd = reduction("reduceProd", "prod");
export const reduceMax = reduction("reduceMax", "max");
export const reduceMin = reduction("reduceMin", "min");
export const reduceAnd = reduction("reduceAnd", "and");
export const reduceOr = reduction("reduceOr", "or");
export const argmax = arg("argmax");
export const argmin = arg("argmin");
export const cumSum = cumulative("cumSum", "sum");
export const cumProd = cumulative("cumProd", "prod");
export const cumMax = cumulative("cumMax", "max");
export const cumMin = cumulative("cumMin", "min");
