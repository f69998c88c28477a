import { mark, release, work, workspace } from "./memory";
import { flipped, setProduct, subtractProduct, type View, view } from "./products";
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

/**
 * The product of w reflections H₁ … H_w = I - V T Vᵀ (Schreiber and Van Loan 1989): `vt` [w, m] holds the vectors in rows, complete with zeros and
 * ones; `t` [w, w] is upper triangular.
 */
export interface BlockReflector {
  readonly vt: Float64Array;
  readonly t: Float64Array;
  readonly w: number;
  readonly m: number;
}
export const blockReflector = (
  vt: Float64Array,
  taus: ArrayLike<number>,
  from: number,
  w: number,
  m: number,
): BlockReflector => {
  const gram = workspace(w * w);
  const v = view(vt, 0, m);
  setProduct(view(gram, 0, w), w, w, m, v, flipped(v));
  const t = work(w * w);
  for (let j = 0; j < w; j++) {
    const tau = taus[from + j];
    t[j * w + j] = tau;
    // column j above the diagonal: -τ T (V₁ᵀ vⱼ)
    for (let i = 0; i < j; i++) {
      let s = 0;
      for (let k = i; k < j; k++) s += t[i * w + k] * gram[k * w + j];
      t[i * w + j] = -tau * s;
    }
  }
  return { vt, t, w, m };
};

/** C [m, n] ← H C, or Hᵀ C. */
export const applyBlockLeft = (h: BlockReflector, c: View, n: number, transposed: boolean): void => {
  if (n <= 0) return;
  const { w, m } = h;
  const v = view(h.vt, 0, m);
  const t = view(h.t, 0, w);
  const start = mark();
  const x = view(workspace(w * n), 0, n);
  const y = view(workspace(w * n), 0, n);
  setProduct(x, w, n, m, v, c);
  setProduct(y, w, n, w, transposed ? flipped(t) : t, x);
  subtractProduct(c, m, n, w, flipped(v), y);
  release(start);
};
/** C [n, m] ← C H, or C Hᵀ. */
export const applyBlockRight = (h: BlockReflector, c: View, n: number, transposed: boolean): void => {
  if (n <= 0) return;
  const { w, m } = h;
  const v = view(h.vt, 0, m);
  const t = view(h.t, 0, w);
  const start = mark();
  const x = view(workspace(n * w), 0, w);
  const y = view(workspace(n * w), 0, w);
  setProduct(x, n, w, m, c, flipped(v));
  setProduct(y, n, w, w, x, transposed ? flipped(t) : t);
  subtractProduct(c, n, m, w, y, v);
  release(start);
};
