import type { Backend } from "@ansatz/backend";

/** Where the digits can be computed, the default first. */
export const digitBackends = ["wasm", "gpujs", "tfjs"] as const;
export type DigitBackend = (typeof digitBackends)[number];

/**
 * A GPU backend, loaded when it is asked for; undefined for the built-in one. They read by fences alone, so the Worker goes on enqueueing
 * while the GPU works. What a GPU cannot hold exactly (integers, random bits) is made by `host`.
 */
export const openDigitBackend = async (name: DigitBackend, host: Backend): Promise<Backend | undefined> => {
  if (name === "gpujs") {
    const { gpujsBackend } = await import("@ansatz/backend-gpujs");
    return gpujsBackend({ host, syncRead: false });
  }
  if (name === "tfjs") {
    const [tf, { tfjsBackend }] = await Promise.all([import("@tensorflow/tfjs"), import("@ansatz/backend-tfjs")]);
    if (!(await tf.setBackend("webgl"))) throw new Error("TensorFlow.js finds no WebGL here; choose WebAssembly");
    // It would compute small tensors on the CPU without a word.
    tf.env().set("WEBGL_CPU_FORWARD", false);
    return tfjsBackend(tf, { host, syncRead: false });
  }
  return undefined;
};
