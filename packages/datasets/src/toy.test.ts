import { jit, key, type Tensor } from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import { checkerboard, eightGaussians, moons, rings, spiral, type ToyLawName, toyLaws } from "./toy";

const n = 20_000;
const draw = async (x: Tensor): Promise<{ x: number[]; y: number[] }> => {
  const data = (await x.data()) as Float32Array;
  const even = Array.from(data.filter((_, i) => i % 2 === 0));
  return { x: even, y: Array.from(data.filter((_, i) => i % 2 === 1)) };
};
const mean = (v: readonly number[]): number => v.reduce((s, a) => s + a, 0) / v.length;
/** Five standard errors of the mean of v. */
const near = (v: readonly number[], expected: number): void => {
  const m = mean(v);
  const sd = Math.sqrt(mean(v.map((a) => (a - m) ** 2)));
  expect(Math.abs(m - expected)).toBeLessThan((5 * sd) / Math.sqrt(v.length) + 1e-6);
};

const names = Object.keys(toyLaws) as ToyLawName[];

describe.each(names)("%s", (name) => {
  const law = toyLaws[name];

  test("gives n points of the plane, float32, the same for the same key and others for another", async () => {
    const a = law(key(1), 300);
    expect([a.shape, a.dtype, a.weak]).toEqual([[300, 2], "float32", false]);
    expect(await law(key(1), 300).data()).toEqual(await a.data());
    expect(await law(key(2), 300).data()).not.toEqual(await a.data());
    expect(law(key(1), 0).shape).toEqual([0, 2]);
    expect(law(key(1), 3, { dtype: "float64" }).dtype).toBe("float64");
  });

  test("gives the same points inside jit", async () => {
    const f = jit((k: Tensor) => law(k, 50));
    expect(await f(key(3)).data()).toEqual(await law(key(3), 50).data());
  });

  test("fits in [−2.5, 2.5]² but for a few points, and is centred", async () => {
    const { x, y } = await draw(law(key(4), n));
    const outside = x.filter((_, i) => Math.max(Math.abs(x[i]), Math.abs(y[i])) > 2.5).length;
    expect(outside / n).toBeLessThan(0.02);
    near(x, 0);
    near(y, 0);
  });

  test("refuses noise and numbers of points that make no sense", () => {
    expect(() => law(key(0), -1)).toThrow(new RegExp(`${name}: n must be`));
    expect(() => law(key(0), 5, { noise: Number.NaN })).toThrow(new RegExp(`${name}: noise must be`));
  });
});

test("eight Gaussians have covariance (2 + noise²) I, and each centre an eighth of the points", async () => {
  const { x, y } = await draw(eightGaussians(key(5), n, { noise: 0.3 }));
  near(
    x.map((a) => a * a),
    2.09,
  );
  near(
    y.map((a) => a * a),
    2.09,
  );
  near(
    x.map((a, i) => a * y[i]),
    0,
  );
  for (let k = 0; k < 8; k++) {
    const inside = x.map(
      (a, i) => Math.hypot(a - 2 * Math.cos((k * Math.PI) / 4), y[i] - 2 * Math.sin((k * Math.PI) / 4)) < 0.75,
    );
    // Within 2.5 standard deviations of a planar Gaussian: 1 − exp(−2.5²/2).
    near(inside.map(Number), (1 - Math.exp(-3.125)) / 8);
  }
});

test("without noise rings lie on circles of radius 1 and 2, in the ratio of their lengths", async () => {
  const { x, y } = await draw(rings(key(6), n, { noise: 0 }));
  const r = x.map((a, i) => Math.hypot(a, y[i]));
  for (const a of r) expect(Math.min(Math.abs(a - 1), Math.abs(a - 2))).toBeLessThan(1e-5);
  near(
    r.map((a) => Number(a < 1.5)),
    1 / 3,
  );
  const noisy = await draw(rings(key(6), n, { noise: 0.2 }));
  near(
    noisy.x.map((a, i) => a * a + noisy.y[i] ** 2),
    3 + 2 * 0.04,
  );
  near(
    noisy.x.map((a, i) => a * noisy.y[i]),
    0,
  );
});

test("without noise moons lie on two half circles that mirror each other", async () => {
  const { x, y } = await draw(moons(key(7), n, { noise: 0 }));
  const onUpper = x.map(
    (a, i) => Math.abs(Math.hypot(a / 1.5 + 0.5, y[i] / 1.5 + 0.25) - 1) < 1e-4 && y[i] / 1.5 + 0.25 > -1e-4,
  );
  const onLower = x.map(
    (a, i) => Math.abs(Math.hypot(-a / 1.5 + 0.5, -y[i] / 1.5 + 0.25) - 1) < 1e-4 && -y[i] / 1.5 + 0.25 > -1e-4,
  );
  expect(x.every((_, i) => onUpper[i] || onLower[i])).toBe(true);
  near(onUpper.map(Number), 0.5);
  // E x² = 2.25 (½ + ¼); E y² = 2.25 (½ − 1/π + 1/16) by ∫ sin = 2/π.
  near(
    x.map((a) => a * a),
    2.25 * 0.75,
  );
  near(
    y.map((a) => a * a),
    2.25 * (0.5 - 1 / Math.PI + 1 / 16),
  );
});

test("without noise the spiral's radius grows with its angle", async () => {
  const { x, y } = await draw(spiral(key(8), n, { noise: 0 }));
  const r = x.map((a, i) => Math.hypot(a, y[i]));
  for (let i = 0; i < n; i++) {
    const angle = (3 * Math.PI * r[i]) / 2;
    // The point is ± r (cos θ, sin θ): the cross product with that direction vanishes.
    expect(Math.abs(x[i] * Math.sin(angle) - y[i] * Math.cos(angle))).toBeLessThan(1e-4);
  }
  near(
    r.map((a) => a * a),
    2,
  );
  near(
    r.map((a) => a ** 4),
    16 / 3,
  );
});

test("the checkerboard fills exactly its dark squares, evenly", async () => {
  const { x, y } = await draw(checkerboard(key(9), n));
  const squares = new Map<string, number>();
  for (let i = 0; i < n; i++) {
    const [a, b] = [Math.floor(x[i]), Math.floor(y[i])];
    expect(Math.max(Math.abs(a + 0.5), Math.abs(b + 0.5))).toBeLessThan(2);
    expect((a + b) % 2 === 0).toBe(true);
    squares.set(`${a},${b}`, (squares.get(`${a},${b}`) ?? 0) + 1);
  }
  expect(squares.size).toBe(8);
  for (const count of squares.values()) expect(Math.abs(count / n - 1 / 8)).toBeLessThan(5 * Math.sqrt(7 / 64 / n));
  near(
    x.map((a) => a * a),
    4 / 3,
  );
  near(
    y.map((a) => a * a),
    4 / 3,
  );
  near(
    x.map((a, i) => a * y[i]),
    1 / 4,
  );
});
