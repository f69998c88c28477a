/** Smallest prime factors first, fours before twos. */
const factorsOf = (n: number): number[] => {
  const out: number[] = [];
  while (n % 4 === 0) {
    out.push(4);
    n /= 4;
  }
  for (let p = 2; p * p <= n; p++)
    while (n % p === 0) {
      out.push(p);
      n /= p;
    }
  if (n > 1) out.push(n);
  return out;
};

/** A transform of one length: X_k = Σ_j x_j exp(-2πi jk/n), not normalised, on (re, im) in place. */
export type Transform = (re: Float64Array, im: Float64Array) => void;

/** cos and sin of 2πk/n, from the first octant, so that symmetric entries are equal. */
const roots = (n: number): { cos: Float64Array; sin: Float64Array } => {
  const cos = new Float64Array(n);
  const sin = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const eighth = Math.floor((8 * k) / n);
    const rest = 8 * k - eighth * n;
    const turned = eighth & 1;
    const angle = ((turned ? n - rest : rest) * Math.PI) / (4 * n);
    const [a, b] = turned ? [Math.sin(angle), Math.cos(angle)] : [Math.cos(angle), Math.sin(angle)];
    const quarter = eighth >> 1;
    // (a, b) is the point within the quarter
    const [c, s] = quarter === 0 ? [a, b] : quarter === 1 ? [-b, a] : quarter === 2 ? [-a, -b] : [b, -a];
    cos[k] = c;
    sin[k] = s;
  }
  return { cos, sin };
};

const plans = /* @__PURE__ */ new Map<number, Transform>();

/** Mixed radix (Stockham) where all prime factors are small, Bluestein's convolution otherwise: O(n log n) for every n. */
export const transformOf = (n: number): Transform => {
  let plan = plans.get(n);
  if (!plan) {
    const factors = factorsOf(n);
    plan = n <= 1 ? () => {} : factors.every((p) => p <= 31) ? mixedRadix(n, factors) : bluestein(n);
    if (plans.size > 64) plans.clear();
    plans.set(n, plan);
  }
  return plan;
};

const mixedRadix = (n: number, factors: readonly number[]): Transform => {
  const { cos, sin } = roots(n);
  const [wr, wi] = [new Float64Array(n), new Float64Array(n)];
  const [tr, ti] = [new Float64Array(32), new Float64Array(32)];
  return (re, im) => {
    let [sr, si, dr, di]: Float64Array[] = [re, im, wr, wi];
    // Stockham: `done` points are transformed; step s from [p, rest, done] to [rest, p, done] in place of bit reversal
    let done = 1;
    let rest = n;
    for (const p of factors) {
      rest /= p;
      for (let j = 0; j < done; j++) {
        for (let r = 0; r < rest; r++) {
          for (let q = 0; q < p; q++) {
            const from = (q * rest + r) * done + j;
            const k = (q * j * rest) % n;
            const [x, y] = [sr[from], si[from]];
            tr[q] = x * cos[k] + y * sin[k];
            ti[q] = y * cos[k] - x * sin[k];
          }
          const to = r * p * done + j;
          if (p === 2) {
            dr[to] = tr[0] + tr[1];
            di[to] = ti[0] + ti[1];
            dr[to + done] = tr[0] - tr[1];
            di[to + done] = ti[0] - ti[1];
          } else if (p === 4) {
            const [ar, ai, br, bi] = [tr[0] + tr[2], ti[0] + ti[2], tr[0] - tr[2], ti[0] - ti[2]];
            const [cr, ci, er, ei] = [tr[1] + tr[3], ti[1] + ti[3], tr[1] - tr[3], ti[1] - ti[3]];
            dr[to] = ar + cr;
            di[to] = ai + ci;
            dr[to + done] = br + ei;
            di[to + done] = bi - er;
            dr[to + 2 * done] = ar - cr;
            di[to + 2 * done] = ai - ci;
            dr[to + 3 * done] = br - ei;
            di[to + 3 * done] = bi + er;
          } else {
            const stride = n / p;
            for (let o = 0; o < p; o++) {
              let [x, y] = [tr[0], ti[0]];
              for (let q = 1; q < p; q++) {
                const k = ((q * o) % p) * stride;
                x += tr[q] * cos[k] + ti[q] * sin[k];
                y += ti[q] * cos[k] - tr[q] * sin[k];
              }
              dr[to + o * done] = x;
              di[to + o * done] = y;
            }
          }
        }
      }
      done *= p;
      [sr, si, dr, di] = [dr, di, sr, si];
    }
    if (sr !== re) {
      re.set(sr);
      im.set(si);
    }
  };
};

/** jk = (j² + k² - (k - j)²)/2 makes the transform a convolution with a chirp, done at a power of two. */
const bluestein = (n: number): Transform => {
  const m = 2 ** Math.ceil(Math.log2(2 * n - 1));
  const inner = transformOf(m);
  const { cos, sin } = roots(2 * n);
  const [cr, ci] = [new Float64Array(n), new Float64Array(n)];
  const [br, bi] = [new Float64Array(m), new Float64Array(m)];
  let square = 0; // k² mod 2n
  for (let k = 0; k < n; k++) {
    cr[k] = cos[square];
    ci[k] = sin[square];
    br[k] = br[(m - k) % m] = cr[k];
    bi[k] = bi[(m - k) % m] = ci[k];
    square = (square + 2 * k + 1) % (2 * n);
  }
  inner(br, bi);
  return (re, im) => {
    const [ar, ai] = [new Float64Array(m), new Float64Array(m)];
    for (let k = 0; k < n; k++) {
      ar[k] = re[k] * cr[k] + im[k] * ci[k];
      ai[k] = im[k] * cr[k] - re[k] * ci[k];
    }
    inner(ar, ai);
    // product, conjugated, so that the forward transform inverts
    for (let k = 0; k < m; k++) {
      const x = ar[k] * br[k] - ai[k] * bi[k];
      ai[k] = -(ar[k] * bi[k] + ai[k] * br[k]);
      ar[k] = x;
    }
    inner(ar, ai);
    for (let k = 0; k < n; k++) {
      const [x, y] = [ar[k] / m, -ai[k] / m];
      re[k] = x * cr[k] + y * ci[k];
      im[k] = y * cr[k] - x * ci[k];
    }
  };
};
