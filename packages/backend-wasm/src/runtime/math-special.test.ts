import { describe, expect, test } from "vitest";
import { testRuntime } from "./testing";

const inf = Infinity;
const nan = Number.NaN;
const { call } = testRuntime();

/** f at ∞, -∞, NaN, 0, -0 and the least number; then further [argument, value] pairs. */
const rows: [name: string, values: [number, number, number, number, number, number], ...more: [number, number][]][] = [
  [
    "exp",
    [inf, 0, nan, 1, 1, 1],
    [709.782712893384, 1.7976931348622732e308],
    [709.782712893385, inf],
    [-745.2, 0],
    [-745.1, 5e-324],
  ],
  ["expm1", [inf, -1, nan, 0, -0, 5e-324], [-50, -1], [710, inf], [709.5, Math.expm1(709.5)]],
  ["log", [inf, nan, nan, -inf, -inf, -744.4400719213812], [1, 0], [-1, nan], [2 ** -1060, -1060 * Math.LN2]],
  ["log1p", [inf, nan, nan, 0, -0, 5e-324], [-1, -inf], [-1.5, nan], [1.7976931348623157e308, 709.782712893384]],
  ["sin", [nan, nan, nan, 0, -0, 5e-324]],
  ["cos", [nan, nan, nan, 1, 1, 1]],
  ["tan", [nan, nan, nan, 0, -0, 5e-324]],
  ["asin", [nan, nan, nan, 0, -0, 5e-324], [1, Math.PI / 2], [-1, -Math.PI / 2], [1.0000000000000002, nan]],
  ["acos", [nan, nan, nan, Math.PI / 2, Math.PI / 2, Math.PI / 2], [1, 0], [-1, Math.PI], [-1.0000000000000002, nan]],
  ["atan", [Math.PI / 2, -Math.PI / 2, nan, 0, -0, 5e-324], [1, Math.PI / 4], [-1e300, -Math.PI / 2]],
  ["sinh", [inf, -inf, nan, 0, -0, 5e-324], [711, inf], [-711, -inf]],
  ["cosh", [inf, inf, nan, 1, 1, 1], [711, inf]],
  ["tanh", [1, -1, nan, 0, -0, 5e-324], [20, 1], [-400, -1]],
  ["asinh", [inf, -inf, nan, 0, -0, 5e-324], [1.7976931348623157e308, 710.4758600739439]],
  [
    "acosh",
    [inf, nan, nan, nan, nan, nan],
    [1, 0],
    [0.9999999999999999, nan],
    [-5, nan],
    [1.7976931348623157e308, 710.4758600739439],
  ],
  ["atanh", [nan, nan, nan, 0, -0, 5e-324], [1, inf], [-1, -inf], [1.1, nan]],
  ["erf", [1, -1, nan, 0, -0, 5e-324], [7, 1], [-7, -1]],
  ["erfc", [0, 2, nan, 1, 1, 1], [30, 0], [-7, 2]],
  ["cbrt", [inf, -inf, nan, 0, -0, Math.cbrt(5e-324)], [27, 3], [-8, -2], [1e-300, 1e-100]],
];

describe.each(rows)("%s", (name, values, ...more) => {
  test("is right at zeros, infinities, NaN, the least number and the edges of its domain", () => {
    for (const [x, y] of [
      ...[inf, -inf, nan, 0, -0, 5e-324].map((x, i) => [x, values[i] as number] as const),
      ...more,
    ]) {
      const got = call(`${name}_f64`, x);
      if (y === 0 || !Number.isFinite(y) || Math.abs(y) < 1e-300) expect(got, `${name}(${x})`).toBe(y);
      else expect(Math.abs(got / y - 1), `${name}(${x}) = ${got}`).toBeLessThan(3e-16);
    }
  });

  test("keeps the special values in float32", () => {
    for (const [i, x] of [inf, -inf, nan, 0, -0].entries())
      expect(call(`${name}_f32`, x)).toBe(Math.fround(values[i] as number));
  });
});

test("pow has C99's special cases", () => {
  const odd = [1, 3, -1, -3, 2 ** 53 - 1];
  const table: [number, number, number][] = [
    ...[nan, inf, -inf, 0, -0, 1, -2].map((x) => [x, 0, 1] as [number, number, number]),
    ...[nan, inf, -inf, -0, 5].map((y) => [1, y, 1] as [number, number, number]),
    [nan, 1, nan],
    [2, nan, nan],
    [-1, inf, 1],
    [-1, -inf, 1],
    [2, inf, inf],
    [2, -inf, 0],
    [0.5, inf, 0],
    [0.5, -inf, inf],
    [-2, inf, inf],
    [-0.5, inf, 0],
    [inf, 2, inf],
    [inf, -2, 0],
    [-inf, 3, -inf],
    [-inf, 2, inf],
    [-inf, -3, -0],
    [-inf, -2, 0],
    [-inf, 0.5, inf],
    [0, 2, 0],
    [0, -2, inf],
    [-0, -3, -inf],
    [-0, 3, -0],
    [-0, 2, 0],
    [-0, -2, inf],
    [-0, 0.5, 0],
    [-0, inf, 0],
    [-0, -inf, inf],
    [-8, 1 / 3, nan],
    [-2, 3, -8],
    [-2, -3, -0.125],
    [-2, 2, 4],
    [-1, 2 ** 53, 1],
    [2, 1023, 2 ** 1023],
    [2, 1024, inf],
    [2, -1074, 5e-324],
    [2, -1080, 0],
    [-2, 1025, -inf],
    [1.0000000000000002, 1e300, inf],
    [0.9999999999999999, 1e300, 0],
    [5e-324, 1, 5e-324],
    [5e-324, 0.5, 2 ** -537],
  ];
  for (const [x, y, z] of table) expect(call("pow_f64", x, y), `pow(${x}, ${y})`).toBe(z);
  for (const y of odd) expect(call("pow_f64", -1, y)).toBe(-1);
});

test("atan2 knows its quadrants, zeros and infinities", () => {
  for (const y of [0, -0, 1, -1, inf, -inf, nan, 1e-310, 1e300])
    for (const x of [0, -0, 1, -1, inf, -inf, nan, -1e-310, -1e300]) {
      const want = Math.atan2(y, x);
      const got = call("atan2_f64", y, x);
      if (want === 0 || Number.isNaN(want)) expect(got, `atan2(${y}, ${x})`).toBe(want);
      else expect(Math.abs(got / want - 1), `atan2(${y}, ${x})`).toBeLessThan(3e-16);
    }
});

/** NumPy 1.24: np.mod and np.floor_divide. */
const divisions: [x: number, y: number, mod: number, floor: number][] = [
  [5, 3, 2, 1],
  [-5, 3, 1, -2],
  [5, -3, -1, -2],
  [-5, -3, -2, 1],
  [6, -3, -0, -2],
  [-6, 3, 0, -2],
  [0, 5, 0, 0],
  [-0, 5, 0, -0],
  [5, inf, 5, 0],
  [-5, inf, inf, -1],
  [5, -inf, -inf, -1],
  [inf, 5, nan, nan],
  [1, 0, nan, inf],
  [-1, 0, nan, -inf],
  [0, 0, nan, nan],
  [nan, 1, nan, nan],
  [1, nan, nan, nan],
  [7.5, 2, 1.5, 3],
  [1, 0.1, 0.09999999999999995, 9],
  [-1, 0.1, 5.551115123125783e-17, -10],
  [1e300, 7, 1, 1.4285714285714286e299],
  [2 ** 1023, 3, 2, 2 ** 1023 / 3],
  [5e-324, 1.5e-323, 5e-324, 0],
  [1e308, 5e-324, 0, inf],
];

test("mod and floorDiv follow NumPy and are exact", () => {
  for (const [x, y, mod, floor] of divisions) {
    expect(call("mod_f64", x, y), `mod(${x}, ${y})`).toBe(mod);
    expect(call("floorDiv_f64", x, y), `floorDiv(${x}, ${y})`).toBe(floor);
  }
});

test("mod agrees with the language's own remainder over all exponents", () => {
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  for (let i = 0; i < 3000; i++) {
    const x = random() * 2 ** (random() * 2090 - 1067);
    const y = random() * 2 ** (random() * 2090 - 1067);
    expect(call("mod_f64", x, y), `${x} % ${y}`).toBe(x % y);
  }
});
