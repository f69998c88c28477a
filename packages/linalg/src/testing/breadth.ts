import { add, div, exp, eye, matmul, matrixTranspose, mul, sum, type Tensor, tensor } from "@ansatz/tensor";
import * as linalg from "../index";
import { random } from "./matrices";

/** What the rows of `breadth.test.ts` are made of. */
export interface Row {
  /** What is exercised, by the names of the exports. */
  readonly of: readonly string[];
  readonly f: (x: Tensor) => Tensor;
  readonly at: (seed: number) => Tensor;
  /** Whether f takes a stack [3, ...] as it stands. */
  readonly leading?: boolean;
  /** Derivatives checked; or why there are none. */
  readonly order?: 1 | 2 | string;
  /** Relative error in float32, in units of 2^-23: 64 unless the example is worse conditioned; iterations stop at √ε, some 3,000 of them. */
  readonly single?: number;
  readonly tolerance?: number;
}

export const T = matrixTranspose;
export const general = (seed: number): Tensor => add(random([4, 4], seed), mul(2, eye(4)));
export const definite = (seed: number): Tensor => {
  const a = random([4, 4], seed);
  return add(matmul(a, T(a)), mul(2, eye(4)));
};
export const symmetric = (seed: number): Tensor => {
  const a = random([4, 4], seed);
  return add(
    add(a, T(a)),
    mul(
      3,
      tensor([
        [0, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 2, 0],
        [0, 0, 0, 3],
      ]),
    ),
  );
};
export const large = (seed: number): Tensor => {
  const a = random([9, 9], seed);
  return add(mul(0.3, add(a, T(a))), mul(eye(9), [1, 2, 3, 4, 5, 6, 7, 8, 10]));
};
export const tall = (seed: number): Tensor => random([5, 3], seed);
export const b = [1, -2, 0.5, 3];
export const s = (x: Tensor): Tensor => mul(0.5, add(x, T(x)));
export const tight = { rtol: 1e-13, maxSteps: 200 };
export const loose = (x: Tensor, o: object): object => (x.dtype === "float32" ? {} : o);
/** What does not see signs of columns. */
export const sq = (x: Tensor): Tensor => mul(x, x);
export const pattern = linalg.sparsePattern({
  shape: [4, 4],
  rows: [0, 0, 1, 1, 1, 2, 2, 2, 3, 3],
  columns: [0, 1, 0, 1, 2, 1, 2, 3, 2, 3],
});
export const lowerPattern = linalg.sparsePattern({
  shape: [4, 4],
  rows: [0, 1, 1, 2, 2, 3, 3],
  columns: [0, 0, 1, 1, 2, 0, 3],
});
export const random4 = (seed: number): Tensor => random([4, 4], seed);
export const start4 = (x: Tensor): Tensor => tensor([1, 0.5, -0.4, 0.3]).astype(x.dtype);
export const eigenTol = (x: Tensor) => ({ tol: x.dtype === "float32" ? 1e-5 : 1e-13, maxSteps: 3000 });
export const diagonal3 = linalg.cpToTensor({ weights: tensor([3, 2, 1]), factors: [eye(3), eye(3), eye(3)] });
/** A tensor of rank 2 made of a matrix. */
export const lowRank = (x: Tensor): Tensor =>
  linalg.cpToTensor({ weights: tensor([2, 1]).astype(x.dtype), factors: [x, mul(x, x), add(x, 1)] });
export const stochastic = (x: Tensor): Tensor => {
  const p = exp(x);
  return div(p, sum(p, -1, { keepDims: true }));
};
export const tri = (seed: number): Tensor => add(mul(0.3, random([10], seed)), [4, 1, 1, 4, 1, 1, 4, 1, 1, 4]);
