import { type FunctionBuilder, type Local, type ModuleBuilder, v128 } from "../asm";
import type { PushConstant } from "./lanes";

/** Vector constants that the formulas may share; V8 neither shares nor hoists vector literals, but loads are cheap. */
const capacity = 512;
export const constantTableBytes = 16 * capacity;

/** Where each constant lies: the same place for every module of this process, so that modules can overlap in one table. */
let places: Map<string, number> | undefined;

function place(bits: bigint, wide: boolean): number | undefined {
  places ??= new Map();
  const key = `${wide}${bits}`;
  let at = places.get(key);
  if (at === undefined && places.size < capacity) {
    at = places.size * 16;
    places.set(key, at);
  }
  return at;
}

function bytesOf(bits: bigint, wide: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  for (let i = 0; i < 16; i += wide ? 8 : 4) {
    if (wide) view.setBigInt64(i, bits, true);
    else view.setInt32(i, Number(bits), true);
  }
  return new Uint8Array(view.buffer);
}

/**
 * Constants read from a table in memory at `table` (a multiple of 16), which the module fills when it is instantiated. With `hoist`
 * each is read once on entry of the function and kept in a local (for loops with formulas inlined); else where it is used.
 */
export function tableConstants(m: ModuleBuilder, table: number, hoist: boolean): PushConstant {
  const written = new Set<number>();
  const kept = new WeakMap<FunctionBuilder, Map<number, Local>>();
  return (f, bits, wide) => {
    const at = place(bits, wide);
    if (at === undefined) {
      if (wide) f.i64x2.const(bits);
      else f.i32x4.const(Number(bits));
      return;
    }
    if (!written.has(at)) {
      written.add(at);
      m.data(table + at, bytesOf(bits, wide));
    }
    const load = () => f.i32.const(0).v128.load(table + at);
    if (!hoist) return void load();
    let locals = kept.get(f);
    if (!locals) {
      locals = new Map();
      kept.set(f, locals);
    }
    let local = locals.get(at);
    if (!local) {
      const made = f.local(v128);
      locals.set(at, made);
      f.hoist(() => load().set(made));
      local = made;
    }
    f.get(local);
  };
}
