import { dilated, highest, lowest } from "@ansatz/backend";
import * as core from "../core/core-ops";
import { isLinearInput, jvp, withCalculus } from "../core/op";
import { scalar, type Tensor } from "../core/tensor";
import { bind1 } from "../core/trace";
import { add, div, mul } from "./arithmetic";
import type { ParamsOf } from "./batching";
import { convert } from "./choice";
import { eq } from "./comparison";
import { zerosLike } from "./fill";
import { padGeneral } from "./shape";
import { slice } from "./slicing";

type P = ParamsOf<typeof core.reduceWindow>;

/**
 * Transposed window sum. Output o sums inputs o·s - low + w·d, so input i collects, from the cotangent spread by the strides, the window
 * that ends at i + low: a window sum with stride 1 over the cotangent padded by W - 1 - low before (W the dilated window).
 */
const transposeSum = (g: Tensor, x: readonly number[], p: P): Tensor => {
  const low = x.map((_, i) => dilated(p.window[i], p.dilation[i]) - 1 - p.padding[i][0]);
  const high = x.map(
    (n, i) => n + dilated(p.window[i], p.dilation[i]) - 1 - dilated(g.shape[i], p.strides[i]) - low[i],
  );
  const spread = padGeneral(g, scalar(0, g.dtype), { low, high, interior: p.strides.map((s) => s - 1) });
  return reduceWindow(spread, {
    kind: "sum",
    window: p.window,
    strides: x.map(() => 1),
    padding: x.map(() => [0, 0] as const),
    dilation: p.dilation,
  });
};

/** Every offset inside a window. */
const offsets = (window: readonly number[]): number[][] =>
  window.reduce<number[][]>((all, n) => all.flatMap((o) => Array.from({ length: n }, (_, i) => [...o, i])), [[]]);

/** The tangents at the places of a window that attain its extremum, shared equally on ties: one slice per place of the window. */
const extremumTangent = (x: Tensor, dx: Tensor, y: Tensor, p: P): Tensor => {
  const padded = (t: Tensor, value: number): Tensor =>
    padGeneral(t, scalar(value, t.dtype), {
      low: p.padding.map(([lo]) => lo),
      high: p.padding.map(([, hi]) => hi),
      interior: p.padding.map(() => 0),
    });
  const xs = padded(x, p.kind === "max" ? lowest(x.dtype) : highest(x.dtype));
  const ds = padded(dx, 0);
  let total: Tensor | null = null;
  let count: Tensor | null = null;
  for (const o of offsets(p.window)) {
    const start = o.map((k, i) => k * p.dilation[i]);
    const limit = start.map((s, i) => s + (y.shape[i] - 1) * p.strides[i] + 1);
    const hit = convert(eq(slice(xs, start, limit, p.strides), y), x.dtype);
    const part = mul(slice(ds, start, limit, p.strides), hit);
    total = total ? add(total, part) : part;
    count = count ? add(count, hit) : hit;
  }
  return total && count ? div(total, count) : zerosLike(y);
};

export const reduceWindowOp = withCalculus(core.reduceWindow, {
  // sum: linear. max, min: as reduceMax, within each window
  derivative: jvp(
    ([x], [dx], p, [y]) => {
      if (!dx) return [null];
      if (p.kind === "sum") return [reduceWindow(dx, p)];
      return [y.size === 0 ? zerosLike(y) : extremumTangent(x, dx, y, p)];
    },
    ([g], [x], p) => {
      if (!g || !isLinearInput(x)) return [null];
      return [g.size === 0 ? zerosLike(x.aval) : transposeSum(g, x.aval.shape, p)];
    },
  ),
  batch: (_, [x], [a], p) => {
    const at = a as number;
    const put = <T>(v: readonly T[], e: T): T[] => [...v.slice(0, at), e, ...v.slice(at)];
    const out = reduceWindow(x, {
      kind: p.kind,
      window: put(p.window, 1),
      strides: put(p.strides, 1),
      padding: put<readonly [number, number]>(p.padding, [0, 0]),
      dilation: put(p.dilation, 1),
    });
    return { outs: [out], axes: [at] };
  },
});
/** Sum, max or min over a sliding window on every axis. */
export const reduceWindow = (x: Tensor, p: P): Tensor => bind1(reduceWindowOp, [x], p);
