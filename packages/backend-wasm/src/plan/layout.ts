import { FreeBlocks } from "../memory/free-blocks";
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
  const free = new FreeBlocks();
  const give = (b: Buffer): void => {
    if (b.bytes > 0) free.release(offsets.get(b) as number, aligned(b.bytes));
  };
  const offsets = new Map<Buffer, number>();
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
        dying.delete(over);
      } else offsets.set(b, b.bytes > 0 ? (free.take(aligned(b.bytes)) as number) : 0);
    }
    dying.forEach(give);
    for (const b of [...scratch, ...writes]) if (b.home === "temp" && last.get(b) === t) give(b);
  });
  const absolute = new Map([...offsets].map(([b, at]) => [b, header + at]));
  return {
    header,
    bytes: header + free.top,
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
    if (output.bytes === 0 || input.bytes !== output.bytes) return false;
    const t = this.first.get(output);
    if (t === undefined) return false;
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
  const given = new Set<number>();
  return func.outputs.map((out) => {
    const i = func.inputs.findIndex((b, k) => !given.has(k) && lifetimes.mayReplace(b, out));
    given.add(i);
    return i;
  });
};
