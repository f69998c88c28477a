import {
  type Aval,
  BackendError,
  byteSize,
  type DeviceBuffer,
  type Executable,
  lower,
  type Program,
  showAval,
} from "@ansatz/backend";
import type { WasmBackend } from "./backend";
import { WasmBuffer } from "./buffer";
import type { Code, Emitted } from "./code-cache";
import { type EmitOptions, ProgramEmitter } from "./emit/program";
import { Lowering } from "./lower/lowering";
import type { CoreLowering } from "./lower/rule";
import type { Size } from "./nest/ir";
import { type Buffer, type Func, type HostCall, hostCallsOf } from "./plan/func";
import { canGeneralise, generalise } from "./plan/generalise";
import { funcKey } from "./plan/key";
import { frameOf, type Layout } from "./plan/layout";

/** A program made ready: what to emit, and what a call needs. */
export interface Prepared {
  readonly func: Func;
  readonly layout: Layout;
  readonly offsetOf: (b: Buffer) => Size;
  /** Arguments of every call; none for a program specialised on its shapes. */
  readonly args: readonly number[];
  readonly frameBytes: number;
  readonly key: string;
  readonly hostCalls: readonly HostCall[];
  readonly inputs: readonly Aval[];
  readonly outputs: readonly Aval[];
}

/** `lowerings` answer core ops that came without one. */
export const prepareProgram = (p: Program, lowerings?: readonly CoreLowering[]): Prepared => {
  const lowered = Lowering.lower(
    lower(p, (op) => op.kernels?.wasm !== undefined),
    lowerings,
  );
  const inputs = p.inputs.map((v) => v.aval);
  const outputs = p.outputs.map((a) => a.aval);
  const hostCalls = hostCallsOf(lowered);
  // An eager op serves every extent; a program of several equations is specialised on its shapes.
  if (p.equations.length <= 1 && canGeneralise(lowered)) {
    const { func, offsets, args, frameBytes, layout } = generalise(lowered);
    const offsetOf = (b: Buffer): Size => offsets.get(b) as Size;
    return { func, layout, offsetOf, args, frameBytes, key: `*${funcKey(func, offsetOf)}`, hostCalls, inputs, outputs };
  }
  const layout = frameOf(lowered);
  const offsetOf = (b: Buffer): Size => layout.offsets.get(b) as Size;
  return {
    func: lowered,
    layout,
    offsetOf,
    args: [],
    frameBytes: layout.bytes,
    key: funcKey(lowered),
    hostCalls,
    inputs,
    outputs,
  };
};

export const emitPrepared = (p: Prepared, options: EmitOptions): Emitted => {
  const emitter = new ProgramEmitter(options);
  return { bytes: emitter.emit(p.func, p.offsetOf, p.args.length), imports: emitter.imported };
};

let calls = 0;

export class WasmExecutable implements Executable {
  private readonly inputBytes: readonly number[];
  private readonly outputBytes: readonly number[];

  constructor(
    private readonly backend: WasmBackend,
    private readonly prepared: Prepared,
    private code: Code,
  ) {
    this.inputBytes = prepared.inputs.map(byteSize);
    this.outputBytes = prepared.outputs.map(byteSize);
  }

  run(inputs: readonly DeviceBuffer[], donated?: readonly boolean[]): DeviceBuffer[] {
    const { backend, prepared, inputBytes, outputBytes } = this;
    const { heap } = backend;
    const { args, frameBytes, outputs } = prepared;
    const n = inputBytes.length;
    if (inputs.length !== n) this.refuseCount(inputs.length);
    for (let i = 0; i < n; i++) {
      const b = inputs[i] as WasmBuffer;
      if (b.owner !== backend || b.ptr < 0 || b.bytes !== inputBytes[i]) this.refuse(i, b);
    }
    if (donated !== undefined) this.refuseTwice(inputs, donated);
    let { main } = this.code;
    if (main === undefined) {
      this.code = backend.codeFor(prepared);
      main = this.code.main as (frame: number) => void;
    }
    backend.touch(this.code);
    const results = new Array<WasmBuffer>(outputs.length);
    const frame = heap.pushFrame(frameBytes);
    let made = 0;
    try {
      for (; made < outputs.length; made++) {
        const bytes = outputBytes[made];
        const from = donated === undefined ? -1 : prepared.layout.reuse[made];
        // A donated input that the plan lets this output overwrite gives up its place.
        const given = from >= 0 && donated![from] ? (inputs[from] as WasmBuffer).ptr : -1;
        results[made] = new WasmBuffer(outputs[made], bytes, given >= 0 ? given : heap.alloc(bytes), backend);
      }
    } catch (e) {
      this.release(donated, results, made);
      heap.popFrame(frame, frameBytes);
      throw e;
    }
    // The last allocation is done, so the view holds until the program calls the host.
    const { u32 } = heap;
    let at = frame >>> 2;
    for (let i = 0; i < n; i++) u32[at++] = (inputs[i] as WasmBuffer).ptr;
    for (let i = 0; i < results.length; i++) u32[at++] = results[i].ptr;
    for (let i = 0; i < args.length; i++) u32[at++] = args[i];
    let failed = true;
    const outer = backend.enter(prepared.hostCalls);
    try {
      main(frame);
      failed = false;
    } finally {
      backend.leave(outer);
      heap.popFrame(frame, frameBytes);
      backend.count(results, donated, inputs, prepared.layout.reuse);
      if (failed) for (const r of results) backend.free(r);
    }
    return results;
  }

  dispose(): void {}

  /** Outputs allocated so far go back; those that stand in donated inputs stay the caller's. */
  private release(donated: readonly boolean[] | undefined, results: readonly WasmBuffer[], made: number): void {
    const { heap } = this.backend;
    for (let i = 0; i < made; i++) {
      const from = this.prepared.layout.reuse[i];
      if (donated !== undefined && from >= 0 && donated[from]) continue;
      heap.free(results[i].ptr, results[i].bytes);
    }
  }

  private refuseTwice(inputs: readonly DeviceBuffer[], donated: readonly boolean[]): void {
    const call = ++calls;
    // Donated ones are marked first, so that a second mention is found wherever it stands.
    for (let i = 0; i < inputs.length; i++) {
      const b = inputs[i] as WasmBuffer;
      if (donated[i] && b.call === call) this.refuseAlias(i);
      if (donated[i]) b.call = call;
    }
    for (let i = 0; i < inputs.length; i++)
      if (!donated[i] && (inputs[i] as WasmBuffer).call === call) this.refuseAlias(i);
  }

  private refuseAlias(i: number): never {
    throw new BackendError(
      "wasm",
      `input ${i} is passed twice, and donated`,
      {
        input: showAval(this.prepared.inputs[i]),
      },
      "donate it only where it is passed once",
    );
  }

  private refuseCount(count: number): never {
    throw new BackendError("wasm", `the program takes ${this.inputBytes.length} inputs`, { inputs: count });
  }

  private refuse(i: number, b: WasmBuffer): never {
    const wanted = this.prepared.inputs[i];
    if (!(b instanceof WasmBuffer) || b.owner !== this.backend)
      throw new BackendError("wasm", `input ${i} is not a buffer of this backend`, { expected: showAval(wanted) });
    if (b.ptr < 0) throw new BackendError("wasm", `input ${i} was freed or donated`, { input: showAval(b.aval) });
    throw new BackendError("wasm", `input ${i} has another size than the program's`, {
      expected: showAval(wanted),
      input: showAval(b.aval),
    });
  }
}
