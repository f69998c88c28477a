import { type Shape, ShapeError } from "@ansatz/backend";
import type { Tensor } from "../core/tensor";
import { reshape, reverse } from "../ops/shape";
import * as slicing from "../ops/slicing";
import { type Index, type Part, parseIndex } from "./index-spec";

/** Elements by integers and ranges, which are known now; nothing is looked up, so a bundle that chains carries no gather. */
export const at = (t: Tensor, spec: readonly Index[]): Tensor => {
  const refuse = (): never => {
    throw new ShapeError(
      "at",
      'takes integers, ranges, null and "..."',
      { spec: spec.map(String) },
      "index(x, …) takes arrays and tensors of integers too",
    );
  };
  return pickBasic(t, parseIndex("at", t.shape, spec, refuse));
};

export const pickBasic = (t: Tensor, parts: readonly Part[]): Tensor =>
  reshapeTo(
    ranges(t, parts),
    parts.flatMap((p) => (p.kind === "new" ? [1] : p.kind === "range" ? [p.count] : [])),
  );

export const reshapeTo = (t: Tensor, shape: Shape): Tensor =>
  t.shape.length === shape.length && t.shape.every((d, i) => d === shape[i]) ? t : reshape(t, shape);

/** Ranges and integers cut out of every axis; integers leave extent 1, whole axes for the advanced. */
export const ranges = (t: Tensor, parts: readonly Part[]): Tensor => {
  const start = t.shape.map(() => 0);
  const limit = [...t.shape];
  const strides = t.shape.map(() => 1);
  const backwards: number[] = [];
  for (const p of parts) {
    if (p.kind === "integer") [start[p.axis], limit[p.axis]] = [p.at, p.at + 1];
    if (p.kind !== "range") continue;
    const last = p.start + (p.count - 1) * p.step;
    strides[p.axis] = Math.abs(p.step);
    if (p.count === 0) [start[p.axis], limit[p.axis]] = [0, 0];
    else if (p.step > 0) [start[p.axis], limit[p.axis]] = [p.start, last + 1];
    else {
      [start[p.axis], limit[p.axis]] = [last, p.start + 1];
      backwards.push(p.axis);
    }
  }
  const whole = start.every((s, i) => s === 0 && limit[i] === t.shape[i] && strides[i] === 1);
  const cut = whole ? t : slicing.slice(t, start, limit, strides);
  return backwards.length > 0 ? reverse(cut, backwards) : cut;
};
