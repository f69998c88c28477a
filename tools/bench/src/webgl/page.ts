// Runs in Chromium: gpu.js and TensorFlow.js take turns on one page.
import * as tf from "@tensorflow/tfjs";
import { measure, type RowResult, type Timing } from "../harness";
import { dispatches, webglRows } from "./rows";

const api = {
  names: webglRows.map((r) => r.name),
  async measure(name: string, timing: Timing): Promise<RowResult> {
    await tf.setBackend("webgl");
    const result = await measure(webglRows.find((r) => r.name === name)!, timing);
    const { gpujs, tfjs } = dispatches[name];
    return {
      ...result,
      about: `${result.about} (with the reading of one number: ${gpujs} draws, ${tfjs} kernels on tfjs)`,
    };
  },
};
export type BenchPage = typeof api;
(globalThis as { bench?: typeof api }).bench = api;
