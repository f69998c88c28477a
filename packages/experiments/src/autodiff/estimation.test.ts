import { add, key, matmul, mul, square, sub, sum, type Tensor, tensor } from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { gradientEstimators, momentGenerating, momentsOf, scoreOfEnergy } from "./estimation";

const num = (x: Tensor): number => x.item() as number;
const law = (mu: number, sigma: number) => ({
  mu: tensor(mu, { dtype: "float64" }),
  sigma: tensor(sigma, { dtype: "float64" }),
});

describe("8.1.4-reparameterisation", () => {
  test("the gradient of E[z²] is (2μ, 2σ), with less variance than the score function's", () => {
    const n = 20_000;
    const { pathwise, score } = gradientEstimators(square, law(0.7, 1.5), key(1), n);
    for (const e of [pathwise, score]) {
      expect(Math.abs(num(e.grad.mu) - 1.4)).toBeLessThan(4 * Math.sqrt(num(e.variance.mu) / n));
      expect(Math.abs(num(e.grad.sigma) - 3)).toBeLessThan(4 * Math.sqrt(num(e.variance.sigma) / n));
    }
    expect(num(pathwise.variance.mu)).toBeLessThan(num(score.variance.mu) / 2);
    expect(num(pathwise.variance.sigma)).toBeLessThan(num(score.variance.sigma) / 2);
  });
});

describe("5.0-reparameterization", () => {
  test("at μ = σ = 1 one sample of ∂/∂μ has variance 4 pathwise and 30 by the score function", () => {
    const n = 40_000;
    const { pathwise, score } = gradientEstimators(square, law(1, 1), key(2), n);
    expect(Math.abs(num(pathwise.grad.mu) - 2)).toBeLessThan(4 * Math.sqrt(4 / n));
    expect(Math.abs(num(score.grad.mu) - 2)).toBeLessThan(4 * Math.sqrt(30 / n));
    expect(Math.abs(num(pathwise.variance.mu) - 4)).toBeLessThan(0.2);
    expect(Math.abs(num(score.variance.mu) - 30)).toBeLessThan(4);
  });
});

describe("8.2.1-score-function", () => {
  const P = tensor([
    [2, 0.5],
    [0.5, 1],
  ]);
  const mu = tensor([1, -1]);
  const energy = (x: Tensor): Tensor => mul(0.5, sum(mul(sub(x, mu), matmul(P, sub(x, mu)))));
  const xs = tensor([
    [0, 0],
    [1, 2],
    [-3, 0.5],
  ]);
  test("of a Gaussian it is -Σ⁻¹(x - μ)", () => {
    assertClose(scoreOfEnergy(energy)(xs), mul(-1, matmul(sub(xs, mu), P)), { rtol: 1e-14 });
  });
  test("a constant added to the energy does not change it", () => {
    assertClose(scoreOfEnergy((x) => add(energy(x), 17))(xs), scoreOfEnergy(energy)(xs));
  });
});

describe("moments by Taylor mode (numbers of 5.1.3-mgf)", () => {
  const { bernoulli, poisson, normal, exponential, laplace } = momentGenerating;
  test.each<[string, (t: Tensor) => Tensor, number[]]>([
    ["Bernoulli 0.3", bernoulli(0.3), [0.3, 0.3, 0.3, 0.3, 0.3, 0.3]],
    ["Poisson 3", poisson(3), [3, 12, 57, 309, 1866, 12351]],
    // μ = 0.5, σ = 2: μ² + σ², μ³ + 3μσ², …
    ["normal", normal(0.5, 2), [0.5, 4.25, 6.125, 54.0625, 125.03125, 1143.765625]],
    ["exponential", exponential, [1, 2, 6, 24, 120, 720]],
    ["Laplace", laplace, [0, 2, 0, 24, 0, 720]],
  ])("%s: the derivatives at 0 are the moments", (_, m, want) => {
    assertClose(momentsOf(m, 6), want, { rtol: 1e-9, atol: 1e-12 });
  });
});
