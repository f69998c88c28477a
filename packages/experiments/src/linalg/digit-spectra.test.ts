import { type DigitArrays, digitArrays } from "@ansatz/datasets";
import { pcaReconstruct, pcaScores } from "@ansatz/linalg";
import { index, matmul, matrixTranspose, type Tensor, tensor } from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { beforeAll, describe, expect, test } from "vitest";
import {
  compressImage,
  digitSpectra,
  eigendigits,
  leadingTriplets,
  reconstruction,
  reconstructionError,
  type Spectra,
  scatter,
} from "./digit-spectra";

let train: DigitArrays;
beforeAll(async () => {
  train = await digitArrays({ count: 2500 });
});
const batch = (n: number, dtype: "float32" | "float64" = "float64"): Tensor =>
  tensor(train.images.slice(0, n * 784), { shape: [n, 784] }).astype(dtype);
const data = (t: Tensor): number[] => Array.from(t.dataSync(), Number);
const distance = (x: Tensor, y: Tensor): number => {
  const [a, b] = [data(x), data(y)];
  return Math.sqrt(a.reduce((s, v, i) => s + (v - b[i]) ** 2, 0));
};

describe("1.2.2-eg1.2.1-mnist-svd", () => {
  let digits: ReturnType<typeof eigendigits>;
  beforeAll(() => {
    digits = eigendigits(batch(100));
  }, 60_000);
  test("eigendigits are orthonormal, and 100 centred images have rank 99: the last singular value is rounding", () => {
    const v = digits.components;
    expect(v.shape).toEqual([100, 784]);
    const gram = data(matmul(v, matrixTranspose(v)));
    gram.forEach((g, i) => expect(Math.abs(g - (i % 101 === 0 ? 1 : 0))).toBeLessThan(1e-13));
    const s = data(digits.s);
    expect(s[99] / s[0]).toBeLessThan(1e-14);
    expect(s[98] / s[0]).toBeGreaterThan(1e-3);
  });
  test("the error of a reconstruction falls with k = 5, 20, 50, and k = 99 gives the image back", () => {
    const original = index(digits.rows, 0);
    const errors = [5, 20, 50, 99].map((k) => distance(reconstruction(digits, 0, k), original));
    for (let i = 1; i < 4; i++) expect(errors[i]).toBeLessThan(errors[i - 1]);
    expect(errors[3]).toBeLessThan(1e-12);
    expect(errors[2]).toBeGreaterThan(0.1);
  });
  test("over the batch the errors are those of Eckart and Young, √(1 - E_k)", () => {
    const total = Math.sqrt(data(digits.s).reduce((a, v) => a + v * v, 0));
    for (const k of [5, 20, 50]) {
      const basis = { ...digits, components: index(digits.components, { stop: k }) };
      const missed = distance(pcaReconstruct(basis, pcaScores(basis, digits.rows)), digits.rows);
      expect(Math.abs(missed / total / reconstructionError(digits, k) - 1)).toBeLessThan(1e-12);
    }
  });
  test("1.2.2-svd-projection: scores of the batch are U S", () => {
    const z = scatter(digits);
    const centred = digits.rows.sub(digits.mean);
    const { left, s } = leadingTriplets(centred, 2);
    const want = left.mul(s);
    for (const j of [0, 1]) {
      const [a, b] = [data(z), data(want)].map((x) => x.filter((_, i) => i % 2 === j));
      const sign = Math.sign(a[0] * b[0]);
      a.forEach((v, i) => expect(Math.abs(v - sign * b[i])).toBeLessThan(1e-12));
    }
  });
});

describe("1.2.2-fig1.3-mnist-spectra", () => {
  let spectra: Spectra;
  beforeAll(() => {
    spectra = digitSpectra(batch(2500, "float32"), train.labels, { batches: 3 });
  }, 60_000);
  const at = (t: Tensor, k: number): number => data(t)[k - 1];

  test("the curve of cumulative variance is that of the figure", () => {
    // the figure shows another 200 images of MNIST; its values are read to two digits
    for (const [k, e] of [
      [10, 0.55],
      [40, 0.855],
      [50, 0.89],
      [60, 0.915],
    ])
      expect(Math.abs(at(spectra.canonical.explained, k) - e)).toBeLessThan(0.03);
    expect(spectra.dimension90).toBeGreaterThanOrEqual(40);
    expect(spectra.dimension90).toBeLessThanOrEqual(60);
  });
  test("in float32 the last of 200 normalised values is a zero of centring", () => {
    expect(at(spectra.canonical.normalized, 200)).toBeLessThan(1e-5);
    expect(at(spectra.canonical.normalized, 199)).toBeGreaterThan(1e-4);
  });
  test("spectra of random batches nearly overlap; the digit 1 has the fewest dimensions, 2 and 8 the most", () => {
    expect(Math.max(...spectra.spread.slice(0, 50))).toBeLessThan(0.25);
    const explained = (c: number): number => at(spectra.byClass.get(c)?.explained as Tensor, 20);
    for (const c of [0, 2, 8]) expect(explained(1)).toBeGreaterThan(explained(c) + 0.05);
    for (const c of [2, 8]) expect(explained(c)).toBeLessThan(explained(0));
  });
});

describe("one digit as a matrix", () => {
  test("approximations of rank k miss √(1 - E_k) of it, and rank 28 nothing", () => {
    const image = batch(1).reshape([28, 28]);
    const { s, errors, kept } = compressImage(image, [1, 4, 8, 28]);
    const squares = data(s).map((v) => v * v);
    const total = squares.reduce((a, b) => a + b, 0);
    [1, 4, 8].forEach((k, i) => {
      const tail = squares.slice(k).reduce((a, b) => a + b, 0);
      expect(Math.abs(errors[i] - Math.sqrt(tail / total))).toBeLessThan(1e-13);
    });
    expect(errors[3]).toBeLessThan(1e-14);
    expect(kept).toEqual([57, 228, 456, 1596]);
    assertClose(leadingTriplets(image, 3).s, index(s, { stop: 3 }), { rtol: 1e-13 });
  });
});
