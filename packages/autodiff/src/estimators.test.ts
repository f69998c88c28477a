import {
  abs,
  add,
  astype,
  bernoulli,
  div,
  greater,
  jit,
  key,
  less,
  log,
  mul,
  normal,
  round,
  sigmoid,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  vmap,
  whileLoop,
  xlogy,
} from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { boundedWhile, grad, hessian, jvp, pathwiseGradient, scoreGradient, straightThrough } from "./index";

const num = (x: Tensor): number => x.item() as number;

describe("straightThrough", () => {
  test("has the value of the step and the slope of the slope", () => {
    const step = straightThrough(round);
    expect(num(step(tensor(1.3)))).toBe(1);
    expect(num(grad((x: Tensor) => square(step(x)))(1.3))).toBe(2);
    const gate = straightThrough((x) => astype(greater(x, 0), "float64"), sigmoid);
    assertClose(gate(tensor([-1, 2])), [0, 1]);
    const s = (t: number): number => 1 / (1 + Math.exp(-t));
    assertClose(grad((x: Tensor) => sum(gate(x)))([-1, 2]), [s(-1) * s(1), s(2) * s(-2)], { rtol: 1e-14 });
    assertClose(jit(vmap(grad(gate)))([-1, 2]), [s(-1) * s(1), s(2) * s(-2)], { rtol: 1e-14 });
    expect(num(jvp(step, [tensor(0.2)], [3]).tangent)).toBe(3);
  });
});

describe("gradients of expectations", () => {
  // f(x) = x² under N(μ, σ²): E = μ² + σ², gradients 2μ and 2σ
  const params = { mu: tensor(1, { dtype: "float64" }), sigma: tensor(1, { dtype: "float64" }) };
  type P = typeof params;
  const draw = ({ mu, sigma }: P, k: Tensor): Tensor => add(mu, mul(sigma, normal(k, [], { dtype: "float64" })));
  const logProb = (x: Tensor, { mu, sigma }: P): Tensor => sub(mul(-0.5, square(div(sub(x, mu), sigma))), log(sigma));
  const n = 20_000;

  test("pathwise: mean (2μ, 2σ), variance of one sample 4 in μ", () => {
    const e = pathwiseGradient(draw, (x: Tensor) => square(x), { samples: n })(key(3), params);
    // Var ∂μ = Var 2x = 4; Var ∂σ = Var 2xε = 4 (Var(ε + ε²)) = 4 · 3
    expect(Math.abs(num(e.value) - 2)).toBeLessThan(4 * Math.sqrt(6 / n));
    expect(Math.abs(num(e.grad.mu) - 2)).toBeLessThan(4 * Math.sqrt(4 / n));
    expect(Math.abs(num(e.grad.sigma) - 2)).toBeLessThan(4 * Math.sqrt(12 / n));
    expect(Math.abs(num(e.variance.mu) / 4 - 1)).toBeLessThan(0.05);
    expect(Math.abs(num(e.variance.sigma) / 12 - 1)).toBeLessThan(0.1);
  });
  test("score function: the same mean, variance 30; a baseline takes it to 18", () => {
    const plain = scoreGradient(draw, logProb, (x: Tensor) => square(x), { samples: n, baseline: null })(
      key(4),
      params,
    );
    expect(Math.abs(num(plain.grad.mu) - 2)).toBeLessThan(4 * Math.sqrt(30 / n));
    expect(Math.abs(num(plain.variance.mu) / 30 - 1)).toBeLessThan(0.2);
    // (x² - 2) ε with x = 1 + ε: E[((ε² + 2ε - 1) ε)²] - 4 = 15 + 12 - 6 + 1 - 4 = 18
    const less1 = scoreGradient(draw, logProb, (x: Tensor) => square(x), { samples: n, baseline: 2 })(key(4), params);
    expect(Math.abs(num(less1.grad.mu) - 2)).toBeLessThan(4 * Math.sqrt(18 / n));
    expect(Math.abs(num(less1.variance.mu) / 18 - 1)).toBeLessThan(0.2);
    const others = scoreGradient(draw, logProb, (x: Tensor) => square(x), { samples: n })(key(4), params);
    expect(Math.abs(num(others.variance.mu) / num(less1.variance.mu) - 1)).toBeLessThan(0.01);
  });
  test("score function of a discrete law, exact by enumeration", () => {
    const coin = (p: Tensor, k: Tensor): Tensor => astype(bernoulli(k, p), "float64");
    const lp = (x: Tensor, p: Tensor): Tensor => add(xlogy(x, p), xlogy(sub(1, x), sub(1, p)));
    const f = (x: Tensor): Tensor => add(mul(3, x), 1);
    const e = jit((k: Tensor, p: Tensor) => scoreGradient(coin, lp, f, { samples: n })(k, p))(
      key(5),
      tensor(0.4, { dtype: "float64" }),
    );
    // d/dp (1 + 3p) = 3
    expect(Math.abs(num(e.grad) - 3)).toBeLessThan(4 * Math.sqrt(num(e.variance) / n));
    expect(Math.abs(num(e.value) - 2.2)).toBeLessThan(4 * Math.sqrt((9 * 0.24) / n));
  });
  test("refuse a count of samples that is none", () => {
    expect(() => pathwiseGradient(draw, (x: Tensor) => x, { samples: 0 })).toThrow(/samples/);
    expect(() => scoreGradient(draw, logProb, (x: Tensor) => x, { baseline: "others" })).toThrow(/two samples/);
  });
});

describe("boundedWhile", () => {
  const newton = (a: Tensor, snapshots?: number): Tensor =>
    boundedWhile(
      (x: Tensor) => greater(abs(sub(mul(x, x), a)), 1e-10),
      (x: Tensor) => mul(0.5, add(x, div(a, x))),
      1,
      { maxSteps: 12, ...(snapshots !== undefined && { snapshots }) },
    );
  const unrolled = (a: Tensor): Tensor => {
    let x: Tensor = tensor(1, { dtype: "float64" });
    while (Math.abs(num(x) ** 2 - num(a)) > 1e-10) x = mul(0.5, add(x, div(a, x)));
    return x;
  };
  test("has the values of the loop and the derivatives of the rounds taken, in both modes and to second order", () => {
    const a = tensor(2, { dtype: "float64" });
    for (const loop of [(t: Tensor) => newton(t), (t: Tensor) => newton(t, 3)]) {
      assertClose(loop(a), unrolled(a));
      assertClose(grad(loop)(a), grad(unrolled)(a), { rtol: 1e-14 });
      assertClose(jit(grad(loop))(a), grad(unrolled)(a), { rtol: 1e-14 });
      assertClose(jvp(loop, [a], [1]).tangent, grad(unrolled)(a), { rtol: 1e-14 });
      assertClose(hessian(loop)(a), hessian(unrolled)(a), { rtol: 1e-13 });
    }
    assertClose(
      vmap(grad((t: Tensor) => newton(t)))([2, 9]),
      [grad(unrolled)(2).item() as number, grad(unrolled)(9).item() as number],
      { rtol: 1e-13 },
    );
  }, 30_000);
  test("rounds that are not taken leave no NaN, and the bound holds", () => {
    // 1/(x - 3) would be infinite in the round after the last
    const f = (w: Tensor) =>
      boundedWhile(
        (c: { x: Tensor; s: Tensor }) => less(c.x, 3),
        (c) => ({ x: add(c.x, 1), s: add(c.s, div(w, sub(c.x, 3))) }),
        { x: 0, s: 0 },
        { maxSteps: 10 },
      ).s;
    assertClose(grad(f)(2), -1 / 3 - 1 / 2 - 1, { rtol: 1e-15 });
    expect(
      num(
        boundedWhile(
          (x: Tensor) => less(x, 100),
          (x: Tensor) => add(x, 1),
          0,
          { maxSteps: 5 },
        ),
      ),
    ).toBe(5);
    expect(() =>
      boundedWhile(
        (x: Tensor) => less(x, 1),
        (x: Tensor) => x,
        0,
        { maxSteps: -1 },
      ),
    ).toThrow(/maxSteps/);
  });
  test("whileLoop in reverse names it", () => {
    const f = (x: Tensor) =>
      whileLoop(
        (c: Tensor) => less(c, 10),
        (c: Tensor) => mul(c, x),
        1,
      );
    expect(() => grad(f)(2)).toThrow(/boundedWhile/);
    expect(num(jvp(f, [2], [1]).tangent)).toBe(4 * 8);
  });
});
