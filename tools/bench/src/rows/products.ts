import { jit, matmul, type Tensor, tensor } from "@ansatz/tensor";
import { Matrix } from "ml-matrix";
import * as np from "numpy-ts";
import type { Row } from "../harness";
import { product, ramp, ramp32, transposed } from "../inputs";
import { jaxJs } from "../peers/jax-js";
import { pythonPeer } from "../peers/python";
import { tfjs } from "../peers/tfjs";

const n = 512;
const a64 = (): Float64Array => ramp(n * n);
const b64 = (): Float64Array => transposed(ramp(n * n, 0.5), n);

const ours = (dtype: "float32" | "float64") => () => {
  const [a, b] = [a64(), b64()].map((x) => tensor(x, { shape: [n, n], dtype }));
  const f = jit((x: Tensor, y: Tensor) => matmul(x, y));
  return { run: () => f(a, b), result: () => f(a, b).data() };
};

export const matmul512f32: Row = {
  name: "matmul-512-f32",
  about: "a 512 × 512 × 512 product in float32",
  flops: 2 * n ** 3,
  reference: () => product(ramp32(n * n), transposed(ramp32(n * n, 0.5), n), n, n, n),
  contestants: {
    ansatz: ours("float32"),
    "tfjs-wasm": async () => {
      const { tf, on } = await tfjs("wasm");
      const a = tf.tensor2d(ramp32(n * n), [n, n]);
      const b = tf.tensor2d(transposed(ramp32(n * n, 0.5), n), [n, n]);
      return {
        run: () => on(() => tf.matMul(a, b).dispose()),
        result: () => on(() => tf.matMul(a, b).data()),
      };
    },
    "jax-js": async () => {
      const { numpy, blockUntilReady } = await jaxJs();
      const a = numpy.array(ramp32(n * n)).reshape([n, n]);
      const b = numpy.array(transposed(ramp32(n * n, 0.5), n)).reshape([n, n]);
      return {
        run: async () => {
          const c = numpy.matmul(a.ref, b.ref);
          await blockUntilReady(c);
          c.dispose();
        },
        result: () => numpy.matmul(a.ref, b.ref).data() as Promise<Float32Array>,
      };
    },
    "numpy-ts": () => {
      const a = np.array(Array.from(ramp32(n * n)), "float32").reshape(n, n);
      const b = np.array(Array.from(transposed(ramp32(n * n, 0.5), n)), "float32").reshape(n, n);
      return { run: () => np.matmul(a, b), result: () => np.matmul(a, b).data as Float32Array };
    },
    numpy: pythonPeer("numpy", "matmul-512-f32"),
    pytorch: pythonPeer("torch", "matmul-512-f32"),
  },
};

export const matmul512f64: Row = {
  name: "matmul-512-f64",
  about: "a 512 × 512 × 512 product in float64",
  flops: 2 * n ** 3,
  reference: () => product(a64(), b64(), n, n, n),
  contestants: {
    ansatz: ours("float64"),
    "ml-matrix": () => {
      const a = Matrix.from1DArray(n, n, Array.from(a64()));
      const b = Matrix.from1DArray(n, n, Array.from(b64()));
      return { run: () => a.mmul(b), result: () => a.mmul(b).to1DArray() };
    },
    "numpy-ts": () => {
      const a = np.array(Array.from(a64())).reshape(n, n);
      const b = np.array(Array.from(b64())).reshape(n, n);
      return { run: () => np.matmul(a, b), result: () => np.matmul(a, b).data as Float64Array };
    },
    numpy: pythonPeer("numpy", "matmul-512-f64"),
    pytorch: pythonPeer("torch", "matmul-512-f64"),
  },
};
