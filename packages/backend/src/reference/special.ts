/*
 * The error function and its complement, to within an ulp of float64.
 *
 * Method and coefficients: fdlibm s_erf.c (https://www.netlib.org/fdlibm/s_erf.c), Copyright (C) 1993 by Sun Microsystems, Inc. All
 * rights reserved. Developed at SunPro, a Sun Microsystems, Inc. business. Permission to use, copy, modify, and distribute this
 * software is freely granted, provided that this notice is preserved.
 */

/** c₀ + c₁x + c₂x² + … by Horner's rule. */
const poly = (c: readonly number[], x: number): number => {
  let y = 0;
  for (let i = c.length - 1; i >= 0; i--) y = y * x + c[i];
  return y;
};

// erf(x) = x + x·P(x²)/Q(x²) on [0, 0.84375]
const P = [
  0.12837916709551256, -0.3250421072470015, -0.02848174957559851, -0.005770270296489442, -2.3763016656650163e-5,
];
const Q = [
  1, 0.39791722395915535, 0.0650222499887673, 0.005081306281875766, 0.00013249473800432164, -3.960228278775368e-6,
];

// erf(1 + s) = C + PA(s)/QA(s) on [0.84375, 1.25]
const C = 0.8450629115104675;
const PA = [
  -0.0023621185607526594, 0.41485611868374833, -0.3722078760357013, 0.31834661990116175, -0.11089469428239668,
  0.035478304325618236, -0.002166375594868791,
];
const QA = [
  1, 0.10642088040084423, 0.540397917702171, 0.07182865441419627, 0.12617121980876164, 0.01363708391202905,
  0.011984499846799107,
];

// erfc(x) = exp(-x² - 0.5625 + R(1/x²)/S(1/x²))/x; RA, SA on [1.25, 1/0.35], RB, SB on [1/0.35, 28]
const RA = [
  -0.009864944034847148, -0.6938585727071818, -10.558626225323291, -62.375332450326006, -162.39666946257347,
  -184.60509290671104, -81.2874355063066, -9.814329344169145,
];
const SA = [
  1, 19.651271667439257, 137.65775414351904, 434.56587747522923, 645.3872717332679, 429.00814002756783,
  108.63500554177944, 6.570249770319282, -0.0604244152148581,
];
const RB = [
  -0.0098649429247001, -0.799283237680523, -17.757954917754752, -160.63638485582192, -637.5664433683896,
  -1025.0951316110772, -483.5191916086514,
];
const SB = [
  1, 30.33806074348246, 325.7925129965739, 1536.729586084437, 3199.8582195085955, 2553.0504064331644,
  474.52854120695537, -22.44095244658582,
];

/** erf(x)/x - 1 near 0. */
const nearZero = (x: number): number => poly(P, x * x) / poly(Q, x * x);
/** erf(x) - C near 1. */
const nearOne = (x: number): number => poly(PA, x - 1) / poly(QA, x - 1);

/** erfc on [1.25, 28]. */
const tail = (x: number): number => {
  const s = 1 / (x * x);
  const g = x < 1 / 0.35 ? poly(RA, s) / poly(SA, s) : poly(RB, s) / poly(SB, s);
  // x² is split so that the large part of the exponent is exact: -x² = -z² + (z - x)(z + x), z = x to 24 bits.
  const z = Math.fround(x);
  return (Math.exp(-z * z - 0.5625) * Math.exp((z - x) * (z + x) + g)) / x;
};

/** erf(x) = 2/√π ∫₀ˣ e^(-t²) dt; odd, ±1 at ±∞. */
export const erf = (x: number): number => {
  const a = Math.abs(x);
  // Below 2⁻²⁸ the correction is its constant term; 8x(1 + P₀)/8 would only guard a subnormal's last bit.
  if (a < 0.84375) return x + x * (a < 2 ** -28 ? P[0] : nearZero(x));
  const y = a < 1.25 ? C + nearOne(a) : a < 6 ? 1 - tail(a) : a >= 6 ? 1 : Number.NaN;
  return x < 0 ? -y : y;
};

/** erfc(x) = 1 - erf(x) without cancellation: 2 at -∞, 0 at ∞. */
export const erfc = (x: number): number => {
  const a = Math.abs(x);
  if (a < 0.84375) return x < 0.25 ? 1 - (x + x * nearZero(x)) : 0.5 - (x - 0.5 + x * nearZero(x));
  if (a < 1.25) return x > 0 ? 1 - C - nearOne(a) : 1 + C + nearOne(a);
  if (a < 28) return x > 0 ? tail(a) : x < -6 ? 2 : 2 - tail(a);
  return x > 0 ? 0 : x < 0 ? 2 : Number.NaN;
};
