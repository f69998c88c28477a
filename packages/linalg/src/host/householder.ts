import { norm2 } from "./scaling";

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

/** C ← (I - τ v vᵀ) C for rows [r0, r1), columns [c0, c1) of C with `width` columns; v in `v` from `at`, `step` apart, v₀ = 1 implied. */
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
  if (tau === 0) return;
  for (let j = c0; j < c1; j++) w[j] = c[r0 * width + j];
  for (let i = r0 + 1, k = at + step; i < r1; i++, k += step) {
    const f = v[k];
    const row = i * width;
    if (f !== 0) for (let j = c0; j < c1; j++) w[j] += f * c[row + j];
  }
  for (let j = c0; j < c1; j++) {
    w[j] *= tau;
    c[r0 * width + j] -= w[j];
  }
  for (let i = r0 + 1, k = at + step; i < r1; i++, k += step) {
    const f = v[k];
    const row = i * width;
    if (f !== 0) for (let j = c0; j < c1; j++) c[row + j] -= f * w[j];
  }
};

/** C ← C (I - τ v vᵀ), with the same conventions; v runs along the columns. */
export const applyRight = (
  c: Float64Array,
  width: number,
  [r0, r1]: readonly [number, number],
  [c0, c1]: readonly [number, number],
  v: Float64Array,
  at: number,
  step: number,
  tau: number,
): void => {
  if (tau === 0) return;
  for (let i = r0; i < r1; i++) {
    const row = i * width;
    let s = c[row + c0];
    for (let j = c0 + 1, k = at + step; j < c1; j++, k += step) s += c[row + j] * v[k];
    s *= tau;
    c[row + c0] -= s;
    for (let j = c0 + 1, k = at + step; j < c1; j++, k += step) c[row + j] -= s * v[k];
  }
};
