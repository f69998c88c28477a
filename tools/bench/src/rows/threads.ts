import { wasmBackend } from "@ansatz/backend-wasm";
import { startThreads } from "@ansatz/backend-wasm/threads";
import { exp, jit, matmul, type Tensor, tensor, withBackend } from "@ansatz/tensor";
import { expUlps } from "../exact-exp";
import type { Contestant, Row } from "../harness";
import { product, ramp, ramp32 } from "../inputs";

/** Compiled work on one backend: with two threads ours, with one the peer. */
const contestants = (inputs: () => Tensor[], f: (xs: readonly Tensor[]) => Tensor): Row["contestants"] => {
  const on = (backend: ReturnType<typeof wasmBackend>): Contestant => {
    const xs = withBackend(backend, inputs);
    const g = jit(f);
    const call = (): Tensor => g(xs);
    return { run: call, result: () => call().data() as Promise<Float32Array | Float64Array> };
  };
  return {
    ansatz: async () => {
      const threads = await startThreads(2);
      return { ...on(wasmBackend({ threads })), dispose: () => threads.dispose() };
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
];
