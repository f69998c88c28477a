import { grad } from "@ansatz/autodiff";
import { gradientDescent, inverseTimeDecay, sgd } from "@ansatz/optimization";
import { mul, scan, square, stack, sub, sum, type Tensor, type TensorLike, take, toTensor, vmap } from "@ansatz/tensor";

/** All subsets of `size` of 0 … n − 1. */
export const batches = (n: number, size: number): number[][] => {
  if (size === 0) return [[]];
  if (size > n) return [];
  return [...batches(n - 1, size), ...batches(n - 1, size - 1).map((b) => [...b, n - 1])];
};

/**
 * Gradients of the mean loss over every batch of a size, enumerated: [number of batches, …params]. Their mean is the full gradient (the batch gradient is
 * unbiased); their variance is (1/B)(1 − (B − 1)/(N − 1)) times that of single examples.
 */
export const batchGradients = (
  loss: (params: Tensor, rows: Tensor) => Tensor,
  params: TensorLike,
  data: TensorLike,
  size: number,
): Tensor => {
  const rows = toTensor(data, "batchGradients");
  const gradient = grad((p: Tensor, b: Tensor) => loss(p, b));
  return stack(batches(rows.shape[0], size).map((b) => gradient(params, take(rows, b, 0))));
};

/** Mean and variance (the population's) of rows. */
export const moments = (x: Tensor): { readonly mean: Tensor; readonly variance: Tensor } => {
  const n = x.shape[0];
  const mean = mul(1 / n, sum(x, 0));
  return { mean, variance: mul(1 / n, sum(square(vmap((row: Tensor) => sub(row, mean))(x)), 0)) };
};

/**
 * Descent on ½(x − X_t)² with η_t = 1/t, t = 1, 2, …: its iterates are exactly the running means of X, wherever it starts. Returns all of them.
 */
export const runningMeans = (samples: TensorLike, start = 0): Tensor => {
  const descent = gradientDescent((x: Tensor, s: Tensor) => mul(0.5, square(sub(x, s))), sgd(inverseTimeDecay(1)));
  const first = descent.init(start);
  return scan(
    (state: typeof first, s: Tensor) => {
      const next = descent.step(state, s).state;
      return [next, next.params] as const;
    },
    first,
    samples,
  )[1];
};
