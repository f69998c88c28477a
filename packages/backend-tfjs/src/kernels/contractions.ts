import type { core, Shape } from "@ansatz/backend";
import type { Tensor, Tf } from "../tf";
import { composed, native, reshape, type Table } from "./kernel";
import { coalescePermutation, padded, strided, transposed } from "./movement";

const product = (xs: readonly number[]): number => xs.reduce((a, b) => a * b, 1);
const others = (shape: Shape, axes: readonly number[]): number[] => [...shape.keys()].filter((k) => !axes.includes(k));

/** [batch, rows, contract] or [batch, contract, rows], whichever the operand already is. */
const matrix = (
  tf: Tf,
  x: Tensor,
  shape: Shape,
  batch: readonly number[],
  free: readonly number[],
  contract: readonly number[],
) => {
  const of = (axes: readonly number[]) => product(axes.map((k) => shape[k]));
  const [b, f, c] = [of(batch), of(free), of(contract)];
  const flipped = [...batch, ...contract, ...free];
  const still = (p: readonly number[]) => coalescePermutation(shape, p).permutation.every((k, i) => k === i);
  const straight = [...batch, ...free, ...contract];
  if (!still(straight) && still(flipped)) return { x: reshape(tf, x, [b, c, f]), contractFirst: true };
  return { x: reshape(tf, transposed(tf, x, shape, straight), [b, f, c]), contractFirst: false };
};

const fewAxes = (shape: Shape, order: readonly number[]): boolean =>
  coalescePermutation(shape, order).permutation.length <= 6;

const dotGeneral = native<core.DotParams>(
  ({ tf, ins, avals: [a, b], params: p }) => {
    const lhs = matrix(
      tf,
      ins[0],
      a.shape,
      p.lhsBatch,
      others(a.shape, [...p.lhsBatch, ...p.lhsContract]),
      p.lhsContract,
    );
    const rhs = matrix(
      tf,
      ins[1],
      b.shape,
      p.rhsBatch,
      others(b.shape, [...p.rhsBatch, ...p.rhsContract]),
      p.rhsContract,
    );
    return tf.matMul(lhs.x, rhs.x, lhs.contractFirst, !rhs.contractFirst);
  },
  {
    accepts: ([a, b], params) => {
      const p = params as unknown as core.DotParams;
      const order = (shape: Shape, batch: readonly number[], contract: readonly number[]) =>
        fewAxes(shape, [...batch, ...others(shape, [...batch, ...contract]), ...contract]);
      return order(a.shape, p.lhsBatch, p.lhsContract) && order(b.shape, p.rhsBatch, p.rhsContract);
    },
  },
);

/** One group: input [N, C, …], kernel [O, C, …] → [N, O, …places], as a product of the kernel with the gathered windows. */
const oneGroup = (
  tf: Tf,
  x: Tensor,
  xShape: Shape,
  w: Tensor,
  wShape: Shape,
  places: readonly number[],
  p: core.ConvParams,
): Tensor => {
  const [N, C, ...size] = xShape;
  const [O, , ...window] = wShape;
  const rank = size.length;
  const low = [0, 0, ...p.padding.map(([lo]) => lo)];
  const high = [0, 0, ...p.padding.map(([, hi]) => hi)];
  const gaps = [0, 0, ...p.lhsDilation.map((d) => d - 1)];
  const wide = padded(tf, x, xShape, low, high, gaps, 0);
  const wideShape = [N, C, ...size.map((n, k) => (n - 1) * p.lhsDilation[k] + 1 + p.padding[k][0] + p.padding[k][1])];
  const taps = product(window);
  const count = product(places);
  const columns: Tensor[] = [];
  const at = new Array<number>(rank).fill(0);
  for (let t = 0; t < taps; t++) {
    const start = [0, 0, ...at.map((i, k) => i * p.rhsDilation[k])];
    const limit = [N, C, ...places.map((n, k) => start[k + 2] + (n - 1) * p.strides[k] + 1)];
    columns.push(reshape(tf, strided(tf, wide, wideShape, start, limit, [1, 1, ...p.strides]), [N, C, 1, count]));
    for (let k = rank - 1; k >= 0 && ++at[k] === window[k]; k--) at[k] = 0;
  }
  const all = columns.length === 1 ? columns[0] : tf.concat(columns, 2);
  const kernel = tf.tile(reshape(tf, w, [1, O, C * taps]), [N, 1, 1]);
  return tf.matMul(kernel, reshape(tf, all, [N, C * taps, count]));
};

/** Where the engine's own conv2d does the same: two spatial axes, one group, input not dilated. */
const isPlain2d = (p: core.ConvParams): boolean =>
  p.strides.length === 2 &&
  p.groups === 1 &&
  p.batchGroups === 1 &&
  p.lhsDilation.every((d) => d === 1) &&
  p.padding.every(([lo, hi]) => lo >= 0 && hi >= 0) &&
  (p.strides.every((s) => s === 1) || p.rhsDilation.every((d) => d === 1));

const cutAxis = (tf: Tf, x: Tensor, shape: Shape, axis: number, parts: number): [Tensor[], number[]] => {
  const size = shape.map((d, k) => (k === axis ? d / parts : d));
  const outer = product(shape.slice(0, axis));
  const inner = product(shape.slice(axis + 1));
  const each = shape[axis] / parts;
  const y = reshape(tf, x, [outer, shape[axis], inner]);
  return [
    Array.from({ length: parts }, (_, g) => reshape(tf, tf.slice(y, [0, g * each, 0], [outer, each, inner]), size)),
    size,
  ];
};

const convGeneral = composed<core.ConvParams>(
  ({ tf, ins: [x, w], avals: [a, b], params: p, outs: [out] }) => {
    const [N, O, ...places] = out.shape;
    if (isPlain2d(p) && a.shape.length === 4) {
      const image = tf.transpose(reshape(tf, x, a.shape), [0, 2, 3, 1]) as never;
      const filter = tf.transpose(reshape(tf, w, b.shape), [2, 3, 1, 0]) as never;
      const pad = [[0, 0], p.padding[0], p.padding[1], [0, 0]] as never;
      const [s, d] = [p.strides as never, p.rhsDilation as never];
      // Explicit padding is cut by some engines' kernels (facts: tfjs-node), so it is applied first.
      const wide = p.padding.some(([lo, hi]) => lo + hi > 0) ? tf.pad(image, pad) : image;
      return tf.transpose(tf.conv2d(wide as never, filter, s, "valid", "NHWC", d) as Tensor, [0, 3, 1, 2]);
    }
    const groups = p.groups * p.batchGroups;
    if (groups === 1) return oneGroup(tf, x, a.shape, w, b.shape, places, p);
    const [xs, xShape] = cutAxis(tf, x, a.shape, p.groups > 1 ? 1 : 0, groups);
    const [ws, wShape] = cutAxis(tf, w, b.shape, 0, groups);
    const parts = xs.map((part, g) =>
      reshape(tf, oneGroup(tf, part, xShape, ws[g], wShape, places, p), [N, O / groups, product(places)]),
    );
    return tf.concat(parts, 1);
  },
  {
    accepts: ([a], params) => {
      const p = params as unknown as core.ConvParams;
      return p.padding.every(
        ([lo, hi], k) => (a.shape[k + 2] - 1) * p.lhsDilation[k] + 1 + Math.min(0, lo) + Math.min(0, hi) >= 1,
      );
    },
  },
);

export const contractions: Table = { dotGeneral, convGeneral };
