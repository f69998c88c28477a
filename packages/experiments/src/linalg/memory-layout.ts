import { asStrided, isContiguous, rowMajorStrides } from "@ansatz/linalg";
import { DomainError, jit, key, ready, sum, type Tensor, transpose, uniform } from "@ansatz/tensor";

/** Exercise 1.1.3(3): where entries lie in memory, and what that costs. */

/** The place of an entry of a row-major array: Σ i_a s_a. @example address([2, 3], [1, 2]) // 5 */
export const address = (shape: readonly number[], at: readonly number[]): number => {
  const strides = rowMajorStrides(shape);
  at.forEach((i, a) => {
    if (!(i >= 0 && i < shape[a])) throw new DomainError("address", "the index lies outside", { shape, at });
  });
  return at.reduce((s, i, a) => s + i * strides[a], 0);
};

/** Operations for each byte that moves between memory and processor. */
export const arithmeticIntensity = (flops: number, bytes: number): number => flops / bytes;
/** The roofline: min(peak, bandwidth · intensity), in the units of the peak. */
export const roofline = (peak: number, bandwidth: number, intensity: number): number =>
  Math.min(peak, bandwidth * intensity);

export interface LayoutTiming {
  /** Shortest time in milliseconds to add up along contiguous rows, and along columns that lie `side` apart. */
  readonly rows: number;
  readonly columns: number;
  /** Whether both gave the same numbers. */
  readonly agree: boolean;
}
/** Sums of a matrix [side, side] along its rows and of its transposed layout; timings are reported, not judged. */
export const timeLayouts = async (side: number, repeats = 5): Promise<LayoutTiming> => {
  const m = uniform(key(0), [side, side], { dtype: "float64" });
  const strides = [1, side];
  if (isContiguous([side, side], strides) && side > 1)
    throw new DomainError("timeLayouts", "the columns must lie apart", { side });
  const turned = asStrided(transpose(m), { shape: [side, side], strides });
  const [along, across] = [jit((x: Tensor) => sum(x, 1)), jit((x: Tensor) => sum(transpose(x), 0))];
  const time = async (f: (x: Tensor) => unknown): Promise<number> => {
    let best = Infinity;
    for (let i = 0; i < repeats; i++) {
      const start = performance.now();
      await ready(f(m) as Tensor);
      best = Math.min(best, performance.now() - start);
    }
    return best;
  };
  const [rows, columns] = [await time(along), await time(across)];
  const [a, b] = [along(m) as Tensor, sum(turned, 1)].map((t) => Array.from(t.dataSync(), Number));
  return { rows, columns, agree: a.every((v, i) => Math.abs(v - b[i]) <= 1e-12 * side) };
};
