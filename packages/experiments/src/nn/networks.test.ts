import { grad, hessian } from "@ansatz/autodiff";
import { dense, mlp, sigmoidCrossEntropy, softmaxCrossEntropy } from "@ansatz/nn";
import {
  abs,
  add,
  argmax,
  cos,
  expandDims,
  key,
  linspace,
  logit,
  logSigmoid,
  matmul,
  max,
  mean,
  mul,
  normal,
  permutation,
  sigmoid,
  softmax,
  softplus,
  squeeze,
  sub,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
  transpose,
  tree,
} from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { halfSpace, perceptron } from "./perceptron";
import { exclusiveOr, neuron, reluInterpolant, twoLayer } from "./two-layer";

const random = (seed: number, ...shape: number[]): Tensor => normal(key(seed), shape, { dtype: "float64" });
const f64 = (x: readonly unknown[]): Tensor => tensor(x as number[], { dtype: "float64" });
const square4 = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];

describe("3.1.1-sigmoid", () => {
  test("σ(0) = ½, σ(1), no overflow at ±1000, and its limits", () => {
    assertClose(sigmoid([0, 1, 1000, -1000]), [0.5, 0.7310585786300049, 1, 0], { rtol: 1e-15 });
    assertClose(sigmoid([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 1e4, -1e4]), [
      1,
      0,
      Number.NaN,
      1,
      0,
    ]);
    assertClose(logSigmoid([-1000]), [-1000]);
    assertClose(softplus([0, 1000, -40]), [Math.LN2, 1000, 4.248354255291589e-18], { rtol: 1e-15 });
    assertClose(logit(sigmoid([-3, 0.2, 2])), [-3, 0.2, 2], { rtol: 1e-14 });
  });
  test("σ(−z) = 1 − σ(z) and σ′ = σ(1 − σ)", () => {
    const z = f64([-5, -0.3, 0, 2]);
    assertClose(sigmoid(mul(-1, z)), sub(1, sigmoid(z)), { rtol: 1e-13 });
    assertClose(grad((x: Tensor) => sum(sigmoid(x)))(z), mul(sigmoid(z), sub(1, sigmoid(z))), { rtol: 1e-14 });
  });
});

describe("3.1.1-bce", () => {
  test("confident and right 0, in doubt ln 2, confident and wrong exactly 1000", () => {
    assertClose(sigmoidCrossEntropy([1000, 0, -1000, 1000, -1000], [1, 1, 1, 0, 0]), [0, Math.LN2, 1000, 1000, 0], {
      rtol: 1e-15,
    });
  });
});

describe("3.1.4-logreg-gradient", () => {
  const X = add(mul(random(1, 12, 3), [1, 2, 0.5]), [1, 0, 0]);
  const y = tensor(Float64Array.from({ length: 12 }, (_, i) => i % 2));
  const loss = (w: Tensor): Tensor => mean(sigmoidCrossEntropy(matmul(X, w), y));

  test.each([0, 1, 2])("at point %i is Xᵀ(σ(Xω) − y)/N with Hessian Xᵀ diag(p(1 − p)) X/N", (seed) => {
    const w = seed === 0 ? f64([0, 0, 0]) : random(seed, 3);
    const p = sigmoid(matmul(X, w));
    assertClose(grad(loss)(w), mul(1 / 12, matmul(sub(p, y), X)), { rtol: 1e-13, atol: 1e-15 });
    const H = mul(1 / 12, matmul(mul(transpose(X), mul(p, sub(1, p))), X));
    assertClose(hessian(loss)(w), H, { rtol: 1e-12, atol: 1e-14 });
  });
});

describe("4.0-layer-map", () => {
  test("with a linear σ layers collapse to one affine map", () => {
    const net = mlp([3, 5, 2], { activation: (x) => x as Tensor });
    const { layers } = tree.map((l: Tensor) => l.astype("float64"), net.init(key(1)));
    const x = random(2, 4, 3);
    const W = matmul(layers[0].kernel, layers[1].kernel);
    const c = add(matmul(layers[0].bias, layers[1].kernel), layers[1].bias);
    assertClose(net.apply({ layers }, x), add(matmul(x, W), c), { rtol: 1e-12, atol: 1e-13 });
  });
  test("widths that do not fit are refused", () =>
    expect(() => dense(3, 2).apply(dense(3, 2).init(key(0)), [[1, 2]])).toThrow(/dense/));
});

describe("4.1.1-perceptron", () => {
  test("is a half-space classifier, with sign(0) = 1", () => {
    const side = halfSpace({ weights: [1, -2], bias: 1 });
    expect(
      [
        [0, 0],
        [1, 1],
        [0, 1],
        [3, 1],
      ].map(side),
    ).toEqual([1, 1, -1, 1]);
  });
});

describe("4.1.1-perceptron-learning", () => {
  test("learns AND in 18 updates and OR in 9", () => {
    const and = perceptron(square4, [-1, -1, -1, 1]);
    expect(and).toMatchObject({ weights: [3, 2], bias: -4, updates: 18, passes: 9, converged: true });
    expect(square4.map(halfSpace(and))).toEqual([-1, -1, -1, 1]);
    expect(perceptron(square4, [-1, 1, 1, 1])).toMatchObject({
      weights: [2, 2],
      bias: -1,
      updates: 9,
      passes: 6,
      converged: true,
    });
  });
  test("labels other than ±1 are refused", () => expect(() => perceptron(square4, [0, 1, 1, 0])).toThrow(/1 or −1/));
});

describe("4.1.1-perceptron-xor", () => {
  test("every pass makes four updates and ends where it began", () => {
    const fit = perceptron(square4, [-1, 1, 1, -1], { maxPasses: 25 });
    expect(fit.converged).toBe(false);
    expect(fit.updates).toBe(100);
    for (const state of fit.history) expect(state.map((v) => v + 0)).toEqual([0, 0, 0]);
  });
  test("no half-space is right at more than three of the four corners", () => {
    let best = 0;
    for (let i = 0; i < 5000; i++) {
      const angle = (i * 2 * Math.PI) / 500;
      const side = halfSpace({ weights: [Math.cos(angle), Math.sin(angle)], bias: ((i % 10) - 4.5) / 2 });
      best = Math.max(best, square4.filter((x, k) => side(x) === [-1, 1, 1, -1][k]).length);
    }
    expect(best).toBe(3);
  });
  test("two hidden units solve it", () => assertClose(twoLayer(exclusiveOr, square4), [0, 1, 1, 0]));
});

describe("4.1.2-mlp-one-hidden", () => {
  test("2-10-1 has 41 parameters", () => {
    const params = mlp([2, 10, 1], { activation: tanh }).init(key(0));
    expect((tree.leaves(params) as Tensor[]).reduce((n, l) => n + l.size, 0)).toBe(2 * 10 + 10 + 10 + 1);
  });
});

describe("4.1.4-softmax", () => {
  test("of (1, 2, 3), blind to shifts; an infinite logit takes all, and −∞ gets nothing", () => {
    assertClose(softmax([1, 2, 3]), [0.09003057317, 0.244728471055, 0.665240955775], { rtol: 1e-11 });
    assertClose(softmax([1001, 1002, 1003]), softmax([1, 2, 3]), { rtol: 1e-13 });
    assertClose(softmax([0, Number.NEGATIVE_INFINITY]), [1, 0]);
  });
});

describe("4.1.4-cross-entropy", () => {
  test("of logits (1, 2, 3) at the third class is 0.4076, with gradient p − onehot", () => {
    assertClose(softmaxCrossEntropy([1, 2, 3], 2), 0.40760596444438013, { rtol: 1e-15 });
    assertClose(grad((z: Tensor) => softmaxCrossEntropy(z, 2))([1, 2, 3]), sub(softmax([1, 2, 3]), [0, 0, 1]), {
      rtol: 1e-13,
      atol: 1e-16,
    });
    const batch = softmaxCrossEntropy(
      [
        [1, 2, 3],
        [0, 0, 0],
      ],
      [2, 1],
    );
    assertClose(mean(batch), (0.40760596444438013 + Math.log(3)) / 2, { rtol: 1e-15 });
  });
});

describe("4.1.4-argmax-inference", () => {
  test("softmax does not change the largest; ties go to the lowest index", () => {
    const z = random(5, 20, 7);
    expect(argmax(softmax(z, -1), -1).toArray()).toEqual(argmax(z, -1).toArray());
    expect(argmax([1, 3, 3]).item()).toBe(1);
  });
});

describe("6.2.4-ce-loss", () => {
  test("uniform logits give log K, and ±1000 exactly 0 and 1000", () => {
    assertClose(softmaxCrossEntropy([0.3, 0.3, 0.3, 0.3], 1), Math.log(4), { rtol: 1e-15 });
    assertClose(
      softmaxCrossEntropy(
        [
          [1000, 0],
          [1000, 0],
        ],
        [0, 1],
      ),
      [0, 1000],
    );
    assertClose(grad((z: Tensor) => softmaxCrossEntropy(z, 0))([1e4, -1e4]), [0, 0]);
  });
});

describe("P0-4-two-layer", () => {
  test("does not see the order of its neurons, and is the mean over them", () => {
    const [u, v, b, x] = [random(1, 6), random(2, 6, 3), random(3, 6), random(4, 5, 3)];
    const order = permutation(key(7), 6);
    const f = twoLayer({ u, v, b }, x);
    assertClose(twoLayer({ u: take(u, order), v: take(v, order, 0), b: take(b, order) }, x), f, {
      rtol: 1e-12,
      atol: 1e-14,
    });
    const one = (k: number): Tensor => twoLayer({ u: take(u, [k]), v: take(v, [k], 0), b: take(b, [k]) }, x);
    assertClose(
      [0, 1, 2, 3, 4, 5]
        .map(one)
        .reduce((a, c) => add(a, c))
        .div(6),
      f,
      { rtol: 1e-12, atol: 1e-14 },
    );
  });
});

describe("P0-2-universality", () => {
  test("ramps interpolate cos on [0, 2π] within h²/8", () => {
    const x = linspace(0, 2 * Math.PI, 20_001);
    for (const [m, error] of [
      [8, 0.07038],
      [16, 0.01885],
      [32, 0.004792],
    ]) {
      const knots = Array.from({ length: m + 1 }, (_, i) => (2 * Math.PI * i) / m);
      const f = reluInterpolant(knots, knots.map(Math.cos));
      const worst = max(abs(sub(f(x), cos(x)))).item() as number;
      assertClose(worst, error, { rtol: 2e-3 });
      expect(worst).toBeLessThanOrEqual(((2 * Math.PI) / m) ** 2 / 8);
      assertClose(f(knots), knots.map(Math.cos), { atol: 1e-14 });
    }
  });
  test("products of cosines are sums of cosines", () => {
    const [a, b] = [0.7, -2.1];
    assertClose(mul(2, mul(cos(a), cos(b))), add(cos(a + b), cos(a - b)), { rtol: 1e-14 });
  });
  test("knots must increase", () => expect(() => reluInterpolant([0, 0], [1, 2])).toThrow(/increasing knots/));
});

describe("P2-1.2-neuron", () => {
  test("of (1, 2, ½) with weights (½, −1, 2) and bias ¾ is ¼, and scales with positive factors", () => {
    assertClose(neuron([1, 2, 0.5], [0.5, -1, 2], 0.75), 0.25);
    assertClose(neuron([1, 2, 0.5], mul(3, [0.5, -1, 2]), 2.25), 0.75);
    assertClose(squeeze(neuron(expandDims([1, 2, 0.5], 0), [-0.5, -1, 0], 0)), 0);
  });
});
