import { applyLeft, reflector } from "./householder";
import { norm2 } from "./scaling";
import { work } from "./vectors";

/** A = H₁ H₂ … R in place: R above, the reflectors below the diagonal. With `perm`, columns are pivoted: A[:, perm] = Q R. */
export const factorQr = (a: Float64Array, m: number, n: number, perm?: Int32Array): Float64Array => {
  const k = Math.min(m, n);
  const tau = new Float64Array(k);
  const w = work(n);
  const now = new Float64Array(n);
  const before = new Float64Array(n);
  if (perm)
    for (let j = 0; j < n; j++) {
      perm[j] = j;
      now[j] = before[j] = norm2(a, j, m, n);
    }
  for (let i = 0; i < k; i++) {
    if (perm) {
      let p = i;
      for (let j = i + 1; j < n; j++) if (now[j] > now[p]) p = j;
      if (p !== i) swapColumns(a, m, n, i, p);
      [perm[i], perm[p]] = [perm[p], perm[i]];
      now[p] = now[i];
      before[p] = before[i];
    }
    tau[i] = reflector(a, i * n + i, m - i, n);
    applyLeft(a, n, [i, m], [i + 1, n], a, i * n + i, n, tau[i], w);
    if (!perm) continue;
    for (let j = i + 1; j < n; j++) {
      if (now[j] === 0) continue;
      // the norm of what is left, by subtraction; anew where too much cancelled (LAPACK's laqp2)
      const left = Math.max(0, 1 - (a[i * n + j] / now[j]) ** 2);
      if (left * (now[j] / before[j]) ** 2 > 1e-8) now[j] *= Math.sqrt(left);
      else now[j] = before[j] = norm2(a, (i + 1) * n + j, m - i - 1, n);
    }
  }
  return tau;
};

/** The first `columns` columns of Q, from what factorQr left. */
export const formQ = (
  a: Float64Array,
  tau: Float64Array,
  m: number,
  n: number,
  columns: number,
  q: Float64Array,
): void => {
  q.fill(0);
  for (let i = 0; i < Math.min(m, columns); i++) q[i * columns + i] = 1;
  const w = work(columns);
  for (let i = tau.length - 1; i >= 0; i--)
    applyLeft(q, columns, [i, m], [Math.min(i, columns), columns], a, i * n + i, n, tau[i], w);
};

const swapColumns = (a: Float64Array, m: number, n: number, i: number, j: number): void => {
  for (let r = 0; r < m; r++) {
    const t = a[r * n + i];
    a[r * n + i] = a[r * n + j];
    a[r * n + j] = t;
  }
};
