import type { Shape } from "@ansatz/backend";
import type { Engine } from "../engine";
import type { Tensor, Tf } from "../tf";
import { maximum, minimum } from "./elementwise";
import { type Call, composed, type Kernel, native, reshape, type Table } from "./kernel";
import { block, padded, strided, three } from "./movement";

interface Axes {
  readonly [k: string]: readonly number[];
  readonly axes: readonly number[];
}

/** Neighbouring axes that are all kept or all reduced, as one; extents 1 vanish. */
const coalesce = (shape: Shape, axes: readonly number[]): { shape: number[]; axes: number[] } => {
  const runs: { extent: number; reduced: boolean }[] = [];
  for (const [k, d] of shape.entries()) {
    if (d === 1) continue;
    const reduced = axes.includes(k);
    const last = runs[runs.length - 1];
    if (last?.reduced === reduced) last.extent *= d;
    else runs.push({ extent: d, reduced });
  }
  return { shape: runs.map((r) => r.extent), axes: runs.flatMap((r, i) => (r.reduced ? [i] : [])) };
};

type Reduce = (tf: Tf, x: Tensor, axes: number[]) => Tensor;

const reduction = (form: Kernel["form"], f: Reduce, bool?: Reduce): Kernel => ({
  form,
  accepts: ([x], p) => coalesce(x.shape, (p as unknown as Axes).axes).shape.length <= 4,
  run: ({ tf, ins: [x], avals, params }) => {
    const c = coalesce(avals[0].shape, (params as unknown as Axes).axes);
    if (c.axes.length === 0) return tf.clone(x);
    const y = reshape(tf, x, c.shape);
    return (avals[0].dtype === "bool" ? (bool ?? f) : f)(tf, y, c.axes);
  },
});

const anyNaN = (tf: Tf, x: Tensor, axes: number[]): Tensor => tf.any(tf.notEqual(x, x), axes);

/** NaN where any element is NaN: not every engine's comparison carries one. */
const carryNaN =
  (f: Reduce): Reduce =>
  (tf, x, axes) =>
    tf.where(anyNaN(tf, x, axes), tf.sum(x, axes), f(tf, x, axes));

const all: Reduce = (tf, x, axes) => tf.all(x, axes);
const any: Reduce = (tf, x, axes) => tf.any(x, axes);
const top: Reduce = (tf, x, axes) => tf.max(x, axes);
const bottom: Reduce = (tf, x, axes) => tf.min(x, axes);

/** The first NaN wins, or else the first extremum. */
const arg = (sign: 1 | -1): Kernel =>
  composed<{ axis: number }>(({ tf, ins, avals, params }) => {
    const x = three(tf, avals[0].dtype === "bool" ? tf.cast(ins[0], "float32") : ins[0], avals[0].shape, params.axis);
    const nan = tf.notEqual(x, x);
    const seen = tf.where(nan, tf.zerosLike(x), sign > 0 ? x : tf.neg(x));
    return tf.where(tf.any(nan, 1), tf.argMax(tf.cast(nan, "int32"), 1), tf.argMax(seen, 1));
  });

interface Cumulative {
  readonly [k: string]: number | boolean;
  readonly axis: number;
  readonly reverse: boolean;
}

/** Running extrema by doubling: after step k every element has met the 2ᵏ before it. */
const doubling = (f: (tf: Tf, x: Tensor, y: Tensor) => Tensor, identity: number): Kernel =>
  composed<Cumulative>(({ tf, ins, avals, params: { axis, reverse } }) => {
    const bool = avals[0].dtype === "bool";
    const x = three(tf, bool ? tf.cast(ins[0], "float32") : ins[0], avals[0].shape, axis);
    const [outer, n, inner] = x.shape as [number, number, number];
    let y = x;
    for (let shift = 1; shift < n; shift *= 2) {
      const size = [outer, n - shift, inner];
      const near = block(tf, y, y.shape, [0, reverse ? shift : 0, 0], size);
      const amount = [0, 0, 0].map((_, k) => (k === 1 ? shift : 0));
      const moved = padded(
        tf,
        near,
        size,
        reverse ? [0, 0, 0] : amount,
        reverse ? amount : [0, 0, 0],
        [0, 0, 0],
        identity,
      );
      y = f(tf, y, moved);
    }
    return bool ? tf.cast(y, "bool") : y === ins[0] ? tf.clone(y) : y;
  });

type Pair = readonly [number, number];

interface Window {
  readonly [k: string]: string | readonly number[] | readonly Pair[];
  readonly kind: "sum" | "max" | "min";
  readonly window: readonly number[];
  readonly strides: readonly number[];
  readonly padding: readonly Pair[];
  readonly dilation: readonly number[];
}

/** Sums and extrema over boxes are those along one axis after the other. */
const reduceWindow = composed<Window>(({ tf, ins: [x], avals, params: p, outs }) => {
  const identity = p.kind === "sum" ? 0 : p.kind === "max" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const combine = p.kind === "sum" ? (a: Tensor, b: Tensor) => tf.add(a, b) : p.kind === "max" ? max : min;
  function max(a: Tensor, b: Tensor): Tensor {
    return maximum(tf, a, b);
  }
  function min(a: Tensor, b: Tensor): Tensor {
    return minimum(tf, a, b);
  }
  let y = x;
  const now = [...avals[0].shape];
  for (const [k, w] of p.window.entries()) {
    const [lo, hi] = p.padding[k];
    if (w === 1 && p.strides[k] === 1 && lo === 0 && hi === 0) continue;
    const shape = [
      now.slice(0, k).reduce((a, b) => a * b, 1),
      now[k] + lo + hi,
      now.slice(k + 1).reduce((a, b) => a * b, 1),
    ];
    const wide = padded(
      tf,
      three(tf, y, now, k),
      [shape[0], now[k], shape[2]],
      [0, lo, 0],
      [0, hi, 0],
      [0, 0, 0],
      identity,
    );
    let acc: Tensor | undefined;
    for (let t = 0; t < w; t++) {
      const from = t * p.dilation[k];
      const to = from + (outs[0].shape[k] - 1) * p.strides[k] + 1;
      const part = strided(tf, wide, shape, [0, from, 0], [shape[0], to, shape[2]], [1, p.strides[k], 1]);
      acc = acc ? combine(acc, part) : part;
    }
    y = acc!;
    now[k] = outs[0].shape[k];
  }
  return y === x ? tf.clone(x) : y;
});

const cumulative = (f: (tf: Tf, x: Tensor, reverse: boolean) => Tensor): Kernel =>
  native<Cumulative>(({ tf, ins: [x], avals, params }) =>
    f(tf, three(tf, x, avals[0].shape, params.axis), params.reverse),
  );

export const reductions = (engine: Engine): Table => {
  const exact = engine.name === "cpu";
  const extremum = (f: Reduce, bool: Reduce) =>
    exact ? reduction("native", f, bool) : reduction("composed", carryNaN(f), bool);
  return {
    reduceSum: reduction("native", (tf, x, axes) => tf.sum(x, axes)),
    reduceProd: reduction("native", (tf, x, axes) => tf.prod(x, axes)),
    reduceMax: extremum(top, any),
    reduceMin: extremum(bottom, all),
    reduceAnd: reduction("native", all),
    reduceOr: reduction("native", any),
    argmax: arg(1),
    argmin: arg(-1),
    cumSum: cumulative((tf, x, reverse) => tf.cumsum(x, 1, false, reverse)),
    cumProd: cumulative((tf, x, reverse) => tf.cumprod(x, 1, false, reverse)),
    cumMax: doubling(maximum, Number.NEGATIVE_INFINITY),
    cumMin: doubling(minimum, Number.POSITIVE_INFINITY),
    reduceWindow,
  };
};

export type { Call };
