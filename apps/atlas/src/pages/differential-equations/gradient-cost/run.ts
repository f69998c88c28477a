import { grad, jvp } from "@ansatz/autodiff";
import { costlyFunctions, finiteDifferences, gradientFlops } from "@ansatz/experiments";
import { abs, eye, index, key, max, normal, stack, sub, type Tensor } from "@ansatz/tensor";
import type { LiveRun } from "../../../live/protocol";
import type { CostConfig, CostFrame, CostRow } from "./protocol";

/**
 * Clocks of browsers are coarse and machines are busy: a method is repeated until a batch lasts this long, batches of the methods take turns, and the
 * least time of each counts, for what disturbs only adds.
 */
const batchMs = 2;
const budgetMs = 300;
const fewestRounds = 4;

const secondsOf = (works: readonly (() => Tensor)[]): { readonly seconds: number; readonly result: Tensor }[] => {
  const timed = works.map((work) => {
    let result = work();
    const batch = (count: number): number => {
      const start = performance.now();
      for (let i = 0; i < count; i++) result = work();
      result.dataSync();
      return performance.now() - start;
    };
    batch(1); // what is compiled is compiled now
    let count = 1;
    while (batch(count) < batchMs) count *= 2;
    return { once: () => batch(count) / count, result };
  });
  const least = works.map(() => Number.POSITIVE_INFINITY);
  const began = performance.now();
  for (let round = 0; round < fewestRounds || performance.now() - began < budgetMs; round++)
    timed.forEach(({ once }, i) => (least[i] = Math.min(least[i] as number, once())));
  return timed.map(({ result }, i) => ({ seconds: (least[i] as number) / 1000, result }));
};

/** One gradient in d dimensions by each method: operations counted in the programs, seconds measured. */
export const costRow = (f: (x: Tensor) => Tensor, dimension: number): CostRow => {
  const x = normal(key(dimension), [dimension], { dtype: "float64" });
  const axes = eye(dimension, dimension, { dtype: "float64" });
  const [counted] = gradientFlops(f, [dimension]);
  const [once, differences, forward, reverse] = secondsOf([
    () => f(x),
    () => finiteDifferences(f, x, { h: 1e-4 }).gradient,
    () => stack(Array.from({ length: dimension }, (_, i) => jvp(f, [x], [index(axes, i)]).tangent as Tensor)),
    () => grad((y: Tensor) => f(y))(x) as Tensor,
  ]);
  if (!counted || !once || !differences || !forward || !reverse)
    throw new RangeError(`costRow: nothing was measured in ${dimension} dimensions`);
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
