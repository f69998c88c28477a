import type { Backend, DeviceBuffer, TypedArray } from "@ansatz/backend";

/**
 * Where the elements of a tensor are: resident (a device buffer, on its backend's residency list) or on the host (data that nobody else
 * holds: made there and not yet used, or spilled). Cells are the only mutable part of a tensor; the value they hold never changes.
 */
export class Cell {
  backend: Backend | null;
  buffer: DeviceBuffer | null;
  host: TypedArray | null;
  /** Committed cells (results of programs, toBackend) stay where they are; uncommitted ones follow the other operand. */
  committed: boolean;
  /** Made of numbers alone (ones, an identity, the seed of a gradient): such results are not committed. */
  constant = false;
  /** Donated, disposed, or owned by a finished scope: why it can no longer be used. */
  gone: string | null = null;
  /** Tensors that share this cell; the last one disposed frees it. */
  handles = 1;
  /** Neighbours on the residency list, and what this cell counts there. */
  older: Cell | null = null;
  newer: Cell | null = null;
  bytes = 0;
  /** The run that uses this cell now: it is not spilled then. */
  pin = 0;

  constructor(backend: Backend | null, buffer: DeviceBuffer | null, host: TypedArray | null, committed: boolean) {
    this.backend = backend;
    this.buffer = buffer;
    this.host = host;
    this.committed = committed;
  }
}
