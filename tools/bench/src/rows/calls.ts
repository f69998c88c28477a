import { add, jit, mul, sin, type Tensor, tensor } from "@ansatz/tensor";
import * as np from "numpy-ts";
import type { Row } from "../harness";
import { ramp } from "../inputs";
import { jaxJs } from "../peers/jax-js";
import { pythonPeer } from "../peers/python";
import { tfjs } from "../peers/tfjs";

const x = (): Float64Array => ramp(4);
const y = (): Float64Array => ramp(4, 2);

/** Work too short for one timer tick is repeated inside a run. */
const units = 200;
const repeat = (times: number, f: () => unknown): void => {
  for (let i = 0; i < times; i++) f();
};

export const eagerOp: Row = {
  name: "eager-op",
  about: "one eager addition of four numbers, result kept on the backend",
  units,
  reference: () => x().map((v, i) => v + y()[i]),
  contestants: {
    ansatz: () => {
      const [a, b] = [tensor(x()), tensor(y())];
      return { run: (times) => repeat(times, () => add(a, b)), result: () => add(a, b).data() };
    },
    "tfjs-cpu": async () => {
      const { tf, on } = await tfjs("cpu");
      const [a, b] = [tf.tensor1d(Float32Array.from(x())), tf.tensor1d(Float32Array.from(y()))];
      return {
        run: (times) => on(() => repeat(times, () => tf.add(a, b).dispose())),
        result: () => on(() => tf.add(a, b).data()),
      };
    },
    "tfjs-wasm": async () => {
      const { tf, on } = await tfjs("wasm");
      const [a, b] = [tf.tensor1d(Float32Array.from(x())), tf.tensor1d(Float32Array.from(y()))];
      return {
        run: (times) => on(() => repeat(times, () => tf.add(a, b).dispose())),
        result: () => on(() => tf.add(a, b).data()),
      };
    },
    "jax-js": async () => {
      const { numpy } = await jaxJs();
      const [a, b] = [x(), y()].map((v) => numpy.array(Float32Array.from(v)));
      return {
        run: async (times) => {
          for (let i = 0; i < times; i++) {
            const c = a.ref.add(b.ref);
            await c.data();
          }
        },
        result: () => a.ref.add(b.ref).data() as Promise<Float32Array>,
      };
    },
    "numpy-ts": () => {
      const [a, b] = [x(), y()].map((v) => np.array(Array.from(v)));
      return { run: (times) => repeat(times, () => a.add(b)), result: () => a.add(b).data as Float64Array };
    },
    numpy: pythonPeer("numpy", "eager-op"),
    pytorch: pythonPeer("torch", "eager-op"),
  },
};

export const jitScalar: Row = {
  name: "jit-scalar",
  about: "one call of the compiled scalar function sin(x)·x + 1",
  units,
  reference: () => new Float64Array([Math.sin(0.7) * 0.7 + 1]),
  contestants: {
    ansatz: () => {
      const f = jit((v: Tensor) => add(mul(sin(v), v), 1));
      const v = tensor(0.7);
      return { run: (times) => repeat(times, () => f(v)), result: () => f(v).data() };
    },
    "jax-js": async () => {
      const { numpy, jit: jaxJit } = await jaxJs();
      const v = numpy.array(0.7);
      const f = jaxJit((u: typeof v) => numpy.sin(u.ref).mul(u).add(1));
      return {
        run: async (times) => {
          for (let i = 0; i < times; i++) await f(v.ref).data();
        },
        result: () => f(v.ref).data() as Promise<Float32Array>,
      };
    },
  },
};
