import { gemmScratchBytes } from "@ansatz/backend-wasm";
import { ModuleBuilder } from "@ansatz/backend-wasm/asm";
import { buildKernels, type Kernels } from "./kernels";

/**
 * The memory that factorizations work in: that of a small WebAssembly module, so that loops over its arrays run in SIMD (`vectors.ts`,
 * `products.ts`). The algorithms stay in TypeScript. Arrays that lie elsewhere (or a machine without WebAssembly) take the same loops in
 * TypeScript, with the same sums up to their order.
 *
 * Arrays are taken from a stack: `work` takes one, `mark` and `release` give back all that were taken since.
 */
export interface Machine extends Kernels {
  readonly memory: WebAssembly.Memory;
  buffer: ArrayBuffer;
}

/** Scratch of the packed product, which does not grow with its operands: the largest over wide and narrow results. */
const scratch = 16;
const scratchBytes = Math.max(gemmScratchBytes("f64", 4096, 4096, 4096), gemmScratchBytes("f64", 4096, 3, 4096));
const start = (scratch + scratchBytes + 63) & ~63;

let current: Machine | null | undefined;
/** Views handed out, by their place in the stack: the members of a batch take the same ones again. */
const views: Float64Array[] = [];
let taken = 0;
let top = start;

export const machine = (): Machine | null => {
  if (current !== undefined) return current;
  try {
    const memory = new WebAssembly.Memory({ initial: Math.ceil(start / 65536) + 1 });
    const exports = instantiate(buildKernels(), memory);
    current = { memory, buffer: memory.buffer, ...(exports as unknown as Kernels) };
  } catch {
    current = null;
  }
  return current;
};

/** Kernels of another module over the same memory, for those who reach them; made when first asked for. */
export const extension = <K>(build: (m: ModuleBuilder) => void): (() => (Machine & K) | null) => {
  let made: (Machine & K) | undefined;
  return () => {
    const m = machine();
    if (made || !m) return made ?? null;
    const builder = new ModuleBuilder();
    builder.importMemory("env", "memory", { min: 1 });
    build(builder);
    made = Object.assign(m, instantiate(builder.finish(), m.memory) as K);
    return made;
  };
};

const instantiate = (code: Uint8Array, memory: WebAssembly.Memory): WebAssembly.Exports =>
  new WebAssembly.Instance(new WebAssembly.Module(code as BufferSource), { env: { memory } }).exports;

/** Forgets all arrays made by `work`, and makes room for `entries` of them. */
export const reserve = (entries: number): void => {
  const m = machine();
  top = start;
  taken = 0;
  if (!m) return;
  const missing = start + entries * 8 + 1024 - m.buffer.byteLength;
  if (missing <= 0) return;
  try {
    m.memory.grow(Math.ceil(missing / 65536));
  } catch {
    // arrays then lie outside
  }
  m.buffer = m.memory.buffer;
  views.length = 0;
};

/** An array of n entries of any value, in the memory of the module where there is room. */
export const workspace = (n: number): Float64Array => {
  const m = machine();
  let v = views[taken];
  if (v === undefined || v.length !== n || v.byteOffset !== top || m === null || v.buffer !== m.buffer) {
    v = m !== null && top + n * 8 <= m.buffer.byteLength ? new Float64Array(m.buffer, top, n) : new Float64Array(n);
    views[taken] = v;
  }
  taken++;
  if (m !== null && v.buffer === m.buffer) top += (n * 8 + 15) & ~15;
  return v;
};

/** A zeroed array. */
export const work = (n: number): Float64Array => workspace(n).fill(0);

/** The place in the stack, for `release`. */
export const mark = (): number => taken;
export const release = (to: number): void => {
  taken = to;
  const last = to > 0 ? views[to - 1] : undefined;
  top = start;
  for (let i = to - 1; i >= 0 && last !== undefined; i--) {
    const v = views[i];
    if (current && v.buffer === current.buffer) {
      top = v.byteOffset + ((v.length * 8 + 15) & ~15);
      break;
    }
  }
};

/** Where scratch for the product lies. */
export const gemmScratch: { readonly at: number; readonly bytes: number } = { at: scratch, bytes: scratchBytes };
