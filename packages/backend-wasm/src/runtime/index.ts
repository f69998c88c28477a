import { type Callable, f32, f64, i32, ModuleBuilder, type ValType } from "../asm";
import { addFarReduction, farTableBytes } from "./far";
import { addFmod } from "./fmod";
import { addGemm } from "./gemm";
import { emitBody, type Formula, type Scope } from "./lanes";
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
const called: readonly string[] = [...unary, ...binary, "sinFar", "cosFar", "tanFar"];

export type MathName = (typeof unary)[number] | (typeof binary)[number];

export interface Signature {
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
}

/** What the runtime module exports: scalar functions `exp_f64`, `exp_f32`, … and the kernels over memory. */
export type RuntimeName =
  | `${MathName}_${"f64" | "f32"}`
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

export interface RuntimeOptions {
  /** Build only these exports, and what they call; all of them otherwise. */
  readonly only?: readonly RuntimeName[];
  /** Add the name section, so that profiles and traps speak of functions by name. */
  readonly names?: boolean;
}

/**
 * The runtime module: what does not depend on shapes, shared by all programs of a backend. It imports `env.memory`, writes its
 * tables at `tables` when instantiated (`runtimeTableBytes` of them), and exports functions of `runtimeSignatures`.
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
      if (name === "reduceFar") return once(name, () => addFarReduction(m, tables));
      if (name === "fmod") return once(name, () => addFmod(m));
      return called.includes(name) ? scalar(name) : undefined;
    },
    constant: () => {},
  };
  const scalar = (name: string): Callable =>
    once(name, () => {
      const body = (formulas[name] as () => Formula)();
      const params: ValType[] = body.params.map(() => f64);
      return m.func(params, [f64], (f) => emitBody(f, "f64", body, scope), `${name}_f64`);
    });

  for (const name of options.only ?? (Object.keys(runtimeSignatures) as RuntimeName[])) {
    const [kind, type] = name.split("_") as [string, string];
    if (kind === "gemm") m.export(name, addGemm(m, type as "f32" | "f64"));
    else if (kind === "sort" || kind === "argsort") m.export(name, addSort(m, type, kind === "argsort"));
    else if (kind === "threefry") m.export(name, addThreefry(m, type === "pair"));
    else if (type === "f64") m.export(name, scalar(kind));
    else {
      // float32 through float64: correctly rounded but for the rarest cases
      const single = ({ params, results }: Signature) =>
        m.func(
          params,
          results,
          (f, ...xs) => {
            for (const x of xs) f.get(x).f64.promote_f32();
            f.call(scalar(kind)).f32.demote_f64();
          },
          name,
        );
      m.export(name, single(runtimeSignatures[name]));
    }
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

export { gemmScratchBytes } from "./gemm";
export { type SortKey, sortKeys, sortScratchBytes } from "./sort";
