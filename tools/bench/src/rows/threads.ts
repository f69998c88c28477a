import { wasmBackend } from "@ansatz/backend-wasm";
import { startThreads, type Threads } from "@ansatz/backend-wasm/threads";
import { exp, jit, logsumexp, matmul, scope, type Tensor, tensor, toBackend } from "@ansatz/tensor";
import { expUlps } from "../exact-exp";
import type { Contestant, Row } from "../harness";
import { product, ramp, ramp32 } from "../inputs";

/** Compiled work on one backend: with two threads ours, with one the peer. */
const contestants = (inputs: () => Tensor[], f: (xs: readonly Tensor[]) => Tensor): Row["contestants"] => {
  const on = async (backend: ReturnType<typeof wasmBackend>, threads?: Threads): Promise<Contestant> => {
    // Without this the call would run where tensors of no backend go.
    const xs = await toBackend(inputs(), backend);
    const g = jit(f);
    return {
      run: () => scope(() => void g(xs)),
      result: () => {
        const data = g(xs).dataSync() as Float64Array;
        if (threads && backend.stats().jobsShared === 0) throw new Error("nothing was shared");
        return data;
      },
      dispose: () => threads?.dispose(),
    };
  };
  return {
    ansatz: async () => {
      const threads = await startThreads(2);
      return on(wasmBackend({ threads }), threads);
    },
    "1 thread": () => on(wasmBackend()),
  };
};

const n = 512;
const million = 10 ** 6;

export const threadRows: readonly Row[] = [
  {
    name: "threads-matmul-512-f32",
    about: "a 512 × 512 by 512 × 512 product in float32, two threads",
    flops: 2 * n ** 3,
    reference: () => product(ramp32(n * n), ramp32(n * n, 0.5), n, n, n),
    contestants: contestants(
      () => [1, 0.5].map((scale) => tensor(ramp32(n * n, scale), { shape: [n, n] })),
      ([a, b]) => matmul(a, b),
    ),
  },
  {
    name: "threads-exp-1e6-f64",
    about: "exp over a million numbers, float64, two threads",
    reference: () => ramp(million, 4),
    deviation: { unit: "ulp", of: (got, x) => expUlps(got, x, "float64") },
    contestants: contestants(
      () => [tensor(ramp(million, 4))],
      ([x]) => exp(x),
    ),
  },
  {
    name: "threads-logsumexp-1e6-f32",
    about: "log Σ e^x over a million float32, two threads",
    reference: () => {
      const x = ramp32(million, 10);
      return new Float64Array([Math.log(x.reduce((s, v) => s + Math.exp(v - 10), 0)) + 10]);
    },
    contestants: contestants(
      () => [tensor(ramp32(million, 10))],
      ([x]) => logsumexp(x),
    ),
  },
];
