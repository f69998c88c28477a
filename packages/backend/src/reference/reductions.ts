import { sizeOf, stridesOf } from "../aval";
import { type DType, highest, isFloat, lowest } from "../dtype";
import type { HostValue } from "../op";
import * as core from "../ops/reductions";
import { axisOffsets, type Entry, elements, entry, fresh, otherAxes } from "./array";

/**
 * Accumulation: floats in float64, first to last, rounded once at the end (cumulative ops round every element they store);
 * integers modulo 2^32.
 */
interface Monoid {
  readonly identity: (d: DType) => number;
  readonly combine: (d: DType) => (acc: number, x: number) => number;
}
const sum: Monoid = { identity: () => 0, combine: (d) => (isFloat(d) ? (a, x) => a + x : (a, x) => (a + x) | 0) };
const prod: Monoid = { identity: () => 1, combine: (d) => (isFloat(d) ? (a, x) => a * x : Math.imul) };
const max: Monoid = { identity: lowest, combine: () => (a, x) => Math.max(a, x) };
const min: Monoid = { identity: highest, combine: () => (a, x) => Math.min(a, x) };

const reduce = (op: typeof core.reduceSum, m: Monoid): Entry =>
  entry(op, ([x], p, [out]) => {
    const v = elements(x);
    const y = fresh(out);
    const { shape, dtype } = x.aval;
    const strides = stridesOf(shape);
    const kept = axisOffsets(shape, strides, otherAxes(shape, p.axes));
    const along = axisOffsets(shape, strides, p.axes);
    const combine = m.combine(dtype);
    for (let i = 0; i < y.length; i++) {
      let acc = m.identity(dtype);
      for (const k of along) acc = combine(acc, v[kept[i] + k]);
      y[i] = acc;
    }
    return [y];
  });

/** Offsets where each line along an axis begins, and the step along it. */
export const lines = (x: HostValue, axis: number): { starts: Int32Array; step: number; length: number } => {
  const { shape } = x.aval;
  const strides = stridesOf(shape);
  return { starts: axisOffsets(shape, strides, otherAxes(shape, [axis])), step: strides[axis], length: shape[axis] };
};

const arg = (op: typeof core.argmax, better: (x: number, best: number) => boolean): Entry =>
  entry(op, ([x], p, [out]) => {
    const v = elements(x);
    const y = fresh(out);
    const { starts, step, length } = lines(x, p.axis);
    for (const [i, start] of starts.entries()) {
      let best = 0;
      for (let k = 1; k < length; k++) {
        const [a, b] = [v[start + k * step], v[start + best * step]];
        if (!Number.isNaN(b) && (Number.isNaN(a) || better(a, b))) best = k;
      }
      y[i] = best;
    }
    return [y];
  });

const cumulate = (op: typeof core.cumSum, m: Monoid): Entry =>
  entry(op, ([x], p, [out]) => {
    const v = elements(x);
    const y = fresh(out);
    const { starts, step, length } = lines(x, p.axis);
    const combine = m.combine(x.aval.dtype);
    for (const start of starts) {
      let acc = m.identity(x.aval.dtype);
      for (let k = 0; k < length; k++) {
        const at = start + (p.reverse ? length - 1 - k : k) * step;
        acc = combine(acc, v[at]);
        y[at] = acc;
      }
    }
    return [y];
  });

const dotGeneral = entry(core.dotGeneral, ([a, b], p, [out]) => {
  const [x, w, y] = [elements(a), elements(b), fresh(out)];
  const side = (v: HostValue, batch: readonly number[], contract: readonly number[]) => {
    const { shape } = v.aval;
    const at = (axes: readonly number[]) => axisOffsets(shape, stridesOf(shape), axes);
    return { batch: at(batch), contract: at(contract), free: at(otherAxes(shape, [...batch, ...contract])) };
  };
  const l = side(a, p.lhsBatch, p.lhsContract);
  const r = side(b, p.rhsBatch, p.rhsContract);
  const float = isFloat(out.dtype);
  let n = 0;
  for (const g of l.batch.keys())
    for (const i of l.free)
      for (const j of r.free) {
        let acc = 0;
        for (const k of l.contract.keys()) {
          const u = x[l.batch[g] + i + l.contract[k]];
          const v = w[r.batch[g] + j + r.contract[k]];
          acc = float ? acc + u * v : (acc + Math.imul(u, v)) | 0;
        }
        y[n++] = acc;
      }
  return [y];
});

const convGeneral = entry(core.convGeneral, ([a, b], p, [out]) => {
  const [x, w, y] = [elements(a), elements(b), fresh(out)];
  const [, , ...size] = a.aval.shape;
  const [O, I, ...window] = b.aval.shape;
  const [N, , ...places] = out.shape;
  const xStrides = stridesOf(a.aval.shape);
  const wStrides = stridesOf(b.aval.shape);
  const perGroup = O / p.groups;
  const perBatch = O / p.batchGroups;
  const taps = indices(window);
  let n = 0;
  for (let image = 0; image < N; image++)
    for (let o = 0; o < O; o++) {
      const row = image + Math.floor(o / perBatch) * N;
      const channel = Math.floor(o / perGroup) * I;
      for (const place of indices(places)) {
        let acc = 0;
        for (const tap of taps) {
          let at = row * xStrides[0];
          let inside = true;
          for (let k = 0; k < size.length; k++) {
            const pos = place[k] * p.strides[k] + tap[k] * p.rhsDilation[k] - p.padding[k][0];
            const i = pos / p.lhsDilation[k];
            inside &&= Number.isInteger(i) && i >= 0 && i < size[k];
            at += i * xStrides[k + 2];
          }
          if (!inside) continue;
          const wAt = o * wStrides[0] + tap.reduce((s, t, k) => s + t * wStrides[k + 2], 0);
          for (let c = 0; c < I; c++) acc += x[at + (channel + c) * xStrides[1]] * w[wAt + c * wStrides[1]];
        }
        y[n++] = acc;
      }
    }
  return [y];
});

/** Every index of a shape, in row-major order. */
const indices = (shape: readonly number[]): number[][] => {
  const n = sizeOf(shape);
  const strides = stridesOf(shape);
  return Array.from({ length: n }, (_, i) => shape.map((d, k) => Math.floor(i / strides[k]) % d));
};

const windows: Readonly<Record<core.WindowParams["kind"], Monoid>> = { sum, max, min };

const reduceWindow = entry(core.reduceWindow, ([x], p, [out]) => {
  const v = elements(x);
  const y = fresh(out);
  const { shape, dtype } = x.aval;
  const strides = stridesOf(shape);
  const { identity, combine } = windows[p.kind];
  const taps = indices(p.window);
  for (const [i, place] of indices(out.shape).entries()) {
    let acc = identity(dtype);
    for (const tap of taps) {
      const at = place.map((q, k) => q * p.strides[k] + tap[k] * p.dilation[k] - p.padding[k][0]);
      if (at.every((q, k) => q >= 0 && q < shape[k]))
        acc = combine(dtype)(acc, v[at.reduce((s, q, k) => s + q * strides[k], 0)]);
    }
    y[i] = acc;
  }
  return [y];
});

export const reductions: readonly Entry[] = [
  reduce(core.reduceSum, sum),
  reduce(core.reduceProd, prod),
  reduce(core.reduceMax, max),
  reduce(core.reduceMin, min),
  reduce(core.reduceAnd, min),
  reduce(core.reduceOr, max),
  arg(core.argmax, (x, best) => x > best),
  arg(core.argmin, (x, best) => x < best),
  cumulate(core.cumSum, sum),
  cumulate(core.cumProd, prod),
  cumulate(core.cumMax, max),
  cumulate(core.cumMin, min),
  dotGeneral,
  convGeneral,
  reduceWindow,
];
