import { type DType, ShapeError } from "@ansatz/backend";
import type { Tensor } from "../core/tensor";
import { type TensorLike, toTensor } from "../core/tensor-like";

export interface Closeness {
  /** |a - e| ≤ atol + rtol·|e|. Both 0 unless told: equal. */
  readonly rtol?: number;
  readonly atol?: number;
  /** The dtype a must have. */
  readonly dtype?: DType;
}

/**
 * Throws unless `actual` has the shape of `expected` and agrees with it entry by entry; NaN agrees with NaN, an infinity with itself.
 *
 * @throws {ShapeError} naming both shapes   @throws {Error} naming the worst entry
 */
export const assertClose = (
  actual: TensorLike,
  expected: TensorLike,
  { rtol = 0, atol = 0, dtype }: Closeness = {},
): void => {
  const a: Tensor = toTensor(actual, "assertClose");
  const e: Tensor = toTensor(expected, "assertClose");
  if (a.shape.length !== e.shape.length || a.shape.some((n, i) => n !== e.shape[i]))
    throw new ShapeError("assertClose", "the shapes differ", { actual: a.shape, expected: e.shape });
  if (dtype !== undefined && a.dtype !== dtype) throw new Error(`assertClose: expected ${dtype}, got ${a.dtype}`);
  const xs = Array.from(a.dataSync() as ArrayLike<number>, Number);
  const ys = Array.from(e.dataSync() as ArrayLike<number>, Number);
  let worst = -1;
  let excess = 1;
  xs.forEach((x, i) => {
    const y = ys[i];
    if (Object.is(x, y) || x === y) return;
    const ratio = Math.abs(x - y) / (atol + rtol * Math.abs(y));
    if (!(ratio <= excess)) {
      excess = Number.isNaN(ratio) ? Number.POSITIVE_INFINITY : ratio;
      worst = i;
    }
  });
  if (worst < 0) return;
  const at: number[] = [];
  for (let k = a.shape.length - 1, rest = worst; k >= 0; k--) {
    at.unshift(rest % a.shape[k]);
    rest = Math.floor(rest / a.shape[k]);
  }
  throw new Error(
    `assertClose: at [${at}] got ${xs[worst]}, expected ${ys[worst]} (difference ${Math.abs(xs[worst] - ys[worst])}; atol ${atol}, rtol ${rtol})`,
  );
};
