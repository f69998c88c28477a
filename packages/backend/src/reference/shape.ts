import { sizeOf, stridesOf } from "../aval";
import type { HostValue } from "../op";
import * as core from "../ops/shape";
import { axisOffsets, type Entry, elements, entry, fresh, offsets, otherAxes, take } from "./array";
import { lines } from "./reductions";

const reshape = entry(core.reshape, ([x]) => [x.data.slice()]);

const transpose = entry(core.transpose, ([x], p, [out]) => {
  const s = stridesOf(x.aval.shape);
  return [
    take(
      x,
      offsets(
        out.shape,
        p.permutation.map((k) => s[k]),
      ),
      out,
    ),
  ];
});

const broadcast = entry(core.broadcast, ([x], p, [out]) => {
  const s = stridesOf(x.aval.shape);
  const strides = out.shape.map((_, k) => {
    const i = p.axes.indexOf(k);
    return i < 0 || x.aval.shape[i] === 1 ? 0 : s[i];
  });
  return [take(x, offsets(out.shape, strides), out)];
});

/** The block of `out` elements of x that begins at `start` with steps `strides`. */
const block = (
  x: HostValue,
  start: readonly number[],
  steps: readonly number[],
  shape: readonly number[],
): Int32Array => {
  const s = stridesOf(x.aval.shape);
  return offsets(
    shape,
    s.map((d, k) => d * steps[k]),
    s.reduce((at, d, k) => at + d * start[k], 0),
  );
};

const ones = (x: HostValue): number[] => x.aval.shape.map(() => 1);

const slice = entry(core.slice, ([x], p, [out]) => [take(x, block(x, p.start, p.strides, out.shape), out)]);

/** Starts moved so that a block of the given sizes lies inside x. */
const clampedStarts = (x: HostValue, sizes: readonly number[], starts: readonly HostValue[]): number[] =>
  sizes.map((size, k) => Math.max(0, Math.min(elements(starts[k])[0], x.aval.shape[k] - size)));

const dynamicSlice = entry(core.dynamicSlice, ([x, ...starts], p, [out]) => [
  take(x, block(x, clampedStarts(x, p.sizes, starts), ones(x), p.sizes), out),
]);

const dynamicUpdateSlice = entry(core.dynamicUpdateSlice, ([x, u, ...starts]) => {
  const y = elements(x).slice();
  const at = block(x, clampedStarts(x, u.aval.shape, starts), ones(x), u.aval.shape);
  for (const [i, v] of elements(u).entries()) y[at[i]] = v;
  return [y];
});

const pad = entry(core.pad, ([x, value], p, [out]) => {
  const y = fresh(out).fill(elements(value)[0]);
  const outStrides = stridesOf(out.shape);
  const inStrides = stridesOf(x.aval.shape);
  const { shape } = x.aval;
  for (const [i, v] of elements(x).entries()) {
    const at = shape.map((d, k) => (Math.floor(i / inStrides[k]) % d) * (p.interior[k] + 1) + p.low[k]);
    if (at.every((q, k) => q >= 0 && q < out.shape[k])) y[at.reduce((s, q, k) => s + q * outStrides[k], 0)] = v;
  }
  return [y];
});

const concatenate = entry(core.concatenate, (ins, p, [out]) => {
  const y = fresh(out);
  const strides = stridesOf(out.shape);
  let start = 0;
  for (const x of ins) {
    const at = offsets(x.aval.shape, strides, start);
    for (const [i, v] of elements(x).entries()) y[at[i]] = v;
    start += x.aval.shape[p.axis] * strides[p.axis];
  }
  return [y];
});

const reverse = entry(core.reverse, ([x], p, [out]) => {
  const step = out.shape.map((_, k) => (p.axes.includes(k) ? -1 : 1));
  const start = out.shape.map((d, k) => (p.axes.includes(k) ? d - 1 : 0));
  return [take(x, block(x, start, step, out.shape), out)];
});

/**
 * For every place of the indices, the offset in the operand of the element they name, or -1 where one is out of range; `clip`
 * moves each index into range first. And the offsets of `rest`, the axes that are taken whole.
 */
const indexed = (x: HostValue, indices: HostValue, p: { batch: number; axes: readonly number[] }, clip: boolean) => {
  const { shape } = x.aval;
  const strides = stridesOf(shape);
  const lead = indices.aval.shape.slice(0, -1);
  const k = p.axes.length;
  const inBatch = sizeOf(lead.slice(p.batch));
  const batchStride = sizeOf(shape.slice(p.batch));
  const index = elements(indices);
  const at = Int32Array.from({ length: sizeOf(lead) }, (_, place) => {
    let offset = Math.floor(place / inBatch) * batchStride;
    for (const [j, axis] of p.axes.entries()) {
      let i = index[place * k + j];
      if (clip) i = Math.max(0, Math.min(i, shape[axis] - 1));
      if (i < 0 || i >= shape[axis]) return -1;
      offset += i * strides[axis];
    }
    return offset;
  });
  const whole = otherAxes(shape, p.axes).filter((a) => a >= p.batch);
  return { at, rest: axisOffsets(shape, strides, whole) };
};

const gather = entry(core.gather, ([x, indices], p, [out]) => {
  const y = fresh(out);
  const v = elements(x);
  const { at, rest } = indexed(x, indices, p, p.mode === "clip");
  // A key is filled with the zero bits that `fresh` left.
  const fill = (i: number): void => {
    if (out.dtype !== "key") y[i] = p.fillValue;
  };
  let n = 0;
  for (const base of at)
    for (const r of rest) {
      if (base < 0) fill(n);
      else y[n] = v[base + r];
      n++;
    }
  return [y];
});

const combine: Readonly<Record<"add" | "set" | "min" | "max", (old: number, update: number) => number>> = {
  add: (x, u) => x + u,
  set: (_, u) => u,
  min: (x, u) => Math.min(x, u),
  max: (x, u) => Math.max(x, u),
};

/** Sums of float32 are accumulated in float64 and rounded at the end, as in reductions. */
const scatter = entry(core.scatter, ([x, indices, updates], p, [out]) => {
  const wide = out.dtype === "float32" ? Float64Array.from(elements(x)) : elements(x).slice();
  const u = elements(updates);
  const { at, rest } = indexed(x, indices, p, false);
  const f = combine[p.kind];
  let n = 0;
  for (const base of at)
    for (const r of rest) {
      if (base >= 0) wide[base + r] = f(wide[base + r], u[n]);
      n++;
    }
  return [out.dtype === "float32" ? Float32Array.from(wide) : wide];
});

/** Ascending; NaN last and equal to itself; -0 equal to 0. */
const compare = (a: number, b: number): number =>
  a < b ? -1 : a > b ? 1 : a === b ? 0 : Number(Number.isNaN(a)) - Number(Number.isNaN(b));

const sort = entry(core.sort, (ins, p, outs) => {
  const xs = ins.map(elements);
  const ys = outs.map(fresh);
  const { starts, step, length } = lines(ins[0], p.axis);
  for (const start of starts) {
    const order = Array.from({ length }, (_, k) => start + k * step).sort((a, b) => {
      for (const x of xs.slice(0, p.keys)) {
        const c = compare(x[a], x[b]);
        if (c !== 0) return c;
      }
      return 0; // Array.prototype.sort is stable
    });
    for (const [j, y] of ys.entries()) for (const [k, at] of order.entries()) y[start + k * step] = xs[j][at];
  }
  return ys;
});

export const shape: readonly Entry[] = [
  reshape,
  transpose,
  broadcast,
  slice,
  dynamicSlice,
  dynamicUpdateSlice,
  pad,
  concatenate,
  reverse,
  gather,
  scatter,
  sort,
];
