import { mark, release, workspace } from "./memory";
import { setProduct, view } from "./products";
import { matchingWeights, secularRoot } from "./secular";

/** Rows that are not divided further. */
const base = 32;

/** The eigenvalues of a small tridiagonal matrix (d, e) into d, and its eigenvectors into the rows of `vt`, which holds the identity. */
type Small = (d: Float64Array, e: Float64Array, n: number, vt: Float64Array) => number;

/**
 * Eigenvalues, in no order, and eigenvectors (the rows of zt [n, n], zero before) of the tridiagonal matrix with diagonal d and superdiagonal e, by
 * divide and conquer (Cuppen 1981; Gu and Eisenstat 1995; LAPACK's stedc): halves that differ from the whole by ρ u uᵀ are solved and joined
 * by the secular equation, their eigenvectors by a product. `small` solves what is not divided. Returns how many eigenvalues did not converge.
 */
export const divideAndConquer = (
  d: Float64Array,
  e: Float64Array,
  n: number,
  zt: Float64Array,
  small: Small,
): number => {
  const solve = (lo: number, hi: number): number => {
    const size = hi - lo;
    if (size <= base) return solveSmall(d, e, lo, hi, zt, n, small);
    const mid = lo + (size >> 1);
    const rho = Math.abs(e[mid - 1]);
    d[mid - 1] -= rho;
    d[mid] -= rho;
    const failed = solve(lo, mid) + solve(mid, hi);
    if (failed > 0) return failed;
    const start = mark();
    join(d, lo, mid, hi, rho, e[mid - 1] < 0 ? -1 : 1, zt, n);
    release(start);
    return 0;
  };
  return solve(0, n);
};

const solveSmall = (
  d: Float64Array,
  e: Float64Array,
  lo: number,
  hi: number,
  zt: Float64Array,
  n: number,
  small: Small,
): number => {
  const start = mark();
  const size = hi - lo;
  const vt = workspace(size * size).fill(0);
  for (let i = 0; i < size; i++) vt[i * size + i] = 1;
  const failed = small(d.subarray(lo, hi), e.slice(lo, hi), size, vt);
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) zt[(lo + i) * n + lo + j] = vt[i * size + j];
  release(start);
  return failed;
};

/** Which columns of an eigenvector's row may differ from zero: those of the first half, of both, of the second. */
const [first, both, second] = [0, 1, 2];

/** Eigenpairs of diag(d) + ρ z zᵀ, with z the last column of the first half's vectors and ± the first column of the second half's. */
const join = (
  d: Float64Array,
  lo: number,
  mid: number,
  hi: number,
  rho: number,
  sign: number,
  zt: Float64Array,
  n: number,
): void => {
  const size = hi - lo;
  const z = workspace(size);
  const kind = new Uint8Array(size);
  let [largestD, largestZ] = [0, 0];
  for (let i = 0; i < size; i++) {
    const own = lo + i < mid;
    kind[i] = own ? first : second;
    z[i] = (own ? zt[(lo + i) * n + mid - 1] : sign * zt[(lo + i) * n + mid]) * Math.SQRT1_2;
    largestD = Math.max(largestD, Math.abs(d[lo + i]));
    largestZ = Math.max(largestZ, Math.abs(z[i]));
  }
  const weight = 2 * rho;
  const order = Array.from({ length: size }, (_, i) => i).sort((i, j) => d[lo + i] - d[lo + j]);
  // what moves an eigenvalue by less than this is left out (LAPACK's laed2)
  const tol = 8 * 2 ** -53 * Math.max(largestD, largestZ);
  const kept: number[] = [];
  const apart: number[] = [];
  let held = -1;
  for (const i of order) {
    if (weight * Math.abs(z[i]) <= tol) {
      apart.push(i);
      continue;
    }
    if (held >= 0) {
      // a rotation makes one weight of two whose poles nearly agree
      const tau = Math.hypot(z[i], z[held]);
      const [c, s] = [z[i] / tau, -z[held] / tau];
      const [x, y] = [d[lo + held], d[lo + i]];
      if (Math.abs((y - x) * c * s) <= tol) {
        z[i] = tau;
        z[held] = 0;
        if (kind[i] !== kind[held]) kind[i] = kind[held] = both;
        const [p, q] = [(lo + held) * n, (lo + i) * n];
        for (let j = lo; j < hi; j++) {
          const [v, w] = [zt[p + j], zt[q + j]];
          zt[p + j] = c * v + s * w;
          zt[q + j] = c * w - s * v;
        }
        d[lo + held] = x * c * c + y * s * s;
        d[lo + i] = x * s * s + y * c * c;
        apart.push(held);
      } else kept.push(held);
    }
    held = i;
  }
  if (held >= 0) kept.push(held);
  const k = kept.length;
  if (k === 0) return;
  const poles = workspace(k);
  const weights = workspace(k);
  kept.forEach((i, j) => {
    poles[j] = d[lo + i];
    weights[j] = z[i];
  });
  const u = workspace(k * k);
  const roots = Float64Array.from(kept, (_, i) => secularRoot(i, k, poles, weights, weight, u, i * k));
  matchingWeights(k, poles, weights, u);
  // rows of the first half, of both, of the second, each set side by side
  const sorted = [first, both, second].flatMap((t) => kept.map((_, j) => j).filter((j) => kind[kept[j]] === t));
  const row = workspace(k);
  for (let i = 0; i < k; i++) {
    let sum = 0;
    for (let j = 0; j < k; j++) {
      row[j] = weights[j] / u[i * k + j];
      sum += row[j] * row[j];
    }
    const norm = Math.sqrt(sum);
    for (let j = 0; j < k; j++) u[i * k + j] = row[sorted[j]] / norm;
  }
  const count = (t: number) => kept.reduce((c, i) => c + (kind[i] === t ? 1 : 0), 0);
  const [onlyFirst, onlySecond] = [count(first), count(second)];
  const gather = (from: number, to: number, left: number, right: number): Float64Array => {
    const width = right - left;
    const rows = workspace((to - from) * width);
    for (let r = from; r < to; r++) {
      const at = (lo + kept[sorted[r]]) * n;
      for (let j = 0; j < width; j++) rows[(r - from) * width + j] = zt[at + left + j];
    }
    return rows;
  };
  const top = gather(0, k - onlySecond, lo, mid);
  const bottom = gather(onlyFirst, k, mid, hi);
  const rest = workspace(apart.length * size);
  const restD = Float64Array.from(apart, (i) => d[lo + i]);
  apart.forEach((i, r) => {
    rest.set(zt.subarray((lo + i) * n + lo, (lo + i) * n + hi), r * size);
  });
  setProduct(view(zt, lo * n + lo, n), k, mid - lo, k - onlySecond, view(u, 0, k), view(top, 0, mid - lo));
  setProduct(view(zt, lo * n + mid, n), k, hi - mid, k - onlyFirst, view(u, onlyFirst, k), view(bottom, 0, hi - mid));
  for (let i = 0; i < k; i++) d[lo + i] = roots[i];
  for (let r = 0; r < apart.length; r++) {
    d[lo + k + r] = restD[r];
    zt.set(rest.subarray(r * size, (r + 1) * size), (lo + k + r) * n + lo);
  }
};
