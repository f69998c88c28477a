import {
  AnsatzError,
  type Aval,
  type CoreOp,
  type HostValue,
  type Op,
  type Params,
  type Program,
  type TypedArray,
} from "@ansatz/backend";
import type { Tensor } from "./tensor";
import type { Trace } from "./trace";

/** A tangent or cotangent; null is a symbolic zero (and all there is for integers, bools and keys). */
export type Tangent = Tensor | null;

/** Stands in a transposition for an input in which the op is linear: its value is not known, only its abstract value. */
export interface LinearInput {
  readonly linear: true;
  readonly aval: Aval;
}
export const isLinearInput = (x: Tensor | LinearInput): x is LinearInput => "linear" in x;

/** What stands beside the linear input of an op that is transposed: known, or the op is not linear. */
export const known = (x: Tensor | LinearInput, op: string): Tensor => {
  if (isLinearInput(x))
    throw new AnsatzError(
      "derivative",
      op,
      "has no transposition: it is not linear in what depends on the linear input",
    );
  return x;
};

/**
 * Tangents of the outputs, given primals, tangents and the primal outputs (already computed). A null tangent in means zero; at least one
 * is not null. Rules are written with ops, so they are differentiable themselves.
 */
export type JvpRule<P extends Params> = (
  primals: readonly Tensor[],
  tangents: readonly Tangent[],
  params: P,
  outs: readonly Tensor[],
) => readonly Tangent[];

/** As JvpRule for ops that hold programs: outputs and tangents come from one new equation. */
export type JvpCallRule<P extends Params> = (
  primals: readonly Tensor[],
  tangents: readonly Tangent[],
  params: P,
) => { readonly outs: readonly Tensor[]; readonly tangents: readonly Tangent[] };

/** Cotangents of the inputs (null for those not linear, or zero), given cotangents of the outputs. */
export type TransposeRule<P extends Params> = (
  cotangents: readonly Tangent[],
  inputs: readonly (Tensor | LinearInput)[],
  params: P,
) => readonly Tangent[];

/** Inputs with the axis each is batched along (null: not batched); outputs likewise. At least one input is batched. */
export type BatchRule<P extends Params> = (
  size: number,
  inputs: readonly Tensor[],
  axes: readonly (number | null)[],
  params: P,
) => { readonly outs: readonly Tensor[]; readonly axes: readonly (number | null)[] };

/** What a partial evaluation offers to the rules of ops that hold programs. */
export interface Recorder extends Trace {
  /** Appends an equation to the program of unknowns; operands that are known become its residuals. */
  record(op: TensorOp, inputs: readonly Tensor[], params: Params): readonly Tensor[];
  isUnknown(t: Tensor): boolean;
}

/**
 * Splits an equation with unknown operands: what can be known is computed now (in the recorder's parent, which is current), the rest
 * is recorded. Ops without this rule are recorded whole.
 */
export type PartialRule<P extends Params> = (
  recorder: Recorder,
  inputs: readonly Tensor[],
  unknown: readonly boolean[],
  params: P,
) => readonly Tensor[];

/** How an op differentiates. `zeroDerivative`: piecewise constant or integer-valued. */
export type Derivative<P extends Params> =
  /** jointly linear in all float inputs: the tangent is the op on the tangents */
  | { readonly kind: "linear"; readonly transpose: TransposeRule<P> }
  /** nonlinear jointly; `transpose` where it is linear in some inputs (mul, dotGeneral, select, gather, …) */
  | { readonly kind: "jvp"; readonly jvp: JvpRule<P>; readonly transpose?: TransposeRule<P> }
  | { readonly kind: "jvpCall"; readonly jvp: JvpCallRule<P>; readonly transpose?: TransposeRule<P> }
  | { readonly kind: "zero" }
  | { readonly kind: "never"; readonly why: string };

/** An op with its calculus: what equations of `tensor` hold. */
export interface TensorOp<P extends Params = Params> extends Op<P> {
  readonly derivative: Derivative<P>;
  /** "elementwise": all inputs of one shape, outputs too, one axis moved to the front of all. */
  readonly batch: "elementwise" | BatchRule<P>;
  readonly partial?: PartialRule<P>;
  /** The equation without results that nothing uses, for ops that hold programs; its outputs are those in use, in order. */
  readonly prune?: PruneRule<P>;
  /** Whether results are weak: "never" for ops that name a dtype; the default is that float results are when all float operands are. */
  readonly weak?: WeakRule<P>;
}

export type PruneRule<P extends Params> = (
  params: P,
  used: readonly boolean[],
) => { readonly params: Params; readonly inputs: readonly boolean[]; readonly outputs: readonly boolean[] };

export type WeakRule<P extends Params> = "never" | ((inputs: readonly Tensor[], params: P) => readonly boolean[]);

export interface Calculus<P extends Params> {
  readonly derivative: Derivative<P>;
  readonly batch: "elementwise" | BatchRule<P>;
  readonly partial?: PartialRule<P>;
  readonly prune?: PruneRule<P>;
  readonly weak?: WeakRule<P>;
}

/** A core op with its calculus. */
export const withCalculus = /* @__NO_SIDE_EFFECTS__ */ <P extends Params>(
  op: CoreOp<P>,
  calculus: Calculus<P>,
): TensorOp<P> => ({
  ...op,
  ...calculus,
});

export const zeroDerivative = { kind: "zero" } as const;
export const notDifferentiable = /* @__NO_SIDE_EFFECTS__ */ (why: string) => ({ kind: "never", why }) as const;
export const linear = /* @__NO_SIDE_EFFECTS__ */ <P extends Params>(transpose: TransposeRule<P>): Derivative<P> => ({
  kind: "linear",
  transpose,
});
export const jvp = /* @__NO_SIDE_EFFECTS__ */ <P extends Params>(
  rule: JvpRule<P>,
  transpose?: TransposeRule<P>,
): Derivative<P> => ({
  kind: "jvp",
  jvp: rule,
  ...(transpose && { transpose }),
});

export interface ExtensionOp<P extends Params> extends Calculus<P> {
  readonly name: string;
  abstract(inputs: readonly Aval[], params: P): readonly Aval[];
  readonly effects?: "ordered";
  readonly kernels?: Op["kernels"];
  /** The op in other ops: an ordinary function over tensors, traced for the avals at hand. */
  compose?(inputs: readonly Tensor[], params: P): readonly Tensor[];
  host?(inputs: readonly HostValue[], params: P, into?: readonly TypedArray[]): readonly TypedArray[];
}

export type ComposeTracer = (f: (inputs: readonly Tensor[]) => readonly Tensor[], avals: readonly Aval[]) => Program;
