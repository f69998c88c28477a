import type { Aval } from "../aval";
import { showAval } from "../aval";
import type { DType } from "../dtype";
import { ShapeError } from "../errors";
import { coreOp } from "../op";
import { arity, axes, axis, need, numeric, plain, positive, without } from "./rules";

export interface Axes {
  readonly [k: string]: readonly number[];
  readonly axes: readonly number[];
}

const reduction = /* @__NO_SIDE_EFFECTS__ */ (name: string, dtypes: readonly DType[], empty: boolean) =>
  coreOp<Axes>({
    name,
    abstract: (ins, p) => {
      arity(name, ins, 1);
      const x = ins[0];
      need(name, x, dtypes);
      axes(name, x, p.axes);
      if (!empty && p.axes.some((k) => x.shape[k] === 0))
        throw new ShapeError(name, "has no value over an empty axis", { operand: showAval(x), axes: p.axes });
      return [{ shape: without(x.shape, p.axes), dtype: x.dtype }];
    },
  });

export const reduceSum = reduction("reduceSum", numeric, true);
export const reduceProd = reduction("reduceProd", numeric, true);
export const reduceMax = reduction("reduceMax", plain, false);
export const reduceMin = reduction("reduceMin", plain, false);
export const reduceAnd = reduction("reduceAnd", ["bool"], true);
export const reduceOr = reduction("reduceOr", ["bool"], true);

const arg = /* @__NO_SIDE_EFFECTS__ */ (name: string) =>
  coreOp<{ readonly axis: number }>({
    name,
    abstract: (ins, p) => {
      arity(name, ins, 1);
      const x = ins[0];
      need(name, x, plain);
      axis(name, x, p.axis);
      if (x.shape[p.axis] === 0)
        throw new ShapeError(name, "has no value over an empty axis", { operand: showAval(x), axis: p.axis });
      return [{ shape: without(x.shape, [p.axis]), dtype: "int32" }];
    },
  });

export const argmax = arg("argmax");
export const argmin = arg("argmin");

const cumulative = /* @__NO_SIDE_EFFECTS__ */ (name: string, dtypes: readonly DType[]) =>
  coreOp<{ readonly axis: number; readonly reverse: boolean }>({
    name,
    abstract: (ins, p) => {
      arity(name, ins, 1);
      need(name, ins[0], dtypes);
      axis(name, ins[0], p.axis);
      return [ins[0]];
    },
  });

export const cumSum = cumulative("cumSum", numeric);
export const cumProd = cumulative("cumProd", numeric);
export const cumMax = cumulative("cumMax", plain);
export const cumMin = cumulative("cumMin", plain);

/** Which axes a contraction sums over, and which it keeps in step. */
export interface DotParams {
  readonly [k: string]: readonly number[];
  /** Contracted axes, paired in order. */
  readonly lhsContract: readonly number[];
  readonly rhsContract: readonly number[];
  /** Batch axes, paired in order; they lead the result. */
  readonly lhsBatch: readonly number[];
  readonly rhsBatch: readonly number[];
}

export const dotGeneral = coreOp<DotParams>({
  name: "dotGeneral",
  abstract: (ins, p) => {
    const op = "dotGeneral";
    arity(op, ins, 2);
    const [a, b] = ins as [Aval, Aval];
    need(op, a, numeric);
    need(op, b, [a.dtype], "right operand");
    axes(op, a, [...p.lhsContract, ...p.lhsBatch]);
    axes(op, b, [...p.rhsContract, ...p.rhsBatch]);
    const pairs = (x: readonly number[], y: readonly number[], what: string): void => {
      if (x.length !== y.length || x.some((k, i) => a.shape[k] !== b.shape[y[i]]))
        throw new ShapeError(op, `${what} extents must agree`, {
          lhs: showAval(a),
          rhs: showAval(b),
          lhsAxes: x,
          rhsAxes: y,
        });
    };
    pairs(p.lhsContract, p.rhsContract, "contracted");
    pairs(p.lhsBatch, p.rhsBatch, "batch");
    return [
      {
        dtype: a.dtype,
        shape: [
          ...p.lhsBatch.map((k) => a.shape[k]),
          ...without(a.shape, [...p.lhsContract, ...p.lhsBatch]),
          ...without(b.shape, [...p.rhsContract, ...p.rhsBatch]),
        ],
      },
    ];
  },
});

type Pair = readonly [number, number];

/** The geometry of a convolution, one entry per spatial axis. */
export interface ConvParams {
  readonly [k: string]: number | readonly number[] | readonly Pair[];
  readonly strides: readonly number[];
  /** Zeros added before and after each spatial axis; negative crops. */
  readonly padding: readonly Pair[];
  /** Spacing put between the elements of the input (transposed convolution) and of the kernel (atrous). */
  readonly lhsDilation: readonly number[];
  readonly rhsDilation: readonly number[];
  /** Channel groups: input channels = groups × kernel input channels. */
  readonly groups: number;
  /** Batch groups, for the kernel gradient of grouped convolution: the batch is split, results side by side in channels. */
  readonly batchGroups: number;
}

export const convGeneral = coreOp<ConvParams>({
  name: "convGeneral",
  abstract: (ins, p) => {
    const op = "convGeneral";
    arity(op, ins, 2);
    const [x, k] = ins as [Aval, Aval];
    need(op, x, ["float64", "float32"]);
    need(op, k, [x.dtype], "kernel");
    const rank = x.shape.length - 2;
    if (rank < 0 || k.shape.length !== rank + 2)
      throw new ShapeError(op, "input [N, C, …] and kernel [O, I, …] must have equal rank ≥ 2", {
        input: showAval(x),
        kernel: showAval(k),
      });
    for (const [name, v] of Object.entries({
      strides: p.strides,
      padding: p.padding,
      lhsDilation: p.lhsDilation,
      rhsDilation: p.rhsDilation,
    }))
      if (v.length !== rank)
        throw new ShapeError(op, `${name} must have one entry per spatial axis`, { [name]: v, spatialAxes: rank });
    positive(op, "strides", p.strides);
    positive(op, "lhsDilation", p.lhsDilation);
    positive(op, "rhsDilation", p.rhsDilation);
    positive(op, "groups", [p.groups, p.batchGroups]);
    if (p.groups > 1 && p.batchGroups > 1) throw new ShapeError(op, "groups and batchGroups cannot both exceed 1");
    const [N, C] = x.shape as [number, number];
    const [O, I] = k.shape as [number, number];
    if (C !== I * p.groups || O % p.groups !== 0)
      throw new ShapeError(
        op,
        "input channels must be groups × kernel input channels, and groups must divide the outputs",
        {
          input: showAval(x),
          kernel: showAval(k),
          groups: p.groups,
        },
      );
    if (N % p.batchGroups !== 0 || O % p.batchGroups !== 0)
      throw new ShapeError(op, "batchGroups must divide batch and output channels", {
        input: showAval(x),
        kernel: showAval(k),
        batchGroups: p.batchGroups,
      });
    const spatial = p.strides.map((s, i) =>
      windowed(
        dilated(x.shape[i + 2], p.lhsDilation[i]) + p.padding[i][0] + p.padding[i][1],
        dilated(k.shape[i + 2], p.rhsDilation[i]),
        s,
      ),
    );
    return [{ shape: [N / p.batchGroups, O, ...spatial], dtype: x.dtype }];
  },
});

/** Extent after putting d - 1 gaps between n elements. */
export const dilated = (n: number, d: number): number => (n === 0 ? 0 : (n - 1) * d + 1);
/** Number of window positions of width w in n, step s. */
export const windowed = (n: number, w: number, s: number): number => (n < w ? 0 : Math.floor((n - w) / s) + 1);

/** The geometry of a sliding window, one entry per axis. */
export interface WindowParams {
  readonly [k: string]: string | readonly number[] | readonly Pair[];
  readonly kind: "sum" | "max" | "min";
  readonly window: readonly number[];
  readonly strides: readonly number[];
  readonly padding: readonly Pair[];
  readonly dilation: readonly number[];
}

export const reduceWindow = coreOp<WindowParams>({
  name: "reduceWindow",
  abstract: (ins, p) => {
    const op = "reduceWindow";
    arity(op, ins, 1);
    const x = ins[0];
    need(op, x, numeric);
    for (const [name, v] of Object.entries({
      window: p.window,
      strides: p.strides,
      padding: p.padding,
      dilation: p.dilation,
    }))
      if (v.length !== x.shape.length)
        throw new ShapeError(op, `${name} must have one entry per axis`, { [name]: v, operand: showAval(x) });
    positive(op, "window", p.window);
    positive(op, "strides", p.strides);
    positive(op, "dilation", p.dilation);
    if (p.padding.some(([lo, hi]) => lo < 0 || hi < 0))
      throw new ShapeError(op, "padding must not be negative", { padding: p.padding });
    const shape = x.shape.map((n, i) =>
      windowed(n + p.padding[i][0] + p.padding[i][1], dilated(p.window[i], p.dilation[i]), p.strides[i]),
    );
    return [{ shape, dtype: x.dtype }];
  },
});
