/**
 * The block of shared memory through which a backend and its threads speak, in 32-bit words from its start. The first two words are one
 * 64-bit ticket: the number of the job (from bit 16 up) and the next chunk to take. A chunk belongs to who moves the ticket on, so a
 * thread that wakes late finds another job number and takes nothing.
 */
export const word = {
  /** Chunks finished. */
  done: 2,
  /** Counts jobs; threads sleep on it. */
  wake: 3,
  /** Not 0 when a thread could not run a chunk. */
  failed: 4,
  /** Which module; where its description lies, and how long it is. */
  module: 5,
  text: 6,
  textBytes: 7,
  /** Which exported part of the module, and the frame it works on. */
  part: 8,
  frame: 9,
  /** Chunk c is [c·grain, (c + 1)·grain), the last one up to `end`. */
  end: 10,
  grain: 11,
  chunks: 12,
  /** Scratch memory of the first thread, and bytes of each. */
  scratch: 13,
  scratchBytes: 14,
  /** Chunks taken so far, by the caller and by each thread. */
  taken: 16,
} as const;

export const controlBytes = (count: number): number => 4 * (word.taken + count);

/** The bits of a ticket that count chunks; all of them set means that no chunk can be taken. */
export const closed = 0xffff;

/** What a thread is told once. */
export interface Start {
  readonly memory: WebAssembly.Memory;
  readonly control: number;
  readonly word: typeof word;
  readonly closed: number;
  /** 0 for the first thread. */
  readonly index: number;
}

/** A module as threads read it from memory: the length of this as JSON, the JSON, then the binaries that it points into. */
export interface ModuleText {
  readonly program: Span;
  /** Functions of the runtime, each a module with one export. */
  readonly runtime: readonly { readonly name: string; readonly binary: Span }[];
}

/** Offset from the end of the JSON, and length. */
export type Span = readonly [number, number];
