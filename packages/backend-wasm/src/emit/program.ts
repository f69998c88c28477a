import { BackendError, type DType } from "@ansatz/backend";
import { type Callable, type FunctionBuilder, i32, type Local, ModuleBuilder } from "../asm";
import { isParam, type Nest, nestKey, type Size } from "../nest/ir";
import type { Buffer, Func, KernelStep, NestStep, Ref, Step } from "../plan/func";
import { frameOf } from "../plan/layout";
import { type RuntimeName, runtimeSignatures } from "../runtime";
import { emitControl } from "./control";
import { emitMatmul } from "./matmul";
import { emitNest, type NestContext } from "./nest";
import { emitSort } from "./sort";
import { addThreefry, addThreefryLanes } from "./threefry";

/** Where things are in the frame of the function being emitted. */
export interface Frame {
  readonly f: FunctionBuilder;
  readonly func: Func;
  readonly base: Local;
  /** Arguments of the call stand here, in bytes from the base; -1 if there are none. */
  readonly args: number;
  readonly offsetOf: (b: Buffer) => Size;
}

/** Everything one module holds: the program's function, those of its loop bodies, its kernels; each made once. */
export class ProgramEmitter implements NestContext {
  readonly module = new ModuleBuilder();
  private readonly imports = new Map<string, Callable>();
  private readonly nests = new Map<string | Nest, FunctionBuilder>();
  private readonly kernels = new Map<string, Callable>();
  private hostCall: Callable | undefined;
  private hostCalls = 0;

  constructor() {
    this.module.importMemory("env", "memory", { min: 1 });
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
      for (const s of func.steps) this.step(frame, s);
    });
  }

  runtime(name: RuntimeName): Callable {
    let found = this.imports.get(name);
    if (!found) {
      const { params, results } = runtimeSignatures[name];
      this.imports.set(name, (found = this.module.importFunc("rt", name, params, results)));
    }
    return found;
  }

  math(name: string, dtype: DType): Callable {
    const full = `${name}_${dtype === "float64" ? "f64" : "f32"}` as RuntimeName;
    if (!(full in runtimeSignatures))
      throw new BackendError("wasm", "the runtime has no such function", { name: full });
    return this.runtime(full);
  }

  vectorMath(name: string, dtype: DType): Callable | undefined {
    const full = `${name}_${dtype === "float64" ? "f64x2" : "f32x4"}` as RuntimeName;
    return full in runtimeSignatures ? this.runtime(full) : undefined;
  }

  threefry(): Callable {
    return this.once("threefry", () => addThreefry(this.module));
  }

  threefryLanes(): Callable {
    return this.once("threefry lanes", () => addThreefryLanes(this.module));
  }

  /** Makes a helper of the module at first need. */
  once(key: string, make: () => Callable): Callable {
    let found = this.kernels.get(key);
    if (!found) this.kernels.set(key, (found = make()));
    return found;
  }

  private step(frame: Frame, s: Step): void {
    const { f } = frame;
    switch (s.kind) {
      case "nest":
        this.nest(frame, s);
        break;
      case "copy":
        this.copy(frame, s.from, s.to, s.bytes);
        break;
      case "matmul":
        emitMatmul(this, frame, s);
        break;
      case "sort":
        emitSort(this, frame, s);
        break;
      case "kernel":
        this.kernel(frame, s);
        break;
      case "host": {
        [...s.inputs, ...s.outputs].forEach((r, i) => {
          this.pushRef(frame, s.table);
          this.pushRef(frame, r);
          f.i32.store(4 * i);
        });
        this.hostCall ??= this.module.importFunc("host", "call", [i32, i32], []);
        f.i32.const(this.hostCalls++);
        this.pushRef(frame, s.table);
        f.call(this.hostCall);
        break;
      }
      default:
        emitControl(this, frame, s);
    }
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

  private nest(frame: Frame, { nest, operands, tile }: NestStep): void {
    const { f } = frame;
    const parametric = frame.args >= 0;
    // Parameters are numbered through the whole program, so equal texts may differ in them.
    const key = parametric ? nest : nestKey(nest);
    let kernel = this.nests.get(key);
    if (!kernel) this.nests.set(key, (kernel = emitNest(this.module, nest, parametric, this)));
    const target = kernel;
    const pointers = () => {
      for (const r of operands) this.pushRef(frame, r);
      if (parametric) f.get(frame.base).i32.const(frame.args).i32.add();
    };
    if (nest.parallel === 0) {
      pointers();
      f.call(target);
      return;
    }
    if (tile === 0) {
      pointers();
      f.i32.const(0);
      this.pushSize(frame, nest.dims[0]);
      f.call(target);
      return;
    }
    // A call per tile: the engine replaces code between calls, never inside one.
    const [from, to, end] = [f.local(i32), f.local(i32), f.local(i32)];
    this.pushSize(frame, nest.dims[0]);
    f.set(end);
    f.loop((next) => {
      f.get(end).get(from).i32.sub().tee(to);
      this.pushSize(frame, tile);
      f.i32.gt_u().if(() => {
        this.pushSize(frame, tile);
        f.set(to);
      });
      f.get(from).get(to).i32.add().set(to);
      pointers();
      f.get(from).get(to).call(target);
      f.get(to).tee(from).get(end).i32.lt_s().brIf(next);
    });
    f.i32.const(0).set(from);
  }

  private kernel(frame: Frame, s: KernelStep): void {
    const { f } = frame;
    const target = this.once(
      `kernel ${s.op.name} ${s.variant} ${s.dtypes.inputs.join()}>${s.dtypes.outputs.join()}`,
      () =>
        s.kernel.build({
          module: this.module,
          inputs: s.dtypes.inputs,
          outputs: s.dtypes.outputs,
          params: s.params,
          math: (name, dtype) => this.math(name, dtype),
          gemm: (dtype) => this.runtime(dtype === "float64" ? "gemm_f64" : "gemm_f32"),
        }),
    );
    const i = f.local(i32);
    const end = f.local(i32);
    this.pushSize(frame, s.batch);
    f.set(end);
    f.forRange(i, 0, end, 1, () => {
      for (const { ref, bytes } of [...s.inputs, ...s.outputs]) {
        this.pushRef(frame, ref);
        f.get(i);
        this.pushSize(frame, bytes);
        f.i32.mul().i32.add();
      }
      if (s.scratch) this.pushRef(frame, s.scratch);
      else f.i32.const(0);
      for (const d of s.dims) this.pushSize(frame, d);
      f.call(target);
    });
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
