import { formula } from "./lanes";
import { cosFar, expm1Half, expReduce, expTimes, logReduce, logSum, pow2, sinFar } from "./math";

// Float32 arithmetic for float32 results, where it is accurate enough: `name_f32` replaces the formula `name` in float32 lanes.
// `name_short` is for float64 lanes whose result will be rounded to float32.
const MAGIC = "12582912"; // 1.5·2²³
const LN2_HI = "0.693145751953125"; // 15 bits
const LN2_LO = "1.428606765330187e-06";
const EXP =
  "poly(r, 0.49999988079071045, 0.16666512191295624, 0.04166959971189499, 0.008369655348360538, 0.0013751593651250005)";
const TINY = "1.1754943508222875e-38";

/** A quarter turn in two parts, good for |x| < 10⁶; beyond that the long reduction. */
const trig = (shift: string): string => `
  n = nearest(x * 0.6366197723675814); y = (x - n * 1.5707963109016418) - n * 1.5893254773528197e-08; z = y * y;
  q = bits(n + 6755399441055744)${shift};
  s = y + y * z * poly(z, -0.1666666663991566, 0.00833332920863074, -0.0001983928153447017, 2.7178257986872773e-06);
  c = 1 + z * poly(z, -0.49999999706294623, 0.0416666213752465, -0.0013886705190864716, 2.4385111158842003e-05);
  v = float(bits((q & 1) == 0 ? s : c) ^ ((q & 2) << 62));
  bad = !(abs(x) < 1000000);`;

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
// what is added to round to n leaves n + 127 in the low bits, where they become 2ⁿ
const expShort = `w = x * 1.4426950408889634 + 12583039; n = w - 12583039; r = (x - n * ${LN2_HI}) - n * ${LN2_LO};
    y = (1 + (r + r * r * ${EXP})) * float(bits(w) << 23);`;
export const expSingle = formula("exp", "x", () => ({
  source: `${expShort} if (any(!(abs(x) < 87))) { y = expTimes(x, 0, 1); } return y;`,
  uses: { expTimes },
  quick: `${expShort} low = x < -104; return low ? 0 : y, bits(abs(x)) > 0x42ae0000 & !low;`,
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
    t = (1 + f * poly(f, 0.6931471824645996, 0.24022644758224487, 0.055503588169813156, 0.00961883831769228, 0.0013391353422775865, 0.00015239657659549266)) * float(bits(w) << 23);
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
export const sinShort = formula("sin", "x", () => ({
  source: `${trig("")} if (any(bad)) { v = bad ? each(sinFar, x) : v; } return x == 0 ? x : v;`,
  quick: `${trig("")} return x == 0 ? x : v, bad;`,
  uses: { sinFar },
}));
export const cosShort = formula("cos", "x", () => ({
  source: `${trig(" + 1")} if (any(bad)) { v = bad ? each(cosFar, x) : v; } return v;`,
  quick: `${trig(" + 1")} return v, bad;`,
  uses: { cosFar },
}));
