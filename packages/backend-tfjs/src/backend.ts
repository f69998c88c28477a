import {
  type Backend,
  BackendError,
  type ScheduleCounts,
  type ScheduledBackend,
  type ScheduleOptions,
  scheduled,
} from "@ansatz/backend";
import { tfjsDevice } from "./device";
import type { Tf } from "./tf";

export interface TfjsOptions extends ScheduleOptions {
  /** Runs what the engine lacks: sort, integers, random keys. It must read synchronously; the wasm backend does. */
  readonly host: Backend;
  /**
   * false: tensors are read without stalling the engine (`await x.data()`) and in no other way; `dataSync()` and `item()` are then errors.
   * Default true.
   */
  readonly syncRead?: boolean;
}

export interface TfjsBackend extends ScheduledBackend {
  /** The engine under it: "cpu", "wasm", "webgl", "tensorflow". */
  readonly engine: string;
}

/**
 * A backend on the current engine of a TensorFlow.js module; call `await tf.ready()` before.
 *
 *     import * as tf from "@tensorflow/tfjs";
 *     await tf.setBackend("webgl");
 *     useBackend(tfjsBackend(tf, { host: wasmBackend() }));
 */
export const tfjsBackend = (tf: Tf, options: TfjsOptions): TfjsBackend => {
  if (!tf?.getBackend?.())
    throw new BackendError(
      "tfjsBackend",
      "the module has no engine running",
      undefined,
      "pass all of @tensorflow/tfjs, and await tf.ready() first",
      "unavailable",
    );
  const { readSync, ...asynchronous } = tfjsDevice(tf);
  const device = options.syncRead === false ? asynchronous : { ...asynchronous, readSync };
  const backend = scheduled(device, options.host, options);
  const { counts } = backend;
  return Object.assign(backend, {
    engine: device.engine.name,
    counts: (): ScheduleCounts => {
      const c = counts();
      const fallbacks: Record<string, number> = { ...c.fallbacks };
      for (const [op, n] of device.refused) fallbacks[op] = (fallbacks[op] ?? 0) + n;
      return { ...c, fallbacks };
    },
  });
};
