import { grad } from "@ansatz/autodiff";
import {
  conv2d,
  cumsum,
  indexAdd,
  jit,
  mul,
  sort,
  square,
  sum,
  type Tensor,
  take,
  tensor,
  zeros,
} from "@ansatz/tensor";
import * as np from "numpy-ts";
import type { Contestant, Row } from "../harness";
import { indices, ramp, ramp32 } from "../inputs";
import { jaxJs } from "../peers/jax-js";
import { pythonPeer } from "../peers/python";
import { tfjs } from "../peers/tfjs";

const million = 10 ** 6;
const table = 10 ** 5;

const compiled = (f: (x: Tensor, i: Tensor) => Tensor, x: Tensor, i: Tensor = x): Contestant => {
  const run = jit(f);
  return { run: () => run(x, i), result: () => run(x, i).data() };
};

const sort1e6: Row = {
  name: "sort-1e6",
  about: "10⁶ well spread numbers sorted, float64",
  reference: () => ramp(million).sort(),
  contestants: {
    ansatz: () => compiled((x) => sort(x), tensor(ramp(million))),
    "numpy-ts": () => {
      const x = np.array(Array.from(ramp(million)));
      return { run: () => np.sort(x), result: () => np.sort(x).data as Float64Array };
    },
    "typed array": () => {
      const x = ramp(million);
      return { run: () => x.slice().sort(), result: () => x.slice().sort() };
    },
    numpy: pythonPeer("numpy", "sort-1e6"),
    pytorch: pythonPeer("torch", "sort-1e6"),
  },
};
const cumsum1e6: Row = {
  name: "cumsum-1e6",
  about: "running sums of 10⁶ numbers, float32",
  reference: () => {
    let s = 0;
    return Float64Array.from(ramp32(million), (v) => (s += v));
  },
  contestants: {
    ansatz: () => compiled((x) => cumsum(x), tensor(ramp32(million))),
    "tfjs-wasm": async () => {
      const { tf, on } = await tfjs("wasm");
      const x = tf.tensor1d(ramp32(million));
      return { run: () => on(() => tf.cumsum(x).dispose()), result: () => on(() => tf.cumsum(x).data()) };
    },
    "jax-js": async () => {
      const { numpy, blockUntilReady } = await jaxJs();
      const x = numpy.array(ramp32(million));
      return {
        run: async () => {
          const y = numpy.cumsum(x.ref);
          await blockUntilReady(y);
          y.dispose();
        },
        result: () => numpy.cumsum(x.ref).data() as Promise<Float32Array>,
      };
    },
    "numpy-ts": () => {
      const x = np.array(Array.from(ramp32(million)), "float32");
      return { run: () => np.cumsum(x), result: () => np.cumsum(x).data as Float32Array };
    },
    numpy: pythonPeer("numpy", "cumsum-1e6"),
    pytorch: pythonPeer("torch", "cumsum-1e6"),
  },
};

const gather: Row = {
  name: "gather",
  about: "10⁶ of 10⁵ numbers by scattered indices, float32",
  reference: () => {
    const x = ramp32(table);
    return Float64Array.from(indices(million, table), (i) => x[i]);
  },
  contestants: {
    ansatz: () => compiled((x, i) => take(x, i), tensor(ramp32(table)), tensor(indices(million, table))),
    "tfjs-wasm": async () => {
      const { tf, on } = await tfjs("wasm");
      const [x, i] = [tf.tensor1d(ramp32(table)), tf.tensor1d(indices(million, table), "int32")];
      return { run: () => on(() => tf.gather(x, i).dispose()), result: () => on(() => tf.gather(x, i).data()) };
    },
    "numpy-ts": () => {
      const x = np.array(Array.from(ramp32(table)), "float32");
      const i = Array.from(indices(million, table));
      return { run: () => np.take(x, i), result: () => np.take(x, i).data as Float32Array };
    },
    numpy: pythonPeer("numpy", "gather"),
    pytorch: pythonPeer("torch", "gather"),
  },
};

const scatterAdd: Row = {
  name: "scatter-add",
  about: "10⁶ numbers added into 10⁵ places by scattered indices, float32",
  reference: () => {
    const out = new Float64Array(table);
    const x = ramp32(million);
    indices(million, table).forEach((i, k) => {
      out[i] += x[k];
    });
    return out;
  },
  contestants: {
    ansatz: () =>
      compiled(
        (x, i) => indexAdd(zeros([table], { dtype: "float32" }), i, x),
        tensor(ramp32(million)),
        tensor(indices(million, table)),
      ),
    "tfjs-wasm": async () => {
      const { tf, on } = await tfjs("wasm");
      const x = tf.tensor1d(ramp32(million));
      const i = tf.tensor2d(indices(million, table), [million, 1], "int32");
      const f = () => tf.scatterND(i, x, [table]);
      return { run: () => on(() => f().dispose()), result: () => on(() => f().data()) };
    },
    numpy: pythonPeer("numpy", "scatter-add"),
    pytorch: pythonPeer("torch", "scatter-add"),
  },
};

/** Images of digits through one 3 × 3 layer: [n, c, side, side] by [o, c, 3, 3], zeros around. */
const [n, c, o, side] = [32, 8, 16, 28];
const images = () => ramp32(n * c * side * side);
const kernel = () => ramp32(o * c * 9, 0.1);

/** Calls `visit(y, x, k)` with the places of an output, an input and a weight that meet. */
const meetings = (visit: (y: number, x: number, k: number) => void): void => {
  for (let b = 0; b < n; b++)
    for (let f = 0; f < o; f++)
      for (let i = 0; i < side; i++)
        for (let j = 0; j < side; j++)
          for (let g = 0; g < c; g++)
            for (let u = 0; u < 3; u++)
              for (let v = 0; v < 3; v++) {
                const [p, q] = [i + u - 1, j + v - 1];
                if (p < 0 || q < 0 || p >= side || q >= side) continue;
                visit(
                  ((b * o + f) * side + i) * side + j,
                  ((b * c + g) * side + p) * side + q,
                  ((f * c + g) * 3 + u) * 3 + v,
                );
              }
};

const convDigits: Row = {
  name: "conv-digits",
  about: "a 3 × 3 convolution of 32 images of 8 × 28 × 28 with 16 filters, forward and backward, float32",
  flops: 3 * 2 * n * o * side * side * c * 9,
  reference: () => {
    const [x, k, y] = [images(), kernel(), new Float64Array(n * o * side * side)];
    meetings((a, b, w) => {
      y[a] += x[b] * k[w];
    });
    const out = new Float64Array(x.length + k.length);
    meetings((a, b, w) => {
      out[b] += y[a] * k[w];
      out[x.length + w] += y[a] * x[b];
    });
    return out;
  },
  contestants: {
    ansatz: () => {
      const x = tensor(images(), { shape: [n, c, side, side] });
      const k = tensor(kernel(), { shape: [o, c, 3, 3] });
      const loss = (p: readonly Tensor[]): Tensor => mul(0.5, sum(square(conv2d(p[0], p[1], { padding: 1 }))));
      const f = jit((p: readonly Tensor[]) => grad(loss)(p));
      return {
        run: () => f([x, k]),
        result: async () => {
          const parts = await Promise.all((f([x, k]) as readonly Tensor[]).map((g) => g.data()));
          return parts.flatMap((p) => Array.from(p as Float32Array));
        },
      };
    },
    "tfjs-cpu": async () => {
      const { tf, on } = await tfjs("cpu");
      const x = tf.transpose(tf.tensor4d(images(), [n, c, side, side]), [0, 2, 3, 1]) as ReturnType<typeof tf.tensor4d>;
      const k = tf.transpose(tf.tensor4d(kernel(), [o, c, 3, 3]), [2, 3, 1, 0]) as ReturnType<typeof tf.tensor4d>;
      const g = tf.grads((p, q) => tf.mul(0.5, tf.sum(tf.square(tf.conv2d(p as typeof x, q as typeof k, 1, "same")))));
      return {
        run: () => on(() => tf.dispose(g([x, k]))),
        result: () =>
          on(() => {
            const [dx, dk] = g([x, k]);
            return [...tf.transpose(dx, [0, 3, 1, 2]).dataSync(), ...tf.transpose(dk, [3, 2, 0, 1]).dataSync()];
          }),
      };
    },
    pytorch: pythonPeer("torch", "conv-digits"),
  },
};

export const kernelRows: readonly Row[] = [sort1e6, cumsum1e6, gather, scatterAdd, convDigits];
