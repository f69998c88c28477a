import { applyLeft, applyRight, reflector } from "./householder";
import { work } from "./memory";

/** A = Q H Qᵀ, H zero below its first subdiagonal; H replaces A [n, n]. */
export const reduceToHessenberg = (a: Float64Array, n: number, q: Float64Array | null): void => {
  const taus = new Float64Array(n);
  const w = work(n);
  const v = work(n * n);
  for (let k = 0; k < n - 2; k++) {
    const at = (k + 1) * n + k;
    const tau = reflector(a, at, n - k - 1, n);
    taus[k] = tau;
    for (let i = k + 2; i < n; i++) {
      v[k * n + i] = a[i * n + k];
      a[i * n + k] = 0;
    }
    applyLeft(a, n, [k + 1, n], [k + 1, n], v, k * n + k + 1, 1, tau, w);
    applyRight(a, n, [0, n], [k + 1, n], v, k * n + k + 1, tau, w);
  }
  if (!q) return;
  q.fill(0);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  for (let k = n - 3; k >= 0; k--) applyLeft(q, n, [k + 1, n], [k + 1, n], v, k * n + k + 1, 1, taus[k], w);
};
