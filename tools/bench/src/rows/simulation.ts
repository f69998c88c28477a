import { add, jit, key, mean, mul, normal, scan, scope, split, square, sub, type Tensor, zeros } from "@ansatz/tensor";
import type { Row } from "../harness";
import { pythonPeer } from "../peers/python";

const [paths, steps, dt] = [100_000, 1000, 1e-3];

/** dX = -X dt + dW by Euler and Maruyama from 0, in one program; the error is that of the mean square at time 1, mostly of sampling. */
const sdeRow = (dtype: "float32" | "float64"): Row => {
  const name = `sde-1e5x1e3-${dtype === "float64" ? "f64" : "f32"}`;
  return {
    name,
    about: `10⁵ paths of an Ornstein–Uhlenbeck process, 1000 steps, ${dtype}`,
    reference: () => new Float64Array([(dt * (1 - (1 - dt) ** (2 * steps))) / (1 - (1 - dt) ** 2)]),
    contestants: {
      ansatz: () => {
        const simulate = jit((k: Tensor) => {
          const step = (x: Tensor, k: Tensor): [Tensor, null] => [
            add(sub(x, mul(x, dt)), mul(normal(k, [paths], { dtype }), Math.sqrt(dt))),
            null,
          ];
          const [x] = scan(step, zeros([paths], { dtype }), split(k, steps));
          return mean(square(x));
        });
        return { run: () => scope(() => void simulate(key(0)).dataSync()), result: () => simulate(key(0)).data() };
      },
      numpy: pythonPeer("numpy", name),
    },
  };
};

export const simulationRows: readonly Row[] = [sdeRow("float32"), sdeRow("float64")];
