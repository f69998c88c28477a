// Runs in Chromium: what loops cost gpu.js and tfjs webgl.
import { referenceBackend } from "@ansatz/backend/reference";
import { gpujsBackend } from "@ansatz/backend-gpujs";
import { tfjsBackend } from "@ansatz/backend-tfjs";
import * as tf from "@tensorflow/tfjs";
import { type LoopCosts, loopCosts } from "./loops";

const api = async (): Promise<{ [device: string]: LoopCosts }> => {
  await tf.setBackend("webgl");
  return {
    "gpujs (WebGL2)": await loopCosts((warn) => gpujsBackend({ host: referenceBackend(), warn })),
    "tfjs webgl": await loopCosts((warn) => tfjsBackend(tf, { host: referenceBackend(), warn })),
  };
};
(globalThis as { loops?: typeof api }).loops = api;
