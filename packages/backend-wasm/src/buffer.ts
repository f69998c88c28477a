import type { Aval, DeviceBuffer } from "@ansatz/backend";

/** A tensor in linear memory. `ptr` is -1 once it is freed or given away. */
export class WasmBuffer implements DeviceBuffer {
  /** The last donating call that named this buffer. */
  call = 0;

  constructor(
    readonly aval: Aval,
    readonly bytes: number,
    public ptr: number,
    /** The backend whose memory it is in. */
    readonly owner: object,
  ) {}
}
