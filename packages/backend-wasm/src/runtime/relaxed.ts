import { ModuleBuilder, v128 } from "../asm";

/** Whether the engine has relaxed SIMD, found by asking it to validate a module that multiplies and adds. */
export function hasRelaxedSimd(): boolean {
  const m = new ModuleBuilder();
  m.func([v128], [v128], (f, x) => f.get(x).get(x).get(x).f64x2.relaxed_madd());
  return WebAssembly.validate(m.finish() as BufferSource);
}
