import { type Aval, type Params, type Shape, sizeOf, type TypedArray } from "@ansatz/backend";
import type { Engine } from "../engine";
import type { Tensor, Tf } from "../tf";

/** One equation to answer. Tensors come in `storedShape`; kernels may return any shape of the right size. */
export interface Call<P = Params> {
  readonly tf: Tf;
  readonly engine: Engine;
  /** Operands on the device; in the places of host operands, nothing. */
  readonly ins: readonly Tensor[];
  /** Operands on the host, by the same places. */
  readonly host: readonly TypedArray[];
  readonly avals: readonly Aval[];
  readonly params: P;
  readonly outs: readonly Aval[];
}

/** How an op is answered on a device: by the engine's op of the same meaning, or by several. */
export interface Kernel {
  readonly form: "native" | "composed";
  /** Whether the operand in this place is wanted on the host: starts, indices, fill values. */
  host?(place: number): boolean;
  /** Whether this equation, of dtypes a device has, can be answered. */
  accepts?(avals: readonly Aval[], params: Params, engine: Engine): boolean;
  run(call: Call): Tensor;
}

export type Table = { readonly [op: string]: Kernel };

type Run<P extends Params> = (call: Call<P>) => Tensor;

export const native = <P extends Params = Params>(run: Run<P>, more: Partial<Kernel> = {}): Kernel => ({
  form: "native",
  run: run as unknown as Kernel["run"],
  ...more,
});

export const composed = <P extends Params = Params>(run: Run<P>, more: Partial<Kernel> = {}): Kernel => ({
  form: "composed",
  run: run as unknown as Kernel["run"],
  ...more,
});

/** The deepest rank every engine takes; deeper tensors are stored flat, and kernels coalesce axes. */
export const maxRank = 4;

/** The shape in which a tensor is held: its own, or flat where engines would not take the rank. */
export const storedShape = (shape: Shape): number[] => (shape.length <= maxRank ? [...shape] : [sizeOf(shape)]);

/** tfjs refuses a shape of negative or fractional extents only late; ours are right by the abstract rules. */
export const reshape = (tf: Tf, x: Tensor, shape: Shape): Tensor =>
  x.shape.length === shape.length && x.shape.every((d, i) => d === shape[i]) ? x : tf.reshape(x, [...shape]);
