import { reduceFar } from "./far";
import { fmod } from "./fmod";
import { formula } from "./lanes";
import {
  cosSingle,
  erfSingle,
  expm1ReduceSingle,
  expm1Single,
  expReduceSingle,
  expSingle,
  expTimesSingle,
  logReduceSingle,
  logSingle,
  logSumSingle,
  pow2Single,
  powShort,
  sinSingle,
  tanhSingle,
  tanSingle,
} from "./math-single";

// Elementary functions in float64, each written once for scalars and for vectors. No formula branches on a single lane: both
// arms are computed and one selected; `any(…)` guards what only rare arguments need. Polynomials: tools/oracle/polynomials.py.
// Constants that recur:
const MAGIC = "6755399441055744"; // 1.5·2⁵²: adding it rounds to an integer, which then stands in the low bits
const LN2_HI = "0.6931471803691238"; // 32 bits, so that n·LN2_HI is exact
const LN2_LO = "1.9082149292705877e-10";
const TINY = "2.2250738585072014e-308"; // the least normal number
// (e^r - 1 - r)/r², so that the error is small beside e^r; and beside e^r - 1
const EXP =
  "estrin(r, 0.5000000000000014, 0.16666666666666471, 0.04166666666650141, 0.00833333333345588, 0.0013888888950771708, 0.00019841269593615457, 2.480148592820801e-05, 2.75575047298065e-06, 2.7632761150583453e-07, 2.5027278555108596e-08)";
const EXPM1 =
  "estrin(r, 0.5, 0.16666666666666677, 0.04166666666666668, 0.008333333333321166, 0.001388888888887721, 0.0001984126988778142, 2.48015873415635e-05, 2.7557242153032225e-06, 2.7557258007328965e-07, 2.5109868595230767e-08, 2.0919983435623284e-09)";

// 2ⁿ for whole n in [-1022, 1023]
export const pow2 = formula("pow2", "n", () => ({
  source: "return float(bits(n + 6755399441056767) << 52);",
  single: pow2Single,
}));

// x = n·ln 2 + r + c with |r| ≤ ln 2 / 2 and c the rounding error of r (Cody and Waite)
export const expReduce = formula("expReduce", "x", () => ({
  source: `n = (x * 1.4426950408889634 + ${MAGIC}) - ${MAGIC};
    h = x - n * ${LN2_HI}; l = n * ${LN2_LO}; r = h - l;
    return n, r, (h - r) - l;`,
  single: expReduceSingle,
}));

// g·e^(x + lo), |lo| small: 2ⁿ in two factors where one would overflow or be subnormal
export const expTimes = formula("expTimes", "x, lo, g", () => ({
  source: `z = pmin(pmax(x, -746), 710);
    n, a, c = expReduce(z); w = c + lo; r = a + w;
    p = (1 + (r + (r * r * ${EXP} + ((a - r) + w)))) * g;
    y = p * pow2(n);
    if (any(abs(n) > 1021)) { h = (n * 0.5 + ${MAGIC}) - ${MAGIC}; y = p * pow2(h) * pow2(n - h); }
    return y;`,
  uses: { expReduce, pow2 },
  single: expTimesSingle,
}));
// What is added to round to n leaves n + 1078 in the low bits, where they become 2ⁿ⁺⁵⁵; the last product takes the 55 back, and rounds once
// where the result is subnormal. The least argument gives an exponent of no bits: 0. Large ones go the longer way, which rounds alike.
const expNear = `z = pmax(x, -747.3); w = z * 1.4426950408889634 + 6755399441056822; n = w - 6755399441056822;
    h = z - n * ${LN2_HI}; l = n * ${LN2_LO}; r = h - l;
    y = (1 + (r + (r * r * ${EXP} + ((h - r) - l)))) * float(bits(w) << 52) * 2.7755575615628914e-17;`;
export const exp = formula("exp", "x", () => ({
  source: `${expNear} if (any(x > 670)) { y = expTimes(x, 0, 1); } return y;`,
  uses: { expTimes },
  single: expSingle,
  narrow: true,
  own: true,
  quick: `${expNear} return y, x > 670;`,
}));

// (n, p, l): e^x = 2ⁿ (1 + p + l), l the rounding error of p
export const expm1Reduce = formula("expm1Reduce", "x", () => ({
  source: `n, r, c = expReduce(x); w = r * r * ${EXPM1} + c; p = r + w; return n, p, (r - p) + w;`,
  uses: { expReduce },
  single: expm1ReduceSingle,
}));
// (e^x - 1)/2 for x in [-40, 710]: half, because 2¹⁰²⁴ is no number. The sum keeps its rounding error.
export const expm1Half = formula("expm1Half", "x", () => ({
  source: `n, p, l = expm1Reduce(x); s = pow2(n - 1);
    a = s - 0.5; b = s * p; h = a + b; return h + (((a - h) + b) + s * l);`,
  uses: { expm1Reduce, pow2 },
}));
export const expm1 = formula("expm1", "x", () => ({
  source: "z = pmin(pmax(x, -40), 710); h = expm1Half(z); return copysign(abs(z) < 1e-18 ? z : 2 * h, x);",
  uses: { expm1Half },
  single: expm1Single,
  narrow: true,
  own: true,
  quick: true,
}));

// sinh and cosh from half of e^|x|; e^-|x| = 1/e^|x|
export const sinh = formula("sinh", "x", () => ({
  source: `a = pmin(abs(x), 710.6); n, p, l = expm1Reduce(a); s = pow2(n - 2);
    u = s - 0.25; b = s * p; h = u + b; h = 2 * (h + (((u - h) + b) + s * l));
    return copysign(a < 22 ? (a < 1e-18 ? a : h + h / (h + h + 1)) : 2 * (s + s * p), x);`,
  uses: { expm1Reduce, pow2 },
  own: true,
}));
export const cosh = formula("cosh", "x", () => ({
  source: "n, p, l = expm1Reduce(pmin(abs(x), 710.6)); s = pow2(n - 2); e = 2 * (s + s * p); return e + 0.25 / e;",
  uses: { expm1Reduce, pow2 },
  own: true,
}));
// 1 - 2/(e^2a + 1) where that is at least ½, so that what the exponential and the quotient lose is small beside it
export const tanh = formula("tanh", "x", () => ({
  source: `a = pmin(abs(x), 22); z = a * a; n, r, c = expReduce(a + a);
    t = (1 + (r + r * r * ${EXP})) * pow2(n);
    q = estrin(z, -0.333333333333333, 0.13333333333326602, -0.053968253963756235, 0.02186948838582998, -0.008863232601955963, 0.003592092041122453, -0.0014555429341546523, 0.000588444888847958, -0.000233382617957651, 8.331792683594262e-05, -1.949555243196568e-05);
    return copysign(a < 0.55 ? a + a * z * q : 1 - 2 / (t + 1), x);`,
  uses: { expReduce, pow2 },
  single: tanhSingle,
  narrow: true,
  own: true,
  quick: true,
}));

// x = 2ᵏ(1 + f) with √½ ≤ 1 + f < √2, x normal and positive
export const logReduce = formula("logReduce", "x", () => ({
  source: `i = bits(x) + 0x95f619980c433;
    return float((i >>> 52) | 0x4330000000000000) - 4503599627371519, float((i & 0xfffffffffffff) + 0x3fe6a09e667f3bcd) - 1;`,
  single: logReduceSingle,
}));
// k·ln 2 + log(1 + f) + c: log(1 + f) = f - (f²/2 - s (f²/2 + R(s²))), s = f/(2 + f)
export const logSum = formula("logSum", "k, f, c", () => ({
  source: `h = 0.5 * f * f; s = f / (2 + f); z = s * s;
    q = z * estrin(z, 0.6666666666666742, 0.3999999999936589, 0.28571428753496697, 0.22222197395522497, 0.18183627726864118, 0.15312369979787194, 0.14813354863555442);
    return k * ${LN2_HI} - ((h - (s * (h + q) + (k * ${LN2_LO} + c))) - f);`,
  single: logSumSingle,
}));
export const log = formula("log", "x", () => ({
  source: `a = x; b = 0;
    if (any(x < ${TINY})) { c = x < ${TINY}; a = c ? x * 18014398509481984 : x; b = c ? -54 : 0; }
    k, f = logReduce(a); y = logSum(k + b, f, 0);
    if (any(!(x > 0 & x < inf))) { y = x == 0 ? -inf : (x < 0 ? nan : (x < inf ? y : x)); }
    return y;`,
  uses: { logReduce, logSum },
  single: logSingle,
  narrow: true,
  own: true,
  quick: "k, f = logReduce(x); return logSum(k, f, 0), bits(x) + 0x7ff0000000000000 > -0x20000000000001;",
}));
// u + c = 1 + x exactly, and log(u + c) = log u + c/u
export const log1p = formula("log1p", "x", () => ({
  source: `u = 1 + x; b = u - x; c = (1 - b) + (x - (u - b));
    k, f = logReduce(u); y = logSum(k, f, c / u);
    if (any(!(x > -1 & x < inf))) { y = x == -1 ? -inf : (x < -1 ? nan : (x < inf ? y : x)); }
    return copysign(y, x);`,
  uses: { logReduce, logSum },
  narrow: true,
  own: true,
  quick: `u = 1 + x; b = u - x; c = (1 - b) + (x - (u - b)); k, f = logReduce(u);
    return copysign(logSum(k, f, c / u), x), !(x > -1 & x < inf);`,
}));

// √(x² + 1) - 1 written without cancellation; beyond 2⁵⁰⁰ the square would overflow and only log 2x is left
export const asinh = formula("asinh", "x", () => ({
  source: `a = abs(x); t = a * a; big = a > 3e150;
    return copysign(log1p(big ? a : a + t / (1 + sqrt(t + 1))) + (big ? 0.6931471805599453 : 0), x);`,
  uses: { log1p },
  own: true,
}));
export const acosh = formula("acosh", "x", () => ({
  source: `t = x - 1; big = x > 3e150;
    return (x < 1 ? nan : log1p(big ? t : t + sqrt(2 * t + t * t))) + (big ? 0.6931471805599453 : 0);`,
  uses: { log1p },
  own: true,
}));
// ½ log1p(2a/(1 - a)); below ½ as 2a + 2a·a/(1 - a), which loses less
export const atanh = formula("atanh", "x", () => ({
  source: `a = abs(x); t = a + a; low = a < 0.5; q = (low ? t * a : t) / (1 - a);
    return copysign(0.5 * log1p(low ? t + q : q), x);`,
  uses: { log1p },
  own: true,
}));

// Angles: x = n·π/2 + y + l. The three parts of π/2 are good for |x| < 2²⁰; where they are not, or where so much cancels
// that the error of the last part shows, `bad` says so and the long reduction takes over.
export const trigReduce = formula("trigReduce", "x", () => ({
  source: `n = nearest(x * 0.6366197723675814);
    a = x - n * 1.5707963267341256; w = n * 6.077100506303966e-11; h = a - w; b = h - a;
    lo = ((a - (h - b)) - (w + b)) - n * 2.0222662487959506e-21; y = h + lo;
    return n, y, (h - y) + lo, !(abs(x) < 1647099) | abs(y) < abs(n) * 3.469446951953614e-18;`,
}));
export const sinKernel = formula("sinKernel", "y, l", () => ({
  source: `z = y * y; v = z * y;
    return y - ((z * (0.5 * l - v * poly(z, 0.008333333333321815, -0.00019841269829316935, 2.7557313517418163e-06, -2.505073013735584e-08, 1.5895136993837813e-10)) - l) + v * 0.1666666666666663);`,
}));
export const cosKernel = formula("cosKernel", "y, l", () => ({
  source: `z = y * y; h = 0.5 * z; w = 1 - h;
    return w + (((1 - w) - h) + (z * z * poly(z, 0.041666666666666595, -0.0013888888888873318, 2.4801587288963583e-05, -2.755731419821064e-07, 2.0875701762983606e-09, -1.135850641005057e-11) - y * l));`,
}));
// n + shift counts quarter turns: odd ones exchange sine and cosine, every second pair changes the sign
export const sinQuarter = formula("sinQuarter", "n, y, l", () => ({
  source: `q = bits(n + ${MAGIC});
    return float(bits((q & 1) == 0 ? sinKernel(y, l) : cosKernel(y, l)) ^ ((q & 2) << 62));`,
  uses: { sinKernel, cosKernel },
}));
export const tanQuarter = formula("tanQuarter", "n, y, l", () => ({
  source: `q = bits(n + ${MAGIC}); even = (q & 1) == 0; s = sinKernel(y, l); c = cosKernel(y, l);
    return float(bits((even ? s : c) / (even ? c : s)) ^ (q << 63));`,
  uses: { sinKernel, cosKernel },
}));
export const sinFar = formula("sinFar", "x", () => ({
  source: "n, y, l = reduceFar(x); return sinQuarter(n, y, l);",
  uses: { reduceFar, sinQuarter },
  own: true,
}));
export const cosFar = formula("cosFar", "x", () => ({
  source: "n, y, l = reduceFar(x); return sinQuarter(n + 1, y, l);",
  uses: { reduceFar, sinQuarter },
  own: true,
}));
export const tanFar = formula("tanFar", "x", () => ({
  source: "n, y, l = reduceFar(x); return tanQuarter(n, y, l);",
  uses: { reduceFar, tanQuarter },
  own: true,
}));
export const sin = formula("sin", "x", () => ({
  source: `n, y, l, bad = trigReduce(x); v = sinQuarter(n, y, l);
    if (any(bad)) { v = bad ? each(sinFar, x) : v; }
    return x == 0 ? x : v;`,
  uses: { trigReduce, sinQuarter, sinFar },
  single: sinSingle,
  narrow: true,
  own: true,
  quick: "n, y, l, bad = trigReduce(x); return x == 0 ? x : sinQuarter(n, y, l), bad;",
}));
export const cos = formula("cos", "x", () => ({
  source: `n, y, l, bad = trigReduce(x); v = sinQuarter(n + 1, y, l);
    if (any(bad)) { v = bad ? each(cosFar, x) : v; }
    return v;`,
  uses: { trigReduce, sinQuarter, cosFar },
  single: cosSingle,
  narrow: true,
  own: true,
  quick: "n, y, l, bad = trigReduce(x); return sinQuarter(n + 1, y, l), bad;",
}));
export const tan = formula("tan", "x", () => ({
  source: `n, y, l, bad = trigReduce(x); v = tanQuarter(n, y, l);
    if (any(bad)) { v = bad ? each(tanFar, x) : v; }
    return x == 0 ? x : v;`,
  uses: { trigReduce, tanQuarter, tanFar },
  single: tanSingle,
  narrow: true,
  own: true,
}));

// atan x = h + atan t with t = x, (x - 1)/(x + 1) or -1/x, so that |t| ≤ tan(π/8)
export const atanCore = formula("atanCore", "a", () => ({
  source: `far = a > 2.414213562373095; mid = a > 0.41421356237309503;
    t = (far ? -1 : (mid ? a - 1 : a)) / (far ? a : (mid ? a + 1 : 1)); z = t * t;
    p = t * z * estrin(z, -0.33333333333333176, 0.19999999999947515, -0.142857142795886, 0.11111110753063119, -0.09090896881326356, 0.07692044565042616, -0.06662925365838519, 0.05846583083628622, -0.05033391423357271, 0.037913630934225236, -0.017741192333637548);
    return (far ? 1.5707963267948966 : (mid ? 0.7853981633974483 : 0)) + (t + (p + (far ? 6.123233995736766e-17 : (mid ? 3.061616997868383e-17 : 0))));`,
}));
export const atan = formula("atan", "x", () => ({
  source: "return copysign(atanCore(abs(x)), x);",
  uses: { atanCore },
  own: true,
}));
export const atan2 = formula("atan2", "y, x", () => ({
  source: `a = abs(y); b = abs(x); q = a == b ? (a != a ? a : (a == 0 ? 0 : 1)) : a / b;
    t = atanCore(q);
    return copysign(bits(x) < 0 ? 3.141592653589793 - (t - 1.2246467991473532e-16) : t, y);`,
  uses: { atanCore },
  own: true,
}));

// (asin √z / √z - 1), z ≤ ¼
export const asinTail = formula("asinTail", "z", () => ({
  source:
    "return z * estrin(z, 0.1666666666666676, 0.07499999999971095, 0.044642857174224136, 0.03038194272950777, 0.022372214318213676, 0.017351624732641444, 0.013980662389073067, 0.011400238094136402, 0.01077270078341017, 0.0037352343200085705, 0.021636856974466507, -0.020898809490814328, 0.03256583927490458);",
}));
// beyond ½: asin a = π/2 - 2 asin √((1 - a)/2); the root is split as f + c to keep what its rounding loses
export const asin = formula("asin", "x", () => ({
  source: `a = abs(x); big = a > 0.5; z = big ? (1 - a) * 0.5 : a * a; s = sqrt(z); q = asinTail(z);
    f = float(bits(s) & -0x100000000); c = (z - f * f) / (s + f + 1e-300);
    return copysign(big ? 0.7853981633974483 - ((2 * s * q - (6.123233995736766e-17 - 2 * c)) - (0.7853981633974483 - 2 * f)) : a + a * q, x);`,
  uses: { asinTail },
  own: true,
}));
export const acos = formula("acos", "x", () => ({
  source: `a = abs(x); big = a > 0.5; z = big ? (1 - a) * 0.5 : a * a; s = sqrt(z); q = asinTail(z);
    f = float(bits(s) & -0x100000000); c = (z - f * f) / (s + f + 1e-300);
    return big ? (x < 0 ? 2 * (1.5707963267948966 - (s + (q * s - 6.123233995736766e-17))) : 2 * (f + (q * s + c)))
      : 1.5707963267948966 - (x - (6.123233995736766e-17 - x * q));`,
  uses: { asinTail },
  own: true,
}));

// erf a / a - 1 for a < 0.84
export const erfTail = formula("erfTail", "a", () => ({
  source:
    "z = a * a; return estrin(z, 0.1283791670955126, -0.3761263890318393, 0.11283791670962756, -0.02686617064663958, 0.005223977642134937, -0.0008548328165210727, 0.00012055383984936687, -1.4927181030713709e-05, 1.6493205309304976e-06, -1.6787263480100068e-07, 1.8453226337212087e-08, -3.0428337296249697e-09, 4.808205684790274e-10);",
}));
// erfc a for a ≥ 0.84: e^(-a²) times a slow function of a; a² is split so that the exponent is exact
export const erfcTail = formula("erfcTail", "x", () => ({
  source: `a = pmin(x, 28); t = (a - 4) / (a + 4); h = float(bits(a) & -0x10000000);
    g = poly(t, 1.2329951186255526, -0.1396211168405625, 0.015379652102612463, 0.06809705425469134, -0.10103906603595901, 0.09373283499836507, -0.06633036581977068, 0.03716751553814293, -0.016197733966600347, 0.0050319699585170035, -0.0007577739526562398, -0.0001992564742595592, 0.00015062471292907333, -2.440054995956125e-05, -1.123079981891184e-05, 5.714414224757594e-06, 3.092492060243067e-07, -8.348318046999034e-07, 5.976985901743193e-08, 1.1975827556300167e-07, -1.2484995129626662e-08, -1.7232862702516737e-08, 2.6422364227491165e-09);
    return expTimes(-(h * h), -((a - h) * (a + h)), g / (1 + 2 * a));`,
  uses: { expTimes },
}));
export const erf = formula("erf", "x", () => ({
  source: "a = abs(x); return copysign(a < 0.84 ? a + a * erfTail(a) : 1 - erfcTail(a), x);",
  uses: { erfTail, erfcTail },
  single: erfSingle,
  narrow: true,
  own: true,
}));
export const erfc = formula("erfc", "x", () => ({
  source: `a = abs(x); q = x * erfTail(a); t = erfcTail(a);
    return a < 0.84 ? (x < 0.25 ? 1 - (x + q) : 0.5 - ((x - 0.5) + q)) : (x < 0 ? 2 - t : t);`,
  uses: { erfTail, erfcTail },
  own: true,
}));

// a·b = p + e exactly (Dekker)
export const twoProduct = formula("twoProduct", "a, b", () => ({
  source: `p = a * b; u = a * 134217729; v = b * 134217729; g = u - (u - a); h = v - (v - b); c = a - g; d = b - h;
    return p, ((g * h - p) + g * d + c * h) + c * d;`,
}));
// |x|^y = e^(y log|x|) with the logarithm to some 66 bits: log(1 + f) = s (2 + s² (2/3 + s² (2/5 + …))), s = f/(2 + f), every
// term that counts as a pair. y beyond 10¹⁹ overflows or vanishes whatever x ≠ 1 is.
export const powMagnitude = formula("powMagnitude", "x, y", () => ({
  source: `low = x < ${TINY}; j, f = logReduce(low ? x * 18014398509481984 : x); k = low ? j - 54 : j;
    d = 2 + f; s = f / d; a, b = twoProduct(s, d); t = (((f - a) - b) - s * (f - (d - 2))) / d;
    z, ze = twoProduct(s, s);
    w = z * estrin(z, 0.4000000000000255, 0.2857142856996486, 0.22222222543350917, 0.18181782348071096, 0.15386849541153602, 0.13254680134633398, 0.1321613299343808);
    c = 0.6666666666666666 + w; v, ve = twoProduct(z, c);
    ve = ve + (z * (((0.6666666666666666 - c) + w) + 3.700743415417188e-17) + (ze + 2 * s * t) * c);
    c = 2 + v; m, e = twoProduct(s, c);
    e = e + (s * ((2 - c) + v + ve) + t * c);
    g = k * ${LN2_HI}; h = g + m; e = (((g - h) + m) + e) + k * ${LN2_LO};
    q = pmin(pmax(y, -1e19), 1e19); p, pe = twoProduct(q, h); pe = pe + q * e;
    return expTimes(p, abs(p) < 800 ? pe : 0, 1);`,
  uses: { logReduce, twoProduct, expTimes },
}));
// C99 F.10.4.4: pow(x, 0) = pow(1, y) = 1 even for NaN; a negative base wants a whole exponent, an odd one keeps the sign
export const pow = formula("pow", "x, y", () => ({
  source: `a = abs(x); whole = floor(y) == y; odd = whole & abs(y) < 9007199254740992 & floor(y * 0.5) * 2 != y;
    r = a == 0 | a == inf ? (a == 0 ^ y < 0 ? 0 : inf) : (x < 0 & !whole ? nan : powMagnitude(a, y));
    r = odd ? copysign(r, x) : r;
    return y == 0 | x == 1 ? 1 : (x != x | y != y ? nan : r);`,
  uses: { powMagnitude },
  short: powShort,
  own: true,
}));

// As NumPy: the remainder has the sign of y, and is exact
export const mod = formula("mod", "x, y", () => ({
  source: "m = each(fmod, x, y); return m == 0 ? copysign(0, y) : (y < 0 ^ m < 0 ? m + y : m);",
  uses: { fmod },
  own: true,
}));
export const floorDiv = formula("floorDiv", "x, y", () => ({
  source: `m = each(fmod, x, y); d = (x - m) / y; d = m != 0 & (y < 0 ^ m < 0) ? d - 1 : d; n = floor(d); n = d - n > 0.5 ? n + 1 : n;
    return y == 0 ? x / y : (d == 0 ? copysign(0, x / y) : n);`,
  uses: { fmod },
  own: true,
}));

// a third of the exponent by integer division, a polynomial to 23 bits, then one Newton step in which t² is exact
export const cbrt = formula("cbrt", "x", () => ({
  source: `a = abs(x); low = a < ${TINY}; w = low ? a * 18014398509481984 : a;
    t = float((((bits(w) >>> 32) * 1431655766 >>> 32) + 715094163) << 32); r = t * t * (t / w);
    t = t * poly(r, 1.8756720001748937, -1.8838548715027674, 1.61973669828734, -0.7572673805952733, 0.14571355715415754);
    t = float((bits(t) + 0x20000000) & -0x40000000);
    s = w / (t * t); t = t + t * ((s - t) / (t + t + s)); t = low ? t * 3.814697265625e-06 : t;
    return copysign(a > 0 & a < inf ? t : a, x);`,
  own: true,
}));
