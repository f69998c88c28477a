import { DomainError, dilated, type Shape, ShapeError } from "@ansatz/backend";
import type { Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import { div } from "../ops/arithmetic";
import { range } from "../ops/batching";
import { convGeneral } from "../ops/convolution";
import { fill } from "../ops/fill";
import { reverse } from "../ops/shape";
import { reduceWindow } from "../ops/window";
import { operand, promote } from "./promotion";
import { swapAxes } from "./shape";

/** "valid": only where the window fits; "same": output extent ⌈n / stride⌉, the odd zero at the end; or zeros before and after each axis. */
export type Padding = "valid" | "same" | number | readonly (number | readonly [number, number])[];
type PerAxis = number | readonly number[];

const perAxis = (caller: string, name: string, v: PerAxis, rank: number): number[] => {
  const list = typeof v === "number" ? range(rank).map(() => v) : [...v];
  if (list.length !== rank)
    throw new ShapeError(caller, `${name} needs one number per spatial axis`, { [name]: v, spatialAxes: rank });
  if (!list.every((n) => Number.isInteger(n) && n >= 1))
    throw new DomainError(caller, `${name} must be positive integers`, { [name]: v });
  return list;
};

const pads = (
  caller: string,
  padding: Padding,
  extents: Shape,
  window: Shape,
  strides: readonly number[],
): [number, number][] => {
  if (padding === "valid") return extents.map(() => [0, 0]);
  if (padding === "same")
    return extents.map((n, i) => {
      const total = Math.max(0, (Math.ceil(n / strides[i]) - 1) * strides[i] + window[i] - n);
      return [total >> 1, total - (total >> 1)];
    });
  const list = typeof padding === "number" ? extents.map(() => padding) : padding;
  if (list.length !== extents.length)
    throw new ShapeError(caller, "padding needs one entry per spatial axis", { padding, spatialAxes: extents.length });
  return list.map((p) => (typeof p === "number" ? [p, p] : [p[0], p[1]]));
};

export interface ConvOptions {
  readonly strides?: PerAxis;
  readonly padding?: Padding;
  /** Spacing of the kernel's elements. */
  readonly dilation?: PerAxis;
  /** Channel groups: input channels = groups × kernel input channels. */
  readonly groups?: number;
}

/**
 * The convolution of networks (a cross-correlation) over any number of spatial axes: input [N, C, …], kernel [O, C / groups, …] to [N, O, …].
 *
 *   y[n, o, q] = Σ_c Σ_w x[n, c, q·stride + w·dilation - before] k[o, c, w]
 *
 * @throws {ShapeError} ranks or channels do not fit
 * @example conv(ones([1, 3, 8, 8]), ones([16, 3, 3, 3]), { padding: "same" }).shape // [1, 16, 8, 8]
 */
export const conv = (x: TensorLike, kernel: TensorLike, options: ConvOptions = {}): Tensor =>
  convolve("conv", null, x, kernel, options);
/** conv over one spatial axis: [N, C, L] with [O, C / groups, W]. */
export const conv1d = (x: TensorLike, kernel: TensorLike, options: ConvOptions = {}): Tensor =>
  convolve("conv1d", 1, x, kernel, options);
/** conv over two spatial axes: [N, C, H, W] with [O, C / groups, h, w]. */
export const conv2d = (x: TensorLike, kernel: TensorLike, options: ConvOptions = {}): Tensor =>
  convolve("conv2d", 2, x, kernel, options);

const convolve = (
  caller: string,
  spatial: number | null,
  x: TensorLike,
  kernel: TensorLike,
  { strides = 1, padding = "valid", dilation = 1, groups = 1 }: ConvOptions,
): Tensor => {
  const [t, k] = promote(caller, [x, kernel], "float");
  const rank = t.shape.length - 2;
  if (rank < 0 || k.shape.length !== t.shape.length || (spatial !== null && rank !== spatial))
    throw new ShapeError(
      caller,
      `takes an input [N, C, …] and a kernel [O, C / groups, …]${spatial ? ` with ${spatial} spatial ${spatial === 1 ? "axis" : "axes"}` : ""}`,
      {
        input: t.shape,
        kernel: k.shape,
      },
    );
  const s = perAxis(caller, "strides", strides, rank);
  const d = perAxis(caller, "dilation", dilation, rank);
  const window = k.shape.slice(2).map((n, i) => dilated(n, d[i]));
  return convGeneral(t, k, {
    strides: s,
    padding: pads(caller, padding, t.shape.slice(2), window, s),
    lhsDilation: range(rank).map(() => 1),
    rhsDilation: d,
    groups,
    batchGroups: 1,
  });
};

/**
 * Transposed convolution, which spreads instead of gathering: input [N, C, …], kernel [C, O, …] to [N, O, …], the transpose of `conv` with the
 * same kernel, strides and padding. The extent is (n - 1)·stride + window - before - after ("same": n · stride).
 */
export const convTranspose = (
  x: TensorLike,
  kernel: TensorLike,
  { strides = 1, padding = "valid", dilation = 1 }: Omit<ConvOptions, "groups"> = {},
): Tensor => {
  const [t, k] = promote("convTranspose", [x, kernel], "float");
  const rank = t.shape.length - 2;
  if (rank < 0 || k.shape.length !== t.shape.length)
    throw new ShapeError("convTranspose", "takes an input [N, C, …] and a kernel [C, O, …]", {
      input: t.shape,
      kernel: k.shape,
    });
  const s = perAxis("convTranspose", "strides", strides, rank);
  const d = perAxis("convTranspose", "dilation", dilation, rank);
  const window = k.shape.slice(2).map((n, i) => dilated(n, d[i]));
  const forward =
    padding === "same"
      ? window.map((w, i): [number, number] => {
          const total = Math.max(0, w - s[i]);
          return [total >> 1, total - (total >> 1)];
        })
      : pads("convTranspose", padding, t.shape.slice(2), window, s);
  const extra = padding === "same" ? window.map((w, i) => Math.max(0, s[i] - w)) : window.map(() => 0);
  return convGeneral(t, reverse(swapAxes(k, 0, 1), range(rank, 2)), {
    strides: range(rank).map(() => 1),
    padding: forward.map(([a, b], i): [number, number] => [window[i] - 1 - a, window[i] - 1 - b + extra[i]]),
    lhsDilation: s,
    rhsDilation: d,
    groups: 1,
    batchGroups: 1,
  });
};

export interface PoolOptions {
  /** The window's extents unless told. */
  readonly strides?: PerAxis;
  readonly padding?: Padding;
}
type Kind = "sum" | "max" | "min";
const pool = (
  caller: string,
  kind: Kind,
  x: TensorLike,
  window: PerAxis,
  { strides = window, padding = "valid" }: PoolOptions,
) => {
  const t = operand(caller, x, kind === "sum" ? "float" : "numeric");
  const rank = t.shape.length - 2;
  if (rank < 0) throw new ShapeError(caller, "takes an input [N, C, …]", { input: t.shape });
  const w = perAxis(caller, "window", window, rank);
  const s = perAxis(caller, "strides", strides, rank);
  const p = pads(caller, padding, t.shape.slice(2), w, s);
  const ones = [1, 1];
  const none: [number, number][] = [
    [0, 0],
    [0, 0],
  ];
  const over = (v: Tensor): Tensor =>
    reduceWindow(v, {
      kind,
      window: [...ones, ...w],
      strides: [...ones, ...s],
      padding: [...none, ...p],
      dilation: t.shape.map(() => 1),
    });
  return { t, w, p, over };
};

/** The largest in each window over the spatial axes of [N, C, …]; padding never wins. */
export const maxPool = (x: TensorLike, window: PerAxis, options: PoolOptions = {}): Tensor => {
  const { t, over } = pool("maxPool", "max", x, window, options);
  return over(t);
};
/** The smallest in each window. */
export const minPool = (x: TensorLike, window: PerAxis, options: PoolOptions = {}): Tensor => {
  const { t, over } = pool("minPool", "min", x, window, options);
  return over(t);
};
/** The mean over each window over the spatial axes of [N, C, …]; padding does not count (so a constant stays constant). */
export const avgPool = (x: TensorLike, window: PerAxis, options: PoolOptions = {}): Tensor => {
  const { t, w, p, over } = pool("avgPool", "sum", x, window, options);
  const total = over(t);
  if (p.every(([a, b]) => a === 0 && b === 0))
    return div(
      total,
      fill(
        w.reduce((a, b) => a * b, 1),
        total,
      ),
    );
  return div(total, over(fill(1, t)));
};
