import { highest, lowest, type Shape, sizeOf } from "@ansatz/backend";
import { add, and, convert, max, min, mul, or } from "../emit/ops";
import type { ScalarOp } from "../emit/scalar-op";
import type { Lowering } from "./lowering";
import { NestBuilder } from "./nest-builder";
import { lowering } from "./rule";
import { sliced } from "./shape";
import { along, pointwise, type Reduced, remap, reshaped, type Value, without } from "./value";
import { windowed } from "./windowed";

export const reduce = (name: Reduced["name"], arg: Value, axes: readonly number[]): Value =>
  axes.length === 0 ? arg : { kind: "reduced", name, arg, axes, dtype: arg.dtype, shape: without(arg.shape, axes) };

const reduction = /* @__NO_SIDE_EFFECTS__ */ (op: string, name: Kind) =>
  lowering<{ axes: readonly number[] }>(op, (l, { axes }, [x]) => [blocked(l, name, x, axes)]);

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

/** Terms from which a sum of float64 is made of sums of blocks; float32 is summed in float64 anyway. */
const longSum = 8192;
/** Work, in additions, from which any reduction to few elements is made of blocks, which threads can share. */
const longWork = 2 ** 19;
const fewResults = 16;

type Kind = Exclude<Reduced["name"], "argmax" | "argmin">;
const both: Readonly<Record<Kind, ScalarOp>> = { sum: add, prod: mul, max, min, and, or };

/**
 * Long reductions are reductions of blocks along their longest axis, some √n terms each, whether or not threads share them. For a sum of n
 * float64 the error is at most (√n / 4 + 16)·eps·Σ|terms| instead of n·eps·Σ|terms|; blocks of about 1000 where √n is less, and a remainder
 * where n has no such divisor. Of float32 the blocks are kept in float64, and their sum or product is rounded once.
 */
const blocked = (l: Lowering, name: Kind, x: Value, axes: readonly number[]): Value => {
  if (axes.length > 1 && axes.length === x.shape.length && sizeOf(x.shape) * (1 + l.weight(x).work) >= longWork) {
    const line = reshaped(x, [sizeOf(x.shape)]);
    if (line) return blocked(l, name, line, [0]);
  }
  const axis = axes.reduce((best, a) => (x.shape[a] > x.shape[best] ? a : best), axes[0] ?? 0);
  const n = x.shape[axis];
  if (axes.length === 0 || sizeOf(x.shape) === 0 || !isLong(l, name, x, n, sizeOf(without(x.shape, axes))))
    return reduce(name, x, axes);
  const block = blockOf(n);
  const blocks = Math.floor(n / block);
  const shape = [...x.shape.slice(0, axis), blocks, block, ...x.shape.slice(axis + 1)];
  const index = x.shape.map((_, a) => along(a > axis ? a + 1 : a, shape.length, a === axis ? block : 1));
  (index[axis].coefs as number[])[axis + 1] = 1;
  const dtype = x.dtype === "float32" && (name === "sum" || name === "prod") ? "float64" : x.dtype;
  const part = (arg: Value, over: readonly number[]): Value => ({ ...reduce(name, arg, over), dtype });
  const main = reduce(name, l.store(part(remap(x, shape, index), [axis + 1])), axes);
  const rest = n - blocks * block;
  const start = x.shape.map((_, a) => (a === axis ? blocks * block : 0));
  const extents = x.shape.map((m, a) => (a === axis ? rest : m));
  const all = rest === 0 ? main : pointwise(both[name], dtype, main.shape, main, part(sliced(x, start, extents), axes));
  return dtype === x.dtype ? all : pointwise(convert, x.dtype, all.shape, all);
};

const isLong = (l: Lowering, name: Kind, x: Value, n: number, results: number): boolean =>
  n >= longSum &&
  ((name === "sum" && x.dtype === "float64") ||
    (results < fewResults && sizeOf(x.shape) * (1 + l.weight(x).work) >= longWork));

/** The divisor nearest to √n or 1024, whichever is larger; that number itself if none is within half of it. */
const blockOf = (n: number): number => {
  const wanted = Math.max(1024, Math.round(Math.sqrt(n)));
  for (let d = 0; d <= wanted / 2; d++) for (const b of [wanted + d, wanted - d]) if (n % b === 0) return b;
  return wanted;
};

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
