import { type Params, type Program, ShapeError, showAval } from "@ansatz/backend";
import type { TensorOp } from "../core/op";
import { state } from "../core/state";
import { type Tensor, tracer } from "../core/tensor";
import { processIn, type Trace, withTrace } from "../core/trace";
import { batchedAt } from "../ops/batching";
import { memo, setWeak, weakOf } from "./memo";
import { evalProgram, traceClosed } from "./program-trace";

export interface Batched {
  readonly value: Tensor;
  readonly axis: number;
}

/** Vectorisation: every value may have one axis more than it seems to. */
export class BatchTrace implements Trace {
  readonly kind = "batch";
  done = false;

  constructor(
    readonly parent: Trace | null,
    readonly size: number,
    readonly origin: string,
  ) {}

  wrap(value: Tensor, axis: number | null): Tensor {
    if (axis === null) return value;
    const shape = value.shape.filter((_, i) => i !== axis);
    return tracer(this, shape, value.dtype, value.weak, { value, axis } satisfies Batched);
  }

  below(): null {
    return null;
  }

  process(op: TensorOp, inputs: readonly Tensor[], params: Params): readonly Tensor[] {
    if (!inputs.some((t) => t.trace === this)) return processIn(this.parent, op, inputs, params);
    const values = inputs.map((t) => (t.trace === this ? (t.payload as Batched).value : t));
    const axes = inputs.map((t) => (t.trace === this ? (t.payload as Batched).axis : null));
    const rule = op.batch;
    const r = withTrace(this.parent, () =>
      rule === "elementwise"
        ? elementwise(this.parent, this.size, op, values, axes, params)
        : rule(this.size, values, axes, params),
    );
    return r.outs.map((y, i) => this.wrap(y, r.axes[i]));
  }
}

const elementwise = (
  parent: Trace | null,
  size: number,
  op: TensorOp,
  values: readonly Tensor[],
  axes: readonly (number | null)[],
  params: Params,
) => {
  // All along one axis and none unbatched: nothing to move.
  const first = axes[0];
  const axis = first !== null && axes.every((a) => a === first) ? first : 0;
  const outs = processIn(
    parent,
    op,
    values.map((x, i) => batchedAt(x, axes[i], size, axis)),
    params,
  );
  return { outs, axes: outs.map(() => axis) };
};

export type Axis = number | null;

/** f on values with the given batch axes; results with theirs. */
export const batchFlat = (
  f: (xs: readonly Tensor[]) => readonly Tensor[],
  size: number,
  values: readonly Tensor[],
  axes: readonly Axis[],
  origin = "vmap",
): { outs: Tensor[]; axes: Axis[] } => {
  const trace = new BatchTrace(state.trace, size, origin);
  try {
    const ys = withTrace(trace, () => f(values.map((x, i) => trace.wrap(x, axes[i]))));
    return {
      outs: ys.map((y) => (y.trace === trace ? (y.payload as Batched).value : y)),
      axes: ys.map((y) => (y.trace === trace ? (y.payload as Batched).axis : null)),
    };
  } finally {
    trace.done = true;
  }
};

export interface BatchedProgram {
  /** The inputs that are batched have the batch axis in front; so have results. */
  readonly program: Program;
  readonly batched: readonly boolean[];
}

/** A program with a batch axis in front of some inputs; `force` names results that must have one, too. */
export const batchProgram = (
  p: Program,
  size: number,
  batched: readonly boolean[],
  force?: readonly boolean[],
): BatchedProgram =>
  memo(p, `batch ${size} ${batched} ${force ?? ""}`, () => {
    let out: boolean[] = [];
    const program = traceClosed(
      (xs) => {
        const r = batchFlat(
          (ys) => evalProgram(p, ys),
          size,
          xs,
          batched.map((b) => (b ? 0 : null)),
        );
        out = r.axes.map((a, i) => a !== null || (force?.[i] ?? false));
        return r.outs.map((y, i) => (out[i] ? batchedAt(y, r.axes[i], size) : y));
      },
      p.inputs.map((v, i) => (batched[i] ? { shape: [size, ...v.aval.shape], dtype: v.aval.dtype } : v.aval)),
      "vmap",
    );
    return { program: setWeak(program, weakOf(p)), batched: out };
  });

/** The extent that all batched inputs share. */
export const batchSize = (
  caller: string,
  values: readonly Tensor[],
  axes: readonly Axis[],
  paths: readonly string[],
): number => {
  let size: number | null = null;
  let where = "";
  values.forEach((x, i) => {
    const axis = axes[i];
    if (axis === null) return;
    if (axis >= x.shape.length)
      throw new ShapeError(
        caller,
        `${paths[i]} has no axis ${axis} to map over`,
        { tensor: showAval(x) },
        "give inAxes: null for arguments that are not mapped",
      );
    const n = x.shape[axis];
    if (size !== null && n !== size)
      throw new ShapeError(caller, "mapped axes must have one extent", { [where]: size, [paths[i]]: n });
    size = n;
    where = paths[i];
  });
  if (size === null)
    throw new ShapeError(
      caller,
      "no argument has an axis to map over",
      undefined,
      "pass at least one tensor with an axis in inAxes",
    );
  return size;
};
