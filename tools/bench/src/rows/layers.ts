import { add, jit, matmul, maximum, mul, softmax, type Tensor, tensor, transpose } from "@ansatz/tensor";
import type { Row } from "../harness";
import { product, ramp32, transposed } from "../inputs";
import { jaxJsPeer } from "../peers/jax-js";
import { pythonPeer } from "../peers/python";
import { tfjsPeer } from "../peers/tfjs";

/** Products between elementwise work, over so many rows that what lies between them fits no cache. */
const batch = 65_536;
const widths = [2, 64, 64, 2] as const;
const points = (): Float32Array => ramp32(batch * widths[0]);
const weights = (): Float32Array[] => [0, 1, 2].map((l) => ramp32(widths[l] * widths[l + 1], l === 0 ? 0.7 : 0.125));
const biases = (): Float32Array[] => [0, 1, 2].map((l) => ramp32(widths[l + 1], 0.1));

const network: Row = {
  name: "mlp-forward-65536-f32",
  about: "a 2-64-64-2 network with relu on 65536 rows, float32",
  flops: 2 * batch * (2 * 64 + 64 * 64 + 64 * 2),
  reference: () => {
    const [w, b] = [weights(), biases()];
    let h = Float64Array.from(points());
    for (let l = 0; l < 3; l++)
      h = product(h, w[l], batch, widths[l], widths[l + 1]).map((v, i) => {
        const z = v + b[l][i % widths[l + 1]];
        return l < 2 ? Math.max(z, 0) : z;
      });
    return h;
  },
  contestants: {
    ansatz: () => {
      const x = tensor(points(), { shape: [batch, 2] });
      const w = weights().map((v, l) => tensor(v, { shape: [widths[l], widths[l + 1]] }));
      const b = biases().map((v) => tensor(v));
      const f = jit((t: Tensor) =>
        w.reduce((h, v, l) => {
          const z = add(matmul(h, v), b[l]);
          return l < 2 ? maximum(z, 0) : z;
        }, t),
      );
      return { run: () => f(x), result: () => f(x).data() };
    },
    "tfjs-wasm": tfjsPeer(
      "wasm",
      (tf) => [
        tf.tensor2d(points(), [batch, 2]),
        ...weights().map((v, l) => tf.tensor2d(v, [widths[l], widths[l + 1]])),
        ...biases().map((v) => tf.tensor1d(v)),
      ],
      (tf, x, ...p) =>
        [0, 1, 2].reduce((h, l) => {
          const z = tf.add(tf.matMul(h, p[l]), p[l + 3]);
          return l < 2 ? tf.relu(z) : z;
        }, x),
    ),
    "jax-js": jaxJsPeer(
      (numpy) => [
        numpy.array(points()).reshape([batch, 2]),
        ...weights().map((v, l) => numpy.array(v).reshape([widths[l], widths[l + 1]])),
        ...biases().map((v) => numpy.array(v)),
      ],
      ({ numpy, nn }, x, ...p) =>
        [0, 1, 2].reduce((h, l) => {
          const z = numpy.matmul(h, p[l]).add(p[l + 3]);
          return l < 2 ? nn.relu(z) : z;
        }, x),
    ),
    numpy: pythonPeer("numpy", "mlp-forward-65536-f32"),
    pytorch: pythonPeer("torch", "mlp-forward-65536-f32"),
  },
};

const tokens = 2048;
const head = 64;
const operands = (): Float32Array[] => [1, 1, 0.5].map((scale) => ramp32(tokens * head, scale));

const attention: Row = {
  name: "attention-2048-f32",
  about: "softmax(QKᵀ/8)·V for 2048 tokens, one head of 64, float32",
  flops: 4 * tokens * tokens * head,
  reference: () => {
    const [q, k, v] = operands();
    const scores = product(q, transposed(k, tokens, head), tokens, head, tokens);
    for (let i = 0; i < tokens; i++) {
      const row = scores.subarray(i * tokens, (i + 1) * tokens);
      const most = row.reduce((m, s) => Math.max(m, s), Number.NEGATIVE_INFINITY);
      row.forEach((s, j) => {
        row[j] = Math.exp((s - most) / 8);
      });
      const total = row.reduce((s, e) => s + e, 0);
      row.forEach((e, j) => {
        row[j] = e / total;
      });
    }
    return product(scores, v, tokens, tokens, head);
  },
  contestants: {
    ansatz: () => {
      const [q, k, v] = operands().map((x) => tensor(x, { shape: [tokens, head] }));
      const f = jit((a: Tensor, b: Tensor, c: Tensor) => matmul(softmax(mul(matmul(a, transpose(b)), 1 / 8)), c));
      return { run: () => f(q, k, v), result: () => f(q, k, v).data() };
    },
    "tfjs-wasm": tfjsPeer(
      "wasm",
      (tf) => operands().map((x) => tf.tensor2d(x, [tokens, head])),
      (tf, q, k, v) => tf.matMul(tf.softmax(tf.mul(tf.matMul(q, k, false, true), 1 / 8)), v),
    ),
    "jax-js": jaxJsPeer(
      (numpy) => operands().map((x) => numpy.array(x).reshape([tokens, head])),
      ({ numpy, nn }, q, k, v) => numpy.matmul(nn.softmax(numpy.matmul(q, numpy.transpose(k)).mul(1 / 8), -1), v),
    ),
    numpy: pythonPeer("numpy", "attention-2048-f32"),
    pytorch: pythonPeer("torch", "attention-2048-f32"),
  },
};

export const layerRows: readonly Row[] = [network, attention];
