import type { Aval, Shape } from "../aval";
import { sameShape, showAval } from "../aval";
import type { DType } from "../dtype";
import { DTypeError, ShapeError } from "../errors";

/** Shared laws of the abstract rules. Core ops never promote and never broadcast: the functions of `tensor` do. */

export const arity = (op: string, ins: readonly Aval[], n: number): void => {
  if (ins.length !== n)
    throw new ShapeError(op, `takes ${n} operand${n === 1 ? "" : "s"}`, { operands: ins.map(showAval) });
};

/** The leading operand of an op of variable arity. */
export const first = (op: string, ins: readonly Aval[]): Aval => {
  if (ins.length === 0) throw new ShapeError(op, "needs at least one operand");
  return ins[0];
};

export const need = (op: string, a: Aval, dtypes: readonly DType[], what = "operand"): void => {
  if (!dtypes.includes(a.dtype))
    throw new DTypeError(
      op,
      `${what} must be one of ${dtypes.join(", ")}`,
      { [what]: showAval(a) },
      "convert it first",
    );
};

export const alike = (op: string, ins: readonly Aval[]): void => {
  const a = ins[0];
  for (const b of ins) {
    if (b.dtype !== a.dtype) throw new DTypeError(op, "operands must share one dtype", { operands: ins.map(showAval) });
    if (!sameShape(b.shape, a.shape))
      throw new ShapeError(op, "operands must share one shape", { operands: ins.map(showAval) });
  }
};

export const axis = (op: string, a: Aval, k: number): void => {
  if (!Number.isInteger(k) || k < 0 || k >= a.shape.length)
    throw new ShapeError(op, `axis ${k} is out of range for rank ${a.shape.length}`, { operand: showAval(a) });
};

export const axes = (op: string, a: Aval, ks: readonly number[]): void => {
  for (const k of ks) axis(op, a, k);
  if (new Set(ks).size !== ks.length) throw new ShapeError(op, "axes must be distinct", { axes: ks });
};

export const extents = (op: string, shape: Shape): void => {
  if (!shape.every((d) => Number.isInteger(d) && d >= 0))
    throw new ShapeError(op, "extents must be nonnegative integers", { shape });
};

/** Lists with an integer for every axis of the operand. */
export const perAxis = (op: string, x: Aval, lists: Readonly<Record<string, readonly number[]>>): void => {
  for (const k in lists)
    if (lists[k].length !== x.shape.length || !lists[k].every(Number.isInteger))
      throw new ShapeError(op, `${k} must hold one integer per axis`, { operand: showAval(x), [k]: lists[k] });
};

/** Strides, dilations and groups: integers from 1. */
export const positive = (op: string, what: string, xs: readonly number[]): void => {
  if (!xs.every((x) => Number.isInteger(x) && x >= 1))
    throw new ShapeError(op, `${what} must be positive integers`, { [what]: xs });
};

export const scalarInt = (op: string, a: Aval, what: string): void => {
  if (a.shape.length !== 0 || a.dtype !== "int32")
    throw new ShapeError(op, `${what} must be an int32 scalar`, { [what]: showAval(a) });
};

export const without = (shape: Shape, drop: readonly number[]): number[] => shape.filter((_, i) => !drop.includes(i));

export const floats: readonly DType[] = ["float64", "float32"];
export const integers: readonly DType[] = ["int32", "uint32"];
export const numeric: readonly DType[] = [...floats, ...integers];
export const plain: readonly DType[] = [...numeric, "bool"];
