import type { Aval } from "../aval";
import { sameShape, showAval, sizeOf } from "../aval";
import { DTypeError, ShapeError } from "../errors";
import { coreOp } from "../op";
import { arity, axes, axis, extents, first, integers, need, perAxis, scalarInt, without } from "./rules";

export const reshape = coreOp<{ readonly shape: readonly number[] }>({
  name: "reshape",
  abstract: (ins, { shape }) => {
    arity("reshape", ins, 1);
    extents("reshape", shape);
    const x = ins[0];
    if (sizeOf(shape) !== sizeOf(x.shape))
      throw new ShapeError(
        "reshape",
        "sizes must agree",
        { from: x.shape, to: shape },
        `${sizeOf(x.shape)} elements against ${sizeOf(shape)}`,
      );
    return [{ shape, dtype: x.dtype }];
  },
});

export const transpose = coreOp<{ readonly permutation: readonly number[] }>({
  name: "transpose",
  abstract: (ins, { permutation }) => {
    arity("transpose", ins, 1);
    const x = ins[0];
    axes("transpose", x, permutation);
    if (permutation.length !== x.shape.length)
      throw new ShapeError("transpose", "permutation must name every axis once", { permutation, operand: showAval(x) });
    return [{ shape: permutation.map((k) => x.shape[k]), dtype: x.dtype }];
  },
});

export const broadcast = coreOp<{ readonly shape: readonly number[]; readonly axes: readonly number[] }>({
  name: "broadcast",
  abstract: (ins, p) => {
    arity("broadcast", ins, 1);
    extents("broadcast", p.shape);
    const x = ins[0];
    const ok =
      p.axes.length === x.shape.length &&
      p.axes.every(
        (k, i) =>
          k >= 0 &&
          k < p.shape.length &&
          (i === 0 || k > p.axes[i - 1]) &&
          (x.shape[i] === 1 || x.shape[i] === p.shape[k]),
      );
    if (!ok)
      throw new ShapeError("broadcast", "operand axes must map in order to equal extents, or be 1", {
        operand: showAval(x),
        shape: p.shape,
        axes: p.axes,
      });
    return [{ shape: p.shape, dtype: x.dtype }];
  },
});

export const slice = coreOp<{
  readonly start: readonly number[];
  readonly limit: readonly number[];
  readonly strides: readonly number[];
}>({
  name: "slice",
  abstract: (ins, p) => {
    arity("slice", ins, 1);
    const x = ins[0];
    perAxis("slice", x, p);
    if (!x.shape.every((d, i) => 0 <= p.start[i] && p.start[i] <= p.limit[i] && p.limit[i] <= d && p.strides[i] >= 1))
      throw new ShapeError("slice", "needs 0 ≤ start ≤ limit ≤ extent and stride ≥ 1 on every axis", {
        operand: showAval(x),
        ...p,
      });
    return [{ shape: p.start.map((s, i) => Math.ceil((p.limit[i] - s) / p.strides[i])), dtype: x.dtype }];
  },
});

export const dynamicSlice = coreOp<{ readonly sizes: readonly number[] }>({
  name: "dynamicSlice",
  abstract: (ins, { sizes }) => {
    const x = first("dynamicSlice", ins);
    arity("dynamicSlice", ins, 1 + x.shape.length);
    for (const [i, s] of ins.slice(1).entries()) scalarInt("dynamicSlice", s, `start ${i}`);
    extents("dynamicSlice", sizes);
    if (sizes.length !== x.shape.length || sizes.some((s, i) => s > x.shape[i]))
      throw new ShapeError("dynamicSlice", "sizes must fit the operand", { operand: showAval(x), sizes });
    return [{ shape: sizes, dtype: x.dtype }];
  },
});

export const dynamicUpdateSlice = coreOp({
  name: "dynamicUpdateSlice",
  abstract: (ins) => {
    const x = first("dynamicUpdateSlice", ins);
    arity("dynamicUpdateSlice", ins, 2 + x.shape.length);
    const u = ins[1];
    for (const [i, s] of ins.slice(2).entries()) scalarInt("dynamicUpdateSlice", s, `start ${i}`);
    if (u.dtype !== x.dtype)
      throw new DTypeError("dynamicUpdateSlice", "update must have the operand's dtype", {
        operand: showAval(x),
        update: showAval(u),
      });
    if (u.shape.length !== x.shape.length || u.shape.some((s, i) => s > x.shape[i]))
      throw new ShapeError("dynamicUpdateSlice", "update must fit the operand", {
        operand: showAval(x),
        update: showAval(u),
      });
    return [x];
  },
});

export const pad = coreOp<{
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly interior: readonly number[];
}>({
  name: "pad",
  abstract: (ins, p) => {
    arity("pad", ins, 2);
    const [x, v] = ins as [Aval, Aval];
    if (v.shape.length !== 0 || v.dtype !== x.dtype)
      throw new DTypeError("pad", "value must be a scalar of the operand's dtype", {
        operand: showAval(x),
        value: showAval(v),
      });
    perAxis("pad", x, p);
    const shape = x.shape.map((d, i) => p.low[i] + p.high[i] + d + Math.max(0, d - 1) * p.interior[i]);
    if (shape.some((d) => d < 0) || p.interior.some((i) => i < 0))
      throw new ShapeError("pad", "interior must be ≥ 0, and cropping must not exceed the extent", {
        operand: showAval(x),
        ...p,
      });
    return [{ shape, dtype: x.dtype }];
  },
});

export const concatenate = coreOp<{ readonly axis: number }>({
  name: "concatenate",
  abstract: (ins, p) => {
    const a = first("concatenate", ins);
    axis("concatenate", a, p.axis);
    for (const b of ins) {
      if (b.dtype !== a.dtype)
        throw new DTypeError("concatenate", "operands must share one dtype", { operands: ins.map(showAval) });
      if (!sameShape(without(a.shape, [p.axis]), without(b.shape, [p.axis])))
        throw new ShapeError("concatenate", `operands must agree on every axis but ${p.axis}`, {
          operands: ins.map(showAval),
        });
    }
    const shape = [...a.shape];
    shape[p.axis] = ins.reduce((n, b) => n + b.shape[p.axis], 0);
    return [{ shape, dtype: a.dtype }];
  },
});

export const reverse = coreOp<{ readonly axes: readonly number[] }>({
  name: "reverse",
  abstract: (ins, p) => {
    arity("reverse", ins, 1);
    axes("reverse", ins[0], p.axes);
    return [ins[0]];
  },
});

/**
 * Indexing, closed under batching and transposition. The operand is [B…, D…] with `batch` leading axes in common with the indices;
 * `axes` name the indexed operand axes (≥ batch). Indices are int32 or uint32 [B…, I…, k] with k = axes.length. The result is
 * [B…, I…, R…], where R are the operand axes neither batch nor indexed, whole and in order.
 */
export const gather = coreOp<{
  readonly batch: number;
  readonly axes: readonly number[];
  readonly mode: "clip" | "fill";
  readonly fillValue: number;
}>({
  name: "gather",
  abstract: (ins, p) => {
    arity("gather", ins, 2);
    const { lead, rest } = indexing("gather", ins[0], ins[1], p);
    if (p.mode === "clip" && sizeOf(lead) > 0 && p.axes.some((a) => ins[0].shape[a] === 0))
      throw new ShapeError(
        "gather",
        "an empty axis has no element to clip to",
        { operand: showAval(ins[0]), axes: p.axes },
        'use mode "fill"',
      );
    return [{ shape: [...lead, ...rest], dtype: ins[0].dtype }];
  },
});

export const scatter = coreOp<{
  readonly batch: number;
  readonly axes: readonly number[];
  readonly kind: "add" | "set" | "min" | "max";
}>({
  name: "scatter",
  abstract: (ins, p) => {
    arity("scatter", ins, 3);
    const [x, i, u] = ins as [Aval, Aval, Aval];
    const { lead, rest } = indexing("scatter", x, i, p);
    if (p.kind !== "set") need("scatter", x, ["float64", "float32", "int32", "uint32"]);
    if (u.dtype !== x.dtype)
      throw new DTypeError("scatter", "updates must have the operand's dtype", {
        operand: showAval(x),
        updates: showAval(u),
      });
    if (!sameShape(u.shape, [...lead, ...rest]))
      throw new ShapeError("scatter", "updates must have the shape that gather would return", {
        updates: showAval(u),
        expected: [...lead, ...rest],
      });
    return [x];
  },
});

const indexing = (op: string, x: Aval, i: Aval, p: { batch: number; axes: readonly number[] }) => {
  need(op, i, integers, "indices");
  axes(op, x, p.axes);
  const k = i.shape[i.shape.length - 1];
  if (
    i.shape.length < p.batch + 1 ||
    x.shape.length < p.batch ||
    k !== p.axes.length ||
    p.axes.some((a) => a < p.batch)
  )
    throw new ShapeError(op, "indices must be [B…, I…, k] with k indexed axes behind the batch axes", {
      operand: showAval(x),
      indices: showAval(i),
      batch: p.batch,
      axes: p.axes,
    });
  if (!sameShape(x.shape.slice(0, p.batch), i.shape.slice(0, p.batch)))
    throw new ShapeError(op, "batch axes of operand and indices must agree", {
      operand: showAval(x),
      indices: showAval(i),
      batch: p.batch,
    });
  return { lead: i.shape.slice(0, -1), rest: x.shape.filter((_, a) => a >= p.batch && !p.axes.includes(a)) };
};

export const sort = coreOp<{ readonly axis: number; readonly keys: number }>({
  name: "sort",
  abstract: (ins, p) => {
    if (ins.length === 0 || p.keys < 1 || p.keys > ins.length)
      throw new ShapeError("sort", "needs 1 ≤ keys ≤ operands", { keys: p.keys, operands: ins.length });
    axis("sort", ins[0], p.axis);
    for (const a of ins)
      if (!sameShape(a.shape, ins[0].shape))
        throw new ShapeError("sort", "operands must share one shape", { operands: ins.map(showAval) });
    for (const a of ins.slice(0, p.keys)) need("sort", a, ["float64", "float32", "int32", "uint32", "bool"], "key");
    return ins;
  },
});

/** Where JAX's partitionable Threefry counts: element i of the flat result has the 64-bit counter i. */
export const randomBits = coreOp<{ readonly shape: readonly number[]; readonly width: 32 | 64 }>({
  name: "randomBits",
  abstract: (ins, p) => {
    arity("randomBits", ins, 1);
    need("randomBits", ins[0], ["key"]);
    extents("randomBits", p.shape);
    const out: Aval = { shape: [...ins[0].shape, ...p.shape], dtype: "uint32" };
    return p.width === 64 ? [out, out] : [out];
  },
});

export const randomSplit = coreOp<{ readonly shape: readonly number[] }>({
  name: "randomSplit",
  abstract: (ins, p) => {
    arity("randomSplit", ins, 1);
    need("randomSplit", ins[0], ["key"]);
    extents("randomSplit", p.shape);
    return [{ shape: [...ins[0].shape, ...p.shape], dtype: "key" }];
  },
});

export const randomFoldIn = coreOp({
  name: "randomFoldIn",
  abstract: (ins) => {
    arity("randomFoldIn", ins, 2);
    const [k, d] = ins as [Aval, Aval];
    need("randomFoldIn", k, ["key"]);
    need("randomFoldIn", d, ["uint32"], "data");
    if (!sameShape(k.shape, d.shape))
      throw new ShapeError("randomFoldIn", "operands must share one shape", { operands: ins.map(showAval) });
    return [k];
  },
});
