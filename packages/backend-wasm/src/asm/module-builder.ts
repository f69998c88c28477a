import { Bytes } from "./bytes";
import {
  type Callable,
  FunctionBuilder,
  f32,
  f64,
  type Global,
  i32,
  i64,
  type Local,
  type ValType,
} from "./function-builder";

interface MemoryLimits {
  readonly min: number;
  readonly max?: number;
  readonly shared?: boolean;
}

/** How a module imports the memory of a backend. */
export const memoryLimits = (shared: boolean): MemoryLimits => (shared ? { min: 1, max: 65536, shared } : { min: 1 });

/**
 * Builds one module. Imports, functions and globals may be added in any order: indices are given when `finish` is called.
 *
 *     const m = new ModuleBuilder();
 *     m.importMemory("env", "memory", { min: 1 });
 *     const square = m.func([f64], [f64], (f, x) => f.get(x).get(x).f64.mul());
 *     m.export("square", square);
 *     new WebAssembly.Module(m.finish());
 */
export class ModuleBuilder {
  private readonly types = new Map<string, number>();
  private readonly typeBytes = new Bytes();
  private readonly imports: { module: string; name: string; item: Callable | Global | MemoryLimits }[] = [];
  private readonly functions: FunctionBuilder[] = [];
  private readonly globals: { item: Global; init: number | bigint }[] = [];
  private readonly exports: { name: string; item: Callable | Global | "memory" }[] = [];
  private readonly segments: { offset: number; bytes: Uint8Array }[] = [];
  private readonly elements: Callable[] = [];
  private ownMemory: MemoryLimits | undefined;

  /** `names: true` adds the name section, so that profiles and traps speak of functions by name. */
  constructor(private readonly options: { readonly names?: boolean } = {}) {}

  /** The index of a function type; equal types share one. */
  type(params: readonly ValType[], results: readonly ValType[]): number {
    const key = `${params.join()}>${results.join()}`;
    let index = this.types.get(key);
    if (index === undefined) {
      index = this.types.size;
      this.types.set(key, index);
      this.typeBytes.u8(0x60);
      this.typeBytes.sized(Uint8Array.from(params));
      this.typeBytes.sized(Uint8Array.from(results));
    }
    return index;
  }

  importFunc(module: string, name: string, params: readonly ValType[], results: readonly ValType[]): Callable {
    const item: Callable = { kind: "func", type: this.type(params, results), index: -1 };
    this.imports.push({ module, name, item });
    return item;
  }

  importGlobal(module: string, name: string, type: ValType, mutable = false): Global {
    const item: Global = { kind: "global", type, mutable, index: -1 };
    this.imports.push({ module, name, item });
    return item;
  }

  /** Limits in pages of 64 KiB. */
  importMemory(module: string, name: string, limits: MemoryLimits): void {
    this.imports.push({ module, name, item: limits });
  }

  /** A memory of the module's own, for modules that import none. */
  memory(limits: MemoryLimits): void {
    this.ownMemory = limits;
  }

  /** A function; its body is emitted by `body`, or later through the returned builder, which `call` accepts at once. */
  func(
    params: readonly ValType[],
    results: readonly ValType[],
    body?: (f: FunctionBuilder, ...params: Local[]) => unknown,
    name?: string,
  ): FunctionBuilder {
    const f = new FunctionBuilder(this.type(params, results), params, name);
    this.functions.push(f);
    body?.(f, ...f.params);
    return f;
  }

  global(type: ValType, init: number | bigint, mutable = true): Global {
    const item: Global = { kind: "global", type, mutable, index: -1 };
    this.globals.push({ item, init });
    return item;
  }

  export(name: string, item: Callable | Global | "memory"): void {
    this.exports.push({ name, item });
  }

  /** Bytes written to memory when the module is instantiated. */
  data(offset: number, bytes: Uint8Array): void {
    this.segments.push({ offset, bytes });
  }

  /** Puts a function into the table of `callIndirect` and returns its index there. */
  element(f: Callable): number {
    return this.elements.push(f) - 1;
  }

  finish(): Uint8Array {
    let funcs = 0;
    let globals = 0;
    for (const { item } of this.imports) {
      if (!("kind" in item)) continue;
      item.index = item.kind === "func" ? funcs++ : globals++;
    }
    for (const f of this.functions) f.index = funcs++;
    for (const { item } of this.globals) item.index = globals++;

    const out = new Bytes(1024);
    out.append([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const section = (id: number, count: number, write: (to: Bytes) => void) => {
      if (count === 0) return;
      const body = new Bytes();
      body.u32(count);
      write(body);
      out.u8(id);
      out.sized(body.slice());
    };

    section(1, this.types.size, (to) => to.append(this.typeBytes.slice()));
    section(2, this.imports.length, (to) => {
      for (const { module, name, item } of this.imports) {
        to.name(module);
        to.name(name);
        if (!("kind" in item)) {
          to.u8(2);
          limits(to, item);
        } else if (item.kind === "func") {
          to.u8(0);
          to.u32(item.type);
        } else {
          to.u8(3);
          globalType(to, item);
        }
      }
    });
    section(3, this.functions.length, (to) => {
      for (const f of this.functions) to.u32(f.type);
    });
    section(4, this.elements.length && 1, (to) => {
      to.append([0x70, 0]);
      to.u32(this.elements.length);
    });
    section(5, this.ownMemory ? 1 : 0, (to) => limits(to, this.ownMemory as MemoryLimits));
    section(6, this.globals.length, (to) => {
      for (const { item, init } of this.globals) {
        globalType(to, item);
        constant(to, item.type, init);
      }
    });
    section(7, this.exports.length, (to) => {
      for (const { name, item } of this.exports) {
        to.name(name);
        to.u8(item === "memory" ? 2 : item.kind === "func" ? 0 : 3);
        to.u32(item === "memory" ? 0 : item.index);
      }
    });
    section(9, this.elements.length && 1, (to) => {
      to.u32(0);
      constant(to, i32, 0);
      to.u32(this.elements.length);
      for (const f of this.elements) to.u32(f.index);
    });
    section(10, this.functions.length, (to) => {
      for (const f of this.functions) to.sized(f.finish());
    });
    section(11, this.segments.length, (to) => {
      for (const { offset, bytes } of this.segments) {
        to.u32(0);
        constant(to, i32, offset);
        to.sized(bytes);
      }
    });
    const named = this.options.names ? this.functions.filter((f) => f.name) : [];
    if (named.length > 0) {
      const map = new Bytes();
      map.u32(named.length);
      for (const f of named) {
        map.u32(f.index);
        map.name(f.name as string);
      }
      const body = new Bytes();
      body.name("name");
      body.u8(1);
      body.sized(map.slice());
      out.u8(0);
      out.sized(body.slice());
    }
    return out.slice().slice();
  }
}

function limits(to: Bytes, { min, max, shared }: MemoryLimits): void {
  to.u8((max === undefined ? 0 : 1) | (shared ? 2 : 0));
  to.u32(min);
  if (max !== undefined) to.u32(max);
}

function globalType(to: Bytes, g: Global): void {
  to.u8(g.type);
  to.u8(g.mutable ? 1 : 0);
}

/** A constant expression. */
function constant(to: Bytes, type: ValType, value: number | bigint): void {
  if (type === i32) {
    to.u8(0x41);
    to.s32(Number(value));
  } else if (type === i64) {
    to.u8(0x42);
    to.s64(value);
  } else if (type === f32) {
    to.u8(0x43);
    to.f32(Number(value));
  } else if (type === f64) {
    to.u8(0x44);
    to.f64(Number(value));
  } else throw new TypeError("asm: a global must be a number; load vectors from memory");
  to.u8(0x0b);
}
