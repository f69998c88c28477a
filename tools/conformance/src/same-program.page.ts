// Runs in Chromium: one program on wasm, on gpu.js and on tfjs webgl.
import { gpujsBackend } from "@ansatz/backend-gpujs";
import { tfjsBackend } from "@ansatz/backend-tfjs";
import { wasmBackend } from "@ansatz/backend-wasm";
import { useBackend } from "@ansatz/tensor";
import * as tf from "@tensorflow/tfjs";
import { type Results, sameProgram } from "./same-program";

const on = {
  wasm: async () => wasmBackend(),
  gpujs: async () => gpujsBackend({ host: wasmBackend() }),
  "tfjs-webgl": async () => {
    await tf.setBackend("webgl");
    return tfjsBackend(tf, { host: wasmBackend() });
  },
};
export type Name = keyof typeof on;

const api = async (name: Name): Promise<Results> => {
  useBackend(await on[name]());
  return sameProgram();
};
(globalThis as { sameProgram?: typeof api }).sameProgram = api;
