import * as jax from "@jax-js/jax";

/** jax-js on its wasm device. */
export const jaxJs = async (): Promise<typeof jax> => {
  const devices = await jax.init("wasm");
  if (!devices.includes("wasm")) throw new Error("jax-js has no wasm device here");
  jax.defaultDevice("wasm");
  return jax;
};
