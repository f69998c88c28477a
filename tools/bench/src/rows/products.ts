import { jit, matmul, type Tensor, tensor } from "@ansatz/tensor";
import { Matrix } from "ml-matrix";
import * as np from "numpy-ts";
import type { Contestant, Row } from "../harness";
import { product, ramp, ramp32, transposed } from "../inputs";
import { jaxJs } from "../peers/jax-js";
import { pythonPeer } from "../peers/python";
import { tfjs } from "../peers/tfjs";

type DType = "float32" | "float64";

/** [m, k]·[k, n]; peers.py reads the sizes from the name. */
const row = (dtype: DType, m: number, n: number, k: number): Row => {
  const square = m === n && n === k;
  const name = `matmul-${square ? m : `${m}x${n}x${k}`}-f${dtype.slice(5)}`;
  const [a, b] = [() => ramp(m * k), () => transposed(ramp(n * k, 0.5), n, k)];
  const [a32, b32] = [() => ramp32(m * k), () => transposed(ramp32(n * k, 0.5), n, k)];
  const ours = () => {
    const x = tensor(a(), { shape: [m, k], dtype });
    const y = tensor(b(), { shape: [k, n], dtype });
    const f = jit((p: Tensor, q: Tensor) => matmul(p, q));
    return { run: () => f(x, y), result: () => f(x, y).data() };
  };
  const numpyTs = () => {
    const x = np.array(Array.from(dtype === "float32" ? a32() : a()), dtype).reshape(m, k);
    const y = np.array(Array.from(dtype === "float32" ? b32() : b()), dtype).reshape(k, n);
    return { run: () => np.matmul(x, y), result: () => np.matmul(x, y).data as Float64Array };
  };
  const single: Row["contestants"] = {
    "tfjs-wasm": async () => {
      const { tf, on } = await tfjs("wasm");
      const [x, y] = [tf.tensor2d(a32(), [m, k]), tf.tensor2d(b32(), [k, n])];
      return {
        run: () => on(() => tf.matMul(x, y).dispose()),
        result: () => on(() => tf.matMul(x, y).data()),
      };
    },
    "jax-js": async () => {
      const { numpy, blockUntilReady } = await jaxJs();
      const [x, y] = [numpy.array(a32()).reshape([m, k]), numpy.array(b32()).reshape([k, n])];
      return {
        run: async () => {
          const c = numpy.matmul(x.ref, y.ref);
          await blockUntilReady(c);
          c.dispose();
        },
        result: () => numpy.matmul(x.ref, y.ref).data() as Promise<Float32Array>,
      };
    },
  };
  const double: Row["contestants"] = {
    "ml-matrix": (): Contestant => {
      const [x, y] = [Matrix.from1DArray(m, k, Array.from(a())), Matrix.from1DArray(k, n, Array.from(b()))];
      return { run: () => x.mmul(y), result: () => x.mmul(y).to1DArray() };
    },
  };
  return {
    name,
    about: `a ${m} × ${k} by ${k} × ${n} product in ${dtype}`,
    flops: 2 * m * n * k,
    reference: () => (dtype === "float32" ? product(a32(), b32(), m, k, n) : product(a(), b(), m, k, n)),
    contestants: {
      ansatz: ours,
      ...(dtype === "float32" ? single : double),
      "numpy-ts": numpyTs,
      numpy: pythonPeer("numpy", name),
      pytorch: pythonPeer("torch", name),
    },
  };
};

/** A large product, and those of a small network: hidden layer, narrow layers, and a matrix with a vector. */
export const productRows: readonly Row[] = (
  [
    [512, 512, 512],
    [256, 64, 64],
    [256, 2, 64],
    [64, 256, 64],
    [512, 1, 512],
  ] as const
).flatMap(([m, n, k]) => (["float32", "float64"] as const).map((dtype) => row(dtype, m, n, k)));
