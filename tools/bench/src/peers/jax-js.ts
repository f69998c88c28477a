import * as jax from "@jax-js/jax";
import type { Contestant } from "../harness";

/** jax-js on its wasm device. Given float64 data it asks whether they are a Float16Array, which older engines have no class for. */
export const jaxJs = async (): Promise<typeof jax> => {
  (globalThis as { Float16Array?: unknown }).Float16Array ??= class Float16Array {};
  const devices = await jax.init("wasm");
  if (!devices.includes("wasm")) throw new Error("jax-js has no wasm device here");
  jax.defaultDevice("wasm");
  return jax;
};

/** A compiled function of jax-js, timed to the end of its work. Every call owns its arguments: pass on `.ref` to use one twice. */
export const jaxJsPeer =
  (inputs: (numpy: typeof jax.numpy) => jax.Array[], f: (library: typeof jax, ...xs: jax.Array[]) => jax.Array) =>
  async (): Promise<Contestant> => {
    const library = await jaxJs();
    const xs = inputs(library.numpy);
    const g = library.jit((...ys: jax.Array[]) => f(library, ...ys));
    const call = (): jax.Array => g(...xs.map((x) => x.ref)) as jax.Array;
    return {
      run: async () => {
        const y = call();
        await library.blockUntilReady(y);
        y.dispose();
      },
      result: () => call().data() as Promise<Float32Array | Float64Array>,
    };
  };
