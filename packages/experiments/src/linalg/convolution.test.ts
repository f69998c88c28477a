import { grad } from "@ansatz/autodiff";
import {
  conv2d,
  einsum,
  flip,
  index,
  key,
  mul,
  normal,
  notEqual,
  outer,
  reshape,
  roll,
  sum,
  type Tensor,
  tensor,
  tensordot,
} from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { convolve, convolveSamples, correlate, correlate2d, correlationTensor } from "./convolution";

const random = (seed: number, ...shape: number[]): Tensor => normal(key(seed), shape, { dtype: "float64" });
const image = [
  [1, 2, 3, 0],
  [4, 5, 6, 1],
  [7, 8, 9, 0],
  [1, 0, 2, 3],
];
const kernel = [
  [1, 0],
  [0, -1],
];
const filtered = [
  [-4, -4, 2],
  [-4, -4, 6],
  [7, 6, 6],
];

describe("1.1.3-conv-continuous", () => {
  const grid = (n: number, h: number): number[] => Array.from({ length: n }, (_, i) => (i - (n - 1) / 2) * h);

  test("box ∗ box is the hat function", () => {
    const n = 1001;
    const h = 1 / n; // cell centres: the box is all ones
    const hat = convolveSamples(tensor(new Float64Array(n).fill(1)), tensor(new Float64Array(n).fill(1)), h);
    assertClose(
      hat,
      grid(2 * n - 1, h).map((t) => 1 - Math.abs(t)),
      { atol: 1e-12 },
    );
  });
  test("Gaussians add their variances, and masses multiply", () => {
    const h = 0.02;
    const gauss = (x: number, v: number): number => Math.exp((-x * x) / (2 * v)) / Math.sqrt(2 * Math.PI * v);
    const x = grid(1201, h);
    const [f, g] = [x.map((t) => gauss(t, 1)), x.map((t) => gauss(t, 0.25))];
    const both = convolveSamples(f, g, h);
    assertClose(
      both,
      grid(2401, h).map((t) => gauss(t, 1.25)),
      { atol: 1e-12 },
    );
    assertClose(mul(h, sum(both)), 1, { rtol: 1e-8 });
    assertClose(convolveSamples(g, f, h), both, { rtol: 1e-12, atol: 1e-15 });
  });
});

describe("1.1.3-conv1d-valid", () => {
  test("correlates; the true convolution flips the kernel", () => {
    assertClose(correlate([1, 2, 3, 4], [1, 0, -1]), [-2, -2]);
    assertClose(convolve([1, 2, 3, 4], [1, 0, -1]), [1, 2, 2, 2, -3, -4]);
    assertClose(correlate([1, 2, 3], [1, 1, 1]), [6]);
    expect(() => correlate([1, 2], [1, 2, 3])).toThrow(/correlate/);
  });
  test("its gradients are correlations with what comes from above", () => {
    const [x, k, w] = [random(1, 7), random(2, 3), random(3, 5)];
    const f = (p: { x: Tensor; k: Tensor }): Tensor => sum(mul(w, correlate(p.x, p.k)));
    const g = grad(f)({ x, k });
    assertClose(g.k, correlate(x, w), { rtol: 1e-13, atol: 1e-14 });
    assertClose(g.x, convolve(w, k), { rtol: 1e-13, atol: 1e-14 });
  });
});

describe("1.1.3-eg1.1.1-conv2d-valid", () => {
  test("moves with the image, away from the border", () => {
    const x = random(7, 8, 8);
    const k = random(8, 3, 3);
    const moved = correlate2d(roll(x, [1, 2], [0, 1]), k);
    assertClose(index(moved, "1:", "2:"), index(correlate2d(x, k), ":-1", ":-2"), { rtol: 1e-13, atol: 1e-14 });
  });
  test("its gradient agrees with finite differences", () => {
    const [x, k, v] = [random(9, 5, 6), random(10, 2, 3), random(11, 2, 3)];
    const f = (w: Tensor): Tensor => sum(correlate2d(x, w).mul(correlate2d(x, w)));
    const h = 1e-5;
    const slope = ((f(k.add(mul(h, v))).item() as number) - (f(k.sub(mul(h, v))).item() as number)) / (2 * h);
    assertClose(sum(mul(grad(f)(k), v)), slope, { rtol: 1e-8 });
  });
  test("a kernel larger than the image is refused", () =>
    expect(() => correlate2d([[1]], kernel)).toThrow(/no larger/));
});

describe("1.1.3-eg1.1.2-conv2d-4x4", () => {
  test("gives the worked numbers, and their negatives with the kernel flipped", () => {
    assertClose(correlate2d(image, kernel), filtered);
    assertClose(correlate2d(image, flip(kernel)), mul(-1, filtered));
  });
});

describe("1.1.3-conv-tensor4", () => {
  const A = correlationTensor(kernel, 4);
  test("contracted with the image is the correlation", () => assertClose(einsum("ijkl,kl->ij", A, image), filtered));
  test("has 144 entries, 36 of the kernel, 18 not zero", () => {
    expect(A.size).toBe(144);
    expect(
      sum(
        notEqual(
          correlationTensor(
            [
              [1, 1],
              [1, 1],
            ],
            4,
          ),
          0,
        ).astype("int32"),
      ).item(),
    ).toBe(36);
    expect(sum(notEqual(A, 0).astype("int32")).item()).toBe(18);
  });
});

describe("1.1.3-conv-vs-tensor-ops", () => {
  test("ranks add under the outer product and fall by two for each contracted pair", () => {
    const [a, b] = [random(1, 2, 3), random(2, 3, 4)];
    expect(tensordot(a, b, 0).shape).toEqual([2, 3, 3, 4]);
    expect(tensordot(a, b, 1).shape).toEqual([2, 4]);
    expect(tensordot(a, random(3, 2, 3), 2).shape).toEqual([]);
    expect(outer([1, 2], [1, 2, 3]).shape).toEqual([2, 3]);
  });
  test("a convolution is the contraction with its tensor", () => {
    const k = random(3, 2, 2);
    const x = random(4, 5, 5);
    assertClose(tensordot(correlationTensor(k, 5), x, 2), correlate2d(x, k), { rtol: 1e-13, atol: 1e-14 });
  });
});

describe("4.1.4-conv2d", () => {
  test("of the 3 × 3 ramp with [[1, 0], [0, −1]] is all −4; padding keeps the size", () => {
    const ramp = reshape([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3]);
    const k = reshape([1, 0, 0, -1], [1, 1, 2, 2]);
    assertClose(conv2d(ramp, k), [
      [
        [
          [-4, -4],
          [-4, -4],
        ],
      ],
    ]);
    expect(conv2d(random(1, 2, 3, 8, 8), random(2, 5, 3, 3, 3), { padding: "same" }).shape).toEqual([2, 5, 8, 8]);
  });
  test("⟨conv x, y⟩ = ⟨x, convᵀ y⟩, and the gradient in the kernel correlates the image with what comes from above", () => {
    const [x, k, y] = [random(3, 1, 1, 6, 6), random(4, 1, 1, 3, 3), random(5, 1, 1, 4, 4)];
    const pairing = (p: { x: Tensor; k: Tensor }): Tensor => sum(mul(conv2d(p.x, p.k), y));
    const g = grad(pairing)({ x, k });
    assertClose(sum(mul(g.x, x)), pairing({ x, k }), { rtol: 1e-12 });
    assertClose(g.k, conv2d(x, y), { rtol: 1e-12, atol: 1e-13 });
  });
});
