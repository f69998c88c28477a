import { grad } from "@ansatz/autodiff";
import { digitArrays } from "@ansatz/datasets";
import { matrixRank, norm2 } from "@ansatz/linalg";
import {
  add,
  eye,
  full,
  index,
  key,
  matmul,
  mean,
  mul,
  normal,
  sub,
  sum,
  type Tensor,
  tensor,
  zeros,
} from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { gaussianScore, scoreAlongAxes } from "./gaussian-score";
import { graphFigure, pawGraph } from "./graph-figure";
import { applyUpdate, fitUpdate, updateParameters } from "./low-rank-update";
import { address, arithmeticIntensity, roofline, timeLayouts } from "./memory-layout";
import { bicubicMatrix, resizeBicubic, rgbGreen, viridis } from "./rgb-green";

const random = (seed: number, ...shape: number[]): Tensor => normal(key(seed), shape, { dtype: "float64" });

describe("the figure of example 1.1.3", () => {
  test("viridis runs from dark violet through green to yellow", () => {
    const known = [
      [0, 0.267004, 0.004874, 0.329415],
      [0.5, 0.127568, 0.566949, 0.550556],
      [1, 0.993248, 0.906157, 0.143936],
    ];
    for (const [t, ...rgb] of known)
      (viridis(t).toArray() as number[]).forEach((v, c) => expect(Math.abs(v - rgb[c])).toBeLessThan(0.015));
  });
  test("bicubic enlargement keeps constants and, away from the border, straight lines", () => {
    const m = bicubicMatrix(7, 21);
    assertClose(sum(m, 1), full([21], 1), { rtol: 1e-14 });
    const line = matmul(m, tensor([0, 1, 2, 3, 4, 5, 6], { dtype: "float64" })).toArray() as number[];
    for (let i = 6; i < 15; i++) expect(Math.abs(line[i] - ((i + 0.5) / 3 - 0.5))).toBeLessThan(1e-14);
    assertClose(bicubicMatrix(5, 5), eye(5), { atol: 1e-15 });
    expect(() => resizeBicubic([1, 2], [4, 4])).toThrow(/image/);
  });
  test("a constant image c has mean green c; an empty digit the green of viridis(0) in bytes", () => {
    const dark = rgbGreen(zeros([4, 4]), 16);
    expect(dark.image.shape).toEqual([16, 16, 3]);
    assertClose(dark.average, 1); // viridis(0) is (68, 1, 84)
    assertClose(index(dark.image, 3, 5), [70, 1, 85], { atol: 2 });
  });
  test("a digit on black is mostly dark: the mean of green lies near that of its ink", async () => {
    const { images } = await digitArrays({ count: 1 });
    const gray = tensor(Float64Array.from(images), { shape: [28, 28] });
    const { average, green } = rgbGreen(gray);
    expect(green.shape).toEqual([256, 256]);
    // enlargement keeps means up to its border and rounding
    const small = mean(mul(255, index(viridis(gray), "...", 1)));
    expect(Math.abs(Number(average.item()) - Number(small.item()))).toBeLessThan(1);
  }, 60_000);
});

describe("1.2.4-fig1.4-graph", () => {
  test("the paw: degrees 2, 3, 2, 1, four edges, and the embedding of exercise 1.2.4", () => {
    const f = graphFigure(pawGraph());
    expect(f.vertices.map((v) => v.degree)).toEqual([2, 3, 2, 1]);
    expect(f.edges).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
      [1, 3],
    ]);
    const want = [
      [0.408248, Math.SQRT1_2],
      [0, 0],
      [0.408248, -Math.SQRT1_2],
      [-0.816497, 0],
    ];
    f.vertices.forEach(({ x, y }, i) => {
      expect(Math.abs(x - want[i][0])).toBeLessThan(1e-6);
      expect(Math.abs(y - want[i][1])).toBeLessThan(1e-6);
    });
    assertClose(f.spectrum, [0, 1, 3, 4], { atol: 1e-14, rtol: 1e-14 });
  });
});

describe("1.2.2-gaussian-score", () => {
  const sigma = [
    [4, 2],
    [2, 3],
  ];
  test("of Σ = [[4, 2], [2, 3]] at x - μ = (1, 1) is (-0.125, -0.25), and the gradient of the log density", () => {
    assertClose(gaussianScore([3, 4], [2, 3], sigma), [-0.125, -0.25], { rtol: 1e-14 });
    const logDensity = (x: Tensor): Tensor =>
      mul(
        -0.5,
        sum(
          mul(
            x,
            matmul(
              [
                [0.375, -0.25],
                [-0.25, 0.5],
              ],
              x,
            ),
          ),
        ),
      );
    assertClose(grad(logDensity)([0.3, -1.2]), gaussianScore([0.3, -1.2], [0, 0], sigma), { rtol: 1e-13 });
    expect(() =>
      gaussianScore(
        [1, 1],
        [0, 0],
        [
          [1, 1],
          [1, 1],
        ],
      ),
    ).toThrow(/positive definite/);
  });
  test("along the axes it is the deviation over the variance: largest where the variance is least", () => {
    const { score, variances, axes } = scoreAlongAxes([1, 1], [0, 0], sigma);
    assertClose(matmul(axes, score), gaussianScore([1, 1], [0, 0], sigma), { rtol: 1e-13 });
    assertClose(variances, [1.4384471871911697, 5.561552812808831], { rtol: 1e-13 });
  });
});

describe("1.2.2-low-rank-update", () => {
  const [w, b, a] = [random(1, 6, 5), random(2, 6, 2), random(3, 2, 5)];
  test("acts as W + B A, whose change has rank r at most; B = 0 changes nothing", () => {
    const x = random(4, 5);
    assertClose(applyUpdate({ base: w, b, a }, x), matmul(add(w, matmul(b, a)), x), { rtol: 1e-12, atol: 1e-13 });
    expect(Number(matrixRank(matmul(b, a)).item())).toBe(2);
    assertClose(applyUpdate({ base: w, b: zeros([6, 2]), a }, x), matmul(w, x), { rtol: 1e-14, atol: 1e-15 });
    expect(updateParameters(1000, 800, 4)).toEqual({ low: 7200, full: 800_000 });
    assertClose(applyUpdate({ base: w, b: zeros([6, 0]), a: zeros([0, 5]) }, x), matmul(w, x), {
      rtol: 1e-14,
      atol: 1e-15,
    });
    expect(() => applyUpdate({ base: w, b: a, a: b }, x)).toThrow(/W \[m, n\]/);
  });
  test("the best fit of rank r to a target is the truncated SVD of the difference", () => {
    const target = add(w, matmul(b, a));
    const exact = fitUpdate(w, target, 2);
    expect(Number(exact.error.item())).toBeLessThan(1e-13);
    assertClose(matmul(exact.b, exact.a), matmul(b, a), { rtol: 1e-12, atol: 1e-13 });
    const rough = fitUpdate(w, target, 1);
    assertClose(norm2(sub(target, add(w, matmul(rough.b, rough.a)))), rough.error, { rtol: 1e-12 });
  });
});

describe("1.1.4-ex1.1.3-contiguity", () => {
  test("addresses, intensity and the roofline", () => {
    expect(address([2, 3, 4], [1, 2, 3])).toBe(23);
    expect(() => address([2, 3], [0, 3])).toThrow(/outside/);
    // a dot product of n doubles: 2 n operations on 16 n bytes
    expect(arithmeticIntensity(2, 16)).toBe(0.125);
    expect(roofline(100, 20, 0.125)).toBe(2.5);
    expect(roofline(100, 20, 50)).toBe(100);
  });
  test("sums agree whichever way the matrix lies; times are reported", async () => {
    const t = await timeLayouts(64, 2);
    expect(t.agree).toBe(true);
    expect(t.rows).toBeGreaterThan(0);
    expect(t.columns).toBeGreaterThan(0);
  });
});
