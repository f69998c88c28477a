import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";

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
