import { type HostValue, stridesOf } from "@ansatz/backend";
import * as core from "../core/core-ops";
import { type TensorOp, withCalculus } from "../core/op";
import { state } from "../core/state";
import { hostTensor, type Tensor } from "../core/tensor";
import { bind } from "../core/trace";
import { batchedAt } from "../ops/batching";
import type { Axis } from "../transforms/batch-trace";
import { leafTensor } from "../trees/on-leaves";
import { flattenInto, unflattenFrom } from "../trees/structure";
import type { Tensors } from "../trees/types";

type Callback = (...values: HostValue[]) => void;
interface TapParams {
  readonly [k: string]: Callback;
  readonly callback: Callback;
}

const tapOp: TensorOp<TapParams> = withCalculus<TapParams>(core.tap, {
  derivative: {
    kind: "jvpCall",
    // looks at the values; tangents pass by
    jvp: (primals, tangents, p) => ({ outs: bind(tapOp, primals, p), tangents }),
    transpose: (cts) => cts,
  },
  batch: (size, inputs, axes, { callback }) => {
    const outs = bind(
      tapOp,
      inputs.map((x, i) => batchedAt(x, axes[i], size)),
      { callback: perMember(size, callback) },
    );
    return { outs, axes: outs.map((): Axis => 0) };
  },
  weak: (inputs) => inputs.map((x) => x.weak),
});

/** Calls once per member, in order. */
const perMember =
  (size: number, callback: Callback): Callback =>
  (...values) => {
    for (let i = 0; i < size; i++)
      callback(
        ...values.map(({ aval, data }) => {
          const n = stridesOf(aval.shape)[0];
          return { aval: { ...aval, shape: aval.shape.slice(1) }, data: data.slice(i * n, (i + 1) * n) as typeof data };
        }),
      );
  };

/**
 * Returns x and shows it: `look` is called with the values whenever the computation passes here, in program order, inside jit, loops and
 * vmap (once per member). The only effect there is.
 *
 * @example scan((c, x) => [tap(add(c, x), (v) => console.log(v.item())), null], 0, [1, 2, 3]) // 1, 3, 6
 */
export const tap = <T>(x: T, look: (x: Tensors<T>) => void): Tensors<T> => {
  const leaves: unknown[] = [];
  const s = flattenInto(x, leaves, "tap");
  const tensors = leaves.map((t) => leafTensor(t, "tap"));
  const show = (values: readonly Tensor[]): void => look(unflattenFrom(s, values, { at: 0 }) as Tensors<T>);
  const outs = hasValues(tensors)
    ? shown(tensors, show)
    : bind(tapOp, tensors, {
        callback: (...values) =>
          show(values.map((v) => hostTensor(v.data.slice() as typeof v.data, v.aval.shape, v.aval.dtype))),
      });
  return unflattenFrom(s, outs, { at: 0 }) as Tensors<T>;
};

const shown = (tensors: readonly Tensor[], show: (values: readonly Tensor[]) => void): readonly Tensor[] => {
  show(tensors);
  return tensors;
};

/** Outside every transform the tensors themselves can be shown. */
const hasValues = (tensors: readonly Tensor[]): boolean =>
  state.trace === null && tensors.every((t) => t.cell !== null);
