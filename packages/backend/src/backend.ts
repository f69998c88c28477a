import type { Aval } from "./aval";
import type { DType, FloatDType, TypedArray } from "./dtype";
import type { Program } from "./program";

/** A buffer on a device. What it is inside is the backend's own affair. */
export interface DeviceBuffer {
  readonly aval: Aval;
}

/**
 * A machine that runs programs. The contract:
 *
 * - `run` never waits for the device and never throws for numerical reasons. Outputs are fresh buffers, owned by the caller: they
 *   alias neither an input nor each other. A donated input is consumed by the call (its storage may become an output's); the caller
 *   neither reads nor frees it afterwards. A buffer passed twice may not be donated.
 * - `upload` copies; `read` and `readSync` return a copy.
 * - Device errors surface at the next `read` and name the op.
 * - An allocation that cannot be met throws BackendError with code "memory" and leaves the backend usable and nothing leaked.
 */
export interface Backend {
  readonly name: string;
  readonly can: {
    readonly dtypes: readonly DType[];
    /** The dtype in which values of no asked-for dtype are stored: float64 on wasm, float32 on GPUs. */
    readonly float: FloatDType;
    readonly syncRead: boolean;
    /** Most bytes that may stay resident before the oldest are spilled to the host. */
    readonly residentBytes: number;
  };
  /** A new buffer holding a copy of the data. */
  upload(data: TypedArray, aval: Aval): DeviceBuffer;
  /** A copy of the elements, once they are computed. */
  read(b: DeviceBuffer): Promise<TypedArray>;
  /** As read, at once; exists where `can.syncRead`. */
  readSync?(b: DeviceBuffer): TypedArray;
  /** Makes a program ready to run; it may be kept and run many times. */
  compile(p: Program): Executable;
  /** As compile, where the platform would rather do it off the main thread. */
  prepare?(p: Program): Promise<Executable>;
  /** What a program became: fusion, memory plan, host fallbacks. */
  explain?(p: Program): string;
  /** Gives a buffer back; using it again is a BackendError. */
  free(b: DeviceBuffer): void;
  /** What is allocated now: buffers of callers, and what running programs hold. */
  live(): { buffers: number; bytes: number };
  /** Ends the backend and everything on it. */
  dispose(): void;
}

/** A compiled program. */
export interface Executable {
  /** Runs it on buffers of the avals of its inputs; see Backend for who owns what. */
  run(inputs: readonly DeviceBuffer[], donated?: readonly boolean[]): DeviceBuffer[];
  /** Gives the compiled code back; results stay. */
  dispose(): void;
}
