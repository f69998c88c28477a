import { type Backend, BackendError, byteSize, type DeviceBuffer } from "@ansatz/backend";
import type { Cell } from "./cell";
import { ExecutableCache } from "./executables";
import { state } from "./state";
import type { Tensor } from "./tensor";

/** Small buffers count at least this much. */
const least = 64;
/**
 * Bytes kept at first where a spill is a copy; they grow as long as spilled cells come back. Results that nobody kept leave while they are
 * young, so that the garbage collector takes them cheaply, and the next are written into warm memory: to touch a fresh page costs many
 * times what a copy of it does.
 */
const first = 2 ** 24;
/**
 * No more buffers than this are kept: their bookkeeping is memory, too, and cells that die young are cheap to collect. Where a spill is a copy,
 * few is faster (an eager softmax of 4 numbers takes 8 µs at 2¹², 66 µs at 2¹⁶, half of it garbage collection); where it is a readback, many.
 */
const most = (b: Backend): number => (b.readSync ? 1 << 12 : 1 << 16);

/**
 * What this package keeps per backend: the residency list, oldest first, and the executables. An allocation that would pass the budget
 * spills the oldest cells to their own ArrayBuffers and forgets them, so that the garbage collector takes those no tensor holds.
 */
export class Residency {
  readonly executables: ExecutableCache;
  private oldest: Cell | null = null;
  private newest: Cell | null = null;
  private count = 0;
  private total = 0;
  spills = 0;
  private warned = false;
  private readonly most: number;
  private budget: number;

  constructor(readonly backend: Backend) {
    const { residentBytes } = backend.can;
    this.most = most(backend);
    this.budget = backend.readSync ? Math.min(first, residentBytes) : residentBytes;
    this.executables = new ExecutableCache(backend);
  }

  /** Puts a cell with a buffer at the young end of the list. */
  add(cell: Cell): void {
    const bytes = Math.max(least, byteSize(cell.buffer!.aval));
    cell.bytes = bytes;
    cell.older = this.newest;
    cell.newer = null;
    if (this.newest) this.newest.newer = cell;
    else this.oldest = cell;
    this.newest = cell;
    this.count++;
    this.total += bytes;
  }

  remove(cell: Cell): void {
    if (cell.older) cell.older.newer = cell.newer;
    else this.oldest = cell.newer;
    if (cell.newer) cell.newer.older = cell.older;
    else this.newest = cell.older;
    cell.older = cell.newer = null;
    this.count--;
    this.total -= cell.bytes;
    cell.bytes = 0; // off the list
  }

  /** The cell's buffer here, uploaded when it is not. */
  resident(t: Tensor): DeviceBuffer {
    const cell = t.cell!;
    if (cell.buffer !== null && cell.backend === this.backend) return cell.buffer;
    if (cell.buffer !== null) moveToHost(cell);
    // It was here before: there had better be room for both, it and what pushed it out.
    else if (cell.backend === this.backend)
      this.budget = Math.min(this.backend.can.residentBytes, this.budget + 2 * cell.host!.byteLength);
    const aval = { shape: t.shape, dtype: t.dtype };
    this.reserve(byteSize(aval));
    const host = cell.host!;
    cell.buffer = this.retrying(() => this.backend.upload(host, aval));
    cell.backend = this.backend;
    cell.host = null;
    this.add(cell);
    return cell.buffer;
  }

  /** Spills from the old end until `bytes` more fit the budget; pinned cells stay. */
  reserve(bytes: number): void {
    if (this.total + bytes <= this.budget && this.count < this.most) return;
    this.spillWhile(() => this.total + bytes > this.budget || this.count >= this.most);
  }

  /** Runs an allocation; out of memory spills all that may be and tries once more. */
  retrying<T>(allocate: () => T): T {
    try {
      return allocate();
    } catch (e) {
      if (!(e instanceof Error) || (e as { code?: unknown }).code !== "memory") throw e;
      if (this.spillWhile(() => true) === 0) throw e;
      return allocate();
    }
  }

  private spillWhile(more: () => boolean): number {
    let spilled = 0;
    let cell = this.oldest;
    while (cell !== null && more()) {
      let next: Cell | null = cell.newer;
      if (state.running === 0 || cell.pin < state.running) {
        if (cell.pin > 0) {
          this.renew(cell);
          next ??= cell;
        } else {
          this.spill(cell);
          spilled++;
        }
      }
      cell = next;
    }
    return spilled;
  }

  /** A cell that was used since it came to the old end begins again at the young one. */
  private renew(cell: Cell): void {
    cell.pin = 0;
    this.remove(cell);
    this.add(cell);
  }

  private spill(cell: Cell): void {
    this.spills++;
    this.remove(cell);
    const buffer = cell.buffer!;
    if (this.backend.readSync) {
      cell.host = this.backend.readSync(buffer);
      cell.buffer = null;
      this.backend.free(buffer);
      return;
    }
    if (!this.warned) {
      this.warned = true;
      console.warn(
        `${this.backend.name}: memory is full and old tensors are read back to the host; wrap steps in scope(), use donation, or dispose what you no longer need`,
      );
    }
    // No synchronous read: the buffer stays until its copy has arrived, unless it was used again meanwhile.
    const since = cell.pin;
    this.backend.read(buffer).then(
      (data) => {
        if (cell.buffer !== buffer) return;
        if (cell.pin !== since) return this.add(cell);
        cell.host = data;
        cell.buffer = null;
        this.backend.free(buffer);
      },
      () => this.add(cell),
    );
  }
}

/** Frees a cell for good and remembers why; `consumed` when a call has taken the buffer already, as it does with donated ones. */
export const release = (cell: Cell, why: string, consumed = false): void => {
  if (cell.buffer !== null) {
    const home = residency(cell.backend!);
    if (cell.bytes > 0) home.remove(cell);
    if (!consumed) home.backend.free(cell.buffer);
  }
  cell.buffer = null;
  cell.host = null;
  cell.gone = why;
};

const moveToHost = (cell: Cell): void => {
  const from = cell.backend!;
  if (!from.readSync)
    throw new BackendError(
      "tensor",
      `a tensor on ${from.name} cannot be read synchronously`,
      undefined,
      "await toBackend(tree, backend) first",
    );
  if (cell.bytes > 0) residency(from).remove(cell);
  cell.host = from.readSync(cell.buffer!);
  from.free(cell.buffer!);
  cell.buffer = null;
};

let lastBackend: Backend | null = null;
let last: Residency | null = null;

export const residency = (backend: Backend): Residency => {
  if (backend === lastBackend) return last!;
  let r = state.perBackend.get(backend) as Residency | undefined;
  if (r === undefined) {
    r = new Residency(backend);
    state.perBackend.set(backend, r);
  }
  lastBackend = backend;
  last = r;
  return r;
};
