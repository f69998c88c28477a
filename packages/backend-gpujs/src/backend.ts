import { type Backend, type ScheduledBackend, type ScheduleOptions, scheduled } from "@ansatz/backend";
import { gpujsDevice } from "./device";
import type { GpuOptions } from "./gpu";

export interface GpujsOptions extends ScheduleOptions, GpuOptions {
  /** Runs what textures cannot: sort, integers, random keys. It must read synchronously; the wasm backend does. */
  readonly host: Backend;
  /** Bytes that may stay in textures before the oldest tensors are spilled to the host. */
  readonly residentBytes?: number;
  /**
   * false: tensors are read by a fence alone (`await x.data()`), so nothing ever stalls the page or the device; `dataSync()` and `item()` are
   * then errors. Default true.
   */
  readonly syncRead?: boolean;
}

export interface GpujsBackend extends ScheduledBackend {
  /** Draw calls and compiled kernels since the backend was made, and bytes of textures in use and kept for reuse. */
  statistics(): { draws: number; kernels: number; usedBytes: number; pooledBytes: number };
}

/**
 * A backend on WebGL2 through gpu.js, in a page or a Worker.
 * @throws {BackendError} "unavailable" where there is no WebGL2 with float textures
 */
export const gpujsBackend = (options: GpujsOptions): GpujsBackend => {
  const device = gpujsDevice(options);
  const { gpu } = device;
  return Object.assign(scheduled(device, options.host, options), {
    statistics() {
      const { used, pooled } = gpu.memory();
      return { draws: gpu.draws, kernels: gpu.compiles, usedBytes: used, pooledBytes: pooled };
    },
  });
};
