import { checkpointScan, grad } from "@ansatz/autodiff";
import { add, jit, matmul, mul, scan, sum, type Tensor, tanh, tensor } from "@ansatz/tensor";
import type { Contestant, Row } from "../harness";
import { ramp } from "../inputs";

/** The gradient by the matrix of 10,000 steps of x ← tanh(W x + b) + x/2, x of 16 numbers, float64. */
const steps = 10_000;
const size = 16;
const weights = (): Float64Array => ramp(size * size, 0.25);
const start = (): Float64Array => ramp(size, 1);
const bias = (): Float64Array => ramp(size, 0.5).map((v) => v + 0.3);

const reference = (): Float64Array => {
  const w = weights();
  const b = bias();
  const xs = [start()];
  const ys: Float64Array[] = [];
  for (let k = 0; k < steps; k++) {
    const x = xs[k];
    const y = Float64Array.from({ length: size }, (_, i) => {
      let s = b[i];
      for (let j = 0; j < size; j++) s += w[i * size + j] * x[j];
      return Math.tanh(s);
    });
    ys.push(y);
    xs.push(y.map((v, i) => v + 0.5 * x[i]));
  }
  const dw = new Float64Array(size * size);
  let g = new Float64Array(size).fill(1);
  for (let k = steps - 1; k >= 0; k--) {
    const d = ys[k].map((y, i) => g[i] * (1 - y) * (1 + y));
    const next = g.map((v) => 0.5 * v);
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) {
        dw[i * size + j] += d[i] * xs[k][j];
        next[j] += d[i] * w[i * size + j];
      }
    g = next;
  }
  return dw;
};

type Scan = typeof scan;
const contestant = (run: Scan): Contestant => {
  const x0 = tensor(start());
  const b = tensor(bias());
  const w = tensor(weights(), { shape: [size, size] });
  const gradient = jit(
    grad((m: Tensor) =>
      sum(
        run((x: Tensor) => [add(tanh(add(matmul(m, x), b)), mul(0.5, x)), null] as const, x0, null, {
          length: steps,
        })[0],
      ),
    ),
  );
  return { run: () => gradient(w), result: () => gradient(w).data() as Promise<Float64Array> };
};
const keeping =
  (snapshots?: number): Scan =>
  (f, init, xs, o) =>
    checkpointScan(f, init, xs, { ...o, ...(snapshots !== undefined && { snapshots }) });

export const scanGradient: Row = {
  name: "scan-gradient",
  about: "the gradient of 10,000 recurrent steps of 16 numbers: all carries kept, √(2n) of them, or log₂ n",
  reference,
  contestants: {
    ansatz: () => contestant(scan),
    "ansatz, √(2n) kept": () => contestant(keeping()),
    "ansatz, 14 kept": () => contestant(keeping(14)),
  },
};
