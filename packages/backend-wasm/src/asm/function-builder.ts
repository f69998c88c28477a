import { Bytes } from "./bytes";
import { type Emitters, eachOp, type Namespace, naturalAlign, tables } from "./ops";

/** Value types, by their byte in the binary format. */
export const i32 = 0x7f;
export const i64 = 0x7e;
export const f32 = 0x7d;
export const f64 = 0x7c;
export const v128 = 0x7b;
export type ValType = typeof i32 | typeof i64 | typeof f32 | typeof f64 | typeof v128;

export class Local {
  constructor(
    readonly index: number,
    readonly type: ValType,
  ) {}
}

/** Pushed on the stack by `push`: a number is an i32 constant, a local is read, a closure emits what it likes (one value). */
export type Operand = number | Local | (() => unknown);

/** A place in the nesting of blocks, to branch to. */
export type Label = number & { readonly label: unique symbol };

/** What `call` accepts: an imported or defined function. Its index is known when the module is finished. */
export interface Callable {
  readonly kind: "func";
  readonly type: number;
  index: number;
}

export interface Global {
  readonly kind: "global";
  readonly type: ValType;
  readonly mutable: boolean;
  index: number;
}

/** A function index or global index left out of the code, to be written when all imports are known. */
interface Hole {
  readonly at: number;
  readonly item: Callable | Global;
}

interface Emitter {
  readonly f: FunctionBuilder;
}

type Method = (this: Emitter, a?: number, b?: number) => FunctionBuilder;

function opcodeBytes(opcode: number): Uint8Array {
  const bytes = new Bytes(4);
  if (opcode < 0x10000) bytes.u8(opcode);
  else {
    bytes.u8(opcode < 0x20000 ? 0xfc : 0xfd);
    bytes.u32(opcode & 0xffff);
  }
  return bytes.slice();
}

function method(namespace: string, name: string, opcode: number): Method {
  const code = opcodeBytes(opcode);
  const memory = /^(load|store)/.test(name);
  const align = memory ? naturalAlign(namespace, name) : 0;
  if (memory && name.endsWith("_lane"))
    return function (lane = 0, offset = 0) {
      const to = this.f.code;
      to.append(code);
      to.u32(align);
      to.u32(offset);
      to.u8(lane);
      return this.f;
    };
  if (memory)
    return function (offset = 0, alignLog2 = align) {
      const to = this.f.code;
      to.append(code);
      to.u32(alignLog2);
      to.u32(offset);
      return this.f;
    };
  if (/(extract|replace)_lane/.test(name))
    return function (lane = 0) {
      this.f.code.append(code);
      this.f.code.u8(lane);
      return this.f;
    };
  const [first = 0] = code;
  if (code.length === 1)
    return function () {
      this.f.code.u8(first);
      return this.f;
    };
  return function () {
    this.f.code.append(code);
    return this.f;
  };
}

function vectorConst(
  f: FunctionBuilder,
  lanes: readonly number[],
  write: (view: DataView, at: number, x: number) => void,
): FunctionBuilder {
  const view = new DataView(new ArrayBuffer(16));
  for (let i = 0; i < lanes.length; i++) write(view, (i * 16) / lanes.length, lanes[i] as number);
  f.code.u8(0xfd);
  f.code.u8(12);
  f.code.append(new Uint8Array(view.buffer));
  return f;
}

/** Constants and shuffles, whose immediates no table describes. */
const special: { readonly [N in Namespace]?: Record<string, (this: Emitter, ...args: never[]) => FunctionBuilder> } = {
  i32: {
    const(this: Emitter, x: number) {
      this.f.code.u8(0x41);
      this.f.code.s32(x);
      return this.f;
    },
  },
  i64: {
    const(this: Emitter, x: bigint | number) {
      this.f.code.u8(0x42);
      this.f.code.s64(x);
      return this.f;
    },
  },
  f32: {
    const(this: Emitter, x: number) {
      this.f.code.u8(0x43);
      this.f.code.f32(x);
      return this.f;
    },
  },
  f64: {
    const(this: Emitter, x: number) {
      this.f.code.u8(0x44);
      this.f.code.f64(x);
      return this.f;
    },
  },
  i8x16: {
    shuffle(this: Emitter, ...lanes: number[]) {
      this.f.code.u8(0xfd);
      this.f.code.u8(13);
      this.f.code.append(lanes);
      return this.f;
    },
    const(this: Emitter, ...lanes: number[]) {
      return vectorConst(this.f, lanes, (v, at, x) => v.setUint8(at, x));
    },
  },
  i32x4: {
    const(this: Emitter, a: number, b = a, c = a, d = a) {
      return vectorConst(this.f, [a, b, c, d], (v, at, x) => v.setInt32(at, x, true));
    },
    shuffle(this: Emitter, ...lanes: number[]) {
      return this.f.i8x16.shuffle(...lanes.flatMap((l) => [0, 1, 2, 3].map((b) => l * 4 + b)));
    },
  },
  i64x2: {
    const(this: Emitter, a: bigint | number, b: bigint | number = a) {
      const words = [a, b].flatMap((x) => [
        Number(BigInt.asIntN(32, BigInt(x))),
        Number(BigInt.asIntN(32, BigInt(x) >> 32n)),
      ]);
      return vectorConst(this.f, words, (v, at, x) => v.setInt32(at, x, true));
    },
    shuffle(this: Emitter, a: number, b: number) {
      return this.f.i32x4.shuffle(a * 2, a * 2 + 1, b * 2, b * 2 + 1);
    },
  },
  f32x4: {
    const(this: Emitter, a: number, b = a, c = a, d = a) {
      return vectorConst(this.f, [a, b, c, d], (v, at, x) => v.setFloat32(at, x, true));
    },
  },
  f64x2: {
    const(this: Emitter, a: number, b = a) {
      return vectorConst(this.f, [a, b], (v, at, x) => v.setFloat64(at, x, true));
    },
  },
};

interface SpecialTypes<F> {
  i32: { const(x: number): F };
  i64: { const(x: bigint | number): F };
  f32: { const(x: number): F };
  f64: { const(x: number): F };
  v128: unknown;
  /** Sixteen byte indices into the 32 bytes of the two operands. */
  i8x16: { shuffle(...lanes: number[]): F; const(...lanes: number[]): F };
  i16x8: unknown;
  /** Four indices into the eight 32-bit lanes of the two operands; works for f32x4 as well. One constant fills all lanes. */
  i32x4: {
    const(a: number, b?: number, c?: number, d?: number): F;
    shuffle(a: number, b: number, c: number, d: number): F;
  };
  /** Two indices into the four 64-bit lanes of the two operands; works for f64x2 as well. */
  i64x2: { const(a: bigint | number, b?: bigint | number): F; shuffle(a: number, b: number): F };
  f32x4: { const(a: number, b?: number, c?: number, d?: number): F };
  f64x2: { const(a: number, b?: number): F };
}
type Emitting = { readonly [N in Namespace]: Emitters<N, FunctionBuilder> & SpecialTypes<FunctionBuilder>[N] };

const prototypes = /* @__PURE__ */ new Map<Namespace, object>();

/** The namespace of a builder; what it inherits is made when a program first speaks of it. */
function emitter(f: FunctionBuilder, namespace: Namespace): unknown {
  let proto = prototypes.get(namespace);
  if (!proto) {
    const methods: Record<string, unknown> = {};
    eachOp(tables[namespace], (name, opcode) => {
      methods[name] = method(namespace, name, opcode);
    });
    proto = Object.assign(methods, special[namespace]);
    prototypes.set(namespace, proto);
  }
  return Object.assign(Object.create(proto), { f });
}

/**
 * Emits one function. Bytes are appended in final order: nothing is reordered, shared or folded afterwards.
 * Every emitting method returns the builder, so that short sequences read as a line:
 *
 *     f.get(x).get(y).f64.mul().set(z)
 *
 * Ops carry the names of the WebAssembly text format: `f64.add` is `f.f64.add()`, `i32x4.shr_u` is `f.i32x4.shr_u()`.
 */
export class FunctionBuilder implements Callable {
  readonly kind = "func";
  index = -1;
  code = new Bytes(256);
  readonly params: readonly Local[];
  private readonly locals: Local[] = [];
  private holes: Hole[] = [];
  private head = { code: new Bytes(64), holes: [] as Hole[] };
  private depth = 0;
  private readonly spaces: { -readonly [N in Namespace]?: Emitting[N] } = {};

  constructor(
    readonly type: number,
    params: readonly ValType[],
    readonly name?: string,
  ) {
    this.params = params.map((t, i) => new Local(i, t));
  }

  get i32(): Emitting["i32"] {
    return (this.spaces.i32 ??= emitter(this, "i32") as Emitting["i32"]);
  }
  get i64(): Emitting["i64"] {
    return (this.spaces.i64 ??= emitter(this, "i64") as Emitting["i64"]);
  }
  get f32(): Emitting["f32"] {
    return (this.spaces.f32 ??= emitter(this, "f32") as Emitting["f32"]);
  }
  get f64(): Emitting["f64"] {
    return (this.spaces.f64 ??= emitter(this, "f64") as Emitting["f64"]);
  }
  get v128(): Emitting["v128"] {
    return (this.spaces.v128 ??= emitter(this, "v128") as Emitting["v128"]);
  }
  get i8x16(): Emitting["i8x16"] {
    return (this.spaces.i8x16 ??= emitter(this, "i8x16") as Emitting["i8x16"]);
  }
  get i16x8(): Emitting["i16x8"] {
    return (this.spaces.i16x8 ??= emitter(this, "i16x8") as Emitting["i16x8"]);
  }
  get i32x4(): Emitting["i32x4"] {
    return (this.spaces.i32x4 ??= emitter(this, "i32x4") as Emitting["i32x4"]);
  }
  get i64x2(): Emitting["i64x2"] {
    return (this.spaces.i64x2 ??= emitter(this, "i64x2") as Emitting["i64x2"]);
  }
  get f32x4(): Emitting["f32x4"] {
    return (this.spaces.f32x4 ??= emitter(this, "f32x4") as Emitting["f32x4"]);
  }
  get f64x2(): Emitting["f64x2"] {
    return (this.spaces.f64x2 ??= emitter(this, "f64x2") as Emitting["f64x2"]);
  }

  /** A new local variable; it is zero on entry. */
  local(type: ValType): Local {
    const local = new Local(this.params.length + this.locals.length, type);
    this.locals.push(local);
    return local;
  }

  /** A new local holding the value on top of the stack. */
  keep(type: ValType): Local {
    const local = this.local(type);
    this.set(local);
    return local;
  }

  /** Emits code that runs on entry, before everything else, wherever emission now stands: loads of constants, strides. */
  hoist(emit: () => void): this {
    const { code, holes } = this;
    ({ code: this.code, holes: this.holes } = this.head);
    emit();
    this.code = code;
    this.holes = holes;
    return this;
  }

  get(local: Local): this {
    return this.withIndex(0x20, local.index);
  }
  set(local: Local): this {
    return this.withIndex(0x21, local.index);
  }
  tee(local: Local): this {
    return this.withIndex(0x22, local.index);
  }

  push(x: Operand): this {
    if (typeof x === "number") this.i32.const(x);
    else if (x instanceof Local) this.get(x);
    else x();
    return this;
  }

  /** local += x, for an i32 local. */
  inc(local: Local, x: Operand): this {
    this.get(local).push(x).i32.add().set(local);
    return this;
  }

  /** Pushes the address `base + (index << log2)`. */
  address(base: Operand, index: Operand, log2: number): this {
    this.push(base).push(index);
    if (log2 > 0) this.i32.const(log2).i32.shl();
    this.i32.add();
    return this;
  }

  globalGet(g: Global): this {
    return this.withHole(0x23, g);
  }
  globalSet(g: Global): this {
    return this.withHole(0x24, g);
  }
  call(target: Callable): this {
    return this.withHole(0x10, target);
  }
  /** Calls the function of the table whose index is on top of the stack; `type` is a type index of the module. */
  callIndirect(type: number): this {
    this.withIndex(0x11, type);
    this.code.u8(0);
    return this;
  }

  unreachable(): this {
    return this.raw(0x00);
  }
  return(): this {
    return this.raw(0x0f);
  }
  drop(): this {
    return this.raw(0x1a);
  }
  /** a b c → c ? a : b, for numbers and vectors alike. */
  select(type?: ValType): this {
    if (type !== v128) return this.raw(0x1b);
    return this.raw(0x1c, 1, v128);
  }

  memorySize(): this {
    return this.raw(0x3f, 0);
  }
  memoryGrow(): this {
    return this.raw(0x40, 0);
  }
  /** destination, source, bytes → */
  memoryCopy(): this {
    return this.raw(0xfc, 10, 0, 0);
  }
  /** destination, byte, bytes → */
  memoryFill(): this {
    return this.raw(0xfc, 11, 0);
  }

  /** A branch to the label leaves the block. */
  block(body: (label: Label) => void, result?: ValType): this {
    return this.nested(0x02, body, result);
  }
  /** A branch to the label starts the next turn; falling off the end leaves the loop. */
  loop(body: (label: Label) => void, result?: ValType): this {
    return this.nested(0x03, body, result);
  }
  /** Takes the condition from the stack. */
  if(then: (label: Label) => void, otherwise?: (label: Label) => void, result?: ValType): this {
    return this.nested(
      0x04,
      (label) => {
        then(label);
        if (!otherwise) return;
        this.code.u8(0x05);
        otherwise(label);
      },
      result,
    );
  }
  br(label: Label): this {
    return this.withIndex(0x0c, this.depth - label);
  }
  brIf(label: Label): this {
    return this.withIndex(0x0d, this.depth - label);
  }
  /** Branches to `labels[top of the stack]`, or to `otherwise` when that is out of range. */
  brTable(labels: readonly Label[], otherwise: Label): this {
    this.withIndex(0x0e, labels.length);
    for (const l of [...labels, otherwise]) this.code.u32(this.depth - l);
    return this;
  }

  /**
   * for (i = start; i < end; i += step) body(), signed, tested once before the loop and then at its foot.
   * `end` and `step` are read anew on every turn: let them be numbers or locals that the body leaves alone.
   */
  forRange(i: Local, start: Operand, end: Operand, step: Operand, body: () => void): this {
    this.push(start).set(i);
    const turn = () =>
      this.loop((next) => {
        body();
        this.get(i).push(step).i32.add().tee(i).push(end).i32.lt_s().brIf(next);
      });
    if (typeof start === "number" && typeof end === "number") {
      if (start < end) turn();
      return this;
    }
    this.get(i).push(end).i32.lt_s();
    return this.if(turn);
  }

  /** The body of the function in the binary format, with the indices now known. */
  finish(): Uint8Array {
    if (this.depth !== 0) throw new Error(`asm: ${this.name ?? "function"} ends inside ${this.depth} open blocks`);
    const out = new Bytes(this.code.length + 32);
    const runs: [number, ValType][] = [];
    for (const { type } of this.locals) {
      const last = runs[runs.length - 1];
      if (last && last[1] === type) last[0]++;
      else runs.push([1, type]);
    }
    out.u32(runs.length);
    for (const [count, type] of runs) {
      out.u32(count);
      out.u8(type);
    }
    const parts = [this.head, { code: this.code, holes: this.holes }];
    for (const { code, holes } of parts) {
      let from = 0;
      for (const { at, item } of holes) {
        out.append(code.slice(from, at));
        out.u32(item.index);
        from = at;
      }
      out.append(code.slice(from));
    }
    out.u8(0x0b);
    return out.slice();
  }

  private raw(...bytes: number[]): this {
    this.code.append(bytes);
    return this;
  }
  private withIndex(opcode: number, index: number): this {
    this.code.u8(opcode);
    this.code.u32(index);
    return this;
  }
  private withHole(opcode: number, item: Callable | Global): this {
    this.code.u8(opcode);
    this.holes.push({ at: this.code.length, item });
    return this;
  }
  private nested(opcode: number, body: (label: Label) => void, result?: ValType): this {
    this.code.u8(opcode);
    this.code.u8(result ?? 0x40);
    body(++this.depth as Label);
    this.depth--;
    this.code.u8(0x0b);
    return this;
  }
}
