import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";

let wasmReady = false;

/** The tfjs namespace with an engine current. One process holds all engines; a contestant switches to its own before it runs. */
export const tfjs = async (engine: "cpu" | "wasm"): Promise<typeof tf> => {
  if (engine === "wasm" && !wasmReady) {
    const entry = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
    setWasmPaths(`${dirname(entry)}/`);
    wasmReady = true;
  }
  if (!(await tf.setBackend(engine))) throw new Error(`tfjs has no ${engine} engine here`);
  await tf.ready();
  return tf;
};
