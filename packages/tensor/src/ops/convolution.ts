import { dilated } from "@ansatz/backend";
import * as core from "../core/core-ops";
import { isLinearInput, jvp, known, withCalculus } from "../core/op";
import type { Tensor } from "../core/tensor";
import { bind1 } from "../core/trace";
import { add } from "./arithmetic";
import { batchedAt, moveAxis, type ParamsOf, range } from "./batching";
import { plus, zerosLike } from "./fill";
import { reshape, reverse, transpose } from "./shape";

type P = ParamsOf<typeof core.convGeneral>;
type Pair = readonly [number, number];

/** Splits axis `k` in (n, extent / n), n varying slowest. */
const splitAxis = (x: Tensor, k: number, n: number): Tensor =>
  reshape(x, [...x.shape.slice(0, k), n, x.shape[k] / n, ...x.shape.slice(k + 1)]);
/** Joins axes k and k + 1. */
const joinAxes = (x: Tensor, k: number): Tensor =>
  reshape(x, [...x.shape.slice(0, k), x.shape[k] * x.shape[k + 1], ...x.shape.slice(k + 2)]);
/** [G·A, B, …] → [G·B, A, …] */
const regroup = (k: Tensor, groups: number): Tensor => joinAxes(moveAxis(splitAxis(k, 0, groups), 2, 1), 0);
const swapLeading = (x: Tensor): Tensor => transpose(x, [1, 0, ...range(x.shape.length - 2, 2)]);

/**
 * Input gradient: the cotangent, spread by the strides, convolved with the kernel turned round and its channels exchanged. With K the
 * dilated kernel and n the dilated input extent, output position o reads dilated input o·s - low + k, so position i of the dilated input
 * receives from spread position i + low - k: low padding K - 1 - low; the high padding makes the extent n.
 */
const inputGradient = (g: Tensor, kernel: Tensor, x: readonly number[], p: P): Tensor => {
  const groups = p.groups * p.batchGroups;
  const turned = reverse(groups > 1 ? regroup(kernel, groups) : swapLeading(kernel), range(p.strides.length, 2));
  const padding = p.strides.map((s, i): Pair => {
    const n = dilated(x[i + 2], p.lhsDilation[i]);
    const k = dilated(kernel.shape[i + 2], p.rhsDilation[i]);
    const low = k - p.padding[i][0] - 1;
    return [low, n + k - 1 - dilated(g.shape[i + 2], s) - low];
  });
  const out = convGeneral(g, turned, {
    strides: p.lhsDilation,
    padding,
    lhsDilation: p.strides,
    rhsDilation: p.rhsDilation,
    groups,
    batchGroups: 1,
  });
  return p.batchGroups > 1 ? joinAxes(moveAxis(splitAxis(out, 1, p.batchGroups), 1, 0), 0) : out;
};

/**
 * Kernel gradient: k̄[o, i, w] = Σ_{n, q} x[n, i, q·s + w·r - low] ḡ[n, o, q]: a convolution of the input with the cotangent as kernel, batch
 * and channels exchanged, strides and kernel dilation exchanged. Channel groups of the input become batch groups, and the other way round.
 */
const kernelGradient = (g: Tensor, x: Tensor, kernel: readonly number[], p: P): Tensor => {
  const padding = p.strides.map((s, i): Pair => {
    const n = dilated(x.shape[i + 2], p.lhsDilation[i]);
    const k = dilated(kernel[i + 2], p.rhsDilation[i]);
    const low = p.padding[i][0];
    return [low, dilated(g.shape[i + 2], s) - n + k - low - 1];
  });
  const out = convGeneral(swapLeading(x), swapLeading(g), {
    strides: p.rhsDilation,
    padding,
    lhsDilation: p.lhsDilation,
    rhsDilation: p.strides,
    groups: p.batchGroups,
    batchGroups: p.groups,
  });
  return swapLeading(out);
};

const empty = (g: Tensor, ...shapes: (readonly number[])[]): boolean =>
  g.size === 0 || shapes.some((s) => s.includes(0));

export const convGeneralOp = withCalculus(core.convGeneral, {
  // bilinear: d(x ⋆ k) = dx ⋆ k + x ⋆ dk
  derivative: jvp(
    ([x, k], [dx, dk], p) => [plus(add, dx && convGeneral(dx, k, p), dk && convGeneral(x, dk, p))],
    ([g], [x, k], p) => {
      if (!g) return [null, null];
      if (isLinearInput(x)) {
        const kernel = known(k, "convGeneral");
        const nothing = empty(g, x.aval.shape, kernel.shape);
        return [nothing ? zerosLike(x.aval) : inputGradient(g, kernel, x.aval.shape, p), null];
      }
      if (!isLinearInput(k)) return [null, null];
      const nothing = empty(g, x.shape, k.aval.shape);
      return [null, nothing ? zerosLike(k.aval) : kernelGradient(g, x, k.aval.shape, p)];
    },
  ),
  batch: (size, [x, k], [ax, ak], p) => {
    if (ak === null) {
      // members join the batch; batch groups stay outermost
      const b = p.batchGroups;
      const joined = joinAxes(batchedAt(x, ax, size), 0);
      const input =
        b === 1 ? joined : joinAxes(joinAxes(moveAxis(splitAxis(batchedAt(x, ax, size), 1, b), 1, 0), 0), 0);
      return { outs: [splitAxis(convGeneral(input, k, p), 0, size)], axes: [0] };
    }
    if (ax === null) {
      // members join the output channels, inside the groups
      const g = p.groups * p.batchGroups;
      const k0 = batchedAt(k, ak, size);
      if (g === 1) return { outs: [splitAxis(convGeneral(x, joinAxes(k0, 0), p), 1, size)], axes: [1] };
      const kernel = joinAxes(joinAxes(moveAxis(splitAxis(k0, 1, g), 1, 0), 0), 0);
      const out = convGeneral(x, kernel, p);
      // [N, g·size·O/g] → [N, g, size, O/g] → [N, size, g, O/g] → [N, size, O]
      const parts = splitAxis(splitAxis(out, 1, g), 2, size);
      return { outs: [joinAxes(moveAxis(parts, 2, 1), 2)], axes: [1] };
    }
    // both: every member is a group of its own, outside the groups there are
    const kernel = joinAxes(moveAxis(k, ak, 0), 0);
    if (p.batchGroups === 1) {
      const input = joinAxes(moveAxis(x, ax, 1), 1);
      return { outs: [splitAxis(convGeneral(input, kernel, { ...p, groups: size * p.groups }), 1, size)], axes: [1] };
    }
    const input = joinAxes(moveAxis(x, ax, 0), 0);
    const out = convGeneral(input, kernel, { ...p, batchGroups: size * p.batchGroups });
    return { outs: [splitAxis(out, 1, size)], axes: [1] };
  },
});

/** Cross-correlation of [N, C, …spatial] with [O, I, …spatial]. */
export const convGeneral = (x: Tensor, kernel: Tensor, p: P): Tensor => bind1(convGeneralOp, [x, kernel], p);
