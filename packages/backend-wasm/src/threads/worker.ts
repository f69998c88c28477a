import type { ModuleText, Span, Start } from "./control";

/**
 * What a thread runs. It is sent as text, so it names nothing outside of itself. `listen` calls back once, with what the thread is told;
 * from then on it takes chunks of jobs, or sleeps.
 */
export const work = (listen: (start: (s: Start) => void) => void): void => {
  type Part = (frame: number, from: number, to: number, scratch: number) => void;
  const spins = 2000;
  const modulesKept = 64;

  listen(({ memory, control, word, closed, index }) => {
    const ticket = new BigInt64Array(memory.buffer, control, 1);
    const words = new Int32Array(memory.buffer, control);
    const get = (w: number): number => Atomics.load(words, w);
    const runtime: Record<string, WebAssembly.ExportValue> = {};
    const modules = new Map<number, WebAssembly.Exports>();
    const never = (): never => {
      throw new Error("a part calls neither the host nor other threads");
    };

    const instance = (binary: Uint8Array, imports: WebAssembly.Imports): WebAssembly.Exports =>
      new WebAssembly.Instance(new WebAssembly.Module(binary as BufferSource), { env: { memory }, ...imports }).exports;

    /** The bytes of a description; memory that another thread has just grown may take a moment to show. */
    const bytesAt = (at: number, length: number): Uint8Array => {
      for (let turn = 0; memory.buffer.byteLength < at + length && turn < 1000; turn++)
        Atomics.wait(words, word.failed, 0, 1);
      return new Uint8Array(memory.buffer, at, length).slice();
    };

    const load = (at: number, length: number): WebAssembly.Exports => {
      const bytes = bytesAt(at, length);
      const jsonBytes = new DataView(bytes.buffer).getUint32(0, true);
      const start = 4 + jsonBytes;
      const text = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start))) as ModuleText;
      const cut = ([from, n]: Span): Uint8Array => bytes.subarray(start + from, start + from + n);
      for (const { name, binary } of text.runtime) runtime[name] ??= instance(cut(binary), {})[name];
      return instance(cut(text.program), { rt: runtime, host: { call: never }, threads: { run: never } });
    };

    const moduleOf = (id: number): WebAssembly.Exports => {
      let found = modules.get(id);
      if (found) modules.delete(id);
      else found = load(get(word.text) >>> 0, get(word.textBytes));
      modules.set(id, found);
      if (modules.size > modulesKept) modules.delete(modules.keys().next().value as number);
      return found;
    };

    const run = (chunk: number): void => {
      try {
        const part = moduleOf(get(word.module))[`part${get(word.part)}`] as Part;
        const from = chunk * get(word.grain);
        const to = chunk === get(word.chunks) - 1 ? get(word.end) : from + get(word.grain);
        part(get(word.frame), from, to, get(word.scratch) + index * get(word.scratchBytes));
      } catch {
        Atomics.store(words, word.failed, 1);
      }
      if (Atomics.add(words, word.done, 1) + 1 === get(word.chunks)) Atomics.notify(words, word.done);
    };

    const takeAll = (): void => {
      for (;;) {
        const t = Atomics.load(ticket, 0);
        const chunk = Number(t & BigInt(closed));
        if (chunk >= get(word.chunks)) return;
        if (Atomics.compareExchange(ticket, 0, t, t + 1n) !== t) continue;
        Atomics.add(words, word.taken + 1 + index, 1);
        run(chunk);
      }
    };

    for (;;) {
      const seen = get(word.wake);
      takeAll();
      let spin = 0;
      while (spin < spins && get(word.wake) === seen) spin++;
      if (spin === spins) Atomics.wait(words, word.wake, seen);
    }
  });
};
