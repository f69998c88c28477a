import { type Callable, i32, ModuleBuilder, memoryLimits, type ValType } from "../asm";
import { constantTableBytes, tableConstants } from "./constants";
import { emitMath } from "./emit";
import { farTableBytes } from "./far";
import { addGemm } from "./gemm";
import { addGemmPack } from "./gemm-pack";
import { type Formula, type Helper, type Lane, laneType, type Scope } from "./lanes";
import { type RowSpace, rowTableBytes } from "./rows";
import { addSort, type SortKey } from "./sort";
import { addUnfold, unfoldParams } from "./unfold";

/** Bytes of memory that the functions of the runtime fill with their tables, from the address given to `RuntimeModule`. */
export const runtimeTableBytes = constantTableBytes + rowTableBytes + farTableBytes;

/** The rows of formulas, behind the constants. */
export const programRows = (module: ModuleBuilder, tables: number): RowSpace => ({
  module,
  address: tables + constantTableBytes,
});

/** What does not depend on shapes, shared by all programs of a backend: an elementary function for one lane, or a kernel over memory. */
export interface RuntimeFunction {
  readonly name: string;
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
  add(r: RuntimeModule): Callable;
}

const lanes = new WeakMap<Formula, Map<Lane, RuntimeFunction>>();

/**
 * A formula on numbers (`f64`, `f32`) or on vectors (`f64x2`, `f32x4`). A vector function gives in every lane the bits that the
 * scalar one gives.
 */
export const mathFunction = (of: Formula, lane: Lane): RuntimeFunction => {
  let made = lanes.get(of);
  if (!made) lanes.set(of, (made = new Map()));
  let one = made.get(lane);
  if (!one) {
    const type = laneType[lane];
    one = {
      name: `${of.name}_${lane}`,
      params: of.params.map(() => type),
      results: [type],
      add: (r) => r.math(of, lane),
    };
    made.set(lane, one);
  }
  return one;
};

/** A helper as a function of its own, for formulas written into a program. */
export const helperFunction = (of: Helper): RuntimeFunction => ({
  name: of.name,
  params: of.params,
  results: of.results,
  add: (r) => r.helper(of),
});

/**
 * The packed matrix product: (m, n, k, a, row stride, column stride, b, row stride, column stride, c, row stride, accumulate,
 * scratch), all i32, strides in elements. `accumulate` is 0 for C = A·B, 1 for C += A·B, else the address of n numbers that every row
 * of C begins with, C = bias + A·B: the accumulators start from them, which costs nothing.
 */
export const gemmFunction = (type: "f32" | "f64"): RuntimeFunction => ({
  name: `gemm_${type}`,
  params: new Array(13).fill(i32),
  results: [],
  add: (r) => addGemm(r.module, type, { fma: r.fma }),
});

/** Packs an operand B for many products with it: see gemm-pack.ts. */
export const gemmPackFunction = (type: "f32" | "f64"): RuntimeFunction => ({
  name: `gemm_pack_${type}`,
  params: new Array(6).fill(i32),
  results: [],
  add: (r) => addGemmPack(r.module, type),
});

/** What a convolution multiplies: see unfold.ts. */
export const unfoldFunction = (type: "f32" | "f64"): RuntimeFunction => ({
  name: `unfold_${type}`,
  params: unfoldParams.map(() => i32),
  results: [],
  add: (r) => addUnfold(r.module, type),
});

/** n, source, stride, destination, stride, scratch; strides in elements. */
export const sortFunction = (key: SortKey): RuntimeFunction => sorting("sort", key);

/** n, source, stride, order int32[n], fresh (start from 0, 1, …; else refine what is there), scratch. */
export const argsortFunction = (key: SortKey): RuntimeFunction => sorting("argsort", key);

const sorting = (name: "sort" | "argsort", key: SortKey): RuntimeFunction => ({
  name: `${name}_${key}`,
  params: new Array(6).fill(i32),
  results: [],
  add: (r) => addSort(r.module, key, name === "argsort"),
});

export interface RuntimeOptions {
  /** Products multiply and add in one rounding (relaxed SIMD). */
  readonly fma?: boolean;
  /** The memory is one that threads share. */
  readonly shared?: boolean;
}

/**
 * A module of runtime functions. It imports `env.memory`, and writes its tables at `tables` (a multiple of 16) when instantiated,
 * `runtimeTableBytes` of them at most.
 */
export class RuntimeModule {
  readonly module: ModuleBuilder;
  readonly fma: boolean;
  private readonly made = new Map<string, Callable>();
  private readonly scope: Scope;

  /** `names` adds the name section, so that profiles and traps speak of functions by name. */
  constructor(
    private readonly tables: number,
    { names = false, shared = false, fma = false }: RuntimeOptions & { readonly names?: boolean } = {},
  ) {
    this.fma = fma;
    this.module = new ModuleBuilder({ names });
    this.module.importMemory("env", "memory", memoryLimits(shared));
    this.scope = {
      call: (of) => ("add" in of ? this.helper(of) : this.math(of, "f64")),
      constant: tableConstants(this.module, tables, false),
      rows: programRows(this.module, tables),
    };
  }

  export(f: RuntimeFunction): this {
    this.module.export(f.name, f.add(this));
    return this;
  }

  math(of: Formula, lane: Lane): Callable {
    const { name, params, results } = mathFunction(of, lane);
    return this.once(name, () =>
      this.module.func(params, results, (f, ...xs) => emitMath(f, lane, of, xs, this.scope), name),
    );
  }

  helper(of: Helper): Callable {
    return this.once(of.name, () => of.add(this.module, this.tables + constantTableBytes + rowTableBytes));
  }

  private once(name: string, make: () => Callable): Callable {
    const f = this.made.get(name) ?? make();
    this.made.set(name, f);
    return f;
  }
}

/**
 * The functions of the runtime over one memory, built and compiled one by one when first asked for: the first sum of a program
 * need not wait for the sort.
 */
export class Runtime {
  private readonly functions = new Map<string, (...args: number[]) => number>();

  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly tables: number,
    private readonly options: RuntimeOptions = {},
  ) {}

  /** The module of a function. */
  binary(of: RuntimeFunction): Uint8Array {
    return new RuntimeModule(this.tables, this.options).export(of).module.finish();
  }

  /** An exported function, to be called or to be imported by a program. */
  get(of: RuntimeFunction): (...args: number[]) => number {
    let f = this.functions.get(of.name);
    if (!f) {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(this.binary(of) as BufferSource), {
        env: { memory: this.memory },
      });
      f = exports[of.name] as (...args: number[]) => number;
      this.functions.set(of.name, f);
    }
    return f;
  }
}

export { tableConstants } from "./constants";
export { emitMath, emitQuick, quickOf } from "./emit";
export { addGemm, gemmScratchBytes } from "./gemm";
export { isThin, packedBytes, packedStride, packingOf } from "./gemm-pack";
export type { Formula, Helper, Lane, PushConstant, Scope } from "./lanes";
export { hasRelaxedSimd } from "./relaxed";
export { type SortKey, sortKeys, sortScratchBytes } from "./sort";
export { unfoldParams } from "./unfold";
