/*
 * Elementary functions of float32 in GLSL ES 3.00, within a few ulps on any device whose +, -, ·, / are IEEE's: the built-in ones
 * promise no accuracy (exp(x) - 1 for expm1, NaN from tanh(100)). F, I, U and B stand for float, int, uint and bool, or for their
 * vectors of four; every branch is computed and `sel` chooses.
 *
 * Methods: exp, asin, atan, sin, cos, tan after S. L. Moshier's Cephes single-precision library; log, erf after fdlibm's s_*f.c
 * (Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunPro, a Sun Microsystems, Inc. business.
 * Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.)
 */
export const functions: { readonly [name: string]: string } = {
  lt: "B lt(F a, F b) { return LESS(a, b); }",
  le: "B le(F a, F b) { return LESSEQUAL(a, b); }",
  gt: "B gt(F a, F b) { return LESS(b, a); }",
  ge: "B ge(F a, F b) { return LESSEQUAL(b, a); }",
  eq: "B eq(F a, F b) { return EQUAL(a, b); }",
  sel: "F sel(B c, F a, F b) { return mix(b, a, c); }",
  both: "B both(B a, B b) { return AND(a, b); }",
  either: "B either(B a, B b) { return OR(a, b); }",
  negated: "B negated(B a) { return NOT(a); }",
  same: "B same(B a, B b) { return EQUAL(a, b); }",
  ieq: "B ieq(I a, I b) { return EQUAL(a, b); }",
  // Comparisons of a NaN with itself are folded away by some compilers; its bits are not.
  nan: "B nan(F x) { return LESS(I(0x7f800000), floatBitsToInt(x) & I(0x7fffffff)); }",
  isNegative: "B isNegative(F x) { return LESS(floatBitsToInt(x), I(0)); }",
  withSign:
    "F withSign(F a, F s) { return intBitsToFloat((floatBitsToInt(a) & I(0x7fffffff)) | (floatBitsToInt(s) & I(-0x7fffffff - 1))); }",
  pow2: "F pow2(I k) { return intBitsToFloat((k + I(127)) << 23); }",

  sign_: "F sign_(F x) { return sel(lt(F(0.0), x), F(1.0), sel(lt(x, F(0.0)), F(-1.0), x)); }",
  // The sum of equal zeros is the larger of them, and carries NaN.
  max_: `F max_(F a, F b) {
    F m = sel(gt(a, b), a, sel(lt(a, b), b, sel(eq(a, F(0.0)), a + b, a)));
    return sel(either(nan(a), nan(b)), notANumber(), m);
  }`,
  min_: "F min_(F a, F b) { return -max_(-a, -b); }",
  round_: `F round_(F x) {
    F a = abs(x);
    F r = sel(lt(a, F(8388608.0)), roundEven(a), a);
    return sel(nan(x), x, withSign(r, x));
  }`,
  trunc_: "F trunc_(F x) { return sel(nan(x), x, withSign(floor(abs(x)), x)); }",
  floor_: "F floor_(F x) { return sel(eq(x, F(0.0)), x, floor(x)); }",
  ceil_: "F ceil_(F x) { return -floor_(-x); }",
  sqrt_: "F sqrt_(F x) { return sel(lt(x, F(0.0)), notANumber(), sel(eq(x, F(0.0)), x, sqrt(x))); }",
  rsqrt_: "F rsqrt_(F x) { return F(1.0) / sqrt_(x); }",

  exp_: `F exp_(F x) {
    F c = clamp(x, F(-105.0), F(90.0));
    F n = floor(c * F(1.44269504088896341) + F(0.5));
    F r = (c - n * F(0.693359375)) - n * F(-2.12194440e-4);
    F p = ((((F(1.9875691500e-4) * r + F(1.3981999507e-3)) * r + F(8.3334519073e-3)) * r + F(4.1665795894e-2)) * r
      + F(1.6666665459e-1)) * r + F(5.0000001201e-1);
    F y = p * (r * r) + r + F(1.0);
    I k = I(n);
    I h = k >> 1;
    return sel(nan(x), x, y * pow2(h) * pow2(k - h));
  }`,
  // On |x| ≤ 1/2 the series; beyond, exp(x) - 1 loses less than a bit.
  expm1_: `F expm1_(F x) {
    F p = ((((((F(2.7557319e-6) * x + F(2.4801587e-5)) * x + F(1.9841270e-4)) * x + F(1.3888889e-3)) * x + F(8.3333333e-3)) * x
      + F(4.1666667e-2)) * x + F(1.6666667e-1)) * x + F(0.5);
    F near = sel(eq(x, F(0.0)), x, x + x * x * p);
    return sel(le(abs(x), F(0.5)), near, exp_(x) - F(1.0));
  }`,
  log_: `F log_(F x) {
    B tiny = lt(x, F(1.17549435e-38));
    I b = floatBitsToInt(sel(tiny, x * F(8388608.0), x));
    I e = (b - I(0x3f3504f3)) >> 23;
    F f = intBitsToFloat(b - (e << 23)) - F(1.0);
    F k = F(e) - sel(tiny, F(23.0), F(0.0));
    F s = f / (F(2.0) + f);
    F z = s * s;
    F w = z * z;
    F r = z * (F(0.66666662693) + w * F(0.28498786688)) + w * (F(0.40000972152) + w * F(0.24279078841));
    F h = F(0.5) * f * f;
    F y = s * (h + r) + k * F(9.0580006145e-6) - h + f + k * F(6.9313812256e-1);
    y = sel(eq(x, infinity()), x, y);
    return sel(eq(x, F(0.0)), -infinity(), sel(either(nan(x), lt(x, F(0.0))), notANumber(), y));
  }`,
  // log(1 + x) = log(u) + (x - (u - 1))/u for u near 1 + x; without the cut a compiler may find u - 1 = x.
  log1p_: `F log1p_(F x) {
    F u = intBitsToFloat(floatBitsToInt(F(1.0) + x) & I(-2));
    F c = sel(lt(abs(x), F(1.0)), x - (u - F(1.0)), F(1.0) - (u - x)) / u;
    F y = log_(u) + sel(lt(u, F(16777216.0)), c, F(0.0));
    return sel(eq(x, F(0.0)), x, sel(eq(u, F(0.0)), -infinity(), y));
  }`,

  umulh: `uint umulh(uint a, uint b) {
    uint al = a & 0xffffu; uint ah = a >> 16; uint bl = b & 0xffffu; uint bh = b >> 16;
    uint low = al * bl;
    uint m1 = ah * bl + (low >> 16);
    uint m2 = al * bh + (m1 & 0xffffu);
    return ah * bh + (m1 >> 16) + (m2 >> 16);
  }`,
  // Payne & Hanek: 96 bits of 2/π (behind a word of zeros) from where the product modulo 4 begins; the result in fixed point 2.62.
  reduceFar: `float reduceFar(float x, out int quadrant) {
    const uint digits[7] = uint[7](0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u);
    uint bits = floatBitsToUint(x);
    uint m = (bits << 8) | 0x80000000u;
    int e = int((bits >> 23) & 0xffu) - 128;
    int i = e >> 5;
    int s = e & 31;
    uint w0 = digits[i]; uint w1 = digits[i + 1]; uint w2 = digits[i + 2];
    uint w3 = digits[i + 3];
    if (s > 0) {
      w0 = (w0 << s) | (w1 >> (32 - s));
      w1 = (w1 << s) | (w2 >> (32 - s));
      w2 = (w2 << s) | (w3 >> (32 - s));
    }
    uint low = umulh(m, w2);
    uint mid = m * w1;
    uint sum = mid + low;
    uint high = m * w0 + umulh(m, w1) + (sum < mid ? 1u : 0u);
    int q = int(high >> 30);
    high &= 0x3fffffffu;
    bool up = high >= 0x20000000u;
    if (up) {
      q += 1;
      sum = ~sum + 1u;
      high = (~high + (sum == 0u ? 1u : 0u)) & 0x3fffffffu;
    }
    float scale = 3.6572951981127163e-10;
    if (high == 0u) { high = sum; sum = 0u; scale *= 2.3283064365386963e-10; scale *= 4.0; }
    else { high = (high << 2) | (sum >> 30); sum = sum << 2; }
    if (high == 0u) { quadrant = q; return 0.0; }
    for (int k = 0; k < 32; k++) {
      if (high >= 0x80000000u) break;
      high = (high << 1) | (sum >> 31);
      sum = sum << 1;
      scale *= 0.5;
    }
    float r = float(high) * scale;
    if (up) r = -r;
    if (x < 0.0) { quadrant = -q; return -r; }
    quadrant = q;
    return r;
  }`,
  // r in [-π/4, π/4] and the quadrant with x = r + quadrant·π/2; three pieces of π/2 while the quadrant is small.
  reduceAngle: `F reduceAngle(F x, out I quadrant) {
    F c = sel(lt(abs(x), F(8192.0)), x, F(0.0));
    F n = floor(c * F(0.636619772367581343) + F(0.5));
    F r = ((c - n * F(1.5703125)) - n * F(4.8351287841796875e-4)) - n * F(3.13855707645416259765625e-7);
    r = r - n * F(6.077100506506192601475e-11);
    quadrant = I(n);
    FAR(x, r, quadrant)
    return sel(lt(abs(x), infinity()), r, notANumber());
  }`,
  sinPoly: `F sinPoly(F r) {
    F z = r * r;
    return ((F(-1.9515295891e-4) * z + F(8.3321608736e-3)) * z - F(1.6666654611e-1)) * z * r + r;
  }`,
  cosPoly: `F cosPoly(F r) {
    F z = r * r;
    return ((F(2.443315711809948e-5) * z - F(1.388731625493765e-3)) * z + F(4.166664568298827e-2)) * z * z - F(0.5) * z + F(1.0);
  }`,
  sin_: `F sin_(F x) {
    I q;
    F r = reduceAngle(x, q);
    F y = sel(ieq(q & I(1), I(1)), cosPoly(r), sinPoly(r));
    return sel(eq(x, F(0.0)), x, sel(ieq(q & I(2), I(2)), -y, y));
  }`,
  cos_: `F cos_(F x) {
    I q;
    F r = reduceAngle(x, q);
    F y = sel(ieq(q & I(1), I(1)), sinPoly(r), cosPoly(r));
    return sel(ieq((q + I(1)) & I(2), I(2)), -y, y);
  }`,
  tan_: `F tan_(F x) {
    I q;
    F r = reduceAngle(x, q);
    F z = r * r;
    F y = (((((F(9.38540185543e-3) * z + F(3.11992232697e-3)) * z + F(2.44301354525e-2)) * z + F(5.34112807005e-2)) * z
      + F(1.33387994085e-1)) * z + F(3.33331568548e-1)) * z * r + r;
    return sel(eq(x, F(0.0)), x, sel(ieq(q & I(1), I(1)), F(-1.0) / y, y));
  }`,

  asinPoly: `F asinPoly(F z, F s) {
    return ((((F(4.2163199048e-2) * z + F(2.4181311049e-2)) * z + F(4.5470025998e-2)) * z + F(7.4953002686e-2)) * z
      + F(1.6666752422e-1)) * z * s + s;
  }`,
  asin_: `F asin_(F x) {
    F a = abs(x);
    B far = gt(a, F(0.5));
    F z = sel(far, F(0.5) * (F(1.0) - a), a * a);
    F p = asinPoly(z, sel(far, sqrt_(z), a));
    F y = sel(far, F(1.57079632679489661923) - (p + p), p);
    return sel(either(nan(x), gt(a, F(1.0))), notANumber(), withSign(y, x));
  }`,
  acos_: `F acos_(F x) {
    F a = abs(x);
    B far = gt(a, F(0.5));
    F z = sel(far, F(0.5) * (F(1.0) - a), a * a);
    F p = asinPoly(z, sel(far, sqrt_(z), a));
    F outer = sel(lt(x, F(0.0)), F(3.14159265358979323846) - (p + p), p + p);
    F y = sel(far, outer, F(1.57079632679489661923) - withSign(p, x));
    return sel(either(nan(x), gt(a, F(1.0))), notANumber(), y);
  }`,
  atan_: `F atan_(F x) {
    F a = abs(x);
    B far = gt(a, F(2.414213562373095));
    B mid = gt(a, F(0.4142135623730950));
    F t = sel(far, F(-1.0) / a, sel(mid, (a - F(1.0)) / (a + F(1.0)), a));
    F y = sel(far, F(1.57079632679489661923), sel(mid, F(0.785398163397448309616), F(0.0)));
    F z = t * t;
    y = y + ((((F(8.05374449538e-2) * z - F(1.38776856032e-1)) * z + F(1.99777106478e-1)) * z - F(3.33329491539e-1)) * z * t + t);
    return sel(nan(x), x, withSign(y, x));
  }`,
  atan2_: `F atan2_(F y, F x) {
    F a = abs(y);
    F b = abs(x);
    F r = atan_(a / b);
    r = sel(both(eq(a, infinity()), eq(b, infinity())), F(0.785398163397448309616), r);
    r = sel(eq(a, F(0.0)), F(0.0), r);
    r = sel(isNegative(x), F(3.14159265358979323846) - r, r);
    return sel(either(nan(x), nan(y)), notANumber(), withSign(r, y));
  }`,

  sinh_: `F sinh_(F x) {
    F a = abs(x);
    F t = expm1_(min(a, F(88.0)));
    F w = exp_(F(0.5) * a);
    F y = sel(gt(a, F(88.0)), (F(0.5) * w) * w, F(0.5) * (t + t / (t + F(1.0))));
    return sel(nan(x), x, withSign(y, x));
  }`,
  cosh_: `F cosh_(F x) {
    F a = abs(x);
    F e = exp_(min(a, F(88.0)));
    F w = exp_(F(0.5) * a);
    return sel(nan(x), x, sel(gt(a, F(88.0)), (F(0.5) * w) * w, F(0.5) * e + F(0.5) / e));
  }`,
  tanh_: `F tanh_(F x) {
    F a = min(abs(x), F(10.0));
    F t = expm1_(F(-2.0) * a);
    return sel(nan(x), x, withSign(-t / (t + F(2.0)), x));
  }`,
  asinh_: `F asinh_(F x) {
    F a = abs(x);
    F c = min(a, F(1e9));
    F near = log1p_(c + c * c / (F(1.0) + sqrt_(c * c + F(1.0))));
    F y = sel(gt(a, F(1e8)), log_(a) + F(0.693147180559945309), near);
    return sel(nan(x), x, withSign(y, x));
  }`,
  acosh_: `F acosh_(F x) {
    F t = min(x, F(1e9)) - F(1.0);
    F near = log1p_(t + sqrt_(F(2.0) * t + t * t));
    F y = sel(gt(x, F(1e8)), log_(x) + F(0.693147180559945309), near);
    return sel(either(nan(x), lt(x, F(1.0))), notANumber(), y);
  }`,
  atanh_: `F atanh_(F x) {
    F a = abs(x);
    F y = F(0.5) * log1p_((a + a) / (F(1.0) - a));
    y = sel(eq(a, F(1.0)), infinity(), y);
    return sel(either(nan(x), gt(a, F(1.0))), notANumber(), withSign(y, x));
  }`,
  // Mantissa in [1, 8) over a third of the exponent; two steps of Halley from a straight line.
  cbrt_: `F cbrt_(F x) {
    F a = abs(x);
    B tiny = lt(a, F(1.17549435e-38));
    I b = floatBitsToInt(sel(tiny, a * F(16777216.0), a));
    I e = (b >> 23) - I(127) + I(129);
    I k = e / 3;
    F m = intBitsToFloat((b & I(0x7fffff)) | ((e - k * 3 + I(127)) << 23));
    F y = F(0.75) + m * F(0.165);
    for (int i = 0; i < 3; i++) {
      F c = y * y * y;
      y = y - y * (c - m) / (c + c + m);
    }
    y = y * pow2(k - I(43)) * sel(tiny, F(0.00390625), F(1.0));
    y = sel(lt(a, infinity()), sel(eq(a, F(0.0)), a, y), a);
    return sel(nan(x), x, withSign(y, x));
  }`,

  erfNear: `F erfNear(F x) {
    F z = x * x;
    F p = F(0.12837916709551256) + z * (F(-0.3250421072470015) + z * (F(-0.02848174957559851) + z * (F(-0.005770270296489442)
      + z * F(-2.3763016656650163e-5))));
    F q = F(1.0) + z * (F(0.39791722395915535) + z * (F(0.0650222499887673) + z * (F(0.005081306281875766)
      + z * (F(0.00013249473800432164) + z * F(-3.960228278775368e-6)))));
    return p / q;
  }`,
  erfOne: `F erfOne(F a) {
    F s = a - F(1.0);
    F p = F(-0.0023621185607526594) + s * (F(0.41485611868374833) + s * (F(-0.3722078760357013) + s * (F(0.31834661990116175)
      + s * (F(-0.11089469428239668) + s * (F(0.035478304325618236) + s * F(-0.002166375594868791))))));
    F q = F(1.0) + s * (F(0.10642088040084423) + s * (F(0.540397917702171) + s * (F(0.07182865441419627)
      + s * (F(0.12617121980876164) + s * (F(0.01363708391202905) + s * F(0.011984499846799107))))));
    return p / q;
  }`,
  // erfc on [1.25, 28]; x² is split so that the large part of the exponent is exact.
  erfTail: `F erfTail(F x) {
    F s = F(1.0) / (x * x);
    F r1 = F(-0.009864944034847148) + s * (F(-0.6938585727071818) + s * (F(-10.558626225323291) + s * (F(-62.375332450326006)
      + s * (F(-162.39666946257347) + s * (F(-184.60509290671104) + s * (F(-81.2874355063066) + s * F(-9.814329344169145)))))));
    F s1 = F(1.0) + s * (F(19.651271667439257) + s * (F(137.65775414351904) + s * (F(434.56587747522923) + s * (F(645.3872717332679)
      + s * (F(429.00814002756783) + s * (F(108.63500554177944) + s * (F(6.570249770319282) + s * F(-0.0604244152148581))))))));
    F r2 = F(-0.0098649429247001) + s * (F(-0.799283237680523) + s * (F(-17.757954917754752) + s * (F(-160.63638485582192)
      + s * (F(-637.5664433683896) + s * (F(-1025.0951316110772) + s * F(-483.5191916086514))))));
    F s2 = F(1.0) + s * (F(30.33806074348246) + s * (F(325.7925129965739) + s * (F(1536.729586084437) + s * (F(3199.8582195085955)
      + s * (F(2553.0504064331644) + s * (F(474.52854120695537) + s * F(-22.44095244658582)))))));
    F g = sel(lt(x, F(2.857142857142857)), r1 / s1, r2 / s2);
    F z = intBitsToFloat(floatBitsToInt(x) & I(-8192));
    return exp_(-z * z - F(0.5625)) * exp_((z - x) * (z + x) + g) / x;
  }`,
  erf_: `F erf_(F x) {
    F a = abs(x);
    F y = sel(lt(a, F(0.84375)), a + a * erfNear(min(a, F(1.0))),
      sel(lt(a, F(1.25)), F(0.8450629114) + erfOne(a),
        sel(lt(a, F(6.0)), F(1.0) - erfTail(clamp(a, F(1.0), F(6.0))), F(1.0))));
    return sel(nan(x), x, withSign(y, x));
  }`,
  erfc_: `F erfc_(F x) {
    F a = abs(x);
    F near = erfNear(min(a, F(1.0)));
    F small = sel(lt(x, F(0.25)), F(1.0) - (x + x * near), F(0.5) - ((x - F(0.5)) + x * near));
    F t = erfOne(a);
    F middle = sel(lt(x, F(0.0)), F(1.8450629114) + t, F(0.1549370886) - t);
    F tail = erfTail(clamp(a, F(1.0), F(12.0)));
    F far = sel(lt(x, F(0.0)), F(2.0) - tail, sel(gt(a, F(11.0)), F(0.0), tail));
    return sel(nan(x), x, sel(lt(a, F(0.84375)), small, sel(lt(a, F(1.25)), middle, far)));
  }`,

  // x·y as a sum of two floats (Dekker), by cutting each operand in halves of twelve bits.
  productError: `F productError(F a, F b, F p) {
    F ah = intBitsToFloat(floatBitsToInt(a) & I(-4096));
    F bh = intBitsToFloat(floatBitsToInt(b) & I(-4096));
    F al = a - ah;
    F bl = b - bh;
    return ((ah * bh - p) + ah * bl + al * bh) + al * bl;
  }`,
  // exp(y·log x) with log x as a sum of two floats: the error of log is multiplied by y·log x.
  pow_: `F pow_(F x, F y) {
    F a = abs(x);
    B tiny = lt(a, F(1.17549435e-38));
    I b = floatBitsToInt(sel(tiny, a * F(8388608.0), a));
    I e = (b - I(0x3f3504f3)) >> 23;
    F m = intBitsToFloat(b - (e << 23));
    F k = F(e) - sel(tiny, F(23.0), F(0.0));
    F f = m - F(1.0);
    F t = m + F(1.0);
    F tl = F(1.0) - (t - m);
    F s = f / t;
    F st = s * t;
    F sl = ((f - st) - productError(s, t, st) - s * tl) / t;
    F z = s * s;
    F q = z * (F(0.333333333) + z * (F(0.2) + z * (F(0.142857143) + z * (F(0.111111111) + z * F(0.0925)))));
    F l1 = k * F(6.9313812256e-1);
    F l2 = s + s;
    F h = l1 + l2;
    F back = h - l1;
    F lo = ((l1 - (h - back)) + (l2 - back)) + ((sl + sl) + l2 * q + k * F(9.0580006145e-6));
    F hi = h + lo;
    lo = lo - (hi - h);
    F p = y * hi;
    F rest = productError(y, hi, p) + y * lo;
    B large = negated(lt(abs(p), F(150.0)));
    F g = exp_(p);
    F r = sel(large, sel(lt(p, F(0.0)), F(0.0), infinity()), sel(both(lt(F(0.0), g), lt(g, infinity())), g + g * rest, g));
    r = sel(either(eq(a, infinity()), eq(a, F(0.0))), sel(lt(y, F(0.0)), F(1.0) / a, a), r);
    F ay = abs(y);
    B whole = either(ge(ay, F(16777216.0)), eq(floor(ay), ay));
    B odd = both(lt(ay, F(16777216.0)), ieq(I(min(ay, F(16777216.0))) & I(1), I(1)));
    r = sel(eq(ay, infinity()), sel(same(lt(F(1.0), a), lt(F(0.0), y)), infinity(), F(0.0)), r);
    r = sel(both(isNegative(x), both(whole, odd)), -r, r);
    r = sel(both(both(lt(x, F(0.0)), negated(whole)), lt(a, infinity())), notANumber(), r);
    r = sel(either(nan(x), nan(y)), notANumber(), r);
    B unit = either(either(eq(x, F(1.0)), eq(y, F(0.0))), both(eq(x, F(-1.0)), eq(ay, infinity())));
    return sel(unit, F(1.0), r);
  }`,

  // |x| mod |y|, exactly: mantissas by long division in eight bits a step (the remainder stays below 2²⁴).
  remainder: `float remainder(float x, float y) {
    float a = abs(x);
    float b = abs(y);
    if (!(a < infinity()) || b == 0.0 || nan(y)) return notANumber();
    if (b == infinity() || a < b) return a;
    int xb = floatBitsToInt(a); int yb = floatBitsToInt(b);
    int xe = xb >> 23; int ye = yb >> 23;
    uint xm = uint(xb & 0x7fffff) | (xe > 0 ? 0x800000u : 0u); if (xe == 0) xe = 1;
    uint ym = uint(yb & 0x7fffff) | (ye > 0 ? 0x800000u : 0u); if (ye == 0) ye = 1;
    int d = xe - ye;
    uint r = xm % ym;
    for (int i = 0; i < 32; i++) {
      if (d <= 0) break;
      int step = min(d, 8);
      r = (r << step) % ym;
      d -= step;
    }
    return float(r) * pow2(max(ye - 150, -126)) * pow2(min(ye - 24, 0));
  }`,
  mod_: `F mod_(F x, F y) {
    F m = EACH(remainder, x, y);
    m = withSign(m, x);
    F other = sel(eq(m, F(0.0)), withSign(m, y), sel(same(isNegative(m), isNegative(y)), m, m + y));
    return sel(nan(m), m, other);
  }`,
  floorDiv_: `F floorDiv_(F x, F y) {
    F m = withSign(EACH(remainder, x, y), x);
    F q = (x - m) / y;
    q = sel(both(lt(F(0.0), abs(m)), negated(same(isNegative(m), isNegative(y)))), q - F(1.0), q);
    F f = floor(q);
    f = sel(gt(q - f, F(0.5)), f + F(1.0), f);
    f = sel(eq(q, F(0.0)), withSign(F(0.0), x / y), f);
    return sel(nan(m), sel(eq(y, F(0.0)), x / y, m), f);
  }`,
};
