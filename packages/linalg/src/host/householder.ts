import { norm2 } from "./scaling";
import { rankOne, rowDots, rowSum } from "./vectors";

/**
 * The reflection H = I - τ v vᵀ with v₀ = 1 that takes x to (β, 0, …, 0), as LAPACK's larfg: β = -sign(x₀)‖x‖. x lies in `a` from `at`, its
 * entries `step` apart; v replaces all but its first entry, which becomes β. Returns τ, 0 when there is nothing to do.
 */
export const reflector = (a: Float64Array, at: number, n: number, step: number): number => {
  if (n <= 1) return 0;
  const rest = norm2(a, at + step, n - 1, step);
  if (rest === 0) return 0;
  const alpha = a[at];
  const size = Math.max(Math.abs(alpha), rest);
  const beta = -(alpha < 0 ? -1 : 1) * size * Math.sqrt((alpha / size) ** 2 + (rest / size) ** 2);
  const head = alpha - beta;
  for (let i = 1, k = at + step; i < n; i++, k += step) a[k] /= head;
  a[at] = beta;
  return -head / beta;
};

/**
 * C ← (I - τ v vᵀ) C for rows [r0, r1), columns [c0, c1) of C with `width` columns; v in `v` from `at`, `step` apart, v₀ = 1 implied (what stands there
 * is put back). `w` is scratch of `width` entries.
 */
export const applyLeft = (
  c: Float64Array,
  width: number,
  [r0, r1]: readonly [number, number],
  [c0, c1]: readonly [number, number],
  v: Float64Array,
  at: number,
  step: number,
  tau: number,
  w: Float64Array,
): void => {
  if (tau === 0 || c1 <= c0) return;
  const head = v[at];
  v[at] = 1;
  w.fill(0, c0, c1);
  rowSum(c, r0 * width + c0, width, r1 - r0, c1 - c0, v, at, step, w, c0);
  for (let j = c0; j < c1; j++) w[j] *= tau;
  rankOne(c, r0 * width + c0, width, r1 - r0, c1 - c0, v, at, step, w, c0);
  v[at] = head;
};

/** C ← C (I - τ v vᵀ), with the same conventions; v runs along the columns, its entries side by side. `w` is scratch of as many entries as rows. */
export const applyRight = (
  c: Float64Array,
  width: number,
  [r0, r1]: readonly [number, number],
  [c0, c1]: readonly [number, number],
  v: Float64Array,
  at: number,
  tau: number,
  w: Float64Array,
): void => {
  if (tau === 0 || r1 <= r0) return;
  const head = v[at];
  v[at] = 1;
  rowDots(c, r0 * width + c0, width, r1 - r0, c1 - c0, v, at, w, 0);
  for (let i = 0; i < r1 - r0; i++) w[i] *= tau;
  rankOne(c, r0 * width + c0, width, r1 - r0, c1 - c0, w, 0, 1, v, at);
  v[at] = head;
};
