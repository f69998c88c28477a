import { abs, add, exp, jit, pow, sin, type Tensor, tensor } from "@ansatz/tensor";
import * as np from "numpy-ts";
import { expUlps } from "../exact-exp";
import type { Row } from "../harness";
import { ramp } from "../inputs";
import { jaxJsPeer } from "../peers/jax-js";
import { pythonPeer } from "../peers/python";
import { tfjsPeers } from "../peers/tfjs";

const n = 1_000_000;

/** exp over 10⁶ numbers in [-4, 4); the error is in ulp, against exact values. */
const expRow = (dtype: "float32" | "float64"): Row => {
  const x = () => (dtype === "float64" ? ramp(n, 4) : Float32Array.from(ramp(n, 4)));
  const name = `exp-1e6-${dtype === "float64" ? "f64" : "f32"}`;
  return {
    name,
    about: `exp over a million numbers, ${dtype}`,
    reference: () => Float64Array.from(x()),
    deviation: { unit: "ulp", of: (got, arguments_) => expUlps(got, arguments_, dtype) },
    contestants: {
      ansatz: () => {
        const v = tensor(x());
        const f = jit((t: Tensor) => exp(t));
        return { run: () => f(v), result: () => f(v).data() };
      },
      "Math.exp": () => {
        const [v, y] = [x(), x()];
        return {
          run: () => {
            for (let i = 0; i < n; i++) y[i] = Math.exp(v[i]);
          },
          result: () => y,
        };
      },
      ...(dtype === "float32" &&
        tfjsPeers(
          (tf) => [tf.tensor1d(x() as Float32Array)],
          (tf, v) => tf.exp(v),
        )),
      "jax-js": jaxJsPeer(
        (numpy) => [numpy.array(x())],
        ({ numpy }, v) => numpy.exp(v),
      ),
      "numpy-ts": () => {
        const v = np.array(Array.from(x()), dtype);
        return { run: () => np.exp(v), result: () => np.exp(v).data as Float64Array };
      },
      numpy: pythonPeer("numpy", name),
      pytorch: pythonPeer("torch", name),
    },
  };
};

const singles = (): Float32Array => Float32Array.from(ramp(n, 4));

/** Another elementary function over 10⁶ float32 in [-4, 4). */
const singleRow = (short: string, about: string, f: (t: Tensor) => Tensor, exact: (x: number) => number): Row => ({
  name: `${short}-1e6-f32`,
  about: `${about} over a million numbers, float32`,
  reference: () => Float64Array.from(singles(), exact),
  contestants: {
    ansatz: () => {
      const v = tensor(singles());
      const g = jit(f);
      return { run: () => g(v), result: () => g(v).data() };
    },
    "typed array": () => {
      const v = singles();
      return { run: () => v.map(exact), result: () => v.map(exact) };
    },
    numpy: pythonPeer("numpy", `${short}-1e6-f32`),
    pytorch: pythonPeer("torch", `${short}-1e6-f32`),
  },
});

/** What it costs to leave results to the garbage collector, in a loop that never waits. */
const dropped: Row = {
  name: "dropped-1e6-f32",
  about: "1 + x over a million numbers, float32, the results dropped without being disposed",
  reference: () => Float64Array.from(singles(), (x) => Math.fround(1 + x)),
  contestants: {
    ansatz: () => {
      const v = tensor(singles());
      const f = jit((t: Tensor) => add(t, 1));
      // The harness disposes what it is given.
      return { run: () => void f(v), result: () => f(v).data() };
    },
    disposed: () => {
      const v = tensor(singles());
      const f = jit((t: Tensor) => add(t, 1));
      return { run: () => f(v), result: () => f(v).data() };
    },
    numpy: pythonPeer("numpy", "dropped-1e6-f32"),
    pytorch: pythonPeer("torch", "dropped-1e6-f32"),
  },
};

export const elementwiseRows: readonly Row[] = [
  expRow("float32"),
  expRow("float64"),
  singleRow("sin", "sin", sin, Math.sin),
  singleRow(
    "pow",
    "|x|^1.7",
    (t) => pow(abs(t), 1.7),
    (x) => Math.abs(x) ** Math.fround(1.7),
  ),
  dropped,
];
