import { type Aval, showAval } from "../aval";
import type { DType } from "../dtype";
import type { HostValue, Op, Params } from "../op";
import { type Program, singleton } from "../program";
import { type Tolerance, toleranceOf } from "./tolerance";
import type { Special } from "./values";

/** One question to a backend: a program, its inputs, and how near to the reference the answer must be. */
export interface ConformanceCase {
  /** Unique and readable: `add float32 vector, nan`. */
  readonly name: string;
  /** The op in question, or "program" for a whole one. */
  readonly op: string;
  readonly dtype: DType;
  readonly shapeClass: string;
  /** The kind of special value among the inputs: skip those a device does not promise. */
  readonly special: Special;
  readonly program: Program;
  readonly inputs: readonly HostValue[];
  /** One for all outputs, or one for each. */
  readonly tolerance: Tolerance | readonly Tolerance[];
}

export interface CaseOptions {
  readonly shapeClass: string;
  readonly special?: Special;
  /** What tells this case from others of its op, dtype and shape class. */
  readonly variant?: string;
  /** Number of terms that meet in one element of the result. */
  readonly terms?: number;
  readonly dtype?: DType;
  readonly tolerance?: Tolerance;
}

const named = (op: string, dtype: DType, o: CaseOptions): string =>
  [
    `${op} ${dtype} ${o.shapeClass}`,
    ...(o.special && o.special !== "ordinary" ? [o.special] : []),
    ...(o.variant ? [o.variant] : []),
  ].join(", ");

/** A case of one op on given inputs. */
export const opCase = <P extends Params>(
  op: Op<P>,
  params: P,
  inputs: readonly HostValue[],
  o: CaseOptions,
): ConformanceCase => {
  const program = singleton(
    op,
    params,
    inputs.map((v) => v.aval),
  );
  return programCase(op.name, o.dtype ?? inputs[0].aval.dtype, program, inputs, {
    ...o,
    tolerance: o.tolerance ?? toleranceOf(op.name, o.terms ?? 1, params),
  });
};

/** A case of a whole program; exact unless a tolerance is given. */
export const programCase = (
  op: string,
  dtype: DType,
  program: Program,
  inputs: readonly HostValue[],
  o: CaseOptions,
): ConformanceCase => ({
  name: named(op, dtype, o),
  op,
  dtype,
  shapeClass: o.shapeClass,
  special: o.special ?? "ordinary",
  program,
  inputs,
  tolerance: o.tolerance ?? exact,
});

export const exact: Tolerance = { eps: 0, of: "result" };

export const showInputs = (inputs: readonly { readonly aval: Aval }[]): string =>
  inputs.map((v) => showAval(v.aval)).join(", ");
