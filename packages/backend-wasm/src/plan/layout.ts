import { aligned } from "../memory/heap";
import { type Buffer, type Func, type Step, typeOf, type Uses } from "./func";

/** Where the temporaries of a function lie in its frame, from the end of the frame's header. */
export interface Layout {
  /** Bytes of the header: pointers to inputs and outputs, then the arguments of a call. */
  readonly header: number;
  /** Bytes in all. */
  readonly bytes: number;
  readonly offsets: ReadonlyMap<Buffer, number>;
  /** For each output, an input of the same size that it may overwrite if the caller gives that input away; else -1. */
  readonly reuse: readonly number[];
  /** What the temporaries would take without sharing memory. */
  readonly unshared: number;
}

const inPlace = (s: Step, from: Buffer, to: Buffer): boolean => typeOf(s).inPlace?.(s, from, to) ?? false;

/** The frame of a function without arguments. */
export const frameOf = (func: Func): Layout => (func.layout ??= layoutOf(func, 0));

/** The static memory plan: temporaries share memory when they do not live at the same time; dying operands are overwritten. */
export const layoutOf = (func: Func, args: number): Layout => {
  const header = aligned(4 * (func.inputs.length + func.outputs.length + args));
  const uses = func.steps.map((s) => typeOf(s).uses(s));
  const last = lastUses(uses);
  const arena = new Arena();
  const offsets = new Map<Buffer, number>();
  const owner = new Map<Buffer, Buffer>();
  let unshared = 0;
  uses.forEach(({ reads, writes, scratch }, t) => {
    // What nothing wrote is empty: it may lie anywhere.
    for (const b of reads) if (b.home === "temp" && !offsets.has(b)) offsets.set(b, 0);
    const dying = new Set(reads.filter((b) => b.home === "temp" && last.get(b) === t && offsets.has(b)));
    for (const b of [...writes, ...scratch]) {
      if (b.home !== "temp" || offsets.has(b)) continue;
      unshared += aligned(b.bytes);
      const over = writes.includes(b) ? [...dying].find((d) => mayOverwrite(func.steps[t], d, b, reads)) : undefined;
      if (over) {
        offsets.set(b, offsets.get(over) as number);
        owner.set(b, over);
        dying.delete(over);
      } else offsets.set(b, arena.take(aligned(b.bytes)));
    }
    for (const b of dying) arena.give(offsets.get(b) as number, aligned(b.bytes));
    for (const b of [...scratch, ...writes])
      if (b.home === "temp" && last.get(b) === t) arena.give(offsets.get(b) as number, aligned(b.bytes));
  });
  const absolute = new Map([...offsets].map(([b, at]) => [b, header + at]));
  return {
    header,
    bytes: header + arena.size,
    offsets: absolute,
    reuse: reuseOf(func, new Lifetimes(func, uses, last)),
    unshared,
  };
};

const mayOverwrite = (s: Step, from: Buffer, to: Buffer, reads: readonly Buffer[]): boolean =>
  inPlace(s, from, to) && !reads.includes(to);

/** First writings and last readings of a function's buffers, by step. */
class Lifetimes {
  private readonly first = new Map<Buffer, number>();
  constructor(
    private readonly func: Func,
    uses: readonly Uses[],
    private readonly last: ReadonlyMap<Buffer, number>,
  ) {
    uses.forEach(({ writes }, t) => {
      for (const b of writes) if (!this.first.has(b)) this.first.set(b, t);
    });
  }
  /** Whether an output may be written over an input: the last reading comes before the first writing, or in step with it. */
  mayReplace(input: Buffer, output: Buffer): boolean {
    const t = this.first.get(output);
    if (t === undefined || output.bytes === 0 || input.bytes !== output.bytes) return false;
    const end = this.last.get(input) ?? -1;
    return end < t || (end === t && inPlace(this.func.steps[t], input, output));
  }
}

/** Whether output `j` of a body may be written over its input `i`: then a value so carried needs one place only. */
export const mayReplace = (func: Func, i: number, j: number): boolean => {
  const uses = func.steps.map((s) => typeOf(s).uses(s));
  return new Lifetimes(func, uses, lastUses(uses)).mayReplace(func.inputs[i], func.outputs[j]);
};

const lastUses = (uses: readonly Uses[]): Map<Buffer, number> => {
  const last = new Map<Buffer, number>();
  uses.forEach(({ reads, writes, scratch }, t) => {
    for (const b of [...reads, ...writes, ...scratch]) last.set(b, t);
  });
  return last;
};

/** Outputs that may take the place of inputs, each input given once. */
const reuseOf = (func: Func, lifetimes: Lifetimes): number[] => {
  const bySize = new Map<number, number[]>();
  func.inputs.forEach((b, i) => {
    const same = bySize.get(b.bytes);
    if (same) same.push(i);
    else bySize.set(b.bytes, [i]);
  });
  return func.outputs.map((out) => {
    const candidates = bySize.get(out.bytes) ?? [];
    const k = candidates.findIndex((i) => lifetimes.mayReplace(func.inputs[i], out));
    return k < 0 ? -1 : candidates.splice(k, 1)[0];
  });
};

/** Static best-fit allocation of offsets. */
class Arena {
  size = 0;
  private holes: { at: number; bytes: number }[] = [];

  take(bytes: number): number {
    if (bytes === 0) return 0;
    let best: number | undefined;
    this.holes.forEach((h, i) => {
      if (h.bytes >= bytes && (best === undefined || h.bytes < this.holes[best].bytes)) best = i;
    });
    if (best !== undefined) {
      const hole = this.holes[best];
      const { at } = hole;
      if (hole.bytes === bytes) this.holes.splice(best, 1);
      else this.holes[best] = { at: at + bytes, bytes: hole.bytes - bytes };
      return at;
    }
    const tail = this.holes.findIndex((h) => h.at + h.bytes === this.size);
    const at = tail >= 0 ? this.holes[tail].at : this.size;
    if (tail >= 0) this.holes.splice(tail, 1);
    this.size = at + bytes;
    return at;
  }

  give(at: number, bytes: number): void {
    if (bytes === 0) return;
    const hole = { at, bytes };
    for (let i = this.holes.length - 1; i >= 0; i--) {
      const h = this.holes[i];
      if (h.at + h.bytes === hole.at) {
        hole.at = h.at;
        hole.bytes += h.bytes;
      } else if (hole.at + hole.bytes === h.at) hole.bytes += h.bytes;
      else continue;
      this.holes.splice(i, 1);
    }
    this.holes.push(hole);
  }
}
