import type { Aval } from "../aval";
import type { Backend } from "../backend";
import type { DType, FloatDType, TypedArray } from "../dtype";
import type { HostValue, Op } from "../op";
import type { Equation, Program } from "../program";

/**
 * A kernel made for one equation (or one fused group) and its avals. `run` enqueues the work and never waits; its results are fresh
 * storage, one per output, freed one by one by the scheduler. Errors it throws surface at the next read, under the op's name.
 */
export interface DeviceKernel<B> {
  /** Positions of operands it wants as values on the host (the starts of a slice, a bound): they are not among `ins`. */
  readonly onHost?: readonly number[];
  /** Its results may be of a hosted dtype (the index that argmax finds): they are read back where they are used. */
  readonly hostedResults?: boolean;
  /** Enqueues the work on device operands, given the values of those in `onHost`. */
  run(ins: readonly B[], host: readonly HostValue[]): readonly B[];
}

/** A device as its author writes it: storage, and kernels for the ops it is good at. `scheduled` makes a Backend of it. */
export interface Device<B> {
  readonly name: string;
  /** What its storage can hold. */
  readonly dtypes: readonly DType[];
  /** Dtypes it takes in programs all the same: their values live on the host, and so do the ops on them. */
  readonly hosted?: readonly DType[];
  readonly float: FloatDType;
  readonly residentBytes: number;
  /** Key of `kernels` in extension ops: such an op is not composed but asked for as a kernel. */
  readonly family?: string;
  /** New storage holding a copy of the data. */
  upload(data: TypedArray, aval: Aval): B;
  /** A copy of the elements, once they are there. */
  read(b: B, aval: Aval): Promise<TypedArray>;
  /** Where reading need not wait. */
  readSync?(b: B, aval: Aval): TypedArray;
  /** Called once for all storage made by upload, kernels, row and stack. */
  free(b: B): void;
  /** Whether storage was lost with its context; where the host has a copy, it is uploaded again. */
  isLost?(b: B): boolean;
  /** The kernel of an equation, or undefined to leave it to the host. Literal operands are buffers too; their values are in eq. */
  kernel(eq: Equation): DeviceKernel<B> | undefined;
  /** Whether an equation may be part of a fused group: one loop over the elements of its result. */
  fusible?(eq: Equation): boolean;
  /**
   * One kernel for a group of fusible equations, whose results all have one shape. Its operands are the program's inputs; literals are
   * in the program. undefined splits the group in two and asks again; a single equation falls back to `kernel`.
   */
  fuse?(group: Program): DeviceKernel<B> | undefined;
  /** Slice i along axis 0, without that axis. By default, as stack, by the ops slice, reshape and concatenate. */
  row?(x: B, aval: Aval, i: number): B;
  /** Rows of one aval along a new axis 0. */
  stack?(rows: readonly B[], row: Aval): B;
  /** After the last free. */
  dispose?(): void;
}

/** Settings of `scheduled`. */
export interface ScheduleOptions {
  /** Hears, once per op, that a loop keeps falling back to the host (default console.warn). */
  readonly warn?: (message: string) => void;
}

/** What happened since the backend was made. */
export interface ScheduleCounts {
  /** Kernels run on the device. */
  readonly dispatches: number;
  /** Read-backs made to go on: predicates, operands of host ops. */
  readonly reads: number;
  /** Equations run on the host because the device has no kernel for them, by op. */
  readonly fallbacks: { readonly [op: string]: number };
}

export interface ScheduledBackend extends Backend {
  explain(p: Program): string;
  /** Dispatches, read-backs and fallbacks so far. */
  counts(): ScheduleCounts;
}

/** Extension ops with a kernel of the device's family are kept whole; others are composed. */
export const keepsOp =
  (family: string | undefined) =>
  (op: Op): boolean =>
    family !== undefined && op.kernels?.[family] !== undefined;
