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
   * The same function on the host. Inputs are only to be read, and only during the call. A function that takes the third parameter
   * promises to compute and nothing else (it runs no op and makes no buffer): a backend may then show it its own memory, as inputs and as
   * arrays `into` which the results may be written, to be returned then. Otherwise fresh arrays come out.
   */
  host?(inputs: readonly HostValue[], params: P, into?: readonly TypedArray[]): readonly TypedArray[];
  readonly kernels?: { readonly [family: string]: unknown };
}

/** A kernel that is the same function in other ops, chosen for what that family of backends is good at. */
export interface ComposedKernel<P extends Params = Params> {
  compose(inputs: readonly Aval[], params: P): Program;
}

/**
 * A kernel of the family "tfjs": one of TensorFlow's own ops (as TensorFlow 2.9 documents it), taking the operands of the op in their
 * shapes and giving its results first. Where TensorFlow reports an error (a matrix that is not positive definite), `host` of the op answers.
 */
export interface TensorFlowKernel<P extends Params = Params> {
  /** "Lgamma", "Svd" */
  readonly tensorflow: string;
  /** All its attributes; by default T = float32 alone. A dtype is a type attribute. */
  attributes?(params: P): { readonly [name: string]: boolean | "float32" | "int32" };
  /** How many results TensorFlow's op has, if more than this one. */
  readonly results?: number;
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
