import { DomainError, type DType, type Shape, type TypedArray } from "@ansatz/backend";
import { leaked } from "./core/leaks";
import { readRaw } from "./core/read";
import { hostTensor } from "./core/tensor";
import { leafTensor } from "./trees/on-leaves";
import { flattenInto, type Structure, unflattenFrom } from "./trees/structure";
import type { Tensors } from "./trees/types";

/** A tree on its way between threads: plain data that `postMessage` takes. */
export interface Message<T = unknown> {
  readonly structure: Structure;
  readonly tensors: readonly {
    readonly shape: Shape;
    readonly dtype: DType;
    readonly weak: boolean;
    readonly data: TypedArray;
  }[];
  /** What the tree is; never there at run time. */
  readonly type?: (tree: T) => T;
}

/**
 * A tree as a message for a Worker, and the list of buffers to move with it (nothing is copied a second time; the tensors stay usable here).
 *
 * @throws {DomainError} the tree holds a function, which cannot travel
 * @example
 * const { port1, port2 } = new MessageChannel();
 * const { message, transfer } = await toTransfer({ w: ones([3]) });
 * port1.postMessage(message, transfer);
 * port1.close();
 */
export const toTransfer = async <T>(tree: T): Promise<{ message: Message<T>; transfer: ArrayBuffer[] }> => {
  const leaves: unknown[] = [];
  const structure = flattenInto(tree, leaves, "toTransfer");
  refuseFunctions(structure, "");
  const tensors = await Promise.all(
    leaves.map(async (x) => {
      const t = leafTensor(x, "toTransfer");
      if (t.trace !== null) throw leaked("toTransfer", t);
      return { shape: t.shape, dtype: t.dtype, weak: t.weak, data: await readRaw(t, "toTransfer") };
    }),
  );
  return { message: { structure, tensors }, transfer: tensors.map((t) => t.data.buffer as ArrayBuffer) };
};

/** The tree that came with a message. @example onmessage = (e) => { const params = fromTransfer(e.data); } */
export const fromTransfer = <T>(message: Message<T>): Tensors<T> =>
  unflattenFrom(
    message.structure,
    message.tensors.map((t) => hostTensor(t.data, t.shape, t.dtype, t.weak)),
    { at: 0 },
  ) as Tensors<T>;

const refuseFunctions = (s: Structure, path: string): void => {
  if (s.kind === "static" && (typeof s.value === "function" || typeof s.value === "symbol"))
    throw new DomainError(
      "toTransfer",
      "a function cannot be sent to another thread",
      { at: path === "" ? "the tree" : path },
      "send what it needs, and build it there",
    );
  if (s.kind === "array") s.children.forEach((c, i) => refuseFunctions(c, `${path}[${i}]`));
  if (s.kind === "record")
    s.children.forEach((c, i) => refuseFunctions(c, path === "" ? s.keys[i] : `${path}.${s.keys[i]}`));
};
