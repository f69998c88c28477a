import { BackendError } from "@ansatz/backend";
import { FreeBlocks } from "./free-blocks";

const page = 65536;
/** Every block starts at a multiple of this many bytes, so that vectors may be loaded from any of them. */
export const alignment = 16;
export const aligned = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

/** Small blocks live in slabs, one list of free addresses per size; they are reused, not merged. */
const smallLimit = 512;
const slabBytes = 8192;

/** Where empty buffers point: sixteen bytes that nobody writes. */
const nowhere = 16;
const low = 64;

export interface HeapOptions {
  /** No more than this many bytes of linear memory; at most 4 GiB. */
  readonly maxBytes: number;
  /** Bytes of the stack of frames, on which running programs keep their pointers and small temporaries. */
  readonly stackBytes?: number;
  /** Whether threads may work on it too. */
  readonly shared?: boolean;
}

/**
 * One linear memory, carved into a stack of frames and a heap of buffers. The memory only grows here, and every growth makes the
 * views anew: read `heap.u8` and its siblings afresh after anything that may allocate, and keep no copy of them.
 */
export class Heap {
  readonly memory: WebAssembly.Memory;
  u8!: Uint8Array;
  i32!: Int32Array;
  u32!: Uint32Array;
  f32!: Float32Array;
  f64!: Float64Array;
  u64!: BigUint64Array;
  private readonly maxPages: number;
  private readonly small: number[][] = [];
  private readonly blocks: FreeBlocks;
  private stackTop: number;
  private readonly stackEnd: number;
  private end = 0;

  constructor({ maxBytes, stackBytes = 4 * page, shared = false }: HeapOptions) {
    // One page below 4 GiB, so that the end of a block is always a 32-bit number.
    const most = Math.min(Math.floor(maxBytes / page), 65535);
    const initial = Math.ceil((low + stackBytes) / page) + 1;
    if (most < initial)
      throw new BackendError("wasm", `maxBytes must be at least ${initial * page}`, { maxBytes }, "raise maxBytes");
    ({ memory: this.memory, maximum: this.maxPages } = reserve(initial, most, shared));
    this.stackTop = low;
    this.stackEnd = low + stackBytes;
    this.blocks = new FreeBlocks(aligned(this.stackEnd));
    this.refresh();
  }

  /** Bytes of linear memory held from the machine. */
  get size(): number {
    return this.end;
  }

  /** The address of a fresh block; its contents are whatever was there. Throws BackendError "memory". */
  alloc(bytes: number): number {
    if (bytes <= 0) return nowhere;
    if (bytes > smallLimit) return this.allocLarge(aligned(bytes));
    const cls = (bytes + 15) >> 4;
    const list = this.small[cls];
    if (list !== undefined && list.length > 0) return list.pop() as number;
    return this.carve(cls);
  }

  /** Gives a block back; `bytes` is what it was asked with. */
  free(ptr: number, bytes: number): void {
    if (bytes <= 0) return;
    if (bytes <= smallLimit) this.small[(bytes + 15) >> 4].push(ptr);
    else this.blocks.release(ptr, aligned(bytes));
  }

  /** A frame: on the stack when it fits there, else a block of the heap. Frames are given back in the opposite order. */
  pushFrame(bytes: number): number {
    const ptr = this.stackTop;
    if (ptr + bytes > this.stackEnd) return this.alloc(Math.max(bytes, smallLimit + 1));
    this.stackTop = ptr + aligned(bytes);
    return ptr;
  }
  popFrame(ptr: number, bytes: number): void {
    if (ptr < this.stackEnd) this.stackTop = ptr;
    else this.free(ptr, Math.max(bytes, smallLimit + 1));
  }

  private carve(cls: number): number {
    const size = cls * alignment;
    const slab = this.allocLarge(slabBytes);
    let list = this.small[cls];
    if (list === undefined) this.small[cls] = list = [];
    for (let at = Math.floor(slabBytes / size) - 1; at > 0; at--) list.push(slab + at * size);
    return slab;
  }

  private allocLarge(bytes: number): number {
    const ptr = this.blocks.take(bytes, (end) => end <= this.end || this.grow(end));
    if (ptr === undefined)
      throw new BackendError(
        "wasm",
        `cannot allocate ${bytes} bytes`,
        { heldBytes: this.end, maxBytes: this.maxPages * page },
        "free tensors (scope, using, donation), lower the residency budget, or make the backend with a larger maxBytes",
        "memory",
      );
    return ptr;
  }

  private grow(needed: number): boolean {
    const have = this.end / page;
    const want = Math.ceil(needed / page);
    if (want > this.maxPages) return false;
    // Ahead of need by half of what is held, up to 64 MiB, so that a growing program does not remake its views at every step.
    const ahead = Math.min(this.maxPages, Math.max(want, have + Math.min(have >> 1, 1024)));
    if (!this.growBy(ahead - have) && !(ahead > want && this.growBy(want - have))) return false;
    this.refresh();
    return true;
  }

  private growBy(pages: number): boolean {
    try {
      this.memory.grow(pages);
      return true;
    } catch {
      return false; // the machine has no more; the caller says so
    }
  }

  private refresh(): void {
    const { buffer } = this.memory;
    this.u8 = new Uint8Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.u64 = new BigUint64Array(buffer);
    this.end = buffer.byteLength;
  }
}

/** A memory that may grow to `maximum` pages; on machines that will not set so many addresses aside, to a half of it, and so on. */
const reserve = (
  initial: number,
  maximum: number,
  shared: boolean,
): { memory: WebAssembly.Memory; maximum: number } => {
  try {
    return { memory: new WebAssembly.Memory({ initial, maximum, shared }), maximum };
  } catch (e) {
    if (maximum / 2 < initial) throw e;
    return reserve(initial, Math.floor(maximum / 2), shared);
  }
};
