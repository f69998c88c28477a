import { valueAndGrad } from "@ansatz/autodiff";
import { gpujsBackend } from "@ansatz/backend-gpujs";
import { tfjsBackend } from "@ansatz/backend-tfjs";
import { wasmBackend } from "@ansatz/backend-wasm";
import {
  abs,
  add,
  conv2d,
  jit,
  matmul,
  mean,
  mul,
  ravel,
  softmax,
  sqrt,
  square,
  sub,
  type Tensor,
  take,
  tanh,
  tensor,
  tree,
  useBackend,
} from "@ansatz/tensor";
import * as tf from "@tensorflow/tfjs";
import type { Contestant, Row } from "../harness";
import { product, ramp, ramp32 } from "../inputs";

/** Pieces of work enqueued before the page waits for the device, by reading one number. */
const units = 4;

const ours = gpujsBackend({ host: wasmBackend() });
let onTfjs: ReturnType<typeof tfjsBackend> | undefined;
const throughTfjs = (): ReturnType<typeof tfjsBackend> => (onTfjs ??= tfjsBackend(tf, { host: wasmBackend() }));

/** Draw calls of one unit on gpu.js, and kernels run on tfjs webgl, by row: filled in as rows run. */
export const dispatches: { [row: string]: { gpujs?: number; tfjs?: number } } = {};

interface Work {
  readonly name: string;
  readonly about: string;
  readonly flops?: number;
  readonly inputs: readonly { readonly data: () => Float32Array; readonly shape: readonly number[] }[];
  reference(): Float64Array;
  ours(xs: readonly Tensor[]): Tensor;
  tfjs(xs: readonly tf.Tensor[]): tf.Tensor;
}

const compiled = (w: Work, backend: "gpujs" | "tfjs"): Contestant => {
  // Contestants take turns, and operands made from host data follow the backend of the moment.
  const here = (): void => useBackend(backend === "gpujs" ? ours : throughTfjs());
  here();
  const xs = w.inputs.map(({ data, shape }) => tensor(data(), { shape: [...shape] }));
  const f = jit((ins: Tensor[]) => {
    const y = w.ours(ins);
    return { y, first: take(ravel(y), 0) };
  });
  const count = (): number => (backend === "gpujs" ? ours.statistics().draws : throughTfjs().counts().dispatches);
  return {
    run: async (times) => {
      here();
      for (let i = 1; i < times; i++) f(xs).y.dispose();
      const { y, first } = f(xs);
      y.dispose();
      await first.data();
    },
    result: async () => {
      here();
      const before = count();
      const { y } = f(xs);
      (dispatches[w.name] ??= {})[backend] = count() - before;
      return [...(await y.data())].map(Number);
    },
  };
};

const peer = (w: Work): Contestant => {
  const xs = w.inputs.map(({ data, shape }) => tf.tensor(data(), [...shape]));
  const one = () => tf.tidy(() => w.tfjs(xs));
  return {
    run: async (times) => {
      for (let i = 1; i < times; i++) one().dispose();
      const y = one();
      const first = tf.tidy(() => tf.slice(tf.reshape(y, [-1]), [0], [1]));
      y.dispose();
      await first.data();
      first.dispose();
    },
    result: async () => {
      const y = one();
      const data = await y.data();
      y.dispose();
      return data;
    },
  };
};

const row = (w: Work): Row => ({
  name: w.name,
  about: w.about,
  ...(w.flops !== undefined && { flops: w.flops }),
  units,
  reference: () => w.reference(),
  contestants: {
    ansatz: () => compiled(w, "gpujs"),
    "ansatz on tfjs-webgl": () => compiled(w, "tfjs"),
    "tfjs-webgl": () => peer(w),
  },
});

const size = 10 ** 6;
const chain: Work = {
  name: "webgl-chain",
  about: "ten elementwise ops on 10⁶ numbers",
  inputs: [{ data: () => ramp32(size), shape: [size] }],
  reference: () =>
    ramp(size).map((v) => {
      let y = v;
      for (let i = 0; i < 2; i++) y = Math.sqrt(Math.abs(y * v + v)) - 0.5 * v;
      return y;
    }),
  ours: ([x]) => {
    let y = x;
    for (let i = 0; i < 2; i++) y = sub(sqrt(abs(add(mul(y, x), x))), mul(0.5, x));
    return y;
  },
  tfjs: ([x]) => {
    let y = x;
    for (let i = 0; i < 2; i++) y = tf.sub(tf.sqrt(tf.abs(tf.add(tf.mul(y, x), x))), tf.mul(0.5, x));
    return y;
  },
};

const products = [256, 512, 1024].map(
  (n): Work => ({
    name: `webgl-product-${n}`,
    about: `a product of two ${n} × ${n} matrices`,
    flops: 2 * n ** 3,
    inputs: [1, 0.5].map((scale) => ({ data: () => ramp32(n * n, scale), shape: [n, n] })),
    reference: () => product(ramp32(n * n), ramp32(n * n, 0.5), n, n, n),
    ours: ([a, b]) => matmul(a, b),
    tfjs: ([a, b]) => tf.matMul(a, b),
  }),
);

const [rows, columns] = [256, 1024];
const softmaxRow: Work = {
  name: "webgl-softmax",
  about: "softmax of 256 rows of 1024",
  inputs: [{ data: () => ramp32(rows * columns, 4), shape: [rows, columns] }],
  reference: () => {
    const x = ramp32(rows * columns, 4);
    const y = new Float64Array(x.length);
    for (let i = 0; i < rows; i++) {
      const line = x.subarray(i * columns, (i + 1) * columns);
      const e = Float64Array.from(line, (v) => Math.exp(v));
      const total = e.reduce((s, v) => s + v, 0);
      y.set(
        e.map((v) => v / total),
        i * columns,
      );
    }
    return y;
  },
  ours: ([x]) => softmax(x),
  tfjs: ([x]) => tf.softmax(x),
};

const batch = 256;
const widths = [2, 64, 64, 2];
const scales = [0.7, 0.125, 0.125];
const network: Work = {
  name: "webgl-step",
  about: "the gradient step of a 2-64-64-2 tanh network, batch 256: the new last weights",
  flops: 6.62e6,
  inputs: [
    { data: () => ramp32(batch * 2), shape: [batch, 2] },
    { data: () => ramp32(batch * 2, 0.5), shape: [batch, 2] },
    ...scales.map((s, l) => ({ data: () => ramp32(widths[l] * widths[l + 1], s), shape: [widths[l], widths[l + 1]] })),
  ],
  reference: () => {
    const [x, y] = [ramp32(batch * 2), ramp32(batch * 2, 0.5)];
    const w = scales.map((s, l) => ramp32(widths[l] * widths[l + 1], s));
    const h1 = product(x, w[0], batch, 2, 64).map(Math.tanh);
    const h2 = product(h1, w[1], batch, 64, 64).map(Math.tanh);
    const d = product(h2, w[2], batch, 64, 2).map((v, i) => (2 * (v - y[i])) / (2 * batch));
    const out = Float64Array.from(w[2]);
    for (let b = 0; b < batch; b++)
      for (let i = 0; i < 64; i++) for (let j = 0; j < 2; j++) out[i * 2 + j] -= 0.05 * h2[b * 64 + i] * d[b * 2 + j];
    return out;
  },
  ours: ([x, y, ...w]) => {
    const loss = (p: Tensor[]): Tensor => mean(square(sub(matmul(tanh(matmul(tanh(matmul(x, p[0])), p[1])), p[2]), y)));
    const { grad } = valueAndGrad(loss)(w);
    return tree.map((v: Tensor, g: Tensor) => sub(v, mul(0.05, g)), w, grad as Tensor[])[2];
  },
  tfjs: ([x, y, ...w]) => {
    const loss = (...p: tf.Tensor[]): tf.Scalar =>
      tf.mean(tf.square(tf.sub(tf.matMul(tf.tanh(tf.matMul(tf.tanh(tf.matMul(x, p[0])), p[1])), p[2]), y)));
    const { grads } = tf.valueAndGrads(loss)(w);
    return w.map((v, i) => tf.sub(v, tf.mul(0.05, grads[i])))[2];
  },
};

const [images, channels, filters, side] = [8, 8, 16, 28];
const convolution: Work = {
  name: "webgl-conv",
  about: "eight images of 8 × 28 × 28, sixteen filters of 3 × 3, each library in its own layout",
  flops: 2 * images * filters * side * side * channels * 9,
  inputs: [
    { data: () => ramp32(images * channels * side * side), shape: [images, channels, side, side] },
    { data: () => ramp32(filters * channels * 9, 0.2), shape: [filters, channels, 3, 3] },
  ],
  reference: () => {
    const x = ramp32(images * channels * side * side);
    const w = ramp32(filters * channels * 9, 0.2);
    const out = new Float64Array(images * filters * side * side);
    let at = 0;
    for (let n = 0; n < images; n++)
      for (let o = 0; o < filters; o++)
        for (let i = 0; i < side; i++)
          for (let j = 0; j < side; j++, at++)
            for (let c = 0; c < channels; c++)
              for (let t = 0; t < 9; t++) {
                const [p, q] = [i + Math.floor(t / 3) - 1, j + (t % 3) - 1];
                if (p < 0 || q < 0 || p >= side || q >= side) continue;
                out[at] += x[((n * channels + c) * side + p) * side + q] * w[(o * channels + c) * 9 + t];
              }
    return out;
  },
  ours: ([x, w]) => conv2d(x, w, { padding: "same" }),
  tfjs: ([x, w]) => {
    const image = tf.transpose(x, [0, 2, 3, 1]) as tf.Tensor4D;
    const y = tf.conv2d(image, tf.transpose(w, [2, 3, 1, 0]) as tf.Tensor4D, 1, "same");
    return tf.transpose(y, [0, 3, 1, 2]);
  },
};

export const webglRows: readonly Row[] = [chain, ...products, softmaxRow, network, convolution].map(row);
