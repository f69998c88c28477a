import { type Callable, f32, f64, i32, ModuleBuilder, type ValType } from "../asm";
import { addFarReduction, farTableBytes } from "./far";
import { addFmod } from "./fmod";
import { addGemm } from "./gemm";
import { emitBody, type Scope } from "./lanes";
import { formulas } from "./math";
import { addThreefry } from "./threefry";

const unary = [
  "exp",
  "expm1",
  "log",
  "log1p",
  "sin",
  "cos",
  "tan",
  "asin",
  "acos",
  "atan",
  "sinh",
  "cosh",
  "tanh",
  "asinh",
  "acosh",
  "atanh",
  "erf",
  "erfc",
  "cbrt",
] as const;
const binary = ["pow", "atan2", "mod", "floorDiv"] as const;

export type MathName = (typeof unary)[number] | (typeof binary)[number];

export interface Signature {
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
}

/** What the runtime module exports: scalar functions `exp_f64`, `exp_f32`, … and the kernels over memory. */
export type RuntimeName = `${MathName}_${"f64" | "f32"}` | "threefry_bits" | "threefry_pair" | "gemm_f32" | "gemm_f64";

function signatures(): { readonly [N in RuntimeName]: Signature } {
  const table: Record<string, Signature> = {
    // key0, key1, counter hi, counter lo, n, destination of uint32[n]
    threefry_bits: { params: [i32, i32, i32, i32, i32, i32], results: [] },
    // … and two destinations, y0 and y1
    threefry_pair: { params: [i32, i32, i32, i32, i32, i32, i32], results: [] },
    // m, n, k, a, row stride, column stride, b, row stride, column stride, c, row stride, accumulate, scratch: see gemm.ts
    gemm_f32: { params: new Array(13).fill(i32), results: [] },
    gemm_f64: { params: new Array(13).fill(i32), results: [] },
  };
  for (const names of [unary, binary])
    for (const name of names)
      for (const [suffix, type] of [
        ["f64", f64],
        ["f32", f32],
      ] as const)
        table[`${name}_${suffix}`] = { params: names === unary ? [type] : [type, type], results: [type] };
  return table as { [N in RuntimeName]: Signature };
}

/** Names and signatures of the exports of the runtime module. */
export const runtimeSignatures: { readonly [N in RuntimeName]: Signature } = /* @__PURE__ */ signatures();

/** Bytes of memory that the runtime module fills with its tables, from the address given to `buildRuntime`. */
export const runtimeTableBytes = farTableBytes;

/**
 * The runtime module: what does not depend on shapes, shared by all programs of a backend. It imports `env.memory`, writes its
 * tables at `tables` when instantiated, and exports the functions of `runtimeSignatures`.
 */
export function buildRuntime(tables: number, options: { readonly names?: boolean } = {}): Uint8Array {
  const m = new ModuleBuilder(options);
  m.importMemory("env", "memory", { min: 1 });
  const functions: Record<string, Callable> = { reduceFar: addFarReduction(m, tables), fmod: addFmod(m) };
  const scope: Scope = {
    formulas,
    call: (name) => functions[name],
    constant: () => {},
  };
  for (const name of ["sinFar", "cosFar", "tanFar", ...unary, ...binary]) {
    const made = formulas[name]?.();
    if (!made) throw new Error(`runtime: no formula ${name}`);
    const params: ValType[] = made.params.map(() => f64);
    functions[name] = m.func(params, [f64], (f) => emitBody(f, "f64", made, scope), `${name}_f64`);
  }
  for (const name of [...unary, ...binary]) {
    const target = functions[name] as Callable;
    m.export(`${name}_f64`, target);
    // float32 through float64: correctly rounded but for the rarest cases
    const params = (name in { pow: 0, atan2: 0, mod: 0, floorDiv: 0 } ? [f32, f32] : [f32]) as ValType[];
    const single = m.func(
      params,
      [f32],
      (f, ...xs) => {
        for (const x of xs) f.get(x).f64.promote_f32();
        f.call(target).f32.demote_f64();
      },
      `${name}_f32`,
    );
    m.export(`${name}_f32`, single);
  }
  for (const [name, f] of Object.entries({ ...addThreefry(m), ...addGemm(m) })) m.export(name, f);
  return m.finish();
}

export { gemmScratchBytes } from "./gemm";
