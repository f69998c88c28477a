import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import type { Contestant, Row } from "../harness";

let wasmReady = false;

/** The tfjs namespace, and `on`, which runs a function with the engine current: one process holds all engines. */
export const tfjs = async (engine: "cpu" | "wasm"): Promise<{ tf: typeof tf; on: <T>(f: () => T) => T }> => {
  if (engine === "wasm" && !wasmReady) {
    const entry = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
    setWasmPaths(`${dirname(entry)}/`);
    wasmReady = true;
  }
  if (!(await tf.setBackend(engine))) throw new Error(`tfjs has no ${engine} engine here`);
  await tf.ready();
  // An engine that has been made once becomes current at once.
  const on = <T>(f: () => T): T => {
    void tf.setBackend(engine);
    return f();
  };
  return { tf, on };
};

/** A function of tfjs on an engine, its temporaries freed. */
export const tfjsPeer =
  (engine: "cpu" | "wasm", inputs: (t: typeof tf) => tf.Tensor[], f: (t: typeof tf, ...xs: tf.Tensor[]) => tf.Tensor) =>
  async (): Promise<Contestant> => {
    const { on } = await tfjs(engine);
    const xs = inputs(tf);
    const call = (): tf.Tensor => tf.tidy(() => f(tf, ...xs));
    return { run: () => on(() => call().dispose()), result: () => on(() => call().data()) };
  };

/** The same on both engines that run in Node. */
export const tfjsPeers = (...[inputs, f]: Tail<Parameters<typeof tfjsPeer>>): Row["contestants"] => ({
  "tfjs-cpu": tfjsPeer("cpu", inputs, f),
  "tfjs-wasm": tfjsPeer("wasm", inputs, f),
});
type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer R] ? R : never;
