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

/** The free blocks of a heap, nearly best fit, merged with their free neighbours. It knows nothing of blocks in use. */
export class FreeBlocks {
  private readonly bins: (Block | undefined)[] = [];
  private readonly byStart = new Map<number, Block>();
  private readonly byEnd = new Map<number, Block>();

  /** Takes `size` bytes out of the free blocks, or undefined. */
  take(size: number): number | undefined {
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

  /** Takes the whole free block that ends at an address and returns where it starts. */
  takeEndingAt(end: number): number | undefined {
    const b = this.byEnd.get(end);
    if (b === undefined) return undefined;
    this.remove(b);
    return b.ptr;
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
