import { type Atom, type Backend, byteSize, type Executable, type Program } from "@ansatz/backend";
import { programKey } from "./program-key";
import { state } from "./state";

/** Where a result comes from: output `fresh` of the executable, or an operand handed through. */
export interface Source {
  readonly fresh: number;
  readonly input: number;
}

/** A program on its way to the machine; compiled when first run, again after it was evicted. */
export class Compiled {
  executable: Executable | null = null;
  /** The clock of its last run. */
  age = 0;
  /** The program without results that need no work: operands handed through, results named twice. */
  readonly core: Program;
  readonly sources: readonly Source[];
  readonly outBytes: number;

  constructor(readonly program: Program) {
    const inputs = new Map<Atom, number>(program.inputs.map((v, i) => [v, i]));
    const fresh = new Map<Atom, number>();
    const outputs: Atom[] = [];
    this.sources = program.outputs.map((a) => {
      const input = inputs.get(a);
      if (input !== undefined) return { fresh: -1, input };
      let k = fresh.get(a);
      if (k === undefined) {
        k = outputs.length;
        fresh.set(a, k);
        outputs.push(a);
      }
      return { fresh: k, input: -1 };
    });
    this.core = { ...program, outputs };
    this.outBytes = outputs.reduce((n, a) => n + byteSize(a.aval), 0);
  }
}

/** Compiled programs by what they compute; the least recently used leave when there are too many. */
export class ExecutableCache {
  private readonly byKey = new Map<string, Compiled>();
  private readonly byProgram = new WeakMap<Program, Compiled>();

  constructor(
    private readonly backend: Backend,
    private readonly most = 2048,
  ) {}

  get(program: Program): Compiled {
    let c = this.byProgram.get(program);
    if (c === undefined) {
      const key = programKey(program);
      c = this.byKey.get(key) ?? this.insert(key, program);
      this.byProgram.set(program, c);
    }
    return c;
  }

  byName(key: string, program: () => Program): Compiled {
    return this.byKey.get(key) ?? this.insert(key, program());
  }

  executable(c: Compiled): Executable {
    if (c.executable === null) {
      state.compiles++;
      c.executable = this.backend.compile(c.core);
    }
    return c.executable;
  }

  /** As executable, off the main thread where the backend can. */
  async prepare(c: Compiled): Promise<void> {
    if (c.executable !== null || this.backend.prepare === undefined) return void this.executable(c);
    state.compiles++;
    const made = await this.backend.prepare(c.core);
    if (c.executable === null) c.executable = made;
    else made.dispose();
  }

  private insert(key: string, program: Program): Compiled {
    if (this.byKey.size >= this.most) this.evict();
    const c = new Compiled(program);
    c.age = state.clock;
    this.byKey.set(key, c);
    return c;
  }

  private evict(): void {
    const oldest = [...this.byKey].sort((a, b) => a[1].age - b[1].age).slice(0, this.most >> 3);
    for (const [key, c] of oldest) {
      this.byKey.delete(key);
      c.executable?.dispose();
      c.executable = null;
    }
  }
}
