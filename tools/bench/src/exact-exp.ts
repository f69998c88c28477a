/**
 * The exponential to about 2⁻⁹⁵, as a pair high + low of float64 numbers where `high` is e^x correctly rounded: what vector code is
 * measured by. For |x| below 700.
 *
 * x = k ln 2 + 2⁸ r with |r| < 2⁻⁹; e^r by ten terms of its series, squared eight times, all in pairs.
 *
 * @see Dekker 1971, "A floating-point technique for extending the available precision"
 */
type Pair = readonly [high: number, low: number];

const sum = (a: number, b: number): Pair => {
  const s = a + b;
  const t = s - a;
  return [s, a - (s - t) + (b - t)];
};
const split = (a: number): Pair => {
  const t = 134217729 * a; // 2²⁷ + 1
  const high = t - (t - a);
  return [high, a - high];
};
const product = (a: number, b: number): Pair => {
  const p = a * b;
  const [ah, al] = split(a);
  const [bh, bl] = split(b);
  return [p, ah * bh - p + ah * bl + al * bh + al * bl];
};
const plus = ([a, b]: Pair, [c, d]: Pair): Pair => {
  const [s, e] = sum(a, c);
  const [t, f] = sum(b, d);
  const [u, v] = sum(s, e + t);
  return sum(u, v + f);
};
const times = ([a, b]: Pair, [c, d]: Pair): Pair => {
  const [p, e] = product(a, c);
  return sum(p, e + (a * d + b * c));
};

const over = ([a, b]: Pair, n: number): Pair => {
  const q = a / n;
  const [p, e] = product(q, n);
  return sum(q, (a - p - e + b) / n);
};

/** ln 2 in three parts, the first of 33 bits, so that its multiples by small integers are exact. */
const ln2 = [0.6931471803691238, 1.9082149292705877e-10, 1.1612227229362532e-26] as const;
const inverseFactorials: Pair[] = [[1, 0]];
for (let n = 1; n < 10; n++) inverseFactorials.push(over(inverseFactorials[n - 1], n));

export const exactExp = (x: number): Pair => {
  const k = Math.round(x / Math.LN2);
  const whole = plus(sum(x, -k * ln2[0]), times([-k, 0], [ln2[1], ln2[2]]));
  const r: Pair = [whole[0] / 256, whole[1] / 256];
  let y = inverseFactorials[9];
  for (let n = 8; n >= 0; n--) y = plus(times(y, r), inverseFactorials[n]);
  for (let i = 0; i < 8; i++) y = times(y, y);
  // by two factors, each of which is a normal number
  const half = Math.floor(k / 2);
  const scale = (v: number): number => v * 2 ** half * 2 ** (k - half);
  return [scale(y[0]), scale(y[1])];
};

/** The distance from one number of the format to the next, at |v|, a normal number. */
export const ulp = (v: number, dtype: "float32" | "float64"): number =>
  2 ** (Math.floor(Math.log2(Math.abs(v)) + 2 ** -45) - (dtype === "float32" ? 23 : 52));

/** The largest distance of `got` from e^x, in units in the last place of the format; 0.5 is correct rounding. */
export const expUlps = (got: ArrayLike<number>, x: ArrayLike<number>, dtype: "float32" | "float64"): number => {
  if (got.length !== x.length) return Number.NaN;
  let worst = 0;
  for (let i = 0; i < x.length; i++) {
    const [high, low] = exactExp(x[i]);
    const d = Math.abs(got[i] - high - low) / ulp(high, dtype);
    if (!(d <= worst)) worst = d;
  }
  return worst;
};
