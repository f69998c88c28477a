import { BackendError } from "@ansatz/backend";
import type { Heap } from "../memory/heap";
import { closed, controlBytes, type ModuleText, type Start, word } from "./control";

/** A module that threads can run parts of. */
export interface Shareable {
  readonly program: Uint8Array;
  readonly runtime: readonly { readonly name: string; readonly binary: Uint8Array }[];
}

/** A module published to the threads of one backend. */
interface Published {
  readonly id: number;
  readonly at: number;
  readonly bytes: number;
}

/** What a step does with [from, to) of its frame, with scratch memory of its own. */
export type Part = (frame: number, from: number, to: number, scratch: number) => void;

/** Chunks per thread: enough for one that is late to be made up for, few enough for taking them to cost nothing. */
const chunksPerThread = 8;
const spins = 5000;

/** The threads of one backend: it hands them jobs, works with them, and returns when all of a job is done. */
export class Crew {
  private readonly control: number;
  private readonly ticket: BigInt64Array;
  private readonly words: Int32Array;
  private readonly published = new Map<object, Published>();
  private nextModule = 1;
  private scratch = { at: 0, bytes: 0 };
  private job = 0n;
  /** Jobs handed out since the start. */
  jobs = 0;

  constructor(
    private readonly heap: Heap,
    /** Threads that work, the caller's included. */
    readonly count: number,
    send: (start: (index: number) => Start) => void,
  ) {
    this.control = heap.alloc(controlBytes(count));
    this.ticket = new BigInt64Array(heap.memory.buffer, this.control, 1);
    this.words = new Int32Array(heap.memory.buffer, this.control, controlBytes(count) / 4);
    this.words.fill(0);
    this.ticket[0] = BigInt(closed);
    const { memory } = heap;
    send((index) => ({ memory, control: this.control, word, closed, index }));
  }

  /**
   * Runs [0, end) of a part in chunks of at least `grain`, on the caller and the other threads, each with scratch memory of its own.
   * `code` stands for the module; `share` describes it when it is first needed.
   */
  run(
    code: object,
    share: () => Shareable,
    part: { readonly index: number; readonly run: Part },
    [frame, end, least, scratch, scratchBytes]: readonly [number, number, number, number, number],
  ): void {
    if (!this.ready(code, share, scratchBytes)) {
      part.run(frame, 0, end, scratch);
      return;
    }
    const { words, ticket, heap } = this;
    const { id, at, bytes } = this.published.get(code) as Published;
    const grain = least * Math.max(1, Math.ceil(end / least / (chunksPerThread * this.count)));
    const chunks = Math.max(1, Math.floor(end / grain));
    // Nobody takes chunks while the job is being described.
    const next = ++this.job << 16n;
    Atomics.store(ticket, 0, next | BigInt(closed));
    const set = (w: number, value: number): number => Atomics.store(words, w, value);
    set(word.done, 0);
    set(word.failed, 0);
    set(word.module, id);
    set(word.text, at);
    set(word.textBytes, bytes);
    set(word.part, part.index);
    set(word.frame, frame);
    set(word.end, end);
    set(word.grain, grain);
    set(word.chunks, chunks);
    set(word.scratch, this.scratch.at);
    set(word.scratchBytes, scratchBytes);
    Atomics.store(ticket, 0, next);
    Atomics.add(words, word.wake, 1);
    Atomics.notify(words, word.wake);
    this.jobs++;
    let mine = 0;
    for (;;) {
      const t = Atomics.load(ticket, 0);
      const chunk = Number(t & BigInt(closed));
      if (chunk >= chunks) break;
      if (Atomics.compareExchange(ticket, 0, t, t + 1n) !== t) continue;
      part.run(frame, chunk * grain, chunk === chunks - 1 ? end : (chunk + 1) * grain, scratch);
      mine++;
    }
    Atomics.add(words, word.taken, mine);
    Atomics.add(words, word.done, mine);
    this.finish(chunks);
    if (Atomics.load(words, word.failed) !== 0)
      throw new BackendError(
        "wasm",
        "a thread could not run its part",
        { memoryBytes: heap.size },
        "is there memory left for its module? make the backend without threads",
      );
  }

  /** Chunks taken so far, by the caller and by each thread. */
  get taken(): number[] {
    return [...this.words.subarray(word.taken, word.taken + this.count)];
  }

  /** The module is no longer run: what threads read of it goes. */
  forget(code: object): void {
    const p = this.published.get(code);
    if (!p) return;
    this.published.delete(code);
    this.heap.free(p.at, p.bytes);
  }

  private finish(chunks: number): void {
    const { words } = this;
    for (let spin = 0; spin < spins; spin++) if (Atomics.load(words, word.done) === chunks) return;
    for (;;) {
      const done = Atomics.load(words, word.done);
      if (done === chunks) return;
      Atomics.wait(words, word.done, done);
    }
  }

  /** Memory for the module's description and for scratch; without it the caller works alone. */
  private ready(code: object, share: () => Shareable, scratchBytes: number): boolean {
    try {
      if (!this.published.has(code)) this.publish(code, share());
      const needed = scratchBytes * (this.count - 1);
      if (needed > this.scratch.bytes) {
        this.heap.free(this.scratch.at, this.scratch.bytes);
        this.scratch = { at: 0, bytes: 0 };
        this.scratch = { at: this.heap.alloc(needed), bytes: needed };
      }
      return true;
    } catch (e) {
      if (e instanceof BackendError && e.code === "memory") return false;
      throw e;
    }
  }

  private publish(code: object, { program, runtime }: Shareable): void {
    let length = 0;
    const span = (b: Uint8Array): readonly [number, number] => {
      const from = length;
      length += b.length;
      return [from, b.length];
    };
    const text: ModuleText = {
      program: span(program),
      runtime: runtime.map(({ name, binary }) => ({ name, binary: span(binary) })),
    };
    const json = new TextEncoder().encode(JSON.stringify(text));
    const bytes = 4 + json.length + length;
    const at = this.heap.alloc(bytes);
    const { u8 } = this.heap;
    new DataView(u8.buffer).setUint32(at, json.length, true);
    u8.set(json, at + 4);
    let to = at + 4 + json.length;
    for (const b of [program, ...runtime.map((r) => r.binary)]) {
      u8.set(b, to);
      to += b.length;
    }
    this.published.set(code, { id: this.nextModule++, at, bytes });
  }
}
