import { grad, jvp } from "@ansatz/autodiff";
import { costlyFunctions, finiteDifferences, gradientFlops } from "@ansatz/experiments";
import { abs, eye, index, key, max, normal, stack, sub, type Tensor } from "@ansatz/tensor";
import type { LiveRun } from "../../../live/protocol";
import type { CostConfig, CostFrame, CostRow } from "./protocol";

/** Clocks of browsers are coarse: a method is repeated until a batch lasts this long, and batches until the budget is spent. The least counts: what disturbs only adds. */
const batchMs = 3;
const budgetMs = 60;

const secondsOf = (work: () => Tensor): { seconds: number; result: Tensor } => {
  let result = work();
  const batch = (count: number): number => {
    const start = performance.now();
    for (let i = 0; i < count; i++) result = work();
    result.dataSync();
    return performance.now() - start;
  };
  batch(1); // what is compiled is compiled now
  const began = performance.now();
  let count = 1;
  let took = batch(count);
  while (took < batchMs) {
    count *= 2;
    took = batch(count);
  }
  let least = took / count;
  while (performance.now() - began < budgetMs) least = Math.min(least, batch(count) / count);
  return { seconds: least / 1000, result };
};

/** One gradient in d dimensions by each method: operations counted in the programs, seconds measured. */
export const costRow = (f: (x: Tensor) => Tensor, dimension: number): CostRow => {
  const x = normal(key(dimension), [dimension], { dtype: "float64" });
  const axes = eye(dimension, dimension, { dtype: "float64" });
  const [counted] = gradientFlops(f, [dimension]);
  if (!counted) throw new RangeError(`costRow: nothing was counted in ${dimension} dimensions`);
  const once = secondsOf(() => f(x));
  const differences = secondsOf(() => finiteDifferences(f, x, { h: 1e-4 }).gradient);
  const forward = secondsOf(() =>
    stack(Array.from({ length: dimension }, (_, i) => jvp(f, [x], [index(axes, i)]).tangent as Tensor)),
  );
  const reverse = secondsOf(() => grad((y: Tensor) => f(y))(x) as Tensor);
  return {
    dimension,
    function: { flops: counted.function, seconds: once.seconds },
    differences: { flops: counted.differences, seconds: differences.seconds },
    forward: { flops: counted.forward, seconds: forward.seconds },
    reverse: { flops: counted.reverse, seconds: reverse.seconds },
    disagreement: max(abs(sub(forward.result, reverse.result))).item() as number,
  };
};

/** The experiment as a run of the Worker: each step doubles the dimension. */
export const startCosts = ({ f, doublings }: CostConfig): LiveRun<null, CostFrame> => {
  const rows: CostRow[] = [];
  return {
    backend: "wasm",
    get step() {
      return rows.length;
    },
    get done() {
      return rows.length >= doublings;
    },
    advance() {
      if (rows.length < doublings) rows.push(costRow(costlyFunctions[f], 2 ** (rows.length + 1)));
    },
    frame: () => ({ frame: { rows: [...rows] }, transfer: [] }),
    dispose() {},
  };
};
