import type { DType } from "@ansatz/backend";
import type { Callable, FunctionBuilder, ModuleBuilder } from "../asm";
import type { RuntimeFunction } from "../runtime";

/** What ops may ask of the module they are emitted into. */
export interface OpContext {
  /** A function of the runtime, imported. */
  runtime(of: RuntimeFunction): Callable;
  /** A helper of the module, made at first need. */
  once(key: string, make: (m: ModuleBuilder) => Callable): Callable;
}

/**
 * Values in vector registers. A nest walks 4 elements at a time, or 2 if anything in it is 8 bytes wide; then the 4-byte types use
 * the two low lanes of a register (what the others hold does not matter: nothing traps). Bools are masks as wide as a lane.
 */
export type Lanes = 2 | 4;

/** The operands are on the stack, in the op's order; `from` is the dtype of the first argument, `to` of the result. */
export type EmitScalar = (f: FunctionBuilder, from: DType, to: DType, c: OpContext) => void;
export type EmitLanes = (f: FunctionBuilder, from: DType, to: DType, lanes: Lanes, c: OpContext) => void;

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
  /** A cipher of two words on (key, counters high, counters low), over lanes. */
  readonly words?: (c: OpContext) => Callable;
  /** Takes a word out of such a pair. */
  readonly word?: 0 | 1;
}
