/**
 * Root i (from 0) of the secular equation
 *
 *   f(λ) = 1/ρ + Σⱼ zⱼ²/(dⱼ - λ) = 0
 *
 * for ascending d without repetition, z without zeros, and ρ > 0: one root between every two poles, and the last one behind the last pole. It
 * is sought as a distance from the nearer pole, by interpolating with the two poles beside it ("the middle way", Li 1993, LAPACK's laed4),
 * within a bracket that shrinks at every step. delta[at + j] becomes dⱼ - λ, each to high relative accuracy, and λ is returned.
 */
export const secularRoot = (
  i: number,
  k: number,
  d: Float64Array,
  z: Float64Array,
  rho: number,
  delta: Float64Array,
  at: number,
): number => {
  const inverse = 1 / rho;
  if (k === 1) {
    const step = rho * z[0] * z[0];
    delta[at] = -step;
    return d[0] + step;
  }
  const last = i === k - 1;
  // the poles to interpolate with; the root lies between them, or behind both
  const [p, q] = last ? [k - 2, k - 1] : [i, i + 1];
  const gap = d[q] - d[p];
  let origin = q;
  let [lo, hi] = [0, 0];
  let x = 0;
  if (last) {
    let norm = 0;
    for (let j = 0; j < k; j++) norm += z[j] * z[j];
    hi = rho * norm;
    // as if all other poles stood where the last but one does
    let rest = inverse;
    for (let j = 0; j < k - 2; j++) rest += (z[j] * z[j]) / (d[j] - d[q] - hi / 2);
    const [u, v] = [z[p] * z[p], z[q] * z[q]];
    const a = -rest * gap + u + v;
    const b = v * gap;
    const root = Math.sqrt(Math.abs(a * a + 4 * b * rest));
    x = a < 0 ? (2 * b) / (root - a) : (a + root) / (2 * rest);
  } else {
    const middle = gap / 2;
    let rest = inverse;
    for (let j = 0; j < k; j++) if (j !== p && j !== q) rest += (z[j] * z[j]) / (d[j] - d[p] - middle);
    const [u, v] = [z[p] * z[p], z[q] * z[q]];
    const left = rest + u / -middle + v / middle >= 0;
    if (left) {
      origin = p;
      hi = middle;
      const a = rest * gap + u + v;
      const b = u * gap;
      const root = Math.sqrt(Math.abs(a * a - 4 * b * rest));
      x = a > 0 ? (2 * b) / (a + root) : (a - root) / (2 * rest);
    } else {
      lo = -middle;
      const a = rest * gap - u - v;
      const b = v * gap;
      const root = Math.sqrt(Math.abs(a * a + 4 * b * rest));
      x = a < 0 ? (2 * b) / (a - root) : -(a + root) / (2 * rest);
    }
  }
  const base = d[origin];
  const eps = 2 ** -53;
  for (let turn = 0; turn < 120; turn++) {
    if (!(x > lo && x < hi)) x = (lo + hi) / 2;
    // sums up to the left pole and from the right one, the small terms first, and a bound of their rounding errors
    let [psi, psiSlope, phi, phiSlope, error] = [0, 0, 0, 0, 0];
    for (let j = 0; j <= p; j++) {
      const t = z[j] / (d[j] - base - x);
      psi += z[j] * t;
      psiSlope += t * t;
      error += Math.abs(psi);
    }
    for (let j = k - 1; j >= q; j--) {
      const t = z[j] / (d[j] - base - x);
      phi += z[j] * t;
      phiSlope += t * t;
      error += Math.abs(phi);
    }
    const f = inverse + psi + phi;
    error += 8 * (Math.abs(psi) + Math.abs(phi)) + inverse + Math.abs(x) * (psiSlope + phiSlope);
    if (Math.abs(f) <= eps * error) break;
    if (f < 0) lo = x;
    else hi = x;
    const [dp, dq] = [d[p] - base - x, d[q] - base - x];
    const slope = psiSlope + phiSlope;
    const c = f - dp * psiSlope - dq * phiSlope;
    const a = (dp + dq) * f - dp * dq * slope;
    const b = dp * dq * f;
    const root = Math.sqrt(Math.abs(a * a - 4 * b * c));
    let step = 0;
    if (last) step = a >= 0 ? (a + root) / (2 * Math.abs(c)) : (2 * b) / (a - root);
    else step = a <= 0 ? (a - root) / (2 * c) : (2 * b) / (a + root);
    // towards the root, or else by Newton's step
    if (!(f * step < 0)) step = -f / slope;
    const next = x + step;
    // no number is left within the bracket
    const fallback = (lo + hi) / 2;
    const then = next > lo && next < hi ? next : fallback;
    if (then === x || then <= lo || then >= hi) break;
    x = then;
  }
  for (let j = 0; j < k; j++) delta[at + j] = d[j] - base - x;
  return base + x;
};

/**
 * Gu and Eisenstat 1995: z for which the computed roots are exact, so that the eigenvectors zⱼ/(dⱼ - λᵢ) are orthogonal however close the
 * roots lie. Row i of delta [k, k] holds dⱼ - λᵢ; z keeps its signs.
 */
export const matchingWeights = (k: number, d: Float64Array, z: Float64Array, delta: Float64Array): void => {
  for (let j = 0; j < k; j++) {
    let square = -delta[j * k + j];
    for (let i = 0; i < j; i++) square *= delta[i * k + j] / (d[j] - d[i]);
    for (let i = j + 1; i < k; i++) square *= delta[i * k + j] / (d[j] - d[i]);
    z[j] = Math.sqrt(Math.abs(square)) * (z[j] < 0 ? -1 : 1);
  }
};
