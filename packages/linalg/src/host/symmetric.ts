import { extension } from "./memory";
import { addSymmetricKernels, type SymmetricKernels } from "./symmetric-kernels";
import { inside, place, small } from "./vectors";

/** Loops over the upper triangle of a symmetric matrix, with the conventions of `vectors.ts`. */
const kernels = /* @__PURE__ */ extension<SymmetricKernels>(addSymmetricKernels);

/** y += A x for a symmetric A [n, n], of which the upper triangle is read. */
export const symmetricTimes = (
  a: Float64Array,
  at: number,
  step: number,
  n: number,
  x: Float64Array,
  xAt: number,
  y: Float64Array,
  yAt: number,
): void => {
  const m = kernels();
  if (n * n > small && inside(m, a, x, y)) {
    m.symmetricTimes(n, place(a, at), step * 8, place(x, xAt), place(y, yAt));
    return;
  }
  for (let i = 0; i < n; i++) {
    const f = x[xAt + i];
    let sum = a[at + i * step + i] * f;
    for (let j = i + 1, k = at + i * step + j; j < n; j++, k++) {
      sum += a[k] * x[xAt + j];
      y[yAt + j] += a[k] * f;
    }
    y[yAt + i] += sum;
  }
};

/** A ← A - v wᵀ - w vᵀ, the upper triangle of A [n, n]. */
export const symmetricDrop = (
  a: Float64Array,
  at: number,
  step: number,
  n: number,
  v: Float64Array,
  vAt: number,
  w: Float64Array,
  wAt: number,
): void => {
  const m = kernels();
  if (n * n > small && inside(m, a, v, w)) {
    m.symmetricDrop(n, place(a, at), step * 8, place(v, vAt), place(w, wAt));
    return;
  }
  for (let i = 0; i < n; i++) {
    const [f, g] = [v[vAt + i], w[wAt + i]];
    for (let j = i, k = at + i * step + i; j < n; j++, k++) a[k] -= f * w[wAt + j] + g * v[vAt + j];
  }
};
