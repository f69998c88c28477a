import { grad, hessian } from "@ansatz/autodiff";
import {
  abs,
  add,
  div,
  exp,
  eye,
  index,
  jit,
  log,
  matmul,
  matrixTranspose,
  mul,
  pow,
  sin,
  sqrt,
  sum,
  type Tensor,
  tanh,
  tensor,
  vmap,
} from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import { dividedDifference } from "./divided-differences";
import { eigh, expm, funmSymmetric, inv, logm, slogdet, spectralSum, sqrtm, status } from "./index";
import { checkDerivatives } from "./testing/derivatives";
import { distance, generator, random } from "./testing/matrices";

const T = matrixTranspose;
const data = (t: Tensor): Float64Array => Float64Array.from(t.dataSync(), Number);
const symmetric = (x: Tensor): Tensor => mul(0.5, add(x, T(x)));
const basis = eigh(symmetric(random([4, 4], 3))).vectors;
const withValues = (...values: number[]): Tensor => matmul(mul(basis, values), T(basis));

describe("divided differences", () => {
  const one = (f: (x: Tensor) => Tensor, ...x: number[]): number =>
    Number(
      dividedDifference(
        f,
        x.map((v) => tensor([v], { dtype: "float64" })),
      ).dataSync()[0],
    );
  const gaps = [0, 1e-300, 1e-16, 1e-12, 1e-8, 1e-5, 1e-3, 0.1, 0.7, 2, 9];
  test("of the first order are right to 13 digits at every distance", () => {
    for (const h of gaps)
      for (const a of [0.3, 1, 20]) {
        // e^m sinh(h/2)/(h/2), and log(1 + h/a)/h
        const d = a + h - a;
        const want = Math.exp(a + d / 2) * (d === 0 ? 1 : Math.sinh(d / 2) / (d / 2));
        expect(Math.abs(one(exp, a + h, a) / want - 1)).toBeLessThan(1e-13);
        const slope = d === 0 ? 1 / a : Math.log1p(d / a) / d;
        expect(Math.abs(one(log, a, a + h) / slope - 1)).toBeLessThan(1e-13);
      }
  });
  test("of 1/x are (-1)ᵏ / Πxᵢ to every order, clustered or not, in any order of the points", () => {
    const next = generator(7);
    for (const size of [1e-14, 1e-9, 1e-6, 1e-4, 1e-2, 0.3])
      for (const k of [1, 2, 3]) {
        const x = Array.from({ length: k + 1 }, () => 1 + size * next());
        if (k > 1) x[2] = x[0];
        const want = (-1) ** k / x.reduce((p, v) => p * v, 1);
        // each order may lose a digit and a half where neither way is at its best
        expect(Math.abs(one((t) => div(1, t), ...x) / want - 1)).toBeLessThan(1e-15 * 40 ** k * 10);
      }
  });
  test("of a steep function between its scales: tanh(100 x)", () => {
    for (const h of [1e-5, 1e-3, 0.01, 0.03, 0.1]) {
      const want = (Math.tanh(100 * (0.001 + h)) - Math.tanh(0.1)) / (0.001 + h - 0.001);
      expect(Math.abs(one((t) => tanh(mul(100, t)), 0.001, 0.001 + h) / want - 1)).toBeLessThan(
        3e-13 / Math.min(1, 100 * h),
      );
    }
  });
  test("of what is not smooth are the quotients", () => {
    expect(one((t) => abs(t), -1, 3)).toBe(0.5);
  });
});

describe("functions of symmetric matrices", () => {
  const a = withValues(0.5, 1, 2, 3.5);
  test("are those known by other ways", () => {
    expect(distance(data(funmSymmetric(a, exp).value), data(expm(a)))).toBeLessThan(1e-14);
    expect(distance(data(funmSymmetric(a, log).value), data(logm(a).value))).toBeLessThan(1e-13);
    expect(distance(data(funmSymmetric(a, (x) => div(1, x)).value), data(inv(a)))).toBeLessThan(1e-13);
    expect(Number(spectralSum(a, log).item())).toBeCloseTo(Number(slogdet(a).logabsdet.item()), 13);
    expect(status(funmSymmetric(a, exp).info)).toBe("success");
    expect(status(funmSymmetric(withValues(-1, 1, 2, 3), log).info)).toMatch(/no real value/);
    expect(() => funmSymmetric(a, () => tensor([1, 2]))).toThrow(/one/);
  });
  const spectra = {
    distinct: a,
    repeated: withValues(1, 1, 1, 2),
    "all one": mul(1.5, eye(4).astype("float64")),
    clustered: withValues(1, 1 + 1e-9, 1 + 1e-5, 1.3),
  };
  describe.each(Object.entries(spectra))("%s eigenvalues", (_, x) => {
    test("first and second derivatives agree with finite differences", () => {
      for (const f of [exp, sqrt, (t: Tensor) => tanh(mul(2, t))])
        checkDerivatives((y) => funmSymmetric(y, f).value, x, { tolerance: 3e-6 });
      checkDerivatives((y) => spectralSum(y, (t) => mul(t, log(t))), x);
    });
    test("derivatives of the third order are those of expm, and of A³ and A⁴", () => {
      const [e, w] = [symmetric(random([4, 4], 8)), symmetric(random([4, 4], 9))];
      const third = (f: (y: Tensor) => Tensor): Tensor => {
        const g = (y: Tensor): Tensor => sum(mul(w, f(symmetric(y))));
        const first = (y: Tensor): Tensor => sum(mul(e, grad(g)(y) as Tensor));
        const second = (y: Tensor): Tensor => sum(mul(w, grad(first)(y) as Tensor));
        return grad(second)(x) as Tensor;
      };
      const cases = [
        [(y: Tensor) => funmSymmetric(y, exp).value, expm],
        [(y: Tensor) => funmSymmetric(y, (t) => mul(t, mul(t, t))).value, (y: Tensor) => matmul(y, matmul(y, y))],
        [
          (y: Tensor) => funmSymmetric(y, (t) => pow(t, 4)).value,
          (y: Tensor) => {
            const z = matmul(y, y);
            return matmul(z, z);
          },
        ],
      ] as const;
      for (const [f, g] of cases) expect(distance(data(third(f)), data(third(g)))).toBeLessThan(1e-10);
    }, 30_000);
  });
  test("square roots have the derivative of sqrtm, of second order too, at a double eigenvalue", () => {
    const x = withValues(1, 1, 2, 5);
    const w = symmetric(random([4, 4], 5));
    const [h, want] = [(y: Tensor) => funmSymmetric(y, sqrt).value, (y: Tensor) => sqrtm(symmetric(y)).value].map((f) =>
      data(hessian((y: Tensor) => sum(mul(w, f(y))))(x) as Tensor),
    );
    expect(distance(h, want)).toBeLessThan(1e-11);
  });
  test("what f captures is differentiated, together with the matrix: exp(-t A)", () => {
    const x = withValues(1, 1, 2, 5);
    const w = random([4, 4], 6);
    const heat = (t: Tensor): Tensor => funmSymmetric(mul(x, add(1, t)), (l) => exp(mul(mul(-1, t), l))).value;
    checkDerivatives((t) => heat(t.reshape([])), tensor([0.7]), { tolerance: 1e-7 });
    const f = (t: Tensor): Tensor => spectralSum(x, (l) => sin(mul(t, l)));
    expect(Number((grad(f)(0.3) as Tensor).item())).toBeCloseTo(
      [1, 1, 2, 5].reduce((s, l) => s + l * Math.cos(0.3 * l), 0),
      12,
    );
    const g = jit(grad((t: Tensor) => sum(mul(w, heat(t)))));
    expect(
      distance(data(g(0.7) as Tensor), data(grad((t: Tensor) => sum(mul(w, heat(t))))(0.7) as Tensor)),
    ).toBeLessThan(1e-12);
  });
  test("stacks of matrices, with gradients under vmap", () => {
    const stack = random([3, 4, 4], 11);
    const f = (x: Tensor): Tensor => sum(mul(w, funmSymmetric(x, tanh).value), [-2, -1]);
    const w = random([4, 4], 12);
    const together = data(jit(vmap(grad(f)))(stack) as Tensor);
    const whole = data(grad((x: Tensor) => sum(f(x)))(stack) as Tensor);
    for (let i = 0; i < 3; i++) {
      const one = data(grad(f)(index(stack, i)) as Tensor);
      expect(distance(together.slice(16 * i, 16 * i + 16), one)).toBeLessThan(1e-13);
      expect(distance(whole.slice(16 * i, 16 * i + 16), one)).toBeLessThan(1e-13);
    }
  });
});
