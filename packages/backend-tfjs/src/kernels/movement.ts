import { type Shape, sizeOf } from "@ansatz/backend";
import type { Tensor, Tf } from "../tf";
import { type Call, composed, type Kernel, native, reshape, type Table } from "./kernel";

const product = (xs: readonly number[]): number => xs.reduce((a, b) => a * b, 1);

/** The tensor in its own shape, whatever its rank: for kernels that go on to coalesce it. */
export const three = (tf: Tf, x: Tensor, shape: Shape, axis: number): Tensor =>
  reshape(tf, x, [product(shape.slice(0, axis)), shape[axis], product(shape.slice(axis + 1))]);

/**
 * Coalesces a permutation: operand axes that stay neighbours move as one, axes of extent 1 vanish. A transposition of rank 8 is
 * mostly one of rank 2 or 3.
 */
export const coalescePermutation = (shape: Shape, permutation: readonly number[]) => {
  const groups: number[][] = [];
  for (const axis of permutation) {
    if (shape[axis] === 1) continue;
    const last = groups[groups.length - 1];
    const follows = last !== undefined && nextAxis(shape, last[last.length - 1]) === axis;
    if (follows) last.push(axis);
    else groups.push([axis]);
  }
  const inOrder = [...groups].sort((a, b) => a[0] - b[0]);
  return {
    shape: inOrder.map((g) => product(g.map((k) => shape[k]))),
    permutation: groups.map((g) => inOrder.indexOf(g)),
  };
};

const nextAxis = (shape: Shape, axis: number): number => {
  let k = axis + 1;
  while (k < shape.length && shape[k] === 1) k++;
  return k;
};

export const transposed = (tf: Tf, x: Tensor, shape: Shape, permutation: readonly number[]): Tensor => {
  const c = coalescePermutation(shape, permutation);
  const identity = c.permutation.every((k, i) => k === i);
  const y = identity ? x : tf.transpose(reshape(tf, x, c.shape), c.permutation);
  return reshape(
    tf,
    y,
    permutation.map((k) => shape[k]),
  );
};

const fewAxes = (n: number): boolean => n <= 6;

const transpose = native<{ permutation: readonly number[] }>(
  ({ tf, ins: [x], avals, params }) => {
    const c = coalescePermutation(avals[0].shape, params.permutation);
    return c.permutation.every((k, i) => k === i) ? tf.clone(x) : tf.transpose(reshape(tf, x, c.shape), c.permutation);
  },
  {
    accepts: ([x], params) =>
      fewAxes(coalescePermutation(x.shape, (params as { permutation: number[] }).permutation).permutation.length),
  },
);

/** Result axes in runs that are all copied or all repeated. */
const coalesceBroadcast = (from: Shape, to: Shape, axes: readonly number[]) => {
  const runs: { extent: number; repeat: boolean }[] = [];
  for (const [k, d] of to.entries()) {
    if (d === 1) continue;
    const i = axes.indexOf(k);
    const repeat = i < 0 || from[i] === 1;
    const last = runs[runs.length - 1];
    if (last?.repeat === repeat) last.extent *= d;
    else runs.push({ extent: d, repeat });
  }
  return runs;
};

const broadcast = native<{ shape: Shape; axes: readonly number[] }>(
  ({ tf, ins: [x], avals, params }) => {
    const runs = coalesceBroadcast(avals[0].shape, params.shape, params.axes);
    if (runs.every((r) => !r.repeat)) return tf.clone(x);
    const small = reshape(
      tf,
      x,
      runs.map((r) => (r.repeat ? 1 : r.extent)),
    );
    return tf.tile(
      small,
      runs.map((r) => (r.repeat ? r.extent : 1)),
    );
  },
  {
    accepts: ([x], params) => {
      const p = params as { shape: Shape; axes: readonly number[] };
      return fewAxes(coalesceBroadcast(x.shape, p.shape, p.axes).length);
    },
  },
);

/** A block of x; axes taken whole join their left neighbour, so that few remain. */
export const block = (tf: Tf, x: Tensor, shape: Shape, start: readonly number[], sizes: readonly number[]): Tensor => {
  const [s, b, z] = coalesceBlock(shape, start, sizes);
  if (z.every((d, k) => d === s[k])) return x;
  return reshape(tf, tf.slice(reshape(tf, x, s), b, z), sizes);
};

const coalesceBlock = (shape: Shape, start: readonly number[], sizes: readonly number[]) => {
  const s: number[] = [];
  const b: number[] = [];
  const z: number[] = [];
  for (const [k, d] of shape.entries()) {
    const whole = sizes[k] === d;
    if (whole && s.length > 0) {
      const i = s.length - 1;
      s[i] *= d;
      b[i] *= d;
      z[i] *= d;
    } else {
      s.push(d);
      b.push(start[k]);
      z.push(sizes[k]);
    }
  }
  return [s, b, z] as const;
};

/** Every stride-th element along one axis of [outer, n, inner]. */
const everyNth = (tf: Tf, x: Tensor, outer: number, n: number, inner: number, stride: number): Tensor => {
  const count = Math.ceil(n / stride);
  const full = count * stride;
  const padded =
    full === n
      ? x
      : tf.pad(reshape(tf, x, [outer, n, inner]), [
          [0, 0],
          [0, full - n],
          [0, 0],
        ]);
  return tf.slice(reshape(tf, padded, [outer, count, stride * inner]), [0, 0, 0], [outer, count, inner]);
};

/** x[start : start + size·stride : stride] on every axis. */
export const strided = (
  tf: Tf,
  x: Tensor,
  shape: Shape,
  start: readonly number[],
  limit: readonly number[],
  strides: readonly number[],
): Tensor => {
  const extents = start.map((s, k) => limit[k] - s);
  let y = block(tf, x, shape, start, extents);
  const now = [...extents];
  for (const [k, s] of strides.entries()) {
    if (s === 1) continue;
    y = everyNth(tf, y, product(now.slice(0, k)), now[k], product(now.slice(k + 1)), s);
    now[k] = Math.ceil(now[k] / s);
  }
  return reshape(tf, y, now);
};

const fewBlockAxes = (shape: Shape, sizes: readonly number[]): boolean =>
  fewAxes(coalesceBlock(shape, sizes, sizes)[0].length);

interface SliceParams {
  readonly [k: string]: readonly number[];
  readonly start: readonly number[];
  readonly limit: readonly number[];
  readonly strides: readonly number[];
}

const slice = native<SliceParams>(
  ({ tf, ins: [x], avals, params: p }) => fresh(tf, x, strided(tf, x, avals[0].shape, p.start, p.limit, p.strides)),
  {
    accepts: ([x], params) => {
      const p = params as SliceParams;
      return fewBlockAxes(
        x.shape,
        p.start.map((s, k) => p.limit[k] - s),
      );
    },
  },
);

/** A result must not be the operand itself. */
const fresh = (tf: Tf, x: Tensor, y: Tensor): Tensor => (y === x ? tf.clone(x) : y);

/** Starts from host scalars, moved so that the block lies inside. */
const clamped = ({ host, avals }: Call, sizes: readonly number[]): number[] =>
  sizes.map((size, k) => Math.max(0, Math.min(Number(host[k + 1][0]), avals[0].shape[k] - size)));

const dynamicSlice = native<{ sizes: readonly number[] }>(
  (c) => fresh(c.tf, c.ins[0], block(c.tf, c.ins[0], c.avals[0].shape, clamped(c, c.params.sizes), c.params.sizes)),
  { host: (place) => place >= 1, accepts: ([x], p) => fewBlockAxes(x.shape, (p as { sizes: number[] }).sizes) },
);

/** x with a block replaced: what is before and after it along each axis, around the rest. */
const replaced = (
  tf: Tf,
  x: Tensor,
  shape: Shape,
  u: Tensor,
  uShape: Shape,
  start: readonly number[],
  axis = 0,
): Tensor => {
  let k = axis;
  while (k < shape.length && shape[k] === uShape[k]) k++;
  if (k === shape.length) return u;
  const part = (from: number, size: number): [Tensor, number[]] => {
    const sizes = shape.map((d, i) => (i === k ? size : d));
    return [
      block(
        tf,
        x,
        shape,
        shape.map((_, i) => (i === k ? from : 0)),
        sizes,
      ),
      sizes,
    ];
  };
  const [middle, middleShape] = part(start[k], uShape[k]);
  const parts: [Tensor, number[]][] = [];
  if (start[k] > 0) parts.push(part(0, start[k]));
  parts.push([replaced(tf, middle, middleShape, u, uShape, start, k + 1), middleShape]);
  const end = start[k] + uShape[k];
  if (end < shape[k]) parts.push(part(end, shape[k] - end));
  return tf.concat(
    parts.map(([t, s]) => three(tf, t, s, k)),
    1,
  );
};

const dynamicUpdateSlice = composed(
  (c) => {
    const [x, u] = c.avals;
    const start = c.host.slice(2).map((s, k) => Math.max(0, Math.min(Number(s[0]), x.shape[k] - u.shape[k])));
    return fresh(c.tf, c.ins[1], replaced(c.tf, c.ins[0], x.shape, c.ins[1], u.shape, start));
  },
  { host: (place) => place >= 2, accepts: ([x, u]) => fewBlockAxes(x.shape, u.shape) },
);

/** `value` before, between and after the elements of one axis at a time; negative amounts crop. */
export const padded = (
  tf: Tf,
  x: Tensor,
  shape: Shape,
  low: readonly number[],
  high: readonly number[],
  interior: readonly number[],
  value: number,
): Tensor => {
  let y = x;
  const now = [...shape];
  for (let k = 0; k < shape.length; k++) {
    const [outer, inner] = [product(now.slice(0, k)), product(now.slice(k + 1))];
    if (interior[k] > 0 && now[k] > 1) {
      const step = interior[k] + 1;
      const wide = tf.pad(
        reshape(tf, y, [outer * now[k], 1, inner]),
        [
          [0, 0],
          [0, interior[k]],
          [0, 0],
        ],
        value,
      );
      const full = now[k] * step;
      now[k] = full - interior[k];
      y = tf.slice(reshape(tf, wide, [outer, full, inner]), [0, 0, 0], [outer, now[k], inner]);
    }
    if (low[k] < 0 || high[k] < 0) {
      const from = Math.max(0, -low[k]);
      const size = now[k] - from - Math.max(0, -high[k]);
      y = tf.slice(reshape(tf, y, [outer, now[k], inner]), [0, from, 0], [outer, size, inner]);
      now[k] = size;
    }
    if (low[k] > 0 || high[k] > 0) {
      y = tf.pad(
        reshape(tf, y, [outer, now[k], inner]),
        [
          [0, 0],
          [Math.max(0, low[k]), Math.max(0, high[k])],
          [0, 0],
        ],
        value,
      );
      now[k] += Math.max(0, low[k]) + Math.max(0, high[k]);
    }
  }
  return reshape(tf, y, now);
};

interface PadParams {
  readonly [k: string]: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly interior: readonly number[];
}

const pad: Kernel = native<PadParams>(
  (c) => {
    const { tf, avals, params: p } = c;
    const bool = avals[0].dtype === "bool";
    // tf.pad takes numbers only
    const x = bool ? tf.cast(c.ins[0], "float32") : c.ins[0];
    const y = padded(tf, x, avals[0].shape, p.low, p.high, p.interior, Number(c.host[1][0]));
    return bool ? tf.cast(y, "bool") : fresh(tf, c.ins[0], y);
  },
  {
    host: (place) => place === 1,
    // Cropping everything away and padding again is not worth a device.
    accepts: ([x], params) => {
      const p = params as unknown as PadParams;
      return x.shape.every(
        (d, k) => (d - 1) * (p.interior[k] + 1) + 1 + Math.min(0, p.low[k]) + Math.min(0, p.high[k]) >= 1,
      );
    },
  },
);

const concatenate = native<{ axis: number }>(({ tf, ins, avals, params: { axis } }) =>
  ins.length === 1
    ? tf.clone(ins[0])
    : tf.concat(
        ins.map((x, i) => three(tf, x, avals[i].shape, axis)),
        1,
      ),
);

const reverse = native<{ axes: readonly number[] }>(({ tf, ins: [x], avals, params }) => {
  const { shape } = avals[0];
  const bool = avals[0].dtype === "bool";
  let y = bool ? tf.cast(x, "float32") : x;
  for (const k of params.axes) if (shape[k] > 1) y = tf.reverse(three(tf, y, shape, k), 1);
  return bool ? tf.cast(y, "bool") : fresh(tf, x, y);
});

const iota = native<{ shape: Shape; axis: number }>(({ tf, params: { shape, axis } }) => {
  const inner = product(shape.slice(axis + 1));
  const line = tf.reshape(tf.range(0, shape[axis], 1, "float32"), [1, shape[axis], 1]);
  return tf.tile(line, [sizeOf(shape) / (inner * shape[axis]), 1, inner]);
});

export const movement: Table = {
  reshape: native(({ tf, ins: [x] }) => tf.clone(x)),
  transpose,
  broadcast,
  slice,
  dynamicSlice,
  dynamicUpdateSlice,
  pad,
  concatenate,
  reverse,
  iota,
};
