import { valueAndGrad } from "@ansatz/autodiff";
import { add, jit, matmul, mean, mul, square, sub, type Tensor, tanh, tensor, tree } from "@ansatz/tensor";
import type { Row } from "../harness";
import { product, ramp32 } from "../inputs";
import { jaxJs } from "../peers/jax-js";
import { pythonPeer } from "../peers/python";
import { tfjs } from "../peers/tfjs";

/** A 2-64-64-2 tanh network on a batch of 256, mean squared error, one step of plain descent; float32. */
const batch = 256;
const widths = [2, 64, 64, 2];
const rate = 0.05;
const lossesCompared = 20;

const weights = (): Float32Array[] => [ramp32(2 * 64, 0.7), ramp32(64 * 64, 0.125), ramp32(64 * 2, 0.125)];
const biases = (): Float32Array[] => widths.slice(1).map((w) => new Float32Array(w));
const inputs = (): Float32Array => ramp32(batch * 2);
const targets = (): Float32Array => {
  const x = inputs();
  return Float32Array.from({ length: batch * 2 }, (_, i) => (i % 2 ? Math.cos(2 * x[i]) : Math.sin(3 * x[i])));
};

/** The first losses, in float64 and plain loops. */
const reference = (): Float64Array => {
  const w = weights().map((v) => Float64Array.from(v));
  const b = biases().map((v) => Float64Array.from(v));
  const x = Float64Array.from(inputs());
  const y = targets();
  const flip = (a: Float64Array, m: number, n: number): Float64Array => {
    const out = new Float64Array(m * n);
    for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) out[j * m + i] = a[i * n + j];
    return out;
  };
  return Float64Array.from({ length: lossesCompared }, () => {
    const hs = [x];
    for (let l = 0; l < 3; l++) {
      const z = product(hs[l], w[l], batch, widths[l], widths[l + 1]).map((v, i) => v + b[l][i % widths[l + 1]]);
      hs.push(l < 2 ? z.map(Math.tanh) : z);
    }
    const count = batch * 2;
    const loss = hs[3].reduce((s, v, i) => s + (v - y[i]) ** 2, 0) / count;
    let d = hs[3].map((v, i) => (2 * (v - y[i])) / count);
    for (let l = 2; l >= 0; l--) {
      const [m, n] = [widths[l], widths[l + 1]];
      const dw = product(flip(hs[l], batch, m), d, m, batch, n);
      const db = new Float64Array(n);
      for (let i = 0; i < d.length; i++) db[i % n] += d[i];
      const h = hs[l];
      const back = l > 0 ? product(d, flip(w[l], m, n), batch, n, m).map((v, i) => v * (1 - h[i] ** 2)) : d;
      w[l] = w[l].map((v, i) => v - rate * dw[i]);
      b[l] = b[l].map((v, i) => v - rate * db[i]);
      d = back;
    }
    return loss;
  });
};

export const mlpStep: Row = {
  name: "mlp-step",
  about: "one training step of a 2-64-64-2 tanh network, batch 256, float32",
  flops: 6.62e6,
  reference,
  contestants: {
    ansatz: () => {
      interface Params {
        w: Tensor[];
        b: Tensor[];
      }
      const initial = (): Params => ({
        w: weights().map((v, i) => tensor(v, { shape: [widths[i], widths[i + 1]] })),
        b: biases().map((v) => tensor(v)),
      });
      const x = tensor(inputs(), { shape: [batch, 2] });
      const y = tensor(targets(), { shape: [batch, 2] });
      const loss = ({ w, b }: Params): Tensor => {
        const h1 = tanh(add(matmul(x, w[0]), b[0]));
        const h2 = tanh(add(matmul(h1, w[1]), b[1]));
        return mean(square(sub(add(matmul(h2, w[2]), b[2]), y)));
      };
      const step = jit(
        (p: Params) => {
          const { value, grad } = valueAndGrad(loss)(p);
          return { params: tree.map((v: Tensor, g: Tensor) => sub(v, mul(rate, g)), p, grad), loss: value };
        },
        { donate: [0] },
      );
      let params = initial();
      return {
        run: () => {
          params = step(params).params as Params;
        },
        result: async () => {
          let p = initial();
          const losses: number[] = [];
          for (let i = 0; i < lossesCompared; i++) {
            const r = step(p);
            p = r.params as Params;
            losses.push(await r.loss.data().then((d) => Number(d[0])));
          }
          return losses;
        },
      };
    },
    ...Object.fromEntries(
      (["cpu", "wasm"] as const).map((engine) => [
        `tfjs-${engine}`,
        async () => {
          const { tf, on } = await tfjs(engine);
          const make = () => ({
            w: weights().map((v, i) => tf.variable(tf.tensor2d(v, [widths[i], widths[i + 1]]))),
            b: biases().map((v) => tf.variable(tf.tensor1d(v))),
          });
          const x = tf.tensor2d(inputs(), [batch, 2]);
          const y = tf.tensor2d(targets(), [batch, 2]);
          const step = ({ w, b }: ReturnType<typeof make>) => {
            const { value, grads } = tf.variableGrads(() => {
              const h1 = tf.tanh(tf.add(tf.matMul(x, w[0]), b[0]));
              const h2 = tf.tanh(tf.add(tf.matMul(h1, w[1]), b[1]));
              return tf.mean(tf.square(tf.sub(tf.add(tf.matMul(h2, w[2]), b[2]), y))) as ReturnType<typeof tf.scalar>;
            }, [...w, ...b]);
            for (const v of [...w, ...b]) v.assign(tf.tidy(() => tf.sub(v, tf.mul(rate, grads[v.name]))));
            tf.dispose(grads);
            return value;
          };
          const state = make();
          return {
            run: () => on(() => tf.dispose(step(state))),
            result: async () => {
              const fresh = on(make);
              const losses: number[] = [];
              for (let i = 0; i < lossesCompared; i++) losses.push((await on(() => step(fresh).data()))[0]);
              return losses;
            },
          };
        },
      ]),
    ),
    "jax-js": async () => {
      const { numpy: np, jit: jaxJit, valueAndGrad: jaxGrad, tree: jaxTree } = await jaxJs();
      type A = ReturnType<typeof np.zeros>;
      type P = { w: A[]; b: A[] };
      const initial = (): P => ({
        w: weights().map((v, i) => np.array(v).reshape([widths[i], widths[i + 1]])),
        b: biases().map((v) => np.array(v)),
      });
      const x = np.array(inputs()).reshape([batch, 2]);
      const y = np.array(targets()).reshape([batch, 2]);
      const loss = ({ w, b }: P): A => {
        const h1 = np.tanh(np.matmul(x.ref, w[0]).add(b[0]));
        const h2 = np.tanh(np.matmul(h1, w[1]).add(b[1]));
        return np.mean(np.square(np.matmul(h2, w[2]).add(b[2]).sub(y.ref)));
      };
      const step = jaxJit((p: P) => {
        const [value, grad] = jaxGrad(loss)(jaxTree.ref(p)) as [A, P];
        const next = jaxTree.map((v: A, g: A) => v.sub(g.mul(rate)), p, grad) as P;
        return [next, value] as [P, A];
      });
      let params = initial();
      return {
        run: async () => {
          const [next, value] = step(params) as [P, A];
          params = next;
          await value.data();
        },
        result: async () => {
          let p = initial();
          const losses: number[] = [];
          for (let i = 0; i < lossesCompared; i++) {
            const [next, value] = step(p) as [P, A];
            p = next;
            losses.push((await value.data())[0]);
          }
          return losses;
        },
      };
    },
    pytorch: pythonPeer("torch", "mlp-step"),
  },
};
