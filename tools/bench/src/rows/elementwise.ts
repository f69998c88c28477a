import { exp, jit, type Tensor, tensor } from "@ansatz/tensor";
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

export const elementwiseRows: readonly Row[] = [expRow("float32"), expRow("float64")];
