import { type Shape, ShapeError } from "@ansatz/backend";

/** One axis, several, or all (null or left out). */
export type AxisArgument = number | readonly number[] | null | undefined;

export const normalAxis = (caller: string, axis: number, rank: number): number => {
  const k = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(k) || k < 0 || k >= rank)
    throw new ShapeError(
      caller,
      `axis ${axis} is out of range for rank ${rank}`,
      undefined,
      rank === 0 ? "a scalar has no axes" : `use ${-rank} to ${rank - 1}`,
    );
  return k;
};

/** Axes in increasing order, all of them if none are named. */
export const normalAxes = (caller: string, axes: AxisArgument, rank: number): number[] => {
  if (axes === null || axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  const list = (typeof axes === "number" ? [axes] : axes).map((a) => normalAxis(caller, a, rank));
  if (new Set(list).size !== list.length) throw new ShapeError(caller, "axes must be distinct", { axes });
  return list.sort((a, b) => a - b);
};

/** The shape with extent 1 on these axes. */
export const kept = (shape: Shape, axes: readonly number[]): number[] =>
  shape.map((d, i) => (axes.includes(i) ? 1 : d));
