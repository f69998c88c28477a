/**
 * erf⁻¹(x)/x on intervals of w = 1 - x: every octave of w in equal parts, polynomials in the distance from an interval's lower end.
 * Computed in fixed point with whole numbers, so the same on every machine, at first need (some milliseconds).
 */
export interface Intervals {
  /** Of each octave of w, from 1 down. */
  readonly parts: number;
  readonly octaves: number;
  /** Coefficients of each polynomial. */
  readonly terms: number;
  /** Terms of the Taylor series that everything is computed from, and bits behind the point. */
  readonly series: number;
  readonly bits: number;
}

/** Rows of coefficients from the smallest w up; the last is for w = 1 alone. */
export const erfinvRows = ({ parts, octaves, terms, series, bits }: Intervals): number[][] => {
  const point = BigInt(bits);
  const one = 1n << point;
  const number = (v: bigint): number => Number(v) / 2 ** bits;
  const at = (c: readonly bigint[], h: bigint): bigint => c.reduceRight((s, v) => ((s * h) >> point) + v, 0n);
  /** Taylor coefficients of y = erf⁻¹ and of u = y', by y' = u, u' = 2yu². */
  const taylor = (y0: bigint, u0: bigint): { y: bigint[]; u: bigint[] } => {
    const [y, u, v]: bigint[][] = [[y0], [u0], []];
    for (let k = 0; k < series; k++) {
      let yu = 0n;
      let vu = 0n;
      for (let j = 0; j <= k; j++) yu += y[j] * u[k - j];
      v.push(yu >> point);
      for (let j = 0; j <= k; j++) vu += v[j] * u[k - j];
      u.push((vu >> (point - 1n)) / BigInt(k + 1));
      y.push(u[k] / BigInt(k + 1));
    }
    return { y, u };
  };
  const smaller = chebyshev(series);
  // from x = 0, where the slope is √π/2, to the middle of one interval after another
  let x = 0n;
  const slope = root(pi(point) << point) >> 1n;
  let here = taylor(0n, slope);
  const rows = [[number(slope), ...new Array(terms - 1).fill(0)]];
  for (let octave = 1; octave <= octaves; octave++)
    for (let part = parts - 1; part >= 0; part--) {
      const width = (one >> BigInt(octave)) / BigInt(parts);
      const half = width >> 1n;
      const middle = one - (one >> BigInt(octave)) - width * BigInt(part) - half;
      here = taylor(at(here.y, middle - x), at(here.u, middle - x));
      x = middle;
      // q x = y: coefficients of the quotient, one from the other
      const q: bigint[] = [];
      for (const c of here.y) q.push(((c - (q[q.length - 1] ?? 0n)) << point) / x);
      // a power of two, so its powers are exact as products
      const powers = q.map(() => 1);
      for (let k = 1; k < q.length; k++) powers[k] = powers[k - 1] * number(half);
      const shorter = smaller(
        q.map((c, k) => number(c) * powers[k]),
        terms,
      );
      // about the lower end of w, in steps of w; what it is there is known to more digits
      const row = shifted(shorter).map((c, k) => (k % 2 ? -c : c) / powers[k]);
      row[0] = number(at(q, half));
      rows.unshift(row);
    }
  return rows;
};

/** Σ c_k s^k on [-1, 1] by a shorter sum: highest powers are replaced by the polynomial nearest to them, after Chebyshev. */
const chebyshev = (most: number): ((c: readonly number[], terms: number) => number[]) => {
  const polynomials: number[][] = [[1], [0, 1]];
  for (let k = 2; k <= most; k++)
    polynomials.push(
      Array.from({ length: k + 1 }, (_, i) => 2 * (polynomials[k - 1][i - 1] ?? 0) - (polynomials[k - 2][i] ?? 0)),
    );
  return (c, terms) => {
    const out = [...c];
    for (let k = out.length - 1; k >= terms; k--)
      for (let i = 0; i < k; i++) out[i] -= (out[k] * polynomials[k][i]) / polynomials[k][k];
    return out.slice(0, terms);
  };
};

/** The coefficients of p(1 + s). */
const shifted = (c: readonly number[]): number[] => {
  const out = [...c];
  for (let i = 0; i < out.length; i++) for (let k = out.length - 2; k >= i; k--) out[k] += out[k + 1];
  return out;
};

/** Machin: π/4 = 4 atan(1/5) - atan(1/239). */
const pi = (point: bigint): bigint => {
  const arctan = (k: bigint): bigint => {
    let sum = 0n;
    let term = (1n << point) / k;
    for (let n = 1n; term !== 0n; n += 2n, term /= -k * k) sum += term / n;
    return sum;
  };
  return 4n * (4n * arctan(5n) - arctan(239n));
};

const root = (v: bigint): bigint => {
  let x = v;
  for (let next = (v + 1n) >> 1n; next < x; next = (x + v / x) >> 1n) x = next;
  return x;
};
