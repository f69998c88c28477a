import { type Callable, type FunctionBuilder, f32, f64, type ModuleBuilder, type ValType, v128 } from "../asm";
import { parse, type Statement } from "./formula";
import type { RowSpace, Rows } from "./rows";

/** What a formula is emitted for. */
export type Lane = "f64" | "f64x2" | "f32" | "f32x4";

export const laneType: { readonly [L in Lane]: ValType } = { f64, f64x2: v128, f32, f32x4: v128 };

/** Pushes a vector constant whose lanes are all equal: 64-bit lanes if `wide`, else 32-bit. */
export type PushConstant = (f: FunctionBuilder, bits: bigint, wide: boolean) => void;

/** A function of the runtime that is written with the assembler. */
export interface Helper {
  readonly name: string;
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
  /** Adds it to a module; what memory it needs of the runtime's tables is at `table`. */
  add(m: ModuleBuilder, table: number): Callable;
}

/** A function written once for all lanes. It holds what it calls, so a bundle carries the formulas that it reaches. */
export interface Formula {
  readonly name: string;
  readonly params: readonly string[];
  readonly made: () => Made;
}

interface Told {
  readonly source: string;
  readonly uses?: { readonly [name: string]: Formula | Helper | Rows };
  /** Stands for the formula in float32 lanes. */
  readonly single?: Formula;
  /** Stands for the formula in float64 lanes whose result will be rounded to float32. */
  readonly short?: Formula;
  /** float32 is computed in float32 lanes; else in float64, rounded at the end. */
  readonly narrow?: boolean;
  /**
   * A form without branches, for loops into which it is written: it returns the value, then, where there are arguments that it cannot
   * answer, their mask. Elsewhere it gives the formula's own bits. `true` if the formula itself is such a form.
   */
  readonly quick?: string | true;
  /** Nodes that it counts for where it is decided how many vectors a turn of a loop takes: more is fewer vectors. */
  readonly size?: number;
  /** A function of its own where a scalar float64 formula calls it; else it is inlined. */
  readonly own?: boolean;
}

export interface Made extends Told {
  readonly body: readonly Statement[];
  readonly quickBody: readonly Statement[] | undefined;
}

/** `formula("hypot2", "x, y", () => ({ source: "return x * x + y * y;" }))`, parsed at first use. */
/* @__NO_SIDE_EFFECTS__ */
export function formula(name: string, params: string, tell: () => Told): Formula {
  let made: Made | undefined;
  return {
    name,
    params: params.split(", "),
    made: () => {
      if (!made) {
        const told = tell();
        const body = parse(told.source);
        const quickBody = told.quick === true ? body : told.quick === undefined ? undefined : parse(told.quick);
        made = { ...told, body, quickBody };
      }
      return made;
    },
  };
}

/** The surroundings of an emission: scalar float64 functions that are called, and where the constants of vectors come from. */
export interface Scope {
  call(of: Formula | Helper): Callable | undefined;
  readonly constant: PushConstant;
  readonly rows: RowSpace;
}
