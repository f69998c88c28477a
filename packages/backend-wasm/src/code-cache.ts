import { BackendError } from "@ansatz/backend";
import { Runtime, type RuntimeFunction } from "./runtime";
import type { Crew, Part, Shareable } from "./threads/crew";

/** A compiled module; `main` runs the frame at an address. */
export interface Code {
  readonly key: string;
  /** Undefined when the module was put out of the cache; whoever runs it next makes it again. */
  main: ((frame: number) => void) | undefined;
  used: number;
  readonly made: Emitted;
}

/** A module, and the functions of the runtime that it imports, by name. */
export interface Emitted {
  readonly bytes: Uint8Array;
  readonly imports: ReadonlyMap<string, RuntimeFunction>;
}

/** Called by a running program: host call `index`, pointers in the table at `table`. */
export type HostEntry = (index: number, table: number) => void;

export interface CodeOptions {
  /** Modules kept. */
  readonly limit: number;
  readonly fma: boolean;
  readonly crew: Crew | undefined;
}

/** Compiled modules by the text of the program: bounded, the longest unused going first. */
export class CodeCache {
  private readonly codes = new Map<string, Code>();
  private clock = 0;
  /** Modules made since the start. */
  made = 0;
  private readonly runtime: Runtime;
  private readonly limit: number;
  private readonly crew: Crew | undefined;

  constructor(
    private readonly memory: WebAssembly.Memory,
    tables: number,
    private readonly host: HostEntry,
    { limit, fma, crew }: CodeOptions,
  ) {
    this.limit = limit;
    this.crew = crew;
    this.runtime = new Runtime(memory, tables, { fma, shared: crew !== undefined });
  }

  get size(): number {
    return this.codes.size;
  }

  touch(code: Code): void {
    code.used = ++this.clock;
  }

  /** The code for a key, its module made by `emit` if it is not there. */
  get(key: string, emit: () => Emitted): Code {
    const found = this.codes.get(key);
    if (found) {
      this.touch(found);
      return found;
    }
    const made = emit();
    return this.put({ key, main: this.instantiate(compileModule(made.bytes), made), used: 0, made });
  }

  /** As `get`, compiled off the main thread where the engine does that. */
  async prepare(key: string, emit: () => Emitted): Promise<Code> {
    const found = this.codes.get(key);
    if (found) {
      this.touch(found);
      return found;
    }
    const made = emit();
    let module: WebAssembly.Module;
    try {
      module = await WebAssembly.compile(made.bytes as BufferSource);
    } catch (e) {
      throw unavailable(e);
    }
    return this.codes.get(key) ?? this.put({ key, main: this.instantiate(module, made), used: 0, made });
  }

  /** Code that is not kept, with further imports: for profiles. */
  instrumented(made: Emitted, more: WebAssembly.Imports): Code {
    return { key: "", main: this.instantiate(compileModule(made.bytes), made, more), used: 0, made };
  }

  clear(): void {
    this.drop([...this.codes.values()]);
  }

  private put(code: Code): Code {
    this.made++;
    this.touch(code);
    this.codes.set(code.key, code);
    if (this.codes.size > this.limit) this.evict();
    return code;
  }

  /** Puts out the quarter that was not used for longest. */
  private evict(): void {
    this.drop([...this.codes.values()].sort((a, b) => a.used - b.used).slice(0, Math.ceil(this.limit / 4)));
  }

  private drop(codes: readonly Code[]): void {
    for (const c of codes) {
      c.main = undefined;
      this.crew?.forget(c.made);
      this.codes.delete(c.key);
    }
  }

  private instantiate(module: WebAssembly.Module, made: Emitted, more?: WebAssembly.Imports): (frame: number) => void {
    const rt: Record<string, (...args: number[]) => number> = {};
    for (const [name, of] of made.imports) rt[name] = this.runtime.get(of);
    const imports: WebAssembly.Imports = { env: { memory: this.memory }, rt, host: { call: this.host }, ...more };
    const { crew } = this;
    if (crew) {
      const share = (): Shareable => ({
        program: made.bytes,
        runtime: [...made.imports].map(([name, of]) => ({ name, binary: this.runtime.binary(of) })),
      });
      const run = (index: number, ...job: [number, number, number, number, number]): void =>
        crew.run(made, share, { index, run: exports[`part${index}`] as Part }, job);
      imports.threads = { run };
    }
    const { exports } = new WebAssembly.Instance(module, imports);
    return exports.main as (frame: number) => void;
  }
}

const compileModule = (bytes: Uint8Array): WebAssembly.Module => {
  try {
    return new WebAssembly.Module(bytes as BufferSource);
  } catch (e) {
    throw unavailable(e);
  }
};

/** A refusal to compile at all, told apart from code that is wrong (which is our own error, and is passed on). */
const unavailable = (e: unknown): unknown => {
  const text = String(e);
  if (/larger than/i.test(text))
    return new BackendError(
      "wasm",
      "this program is too large to be compiled synchronously on the page",
      { reason: text },
      "await prepare, or run it in a Worker",
      "unavailable",
    );
  if (!/unsafe-eval|Content Security Policy|disallowed|not allowed|blocked/i.test(text)) return e;
  return new BackendError(
    "wasm",
    "this page may not compile WebAssembly",
    { reason: text },
    "allow 'wasm-unsafe-eval' in script-src of the content-security policy ('unsafe-eval' is not needed), or use the reference backend: import { referenceBackend } from \"@ansatz/backend/reference\"",
    "unavailable",
  );
};
