import { type Callable, type FunctionBuilder, i32, type Local, ModuleBuilder, memoryLimits } from "../asm";
import { isParam, type Nest, type Size } from "../nest/ir";
import { type Buffer, type Func, type Ref, type Step, typeOf } from "../plan/func";
import { frameOf } from "../plan/layout";
import {
  helperFunction,
  mathFunction,
  programRows,
  type RuntimeFunction,
  type Scope,
  tableConstants,
} from "../runtime";
import type { OpContext } from "./scalar-op";

/** Where things are in the frame of the function being emitted. */
export interface Frame {
  readonly f: FunctionBuilder;
  readonly func: Func;
  readonly base: Local;
  /** Arguments of the call stand here, in bytes from the base; -1 if there are none. */
  readonly args: number;
  readonly offsetOf: (b: Buffer) => Size;
}

export interface EmitOptions {
  /** Where the runtime keeps its constants. */
  readonly tables: number;
  /** For a memory that threads share, on which they may run parts of the program. */
  readonly shared: boolean;
  /** For profiles: filled with the steps, in the order of the numbers that `profile.mark` is called with. */
  readonly marks?: Step[];
}

/** Work that can be divided; what its members push, they push with the frame's function. */
export interface Division {
  end(): void;
  grain(): void;
  /** Pushes whether dividing pays, given the end; absent where it never does, or where the parts depend on each other. */
  readonly when: ((end: Local) => void) | undefined;
  /** Scratch memory of one part, and how much each of several needs. */
  readonly scratch?: { readonly ref: Ref; readonly bytes: Size };
  part(frame: Frame, from: Local, to: Local, scratch: () => void): void;
}

/** Everything one module holds: the program's function, those of its loop bodies, its kernels; each made once. */
export class ProgramEmitter implements OpContext {
  readonly module = new ModuleBuilder();
  private readonly imports = new Map<string, Callable>();
  readonly nests = new Map<string | Nest, FunctionBuilder>();
  private readonly kernels = new Map<string, Callable>();
  private hostCall: Callable | undefined;
  private hostCalls = 0;

  private runParts: Callable | undefined;
  private parts = 0;
  private markDone: Callable | undefined;
  readonly scope: Scope;

  constructor(private readonly of: EmitOptions) {
    this.module.importMemory("env", "memory", memoryLimits(of.shared));
    this.scope = {
      call: (formula) => this.runtime("add" in formula ? helperFunction(formula) : mathFunction(formula, "f64")),
      constant: tableConstants(this.module, of.tables, true),
      rows: programRows(this.module, of.tables),
    };
  }

  /** The bytes of the module; its export `main` takes the address of a frame. */
  emit(func: Func, offsetOf: (b: Buffer) => Size, args: number): Uint8Array {
    this.module.export("main", this.func(func, offsetOf, args));
    return this.module.finish();
  }

  /** A function over a frame. */
  func(func: Func, offsetOf: (b: Buffer) => Size = (b) => frameOf(func).offsets.get(b) as number, args = 0): Callable {
    return this.module.func([i32], [], (f, base) => {
      const at = args > 0 ? 4 * (func.inputs.length + func.outputs.length) : -1;
      const frame: Frame = { f, func, base, args: at, offsetOf };
      for (const s of func.steps) {
        typeOf(s).emit(this, frame, s);
        this.mark(f, s);
      }
    });
  }

  /** Tells a profile that a step is done. */
  private mark(f: FunctionBuilder, s: Step): void {
    const { marks } = this.of;
    if (!marks) return;
    this.markDone ??= this.module.importFunc("profile", "mark", [i32], []);
    f.i32.const(marks.push(s) - 1).call(this.markDone);
  }

  /** Functions of the runtime that the module imports. */
  readonly imported = new Map<string, RuntimeFunction>();

  runtime(of: RuntimeFunction): Callable {
    let found = this.imports.get(of.name);
    if (!found) {
      this.imports.set(of.name, (found = this.module.importFunc("rt", of.name, of.params, of.results)));
      this.imported.set(of.name, of);
    }
    return found;
  }

  /** Makes a helper of the module at first need. */
  once(key: string, make: (m: ModuleBuilder) => Callable): Callable {
    let found = this.kernels.get(key);
    if (!found) this.kernels.set(key, (found = make(this.module)));
    return found;
  }

  /**
   * Work over [0, end), which `part` emits for any [from, to): in one piece, or, where threads share the memory and `when` finds that it
   * pays, in chunks of at least `grain`, each computed by one of them.
   */
  divide(frame: Frame, { end, grain, when, scratch, part }: Division): void {
    const { f } = frame;
    const from = f.local(i32);
    const to = f.local(i32);
    end();
    f.set(to);
    if (!this.of.shared || !when) {
      f.i32.const(0).set(from);
      part(frame, from, to, () => void (scratch && this.pushRef(frame, scratch.ref)));
      return;
    }
    const index = this.parts++;
    const target = this.module.func([i32, i32, i32, i32], [], (g, base, first, last, own) =>
      part({ ...frame, f: g, base }, first, last, () => void g.get(own)),
    );
    this.module.export(`part${index}`, target);
    this.runParts ??= this.module.importFunc("threads", "run", new Array(6).fill(i32), []);
    const own = () => {
      if (scratch) this.pushRef(frame, scratch.ref);
      else f.i32.const(0);
    };
    when(to);
    f.if(
      () => {
        f.i32.const(index).get(frame.base).get(to);
        grain();
        own();
        this.pushSize(frame, scratch?.bytes ?? 0);
        f.call(this.runParts as Callable);
      },
      () => {
        f.get(frame.base).i32.const(0).get(to);
        own();
        f.call(target);
      },
    );
  }

  /** Calls the host for the next of the program's host calls. */
  callHost(f: FunctionBuilder, table: () => void): void {
    this.hostCall ??= this.module.importFunc("host", "call", [i32, i32], []);
    f.i32.const(this.hostCalls++);
    table();
    f.call(this.hostCall);
  }

  /** Bytes from one place to another, unless they are the same place. */
  copy(frame: Frame, from: Ref, to: Ref, bytes: Size): void {
    const { f } = frame;
    const fixed = (r: Ref): Size | undefined => (r.buffer.home === "temp" ? frame.offsetOf(r.buffer) : undefined);
    if (from.buffer === to.buffer || (typeof fixed(from) === "number" && fixed(from) === fixed(to))) return;
    const move = () => {
      this.pushRef(frame, to);
      this.pushRef(frame, from);
      this.pushSize(frame, bytes);
      f.memoryCopy();
    };
    this.pushRef(frame, to);
    this.pushRef(frame, from);
    f.i32.ne().if(move);
  }

  pushSize({ f, base, args }: Frame, s: Size): void {
    if (isParam(s)) f.get(base).i32.load(args + 4 * s.param);
    else f.i32.const(s);
  }

  /** The address of a place in memory. */
  pushRef(frame: Frame, { buffer, offset }: Ref): void {
    const { f, func, base } = frame;
    if (buffer.home === "temp") {
      const at = frame.offsetOf(buffer);
      f.get(base);
      if (typeof at === "number" && typeof offset === "number") {
        if (at + offset !== 0) f.i32.const(at + offset).i32.add();
        return;
      }
      this.pushSize(frame, at);
      f.i32.add();
    } else f.get(base).i32.load(4 * (buffer.home === "input" ? buffer.slot : func.inputs.length + buffer.slot));
    if (offset !== 0) {
      this.pushSize(frame, offset);
      f.i32.add();
    }
  }
}
