import { bytesPer, type Shape, sizeOf, stridesOf } from "@ansatz/backend";
import type * as core from "@ansatz/backend/core";
import { convStep } from "../emit/convolution";
import { matmulStep } from "../emit/matmul";
import { mul } from "../emit/ops";
import { at } from "../plan/func";
import { gemmScratchBytes } from "../runtime";
import type { Lowering } from "./lowering";
import { productScratch, smallProduct } from "./products";
import { reduce } from "./reductions";
import { lowering } from "./rule";
import { reshapeTo } from "./shape";
import { along, type Index, pointwise, remap, type Stored, type Value } from "./value";
import { windowed } from "./windowed";

/** Bytes of unfolded windows that nests make at a time. */
const unfoldBytes = 8 << 20;
/** Bytes of an unfolded matrix that stays in the second cache. */
const cachedBytes = 1 << 18;

/**
 * A convolution: images unfolded into matrices and multiplied. Small ones are one nest; those that spread their input, have more than
 * two axes or batch groups are unfolded by nests.
 */
export const convGeneral = lowering<core.ConvParams>("convGeneral", (l, p, [x0, w0], eq) => {
  const { shape, dtype } = eq.outputs[0].aval;
  const [N, O, ...places] = shape;
  const [, I, ...window] = w0.shape;
  const groups = Math.max(p.groups, p.batchGroups);
  const per = O / groups;
  const x = l.store(x0);
  const d = places.length;
  // Indices of the input in terms of [image, group, …, channel, …taps, …places …], those three in whatever order.
  const windows = (rank: number, channel: number, tap: number, place: number) => {
    const index: Index[] = [along(0, rank), along(channel, rank)];
    (index[p.batchGroups > 1 ? 0 : 1].coefs as number[])[1] = p.batchGroups > 1 ? N : I;
    for (let s = 0; s < d; s++) {
      const i = along(place + s, rank, p.strides[s], -p.padding[s][0]);
      (i.coefs as number[])[tap + s] = p.rhsDilation[s];
      index.push(i);
    }
    return index;
  };
  const view = (full: Shape, index: readonly Index[], arg: Stored): Value =>
    windowed({
      dtype,
      shape: full,
      arg,
      index,
      divisors: [1, 1, ...p.lhsDilation],
      checked: [
        false,
        false,
        ...p.lhsDilation.map((g, s) => g > 1 || outside(x.shape[s + 2], places[s], window[s], s)),
      ],
      fill: 0,
    });
  const outside = (n: number, positions: number, taps: number, s: number): boolean =>
    p.padding[s][0] > 0 || (positions - 1) * p.strides[s] + (taps - 1) * p.rhsDilation[s] - p.padding[s][0] >= n;
  const taps = I * sizeOf(window);
  const area = sizeOf(places);
  if (sizeOf(shape) === 0 || taps * area * per < smallProduct) {
    // [N, groups, per, …places, I, …window]
    const full = [N, groups, per, ...places, I, ...window];
    const rank = full.length;
    const index = windows(rank, 3 + d, 4 + d, 3);
    const wIndex = [along(2, rank), along(3 + d, rank), ...window.map((_, s) => along(4 + d + s, rank))];
    (wIndex[0].coefs as number[])[1] = per;
    const product = pointwise(mul, dtype, full, view(full, index, x), remap(l.store(w0), full, wIndex));
    const sum = reduce(
      "sum",
      product,
      [I, ...window].map((_, i) => 3 + d + i),
    );
    return [reshapeTo(l, groups === 1 ? sum : l.store(sum), shape)];
  }
  const w = l.contiguous(w0);
  if (d >= 1 && d <= 2 && p.batchGroups === 1 && p.lhsDilation.every((g) => g === 1))
    return [unfolded(l, p, x, w, shape)];
  const out = l.fresh({ shape, dtype });
  const bytes = bytesPer[dtype];
  const chunk = Math.min(N, Math.max(1, Math.floor(unfoldBytes / (groups * taps * area * bytes))));
  for (let from = 0; from < N; from += chunk) {
    const images = Math.min(chunk, N - from);
    const full = [images, groups, I, ...window, ...places];
    const rank = full.length;
    const index = windows(rank, 2, 3, 3 + d);
    const part: Stored = { ...x, offset: x.offset + from * x.strides[0] };
    const columns = l.store(view(full, index, part));
    l.steps.push({
      kind: "matmul",
      type: matmulStep,
      dtype: dtype as "float64" | "float32",
      batch: [images, groups],
      m: per,
      n: area,
      k: taps,
      a: { ref: at(w.buffer), row: taps, column: 1, batch: [0, per * taps] },
      b: { ref: at(columns.buffer), row: area, column: 1, batch: [groups * taps * area, taps * area] },
      c: { ref: at(out.buffer, from * O * area * bytes), row: area, column: 1, batch: [O * area, per * area] },
      scratch: productScratch(l, dtype, per, area, taps),
    });
  }
  return [out];
});

/**
 * One or two axes, the input as it is. Where windows are small each image is unfolded with a row for every tap, and multiplied; where
 * they are large (a kernel's gradient) with a row for every place, all images beside each other, a few channels at a time.
 */
const unfolded = (l: Lowering, p: core.ConvParams, x: Stored, w: Stored, shape: Shape): Stored => {
  const dtype = x.dtype as "float64" | "float32";
  const width = bytesPer[dtype];
  const [N, O, ...places] = shape;
  const [, I, ...window] = w.shape;
  /** The last two axes; one that is missing has one element. */
  const plane = (v: readonly number[], missing: number): readonly [number, number] =>
    v.length === 2 ? [v[0], v[1]] : [missing, v[0]];
  const taps = { extent: plane(window, 1), step: plane(p.rhsDilation, 1), size: sizeOf(window) };
  const spots = { extent: plane(places, 1), step: plane(p.strides, 1), size: sizeOf(places) };
  const byPlaces = taps.size > spots.size;
  const [rows, lines] = byPlaces ? [spots, taps] : [taps, spots];
  const pad = plane(
    p.padding.map(([low]) => low),
    0,
  );
  const [high, wide] = plane(x.shape.slice(2), 1);
  const [yStep, xStep] = plane(x.strides.slice(2), 0);
  const groups = p.groups;
  const perGroup = O / groups;
  const columns = rows.size * lines.size * (byPlaces ? N : 1) * width;
  const channelsAtOnce = byPlaces ? Math.min(I, Math.max(1, Math.floor(cachedBytes / columns))) : I;
  const columnBytes = Math.ceil((columns * channelsAtOnce) / 64) * 64;
  const out = l.fresh({ shape: byPlaces ? [O, N, ...places] : shape, dtype });
  const scratch = gemmScratchBytes(
    dtype === "float64" ? "f64" : "f32",
    perGroup,
    byPlaces ? N * spots.size : spots.size,
    channelsAtOnce * taps.size,
  );
  l.steps.push({
    kind: "conv",
    type: convStep,
    dtype,
    rows: byPlaces ? "places" : "taps",
    sizes: {
      channels: I,
      height: high,
      width: wide,
      rowsHigh: rows.extent[0],
      rowsWide: rows.extent[1],
      rowStepHigh: rows.step[0],
      rowStepWide: rows.step[1],
      linesHigh: lines.extent[0],
      linesWide: lines.extent[1],
      lineStepHigh: lines.step[0],
      lineStepWide: lines.step[1],
      padHigh: pad[0],
      padWide: pad[1],
      channelStep: x.strides[1],
      yStep,
      xStep,
      images: N,
      imageStep: x.strides[0],
      groups,
      perGroup,
      taps: I * taps.size,
      channelsAtOnce,
      columnBytes,
      outImageStep: byPlaces ? 0 : O * spots.size,
      outRowStep: byPlaces ? N * spots.size : spots.size,
    },
    x: at(x.buffer, x.offset * width),
    kernel: at(w.buffer),
    out: at(out.buffer),
    scratch: at(l.buffer(columnBytes + scratch)),
  });
  if (!byPlaces) return out;
  return { ...out, shape, strides: [spots.size, N * spots.size, ...stridesOf(places)] };
};
