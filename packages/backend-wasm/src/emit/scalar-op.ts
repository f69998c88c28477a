import type { DType } from "@ansatz/backend";
import type { Callable, FunctionBuilder, Local, ModuleBuilder } from "../asm";
import type { Formula, RuntimeFunction, Scope } from "../runtime";

/** What ops may ask of the module they are emitted into. */
export interface OpContext {
  /** A function of the runtime, imported. */
  runtime(of: RuntimeFunction): Callable;
  /** A helper of the module, made at first need. */
  once(key: string, make: (m: ModuleBuilder) => Callable): Callable;
  /** For formulas that are written into a loop: their constants are read on entry of its function. */
  readonly scope: Scope;
}

/**
 * Values in vector registers. A nest walks 4 elements at a time, or 2 if anything in it is 8 bytes wide; then the 4-byte types use
 * the two low lanes of a register (what the others hold does not matter: nothing traps). Bools are masks as wide as a lane.
 */
export type Lanes = 2 | 4;

/** The operands are on the stack, in the op's order; `from` is the dtype of the first argument, `to` of the result. */
export type EmitScalar = (f: FunctionBuilder, from: DType, to: DType, c: OpContext) => void;
export type EmitLanes = (f: FunctionBuilder, from: DType, to: DType, lanes: Lanes, c: OpContext) => void;

/** A pair of registers: high and low words of counters, or first and second words of what comes of them. */
export type Pair = readonly [Local, Local];
export interface Words {
  /** What depends on the key alone: the key is on the stack. */
  schedule(f: FunctionBuilder): readonly Local[];
  emit(f: FunctionBuilder, schedule: readonly Local[], counters: readonly Pair[]): readonly Pair[];
}

/** An op on single elements: a node of a nest. Nests hold these objects, so a bundle carries the ones that it reaches. */
export interface ScalarOp {
  /** In the key of a module: different ops have different names. */
  readonly name: string;
  /** What it costs, in units of an addition. */
  readonly work: number;
  /** The order in which it wants its arguments on the stack, where it is not their own. */
  readonly order?: readonly number[];
  readonly emit: EmitScalar;
  /** Over lanes, by the dtype of the first argument; where there is none it is done lane by lane. */
  readonly lanes?: (from: DType) => EmitLanes | undefined;
  /** The instruction over lanes if the second argument is a known number. */
  readonly shift?: "shl" | "shr_u" | "shr_s";
  /** The formula that it is, if it is one. */
  readonly formula?: Formula;
  /** A cipher of two words over lanes, of several vectors of counters under one key. */
  readonly words?: Words;
  /** Takes a word out of such a pair. */
  readonly word?: 0 | 1;
}
