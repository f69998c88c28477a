import { expect, test } from "vitest";
import { exactExp, expUlps, ulp } from "./exact-exp";
import { ramp } from "./inputs";

/** e^x · 2²⁰⁰ of a float64, in whole numbers: x = m · 2⁻⁷⁰ exactly, the series of x / 2³² and 32 squarings. */
const bits = 400n;
const whole = (x: number): bigint => {
  const r = (BigInt(x * 2 ** 70) << (bits - 70n)) >> 32n;
  let term = 1n << bits;
  let y = 0n;
  for (let n = 1n; term !== 0n; n++) {
    y += term;
    term = (term * r) / (n << bits);
  }
  for (let i = 0; i < 32; i++) y = (y * y) >> bits;
  return y;
};
/** A float64 in the same unit, without rounding. */
const fixed = (v: number): bigint => {
  const e = Math.floor(Math.log2(Math.abs(v))) - 53;
  const m = BigInt(v / 2 ** e);
  const shift = bits + BigInt(e);
  return shift >= 0n ? m << shift : m >> -shift;
};

test("e^x in pairs is that of whole numbers to 2⁻⁹⁰, its first part correctly rounded", () => {
  for (const x of [1, -1, 0.5, 2 ** -10, Math.LN2, -0.75 * Math.LN2, ...ramp(200, 4), ...ramp(20, 16)]) {
    const want = whole(x);
    const [high, low] = exactExp(x);
    const off = fixed(high) + (low === 0 ? 0n : fixed(low)) - want;
    expect(Number((off < 0n ? -off : off) >> (bits - 200n)) / 2 ** 200 / high, `at ${x}`).toBeLessThan(2 ** -90);
    expect(Math.abs(low), `at ${x}`).toBeLessThanOrEqual(ulp(high, "float64") / 2);
  }
  expect(exactExp(1)[0]).toBe(Math.E);
  expect(exactExp(1)[1]).toBeCloseTo(1.4456468917292502e-16, 28);
  expect(exactExp(0)).toEqual([1, 0]);
});
test("errors are counted in units in the last place of the format, and NaN is one", () => {
  expect(ulp(1, "float64")).toBe(2 ** -52);
  expect(ulp(1.99, "float32")).toBe(2 ** -23);
  expect(ulp(0.25, "float32")).toBe(2 ** -25);
  const x = ramp(1000, 4);
  const rounded = x.map((v) => exactExp(v)[0]);
  expect(expUlps(rounded, x, "float64")).toBeLessThanOrEqual(0.5);
  expect(expUlps(Float32Array.from(rounded), x, "float32")).toBeLessThanOrEqual(0.5000001);
  rounded[7] += ulp(rounded[7], "float64");
  expect(expUlps(rounded, x, "float64")).toBeGreaterThan(0.5);
  expect(expUlps(rounded, x, "float64")).toBeLessThanOrEqual(1.5);
  expect(expUlps([Number.NaN], [1], "float32")).toBeNaN();
  expect(expUlps([], [1], "float32")).toBeNaN();
});
