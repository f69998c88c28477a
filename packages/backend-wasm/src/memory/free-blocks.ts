/** A free block; `previous` and `next` are its neighbours in the bin. */
interface Block {
  readonly ptr: number;
  readonly size: number;
  previous: Block | undefined;
  next: Block | undefined;
}

/** Four bins to every power of two. */
const binOf = (size: number): number => {
  const log = 31 - Math.clz32(size >>> 4);
  const fraction = Math.floor(size / 2 ** (log + 2)) & 3;
  return log * 4 + fraction;
};

/** Blocks looked at in one bin before a larger bin is tried. */
const patience = 32;

/** Always: an address space without end. */
const endless = (): boolean => true;

/**
 * The free part of an address space: blocks that were given back, nearly best fit, merged with their free neighbours; and everything
 * from `top` on. It knows nothing of blocks in use.
 */
export class FreeBlocks {
  private readonly bins: (Block | undefined)[] = [];
  private readonly byStart = new Map<number, Block>();
  private readonly byEnd = new Map<number, Block>();

  constructor(public top = 0) {}

  /** Where `size` bytes are from now on; undefined where they would lie beyond `top` and `mayReach` refuses their end. */
  take(size: number, mayReach: (end: number) => boolean = endless): number | undefined {
    const found = this.reuse(size);
    if (found !== undefined) return found;
    // The last block, if it is free, is the beginning of what must grow.
    const tail = this.byEnd.get(this.top);
    const ptr = tail?.ptr ?? this.top;
    if (!mayReach(ptr + size)) return undefined;
    if (tail !== undefined) this.remove(tail);
    this.top = Math.max(this.top, ptr + size);
    return ptr;
  }

  private reuse(size: number): number | undefined {
    const { bins } = this;
    for (let bin = binOf(size); bin < bins.length; bin++) {
      let best: Block | undefined;
      let tries = patience;
      for (let b = bins[bin]; b !== undefined && tries-- > 0; b = b.next)
        if (b.size >= size && (best === undefined || b.size < best.size)) best = b;
      if (best === undefined) continue;
      this.remove(best);
      if (best.size > size) this.insert(best.ptr + size, best.size - size);
      return best.ptr;
    }
    return undefined;
  }

  release(ptr: number, size: number): void {
    const before = this.byEnd.get(ptr);
    if (before !== undefined) {
      this.remove(before);
      size += ptr - before.ptr;
      ptr = before.ptr;
    }
    const after = this.byStart.get(ptr + size);
    if (after !== undefined) {
      this.remove(after);
      size += after.size;
    }
    this.insert(ptr, size);
  }

  /** Bytes free in all. */
  total(): number {
    let sum = 0;
    for (const b of this.byStart.values()) sum += b.size;
    return sum;
  }

  private insert(ptr: number, size: number): void {
    const bin = binOf(size);
    const first = this.bins[bin];
    const b: Block = { ptr, size, previous: undefined, next: first };
    if (first !== undefined) first.previous = b;
    this.bins[bin] = b;
    this.byStart.set(ptr, b);
    this.byEnd.set(ptr + size, b);
  }

  private remove(b: Block): void {
    if (b.previous !== undefined) b.previous.next = b.next;
    else this.bins[binOf(b.size)] = b.next;
    if (b.next !== undefined) b.next.previous = b.previous;
    this.byStart.delete(b.ptr);
    this.byEnd.delete(b.ptr + b.size);
  }
}
