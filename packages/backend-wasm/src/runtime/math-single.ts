import { formula } from "./lanes";
import { cos, expm1Half, expReduce, expTimes, logReduce, logSum, pow, pow2, sin, tan } from "./math";

// Float32 arithmetic for float32 results, where it is accurate enough: `name_f32` replaces the formula `name` in float32 lanes.
// `name_short` is for float64 lanes whose result will be rounded to float32.
const MAGIC = "12582912"; // 1.5·2²³
const LN2_HI = "0.693145751953125"; // 15 bits
const LN2_LO = "1.428606765330187e-06";
const EXP =
  "poly(r, 0.49999988079071045, 0.16666512191295624, 0.04166959971189499, 0.008369655348360538, 0.0013751593651250005)";
// (2^f - 1)/f for |f| ≤ ½
const EXP2 =
  "poly(f, 0.6931471824645996, 0.24022644758224487, 0.055503588169813156, 0.00961883831769228, 0.0013391353422775865, 0.00015239657659549266)";
const TINY = "1.1754943508222875e-38";

/**
 * x = n·π/2 + y + l with π/2 in four parts, the products of n with the first three exact for |x| < 3200: so is what they leave of x where much
 * cancels. n stands in the low bits of q.
 */
const turns = `w = x * 0.6366197723675814 + ${MAGIC}; n = w - ${MAGIC}; q = bits(w);
  a = (x - n * 1.570556640625) - n * 0.0002396702766418457; b = n * 1.5890691429376602e-08;
  y = a - b; l = ((a - y) - b) - n * 2.5633440682570896e-12; z = y * y; bad = !(abs(x) < 3200);`;
const trig = (quarter: string): string => `${turns} h = 0.5 * z;
  s = y + (l + y * z * poly(z, -0.16666653752326965, 0.008332116529345512, -0.00019509955018293113));
  c = 1 - (h - z * z * poly(z, 0.04166664555668831, -0.0013887308305129409, 2.4432025384157896e-05));
  q = ${quarter}; v = float(bits((q & 1) == 0 ? s : c) ^ ((q & 2) << 30));`;
const tangent = `${turns}
  t = y + ((l + l * z) + y * z * poly(z, 0.33333149552345276, 0.13338987529277802, 0.053394973278045654, 0.024491749703884125, 0.003015390830114484, 0.00945055391639471));
  v = (q & 1) == 0 ? t : -1 / t;`;

export const pow2Single = formula("pow2", "n", () => ({ source: "return float(bits(n + 12583039) << 23);" }));
export const expReduceSingle = formula("expReduce", "x", () => ({
  source: `n = (x * 1.4426950408889634 + ${MAGIC}) - ${MAGIC};
    h = x - n * ${LN2_HI}; l = n * ${LN2_LO}; r = h - l;
    return n, r, (h - r) - l;`,
}));
export const expTimesSingle = formula("expTimes", "x, lo, g", () => ({
  source: `z = pmin(pmax(x, -104), 89);
    n, a, c = expReduce(z); r = a + (c + lo);
    p = (1 + (r + r * r * ${EXP})) * g;
    h = (n * 0.5 + ${MAGIC}) - ${MAGIC}; return p * pow2(h) * pow2(n - h);`,
  uses: { expReduce, pow2 },
}));
// What is added to round to n leaves n + 152 in the low bits, where they become 2ⁿ⁺²⁵; the last product takes the 25 back, and rounds once
// where the result is subnormal. The least argument gives an exponent of no bits: 0.
const expShort = `z = pmax(x, -105.3); w = z * 1.4426950408889634 + 12583064; n = w - 12583064; r = (z - n * ${LN2_HI}) - n * ${LN2_LO};
    y = (1 + (r + r * r * ${EXP})) * float(bits(w) << 23) * 2.9802322387695312e-08;`;
export const expSingle = formula("exp", "x", () => ({
  source: `${expShort} if (any(x > 70)) { y = expTimes(x, 0, 1); } return y;`,
  uses: { expTimes },
  quick: `${expShort} return y, x > 70;`,
}));
export const expm1ReduceSingle = formula("expm1Reduce", "x", () => ({
  source: `n, r, c = expReduce(x);
    w = r * r * poly(r, 0.5, 0.16666536033153534, 0.04166647046804428, 0.008367432281374931, 0.0013934571761637926) + c;
    p = r + w; return n, p, (r - p) + w;`,
  uses: { expReduce },
}));
export const expm1Single = formula("expm1", "x", () => ({
  source: "z = pmin(pmax(x, -20), 89); h = expm1Half(z); return copysign(abs(z) < 1e-8 ? z : 2 * h, x);",
  uses: { expm1Half },
  quick: true,
}));
// as in float64, with 2^(2a/ln 2) whose argument need not be reduced in parts: its error counts least where it is largest
export const tanhSingle = formula("tanh", "x", () => ({
  source: `a = pmin(abs(x), 10); z = a * a; y = a * 2.885390081777927; w = y + 12583039; f = y - (w - 12583039);
    t = (1 + f * ${EXP2}) * float(bits(w) << 23);
    q = poly(z, -0.33333316445350647, 0.13332557678222656, -0.05384985730051994, 0.02106296643614769, -0.006263270974159241);
    return copysign(a < 0.55 ? a + a * z * q : 1 - 2 / (t + 1), x);`,
  quick: true,
}));
export const logReduceSingle = formula("logReduce", "x", () => ({
  source: `i = bits(x) + 0x4afb0d;
    return float((i >>> 23) | 0x4b000000) - 8388735, float((i & 0x7fffff) + 0x3f3504f3) - 1;`,
}));
export const logSumSingle = formula("logSum", "k, f, c", () => ({
  source: `h = 0.5 * f * f; s = f / (2 + f); z = s * s;
    q = z * poly(z, 0.6666678190231323, 0.39976876974105835, 0.298896849155426);
    return k * ${LN2_HI} - ((h - (s * (h + q) + (k * ${LN2_LO} + c))) - f);`,
}));
export const logSingle = formula("log", "x", () => ({
  source: `a = x; b = 0;
    if (any(x < ${TINY})) { c = x < ${TINY}; a = c ? x * 33554432 : x; b = c ? -25 : 0; }
    k, f = logReduce(a); y = logSum(k + b, f, 0);
    if (any(!(x > 0 & x < inf))) { y = x == 0 ? -inf : (x < 0 ? nan : (x < inf ? y : x)); }
    return y;`,
  uses: { logReduce, logSum },
  quick: "k, f = logReduce(x); return logSum(k, f, 0), bits(x) + 0x7f800000 > -0x1000001;",
}));
export const sinSingle = formula("sin", "x", () => ({
  source: `${trig("q")} if (any(bad)) { v = bad ? each(sin, x) : v; } return x == 0 ? x : v;`,
  quick: `${trig("q")} return x == 0 ? x : v, bad;`,
  uses: { sin },
}));
export const cosSingle = formula("cos", "x", () => ({
  source: `${trig("q + 1")} if (any(bad)) { v = bad ? each(cos, x) : v; } return v;`,
  quick: `${trig("q + 1")} return v, bad;`,
  uses: { cos },
}));
export const tanSingle = formula("tan", "x", () => ({
  source: `${tangent} if (any(bad)) { v = bad ? each(tan, x) : v; } return x == 0 ? x : v;`,
  quick: `${tangent} return x == 0 ? x : v, bad;`,
  uses: { tan },
}));
// from 0.84 on 1 - 2^p(a): what p and the power lose is small beside the 1
export const erfSingle = formula("erf", "x", () => ({
  source: `a = pmin(abs(x), 4); z = a * a;
    y = a + a * poly(z, 0.12837916612625122, -0.37612587213516235, 0.1128283143043518, -0.02680603414773941, 0.005055791232734919, -0.0006338251987472177);
    p = poly(a, 0.0002282727073179558, -1.6294318437576294, -0.9139546155929565, -0.15596690773963928, 0.03608160838484764, -0.0059587047435343266, 0.000614930409938097, -2.9435315809678286e-05);
    w = p + 12583039; f = p - (w - 12583039);
    return copysign(a < 0.84 ? y : 1 - (1 + f * ${EXP2}) * float(bits(w) << 23), x);`,
  quick: true,
}));

// In float64 lanes e^(y log|x|) is good for a float32 result, with short polynomials; a negative base wants a whole exponent, and an odd
// one keeps the sign. Zero, infinity and NaN go the long way.
const power = `a = abs(x); k, f = logReduce(a); s = f / (2 + f); z = s * s;
  l = k * 0.6931471805599453 + s * (2 + z * poly(z, 0.6666666667651181, 0.399999953791388, 0.2857213561638461, 0.22175043234447797, 0.19601259716878308));
  p = pmin(pmax(y * l, -200), 200); w = p * 1.4426950408889634 + 6755399441056767; r = p - (w - 6755399441056767) * 0.6931471805599453;
  v = (1 + r * poly(r, 1.0000000003575589, 0.5000000083041224, 0.16666664409243076, 0.041666253909254415, 0.008333672504603228, 0.0013947186504101397, 0.00019726003750266156)) * float(bits(w) << 52);
  whole = floor(y) == y; v = x < 0 & !whole ? nan : (x < 0 & floor(y * 0.5) * 2 != y ? -v : v);
  bad = !(a > 0 & a < inf & abs(y) < inf);`;
export const powShort = formula("pow", "x, y", () => ({
  source: `${power} if (any(bad)) { v = bad ? each(pow, x, y) : v; } return v;`,
  quick: `${power} return v, bad;`,
  uses: { logReduce, pow },
}));
