import { BackendError, DTypeError, ShapeError, type TypedArray } from "@ansatz/backend";
import { concrete } from "./leaks";
import { release } from "./residency";
import type { NestedNumbers, Numbers, Tensor } from "./tensor";

const copy = (a: TypedArray): TypedArray => a.slice() as TypedArray;

/** The elements whatever the dtype, keys too. */
export const readRaw = async (t: Tensor, caller: string): Promise<TypedArray> => {
  const cell = concrete(t, caller).cell!;
  return cell.buffer === null ? copy(cell.host!) : cell.backend!.read(cell.buffer);
};

export const readAsync = async (t: Tensor): Promise<Numbers> => {
  const cell = concrete(numeric(t, "data"), "data").cell!;
  return (cell.buffer === null ? copy(cell.host!) : await cell.backend!.read(cell.buffer)) as Numbers;
};

export const readNow = (t: Tensor, caller: string): Numbers => {
  const cell = concrete(numeric(t, caller), caller).cell!;
  return (cell.buffer === null ? copy(cell.host!) : peek(t, caller)) as Numbers;
};

const numeric = (t: Tensor, caller: string): Tensor => {
  if (t.dtype === "key")
    throw new DTypeError(caller, "a random key holds no numbers", { shape: t.shape }, "its two words are keyData(key)");
  return t;
};

/** The elements without a copy where they are on the host; not to be changed or kept. */
const peek = (t: Tensor, caller: string): TypedArray => {
  const cell = concrete(t, caller).cell!;
  if (cell.buffer === null) return cell.host!;
  const backend = cell.backend!;
  if (!backend.readSync)
    throw new BackendError(caller, `${backend.name} cannot read synchronously`, undefined, "use `await x.data()`");
  return backend.readSync(cell.buffer);
};

export const readItem = (t: Tensor): number | boolean => {
  if (t.size !== 1)
    throw new ShapeError(
      "item",
      "needs exactly one element",
      { shape: t.shape },
      "use toArray() or data(), or index first",
    );
  return element(t, peek(t, "item"), 0);
};

const element = (t: Tensor, data: TypedArray, i: number): number | boolean =>
  t.dtype === "bool" ? data[i] !== 0 : Number(data[i]);

export const readNested = (t: Tensor): NestedNumbers => {
  const data = peek(t, "toArray");
  let next = 0;
  const build = (axis: number): NestedNumbers => {
    if (axis === t.shape.length) return element(t, data, next++);
    const out: NestedNumbers[] = new Array(t.shape[axis]);
    for (let i = 0; i < out.length; i++) out[i] = build(axis + 1);
    return out;
  };
  return build(0);
};

const disposed = new WeakSet<Tensor>();

export const disposeTensor = (t: Tensor): void => {
  const cell = t.cell;
  if (cell === null || cell.gone !== null) return;
  if (cell.handles > 1) {
    // Another tensor shares the elements: this handle counts once.
    if (!disposed.has(t)) {
      disposed.add(t);
      cell.handles--;
    }
    return;
  }
  if (!disposed.has(t)) release(cell, "it was disposed");
};
