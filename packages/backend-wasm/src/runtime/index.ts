import { type Callable, i32, ModuleBuilder, type ValType } from "../asm";
import { constantTableBytes, tableConstants } from "./constants";
import { emitMath } from "./emit";
import { addFarReduction, farTableBytes } from "./far";
import { addFmod } from "./fmod";
import { addGemm } from "./gemm";
import { type Lane, laneType, type Scope } from "./lanes";
import { formulas } from "./math";
import { addSort, type SortKey, sortKeys } from "./sort";
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
/** Formulas that become functions of their own; all others are inlined where they are used. */
const helpers = ["sinFar", "cosFar", "tanFar", "fmod"] as const;
const called: readonly string[] = [...unary, ...binary, ...helpers];
const lanes: readonly Lane[] = ["f64", "f64x2", "f32", "f32x4"];

export type MathName = (typeof unary)[number] | (typeof binary)[number];

export interface Signature {
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
}

/**
 * What the runtime module exports: the elementary functions on numbers (`exp_f64`, `exp_f32`) and on vectors (`exp_f64x2`,
 * `exp_f32x4`), the long reductions that inlined sines fall back on, and the kernels over memory. A vector function gives in every
 * lane the bits that the scalar one gives.
 */
export type RuntimeName =
  | `${MathName}_${Lane}`
  | `${(typeof helpers)[number]}_f64`
  | "threefry_bits"
  | "threefry_pair"
  | "gemm_f32"
  | "gemm_f64"
  | `${"sort" | "argsort"}_${SortKey}`;

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
  for (const key of sortKeys) {
    // n, source, stride, destination, stride, scratch; strides in elements
    table[`sort_${key}`] = { params: new Array(6).fill(i32), results: [] };
    // n, source, stride, order int32[n], fresh (start from 0, 1, …; else refine what is there), scratch
    table[`argsort_${key}`] = { params: new Array(6).fill(i32), results: [] };
  }
  for (const names of [unary, binary, helpers])
    for (const name of names)
      for (const lane of names === helpers ? (["f64"] as const) : lanes)
        table[`${name}_${lane}`] = {
          params: new Array(names === binary || name === "fmod" ? 2 : 1).fill(laneType[lane]),
          results: [laneType[lane]],
        };
  return table as { [N in RuntimeName]: Signature };
}

/** Names and signatures of the exports of the runtime module. */
export const runtimeSignatures: { readonly [N in RuntimeName]: Signature } = /* @__PURE__ */ signatures();

/** Bytes of memory that the runtime module fills with its tables, from the address given to `buildRuntime`. */
export const runtimeTableBytes = constantTableBytes + farTableBytes;

export interface RuntimeOptions {
  /** Build only these exports, and what they call; all of them otherwise. */
  readonly only?: readonly RuntimeName[];
  /** Add the name section, so that profiles and traps speak of functions by name. */
  readonly names?: boolean;
}

/**
 * The runtime module: what does not depend on shapes, shared by all programs of a backend. It imports `env.memory`, writes its
 * tables at `tables` (a multiple of 16) when instantiated, `runtimeTableBytes` of them, and exports functions of `runtimeSignatures`.
 */
export function buildRuntime(tables: number, options: RuntimeOptions = {}): Uint8Array {
  const m = new ModuleBuilder(options);
  m.importMemory("env", "memory", { min: 1 });
  const made = new Map<string, Callable>();
  const once = (name: string, make: () => Callable): Callable => {
    const f = made.get(name) ?? make();
    made.set(name, f);
    return f;
  };
  const scope: Scope = {
    formulas,
    call: (name) => {
      if (name === "reduceFar") return once(name, () => addFarReduction(m, tables + constantTableBytes));
      return called.includes(name) ? math(name, "f64") : undefined;
    },
    constant: tableConstants(m, tables, false),
  };
  const math = (name: string, lane: Lane): Callable =>
    once(`${name}_${lane}`, () => {
      if (name === "fmod") return addFmod(m);
      const { params, results } = runtimeSignatures[`${name}_${lane}` as RuntimeName];
      return m.func(params, results, (f, ...xs) => emitMath(f, lane, name, xs, scope), `${name}_${lane}`);
    });

  for (const name of options.only ?? (Object.keys(runtimeSignatures) as RuntimeName[])) {
    const [kind, type] = name.split("_") as [string, string];
    if (kind === "gemm") m.export(name, addGemm(m, type as "f32" | "f64"));
    else if (kind === "sort" || kind === "argsort") m.export(name, addSort(m, type, kind === "argsort"));
    else if (kind === "threefry") m.export(name, addThreefry(m, type === "pair"));
    else m.export(name, math(kind, type as Lane));
  }
  return m.finish();
}

/**
 * The functions of the runtime over one memory, built and compiled one by one when first asked for: the first sum of a program
 * need not wait for the sort.
 */
export class Runtime {
  private readonly functions = new Map<RuntimeName, (...args: number[]) => number>();

  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly tables: number,
    private readonly options: { readonly names?: boolean } = {},
  ) {}

  /** An exported function, to be called or to be imported by a program. */
  get(name: RuntimeName): (...args: number[]) => number {
    let f = this.functions.get(name);
    if (!f) {
      const bytes = buildRuntime(this.tables, { ...this.options, only: [name] });
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), {
        env: { memory: this.memory },
      });
      f = exports[name] as (...args: number[]) => number;
      this.functions.set(name, f);
    }
    return f;
  }
}

export { tableConstants } from "./constants";
export { emitMath } from "./emit";
export { gemmScratchBytes } from "./gemm";
export type { Lane, PushConstant, Scope } from "./lanes";
export { formulas } from "./math";
export { type SortKey, sortKeys, sortScratchBytes } from "./sort";
