import { layerNorm } from "@ansatz/nn";
import { jit, key, logsumexp, softmax, type Tensor, tensor } from "@ansatz/tensor";
import * as np from "numpy-ts";
import type { Contestant, Row } from "../harness";
import { ramp } from "../inputs";
import { jaxJsPeer } from "../peers/jax-js";
import { pythonPeer } from "../peers/python";
import { tfjsPeers } from "../peers/tfjs";

type DType = "float32" | "float64";

const numbers = (n: number, scale: number, dtype: DType): Float32Array | Float64Array =>
  dtype === "float64" ? ramp(n, scale) : Float32Array.from(ramp(n, scale));

const logOfSum = (x: ArrayLike<number>): number => {
  let m = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < x.length; i++) if (x[i] > m) m = x[i];
  let s = 0;
  for (let i = 0; i < x.length; i++) s += Math.exp(x[i] - m);
  return Math.log(s) + m;
};

const logsumexpRow = (dtype: DType): Row => {
  const name = `logsumexp-1e6-f${dtype.slice(5)}`;
  const x = () => numbers(10 ** 6, 10, dtype);
  return {
    name,
    about: `log Σ eˣ over 10⁶ numbers in [-10, 10), ${dtype}`,
    reference: () => new Float64Array([logOfSum(x())]),
    contestants: {
      ansatz: () => {
        const v = tensor(x());
        const f = jit((t: Tensor) => logsumexp(t));
        return { run: () => f(v), result: () => f(v).data() };
      },
      "typed array": () => {
        const v = x();
        return { run: () => logOfSum(v), result: () => [logOfSum(v)] };
      },
      ...(dtype === "float32" &&
        tfjsPeers(
          (tf) => [tf.tensor1d(x() as Float32Array)],
          (tf, v) => tf.logSumExp(v),
        )),
      "jax-js": jaxJsPeer(
        (numpy) => [numpy.array(x())],
        ({ nn }, v) => nn.logsumexp(v),
      ),
      "numpy-ts": () => {
        const v = np.array(Array.from(x()), dtype);
        const f = (): number => {
          const m = Number(np.max(v));
          return Math.log(Number(np.sum(np.exp(np.subtract(v, m))))) + m;
        };
        return { run: f, result: () => [f()] };
      },
      numpy: pythonPeer("numpy", name),
      pytorch: pythonPeer("torch", name),
    },
  };
};

const side = 1024;
const matrix = (): Float32Array => Float32Array.from(ramp(side * side, 4));

/** A function of each row of a 1024 × 1024 matrix, in float64. */
const rowByRow = (f: (x: Float64Array) => Float64Array): Float64Array => {
  const x = Float64Array.from(matrix());
  const y = new Float64Array(x.length);
  for (let i = 0; i < side; i++) y.set(f(x.subarray(i * side, (i + 1) * side)), i * side);
  return y;
};
const mean = (x: Float64Array): number => x.reduce((s, v) => s + v, 0) / x.length;

type NdArray = ReturnType<typeof np.zeros>;
const overRows = (reduce: (x: NdArray, axis: number, keepDims: boolean) => unknown, x: NdArray): NdArray =>
  reduce(x, 1, true) as NdArray;
const onNumpyTs = (f: (x: NdArray) => NdArray) => (): Contestant => {
  const x = np.array(Array.from(matrix()), "float32").reshape(side, side);
  return { run: () => f(x), result: () => f(x).data as Float32Array };
};

const softmaxRow: Row = {
  name: "softmax-1024-f32",
  about: "softmax of the rows of a 1024 × 1024 matrix, float32",
  reference: () =>
    rowByRow((x) => {
      const total = logOfSum(x);
      return x.map((v) => Math.exp(v - total));
    }),
  contestants: {
    ansatz: () => {
      const v = tensor(matrix(), { shape: [side, side] });
      const f = jit((t: Tensor) => softmax(t));
      return { run: () => f(v), result: () => f(v).data() };
    },
    ...tfjsPeers(
      (tf) => [tf.tensor2d(matrix(), [side, side])],
      (tf, v) => tf.softmax(v),
    ),
    "jax-js": jaxJsPeer(
      (numpy) => [numpy.array(matrix()).reshape([side, side])],
      ({ nn }, v) => nn.softmax(v, -1),
    ),
    "numpy-ts": onNumpyTs((x) => {
      const e = np.exp(np.subtract(x, overRows(np.max, x)));
      return np.divide(e, overRows(np.sum, e));
    }),
    numpy: pythonPeer("numpy", "softmax-1024-f32"),
    pytorch: pythonPeer("torch", "softmax-1024-f32"),
  },
};

const eps = 1e-5;
const layerNormRow: Row = {
  name: "layernorm-1024-f32",
  about: "layer norm of the rows of a 1024 × 1024 matrix, with scale and offset, float32",
  reference: () =>
    rowByRow((x) => {
      const m = mean(x);
      const s = Math.sqrt(mean(x.map((v) => (v - m) ** 2)) + eps);
      return x.map((v) => (v - m) / s);
    }),
  contestants: {
    ansatz: () => {
      const norm = layerNorm(side, { eps });
      const v = tensor(matrix(), { shape: [side, side] });
      const params = norm.init(key(0));
      const f = jit((p: typeof params, t: Tensor) => norm.apply(p, t));
      return { run: () => f(params, v), result: () => f(params, v).data() };
    },
    ...tfjsPeers(
      (tf) => [tf.tensor2d(matrix(), [side, side]), tf.ones([side]), tf.zeros([side])],
      (tf, v, scale, offset) => {
        const { mean: m, variance } = tf.moments(v, -1, true);
        return tf.add(tf.mul(tf.mul(tf.sub(v, m), tf.rsqrt(tf.add(variance, eps))), scale), offset);
      },
    ),
    "jax-js": jaxJsPeer(
      (numpy) => [numpy.array(matrix()).reshape([side, side]), numpy.ones([side]), numpy.zeros([side])],
      ({ nn }, v, scale, offset) => nn.standardize(v, -1, { epsilon: eps }).mul(scale).add(offset),
    ),
    "numpy-ts": () => {
      const [scale, offset] = [np.ones([side], "float32"), np.zeros([side], "float32")];
      return onNumpyTs((x) => {
        const centred = np.subtract(x, overRows(np.mean, x));
        const deviation = np.sqrt(np.add(overRows(np.mean, np.square(centred)), eps));
        return np.add(np.multiply(np.divide(centred, deviation), scale), offset);
      })();
    },
    numpy: pythonPeer("numpy", "layernorm-1024-f32"),
    pytorch: pythonPeer("torch", "layernorm-1024-f32"),
  },
};

export const normalisedRows: readonly Row[] = [
  logsumexpRow("float32"),
  logsumexpRow("float64"),
  softmaxRow,
  layerNormRow,
];
