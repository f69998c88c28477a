import { type Backend, byteSize } from "@ansatz/backend";
import { flattenInto, unflattenFrom } from "../trees/structure";
import type { Tensors } from "../trees/types";
import { synchronous } from "./backends";
import { Cell } from "./cell";
import { concrete } from "./leaks";
import { readRaw } from "./read";
import { release, residency } from "./residency";
import { state } from "./state";
import { isTensor, Tensor } from "./tensor";
import { type TensorLike, toTensor } from "./tensor-like";

/**
 * Runs `f` and frees every tensor made in it but those it returns. Saves the copies that a full memory would make of tensors nobody needs
 * any more. Synchronous; inside a transform it does nothing.
 *
 * @throws {AnsatzError} code "gone", later, where a tensor made inside is used without having been returned
 * @example
 * let x = ones([1000]);
 * for (let i = 0; i < 10; i++) x = scope(() => mul(0.5, add(x, sin(x))));
 */
export const scope = <T>(f: () => T): T => {
  if (state.trace !== null) return f();
  const outer = state.scope;
  const mine: Cell[] = [];
  state.scope = mine;
  const kept = new Set<Cell>();
  try {
    const result = synchronous("scope", f());
    const leaves: unknown[] = [];
    flattenInto(result, leaves, "scope");
    for (const x of leaves) if (isTensor(x) && x.cell !== null) kept.add(x.cell);
    return result;
  } finally {
    state.scope = outer;
    for (const cell of mine) {
      if (kept.has(cell)) outer?.push(cell);
      else if (cell.gone === null) release(cell, "it was made in a scope that has ended, and not returned from it");
    }
  }
};

/**
 * The tree with all tensors on `backend`, committed to it: results computed from them stay there, and mixing them with tensors committed
 * elsewhere is an error.
 *
 * @example const params = await toBackend({ w: zeros([2]) }, wasmBackend())
 */
export const toBackend = async <T>(tree: T, backend: Backend): Promise<Tensors<T>> => {
  const leaves: unknown[] = [];
  const s = flattenInto(tree, leaves, "toBackend");
  const moved = await Promise.all(
    leaves.map(async (x) => {
      const t = concrete(toTensor(x as TensorLike, "toBackend"), "toBackend");
      if (t.cell!.backend === backend && t.cell!.committed) return t;
      const data = await readRaw(t, "toBackend");
      const home = residency(backend);
      const aval = { shape: t.shape, dtype: t.dtype };
      home.reserve(byteSize(aval));
      const cell = new Cell(
        backend,
        home.retrying(() => backend.upload(data, aval)),
        null,
        true,
      );
      home.add(cell);
      return new Tensor(t.shape, t.dtype, t.weak, cell, null, null);
    }),
  );
  return unflattenFrom(s, moved, { at: 0 }) as Tensors<T>;
};

/**
 * Waits until the tensors of a tree are computed; errors of the device surface here. (Where work is queued in order, the smallest tensor of
 * each backend tells.)
 */
export const ready = async <T>(tree: T): Promise<T> => {
  const leaves: unknown[] = [];
  flattenInto(tree, leaves, "ready");
  const smallest = new Map<Backend, Tensor>();
  for (const x of leaves) {
    if (!isTensor(x)) continue;
    const t = concrete(x, "ready");
    const { backend, buffer } = t.cell!;
    if (buffer === null) continue;
    const best = smallest.get(backend!);
    if (best === undefined || t.size < best.size) smallest.set(backend!, t);
  }
  await Promise.all([...smallest.values()].map((t) => readRaw(t, "ready")));
  return tree;
};
