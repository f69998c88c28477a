import {
  type Aval,
  type core,
  type DeviceKernel,
  type Equation,
  type HostValue,
  type Shape,
  sizeOf,
  stridesOf,
} from "@ansatz/backend";
import { convolution, product3, type Side, sideOf, straight, windowsOf } from "./codegen/contractions";
import { isFusible } from "./codegen/fused";
import { gather, type Indexing, placesOf, scatter, updatesByRow } from "./codegen/indexing";
import * as movement from "./codegen/movement";
import * as reductions from "./codegen/reductions";
import { around, product } from "./codegen/text";
import { type Fold, foldOf } from "./fold";
import type { Device, Texture } from "./gpu";

/** Where integers must fit to be exact as floats. */
const exact = 2 ** 24;

interface Context {
  readonly device: Device;
  readonly fold: (size: number) => Fold;
}
type Make = (c: Context, ins: readonly Aval[], params: never, out: Aval) => DeviceKernel<Texture> | undefined;

const one = (texture: Texture): Texture[] => [texture];

/** A kernel that is one draw over its operands. */
const single =
  (f: (c: Context, ins: readonly Aval[], params: never, out: Aval) => Parameters<Device["draw"]>[0]): Make =>
  (c, ins, params, out) => {
    const shader = f(c, ins, params, out);
    return { run: (xs) => one(c.device.draw(shader, xs)) };
  };

/** Draws one after the other; what lies between is given back. */
const chain = (c: Context, x: Texture, shaders: readonly Parameters<Device["draw"]>[0][]): Texture => {
  let now = x;
  for (const s of shaders) {
    const next = c.device.draw(s, [now]);
    if (now !== x) c.device.free(now);
    now = next;
  }
  return now === x ? c.device.share(x) : now;
};

const reduction =
  (f: reductions.Monoid): Make =>
  (c, [x], p: { axes: readonly number[] }) => {
    // Runs of reduced axes, last first, each one pass or several.
    const shaders: Parameters<Device["draw"]>[0][] = [];
    const shape = [...x.shape];
    for (let k = shape.length - 1; k >= 0; k--) {
      if (!p.axes.includes(k) || shape[k] === 1) continue;
      let first = k;
      while (first > 0 && (p.axes.includes(first - 1) || shape[first - 1] === 1)) first--;
      const outer = product(shape.slice(0, first));
      const inner = product(shape.slice(k + 1));
      let n = product(shape.slice(first, k + 1));
      while (n > 1) {
        const m = reductions.partials(outer, n, inner);
        shaders.push(reductions.reducePass(c.fold, outer, n, inner, m, f));
        n = m;
      }
      for (let j = first; j <= k; j++) shape[j] = 1;
    }
    return { run: ([t]) => one(chain(c, t, shaders)) };
  };

const arg =
  (largest: boolean): Make =>
  (c, [x], p: { axis: number }) => {
    const [outer, n, inner] = around(x.shape, p.axis);
    if (n > exact) return undefined;
    const shader = reductions.argPass(c.fold, outer, n, inner, largest);
    return { hostedResults: true, run: (xs) => one(c.device.draw(shader, xs)) };
  };

const cumulative =
  (f: reductions.Monoid): Make =>
  (c, [x], p: { axis: number; reverse: boolean }) => {
    const [outer, n, inner] = around(x.shape, p.axis);
    const shaders: Parameters<Device["draw"]>[0][] = [];
    for (let shift = 1; shift < n; shift *= 2)
      shaders.push(reductions.scanPass(c.fold, outer, n, inner, shift, p.reverse, f));
    return { run: ([t]) => one(chain(c, t, shaders)) };
  };

const reduceWindow: Make = (c, [x], p: core.WindowParams, out) => {
  const f = { sum: reductions.sum, max: reductions.max, min: reductions.min }[p.kind];
  const shape = [...x.shape];
  const shaders: Parameters<Device["draw"]>[0][] = [];
  for (const [k, size] of p.window.entries()) {
    const [lo, hi] = p.padding[k];
    if (size === 1 && p.strides[k] === 1 && lo === 0 && hi === 0) continue;
    const box = { size, stride: p.strides[k], dilation: p.dilation[k], low: lo };
    shaders.push(reductions.windowPass(c.fold, around(shape, k), out.shape[k], box, f));
    shape[k] = out.shape[k];
  }
  return { run: ([t]) => one(chain(c, t, shaders)) };
};

const dotGeneral: Make = (c, [a, b], p: core.DotParams) => {
  const operand = (x: Aval, batch: readonly number[], contract: readonly number[]) => {
    const side = sideOf(x.shape, batch, contract);
    if (side.strides) return { side: side as Side & { strides: object }, layout: undefined };
    const order = straight(x.shape, batch, contract);
    const strides = { batch: side.free * side.contract, free: side.contract, contract: 1 };
    return { side: { ...side, strides }, layout: movement.transpose(c.fold, x.shape, order) };
  };
  const l = operand(a, p.lhsBatch, p.lhsContract);
  const r = operand(b, p.rhsBatch, p.rhsContract);
  const shader = product3(c.fold, l.side, r.side);
  return {
    run: (xs) => {
      const ins = [l, r].map(({ layout }, k) => (layout ? c.device.draw(layout, [xs[k]]) : c.device.share(xs[k])));
      const out = c.device.draw(shader, ins);
      for (const t of ins) c.device.free(t);
      return one(out);
    },
  };
};

/** As a product of the kernel with the windows laid side by side, where those are not too many; else with loops. */
const convGeneral: Make = (c, [x, w], p: core.ConvParams, out) => {
  const K = product(w.shape.slice(1));
  const size = out.shape[0] * K * product(out.shape.slice(2));
  if (p.groups * p.batchGroups > 1 || w.shape[0] < 4 || size > exact) {
    const shader = convolution(c.fold, x.shape, w.shape, out.shape, p);
    return { run: (xs) => one(c.device.draw(shader, xs)) };
  }
  const windows = windowsOf(c.fold, x.shape, w.shape, out.shape, p);
  const kernel = { batch: out.shape[0], free: w.shape[0], contract: K, strides: { batch: 0, free: K, contract: 1 } };
  const shader = product3(c.fold, kernel, windows.side, [w.shape[0] * K, size]);
  return {
    run: ([image, filter]) => {
      const columns = c.device.draw(windows.shader, [image]);
      const result = c.device.draw(shader, [filter, columns]);
      c.device.free(columns);
      return one(result);
    },
  };
};

/** Joins any number of operands, fifteen at a time. */
const joined = (c: Context, parts: readonly { texture: Texture; shape: Shape }[], axis: number): Texture => {
  let now = parts.map((p) => ({ shape: p.shape, texture: c.device.share(p.texture) }));
  while (now.length > 1) {
    const next: typeof now = [];
    for (let i = 0; i < now.length; i += 15) {
      const some = now.slice(i, i + 15);
      if (some.length === 1) {
        next.push(some[0]);
        continue;
      }
      const shader = movement.concatenate(
        c.fold,
        some.map((s) => s.shape),
        axis,
      );
      const texture = c.device.draw(
        shader,
        some.map((s) => s.texture),
      );
      for (const s of some) c.device.free(s.texture);
      const shape = some[0].shape.map((d, k) => (k === axis ? some.reduce((n, s) => n + s.shape[axis], 0) : d));
      next.push({ shape, texture });
    }
    now = next;
  }
  return now[0].texture;
};

const concatenate: Make = (c, ins, p: { axis: number }) => ({
  run: (xs) =>
    one(
      joined(
        c,
        xs.map((texture, i) => ({ texture, shape: ins[i].shape })),
        p.axis,
      ),
    ),
});

const clampedStarts = (starts: readonly HostValue[], x: Shape, sizes: Shape): number[] =>
  sizes.map((size, k) => Math.max(0, Math.min(Number(starts[k].data[0]), x[k] - size)));

const dynamicSlice: Make = (c, [x], p: { sizes: Shape }) => {
  const shader = movement.dynamicSlice(c.fold, x.shape, p.sizes);
  const strides = stridesOf(x.shape);
  return {
    onHost: x.shape.map((_, k) => k + 1),
    run: (xs, host) => {
      const start = clampedStarts(host, x.shape, p.sizes).reduce((at, s, k) => at + s * strides[k], 0);
      return one(c.device.draw(shader, xs, [start]));
    },
  };
};

const dynamicUpdateSlice: Make = (c, [x, u]) => {
  const shader = movement.dynamicUpdate(c.fold, x.shape, u.shape);
  return {
    onHost: x.shape.map((_, k) => k + 2),
    run: (xs, host) => one(c.device.draw(shader, xs, clampedStarts(host, x.shape, u.shape))),
  };
};

const gatherKernel: Make = (c, [x, indices], p: Indexing & { mode: string; fillValue: number }) => {
  if (sizeOf(x.shape) > exact) return undefined;
  const places = sizeOf(indices.shape.slice(0, -1));
  const fill = x.dtype === "bool" ? Number(p.fillValue !== 0) : p.fillValue;
  const shader = gather(c.fold, x.shape, places, p, fill);
  return {
    onHost: [1],
    run: ([t], [{ data }]) => {
      const at = c.device.upload(placesOf(x.shape, indices.shape, data, p, p.mode === "clip"), c.fold(places));
      const out = c.device.draw(shader, [t, at]);
      c.device.free(at);
      return one(out);
    },
  };
};

const scatterKernel: Make = (c, [x, indices, u], p: Indexing & { kind: string }) => {
  const count = sizeOf(indices.shape.slice(0, -1));
  if (sizeOf(x.shape) > exact || count > exact) return undefined;
  return {
    onHost: [1],
    run: ([t, updates], [{ data }]) => {
      const { starts, order } = updatesByRow(x.shape, placesOf(x.shape, indices.shape, data, p, false), p);
      const extra = [starts, order].map((a) => c.device.upload(a, c.fold(a.length)));
      // Kernels are kept by structure, and the number of updates that hit is none of it.
      const shader = scatter(c.fold, x.shape, sizeOf(u.shape), order.length, p, p.kind);
      const out = c.device.draw(shader, [t, updates, ...extra]);
      for (const e of extra) c.device.free(e);
      return one(out);
    },
  };
};

const table: { readonly [op: string]: Make } = {
  reduceSum: reduction(reductions.sum),
  reduceProd: reduction(reductions.prod),
  reduceMax: reduction(reductions.max),
  reduceMin: reduction(reductions.min),
  reduceAnd: reduction(reductions.min),
  reduceOr: reduction(reductions.max),
  argmax: arg(true),
  argmin: arg(false),
  cumSum: cumulative(reductions.sum),
  cumProd: cumulative(reductions.prod),
  cumMax: cumulative(reductions.max),
  cumMin: cumulative(reductions.min),
  reduceWindow,
  dotGeneral,
  convGeneral,
  reshape: (c) => ({ run: ([x]) => one(c.device.share(x)) }),
  transpose: single((c, [x], p: { permutation: readonly number[] }) =>
    movement.transpose(c.fold, x.shape, p.permutation),
  ),
  slice: single((c, [x], p: { start: readonly number[]; strides: readonly number[] }, out) =>
    movement.slice(c.fold, x.shape, p.start, p.strides, out.shape),
  ),
  dynamicSlice,
  dynamicUpdateSlice,
  pad: single((c, [x], p: movement.Padding, out) => movement.pad(c.fold, x.shape, p, out.shape)),
  concatenate,
  reverse: single((c, [x], p: { axes: readonly number[] }) => movement.reverse(c.fold, x.shape, p.axes)),
  gather: gatherKernel,
  scatter: scatterKernel,
};

const isHere = (a: Aval): boolean => a.dtype === "float32" || a.dtype === "bool";

const makeKernel = (c: Context, eq: Equation): DeviceKernel<Texture> | undefined => {
  if (!eq.op.core || eq.outputs.length !== 1 || !Object.hasOwn(table, eq.op.name)) return undefined;
  const ins = eq.inputs.map((a) => a.aval);
  const out = eq.outputs[0].aval;
  if ([...ins, out].some((a) => sizeOf(a.shape) === 0) || !isHere(ins[0])) return undefined;
  return table[eq.op.name](c, ins, eq.params as never, out);
};

/** Kernels for everything that is not elementwise. */
export const kernelsOn = (device: Device) => {
  const c: Context = { device, fold: (size) => foldOf(size, device.maxSide) };
  return {
    kernel: (eq: Equation) => makeKernel(c, eq),
    row: (x: Texture, aval: Aval, i: number): Texture => device.draw(movement.row(c.fold, aval), [x], [i]),
    stack: (rows: readonly Texture[], row: Aval): Texture =>
      joined(
        c,
        rows.map((texture) => ({ texture, shape: [1, sizeOf(row.shape)] })),
        0,
      ),
    fold: c.fold,
  };
};

/** Whether a shader answers an equation, or the host; it need not run here. */
export const gpujsAnswer = (eq: Equation): "native" | "host" => {
  const fold = (size: number) => foldOf(size, 4096);
  return isFusible(eq) || makeKernel({ device: undefined as never, fold }, eq) ? "native" : "host";
};
