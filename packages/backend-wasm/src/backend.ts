import {
  AnsatzError,
  type Aval,
  type Backend,
  BackendError,
  byteSize,
  type DeviceBuffer,
  type DType,
  dtypes,
  type Executable,
  hostArray,
  hostView,
  type Program,
  showAval,
  sizeOf,
  type TypedArray,
} from "@ansatz/backend";
import { WasmBuffer } from "./buffer";
import { type Code, CodeCache, type Emitted } from "./code-cache";
import { emitPrepared, type Prepared, prepareProgram, WasmExecutable } from "./executable";
import type { CoreLowering } from "./lower/rule";
import { aligned, Heap } from "./memory/heap";
import type { HostCall, Step } from "./plan/func";
import { hasRelaxedSimd, runtimeTableBytes } from "./runtime";
import type { Threads } from "./threads";
import type { Crew } from "./threads/crew";

export interface WasmOptions {
  /** Most bytes of linear memory, up to 4 GiB; beyond them an allocation fails with a BackendError "memory". */
  readonly maxBytes?: number;
  /** Most bytes that `tensor` keeps resident before it spills the oldest; by default half of maxBytes, at most 1 GiB. */
  readonly residentBytes?: number;
  /**
   * For core ops that are not taken from `@ansatz/tensor`, whose ops bring their own: `allLowerings` of
   * `@ansatz/backend-wasm/lowerings`, or some of them.
   */
  readonly lowerings?: readonly CoreLowering[];
  /** Compiled modules kept, the longest unused going first. */
  readonly modules?: number;
  /** Threads to share large work with: `await startThreads(4)` of `@ansatz/backend-wasm/threads`. */
  readonly threads?: Threads;
  /**
   * Matrix products multiply and add in one rounding (relaxed SIMD): faster, but their last bits then depend on the machine. The error
   * stays within (k + 1)·eps·Σ|terms|, which strict products keep too. Where the engine has no relaxed SIMD, products are strict;
   * `backend.fma` says which it is. Off by default.
   */
  readonly fma?: boolean;
}

export interface WasmStats {
  readonly modulesMade: number;
  readonly modulesKept: number;
  readonly memoryBytes: number;
  readonly jobsShared: number;
  readonly chunksTaken: readonly number[];
}

/** So few are copied one by one: making a view takes as long as a whole call. */
const fewNumbers = 16;

/** Whether it copied all of them. Not many, and no NaN: as a number it would lose its bits. */
const copyFew = (from: TypedArray, at: number, to: TypedArray | undefined, first: number, n: number): boolean => {
  if (n > fewNumbers || to === undefined) return false;
  for (let i = 0; i < n; i++) {
    const x = from[at + i];
    if (Number.isNaN(x)) return false;
    to[first + i] = x;
  }
  return true;
};

/** The default backend: every program becomes one WebAssembly module over one linear memory. */
export const wasmBackend = (options: WasmOptions = {}): WasmBackend => new WasmBackend(options);

export class WasmBackend implements Backend {
  readonly name = "wasm";
  readonly can: Backend["can"];
  /** Whether products use fused multiply-add: it was asked for, and the engine has it. */
  readonly fma: boolean;
  /** Memory is of one machine; programs and buffers of another backend do not fit in. */
  readonly heap: Heap;
  private readonly codes: CodeCache;
  /** Where the runtime keeps its constants. */
  private readonly tables: number;
  private readonly lowerings: readonly CoreLowering[] | undefined;
  private buffers = 0;
  private bytes = 0;
  private hostCalls: readonly HostCall[] = [];
  private readonly crew: Crew | undefined;
  private disposed = false;

  constructor({ maxBytes = 2 ** 32, residentBytes, lowerings, modules = 512, threads, fma = false }: WasmOptions) {
    if (typeof WebAssembly !== "object")
      throw new BackendError(
        "wasm",
        "this engine has no WebAssembly",
        undefined,
        'use the reference backend: import { referenceBackend } from "@ansatz/backend/reference"',
        "unavailable",
      );
    this.lowerings = lowerings;
    this.fma = fma && hasRelaxedSimd();
    this.heap = new Heap({ maxBytes, shared: threads !== undefined });
    this.can = {
      dtypes,
      float: "float64",
      syncRead: true,
      residentBytes: residentBytes ?? Math.min(maxBytes / 2, 2 ** 30),
    };
    this.tables = this.heap.alloc(aligned(runtimeTableBytes));
    this.crew = threads?.attach(this.heap);
    this.codes = new CodeCache(this.heap.memory, this.tables, (index, table) => this.host(index, table >>> 0), {
      limit: modules,
      fma: this.fma,
      crew: this.crew,
    });
  }

  upload(data: TypedArray, aval: Aval): DeviceBuffer {
    const bytes = byteSize(aval);
    if (data.byteLength !== bytes)
      throw new BackendError("wasm", "data must have the size of its aval", {
        aval: showAval(aval),
        elements: data.length,
      });
    const b = this.allocate(aval, bytes);
    this.write(data, aval.dtype, b.ptr);
    return b;
  }

  async read(b: DeviceBuffer): Promise<TypedArray> {
    return this.readSync(b);
  }

  readSync(b: DeviceBuffer): TypedArray {
    const { ptr } = this.own(b, "read");
    return this.copyOut(b.aval, ptr);
  }

  compile(p: Program): Executable {
    const prepared = this.prepared(p);
    return new WasmExecutable(this, prepared, this.codeFor(prepared));
  }

  async prepare(p: Program): Promise<Executable> {
    const prepared = this.prepared(p);
    const code = await this.codes.prepare(prepared.key, () => this.emit(prepared));
    return new WasmExecutable(this, prepared, code);
  }

  free(b: DeviceBuffer): void {
    const mine = this.own(b, "free");
    this.heap.free(mine.ptr, mine.bytes);
    mine.ptr = -1;
    this.buffers--;
    this.bytes -= mine.bytes;
  }

  live(): { buffers: number; bytes: number } {
    return { buffers: this.buffers, bytes: this.bytes };
  }

  /**
   * Modules compiled since the start, modules kept, bytes of linear memory, pieces of work shared with threads, and how many chunks of
   * them the caller and each thread took.
   */
  stats(): WasmStats {
    const { made, size } = this.codes;
    const { jobs = 0, taken = [] } = this.crew ?? {};
    return { modulesMade: made, modulesKept: size, memoryBytes: this.heap.size, jobsShared: jobs, chunksTaken: taken };
  }

  dispose(): void {
    this.disposed = true;
    this.codes.clear();
  }

  /** @internal */
  prepared(p: Program): Prepared {
    return prepareProgram(p, this.lowerings);
  }
  /** @internal */
  codeFor(prepared: Prepared): Code {
    if (this.disposed) throw new BackendError("wasm", "the backend was disposed");
    return this.codes.get(prepared.key, () => this.emit(prepared));
  }
  /** @internal An executable that calls `mark` with the number of each step that it has done; `steps` is filled with them. */
  instrumented(prepared: Prepared, steps: Step[], mark: (step: number) => void): WasmExecutable {
    const made = emitPrepared(prepared, { tables: this.tables, shared: this.crew !== undefined, marks: steps });
    return new WasmExecutable(this, prepared, this.codes.instrumented(made, { profile: { mark } }));
  }

  private emit(prepared: Prepared): Emitted {
    return emitPrepared(prepared, { tables: this.tables, shared: this.crew !== undefined });
  }
  /** @internal */
  touch(code: Code): void {
    this.codes.touch(code);
  }
  /** @internal What host calls of the running program mean; gives what to restore. */
  enter(calls: readonly HostCall[]): readonly HostCall[] {
    const outer = this.hostCalls;
    this.hostCalls = calls;
    return outer;
  }
  /** @internal */
  leave(outer: readonly HostCall[]): void {
    this.hostCalls = outer;
  }
  /** @internal Books the results of a call, and takes the donated inputs. */
  count(
    results: readonly WasmBuffer[],
    donated: readonly boolean[] | undefined,
    inputs: readonly DeviceBuffer[],
    reuse: readonly number[],
  ): void {
    this.buffers += results.length;
    for (const r of results) this.bytes += r.bytes;
    if (donated === undefined) return;
    inputs.forEach((b, i) => {
      if (!donated[i]) return;
      const mine = b as WasmBuffer;
      if (!reuse.includes(i)) this.heap.free(mine.ptr, mine.bytes);
      mine.ptr = -1;
      this.buffers--;
      this.bytes -= mine.bytes;
    });
  }

  private allocate(aval: Aval, bytes: number): WasmBuffer {
    const b = new WasmBuffer(aval, bytes, this.heap.alloc(bytes), this);
    this.buffers++;
    this.bytes += bytes;
    return b;
  }

  /** A host call of the running program. */
  private host(index: number, table: number): void {
    const calls = this.hostCalls;
    const { op, params, inputs, outputs } = calls[index];
    const pointer = (i: number): number => this.heap.u32[(table >>> 2) + i];
    // One that only computes may see and fill this memory as it is; anything else might make it grow, and move.
    const views = !op.core && op.host!.length > 2;
    const values = inputs.map((aval, i) => {
      const view = this.viewOf(aval, pointer(i));
      return { aval, data: views ? view : view.slice() };
    });
    if (op.name === "tap" && op.core) {
      (params.callback as (...v: typeof values) => void)(...values);
      return;
    }
    const into = views ? outputs.map((aval, i) => this.viewOf(aval, pointer(inputs.length + i))) : [];
    const results = this.callHost(op.name, () => op.host!(values, params, views ? into : undefined));
    outputs.forEach((aval, i) => {
      if (results[i].length !== sizeOf(aval.shape))
        throw new BackendError(op.name, "its host function must return arrays of the op's shapes", {
          expected: showAval(aval),
          elements: results[i].length,
        });
      if (results[i] !== into[i]) this.write(results[i], aval.dtype, pointer(inputs.length + i));
    });
  }

  /** An error of a host function says whose it is. */
  private callHost<T>(name: string, f: () => T): T {
    try {
      return f();
    } catch (e) {
      if (e instanceof AnsatzError) throw e;
      throw new BackendError(name, `its host function failed: ${e instanceof Error ? e.message : String(e)}`);
    }
  }

  private write(data: TypedArray, dtype: DType, ptr: number): void {
    const [heap, at] = this.floats(dtype, ptr);
    if (!copyFew(data, 0, heap, at, data.length))
      (hostView(dtype, this.heap.memory.buffer, ptr, data.length) as Float64Array).set(data as Float64Array);
  }

  private copyOut(aval: Aval, ptr: number): TypedArray {
    const n = sizeOf(aval.shape);
    const [heap, at] = this.floats(aval.dtype, ptr);
    if (heap === undefined || n > fewNumbers) return this.viewOf(aval, ptr).slice();
    const out = hostArray(aval.dtype, n);
    return copyFew(heap, at, out, 0, n) ? out : this.viewOf(aval, ptr).slice();
  }

  /** The heap's own view, and where in it an address is. */
  private floats(dtype: DType, ptr: number): [Float64Array | Float32Array | undefined, number] {
    return dtype === "float64"
      ? [this.heap.f64, ptr >>> 3]
      : dtype === "float32"
        ? [this.heap.f32, ptr >>> 2]
        : [undefined, 0];
  }

  /** Of what lies there now; good until the heap grows. */
  private viewOf(aval: Aval, ptr: number): TypedArray {
    return hostView(aval.dtype, this.heap.memory.buffer, ptr, sizeOf(aval.shape));
  }

  private own(b: DeviceBuffer, caller: string): WasmBuffer {
    if (!(b instanceof WasmBuffer) || b.owner !== this)
      throw new BackendError(`wasm ${caller}`, "this is not a buffer of this backend");
    if (b.ptr < 0)
      throw new BackendError(`wasm ${caller}`, "the buffer was freed or donated before", { buffer: showAval(b.aval) });
    return b;
  }
}
