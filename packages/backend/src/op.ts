import type { Aval } from "./aval";
import type { TypedArray } from "./dtype";
import type { Program } from "./program";

/** What a parameter of an op may be: plain data, nested programs, or (for host effects) a function. */
export type Param =
  | number
  | string
  | boolean
  | null
  | undefined
  | Program
  | ((...args: never[]) => unknown)
  | readonly Param[]
  | { readonly [k: string]: Param };
/** The parameters of an op, by name. */
export type Params = { readonly [k: string]: Param };

/** A value on the host: what `host` functions and taps receive. */
export interface HostValue {
  readonly aval: Aval;
  readonly data: TypedArray;
}

/**
 * An op is an object; an equation holds it, and the rules hang on it. There is no global table.
 *
 * Core ops are a closed list (docs/ops.md) that every backend answers by `name`. Extension ops say what they are by
 * `compose` (a program in other ops) or `host` (TypeScript on typed arrays), and may bring faster `kernels` for a backend,
 * keyed by the backend's kernel family ("wasm", "tfjs", "gpujs"); a kernel's type is that backend's own.
 */
export interface Op<P extends Params = Params> {
  readonly name: string;
  readonly core: boolean;
  /** The output avals, or a ShapeError / DTypeError that teaches. */
  abstract(inputs: readonly Aval[], params: P): readonly Aval[];
  /** Ordered effects are kept by dead-code elimination and never reordered among each other. */
  readonly effects?: "ordered";
  /** The same function as a program over other ops, with inputs of exactly these avals. */
  compose?(inputs: readonly Aval[], params: P): Program;
  /**
   * The same function on the host; fresh arrays out. A function that declares the third parameter may be given arrays `into` which to write its
   * results, and then returns those; in turn it gets the backend's own memory to see: it must not change or keep its inputs, nor run programs.
   */
  host?(inputs: readonly HostValue[], params: P, into?: readonly TypedArray[]): readonly TypedArray[];
  readonly kernels?: { readonly [family: string]: unknown };
}

/** A member of the closed list. */
export interface CoreOp<P extends Params = Params> extends Op<P> {
  readonly core: true;
}

/** Defines a member of the closed list: for this package alone. */
/* @__NO_SIDE_EFFECTS__ */
export function coreOp<P extends Params = Params>(op: {
  name: string;
  effects?: "ordered";
  abstract: (inputs: readonly Aval[], params: P) => readonly Aval[];
}): CoreOp<P> {
  return { core: true, ...op };
}
