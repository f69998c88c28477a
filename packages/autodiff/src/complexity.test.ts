import {
  add,
  cond,
  conv,
  cumsum,
  fori,
  greater,
  key,
  matmul,
  mul,
  normal,
  ones,
  scan,
  sigmoid,
  sin,
  softmax,
  square,
  sum,
  type Tensor,
  tanh,
} from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import { cost, grad, jacobian, jvp, linearize } from "./index";

const random = (seed: number, ...shape: number[]): Tensor => normal(key(seed), shape, { dtype: "float64" });

describe("cost", () => {
  const flops = (f: (x: Tensor) => unknown, ...shape: number[]): number => cost(f)(ones(shape)).flops;
  test("counts what the ops do", () => {
    expect(flops((x) => add(mul(x, x), sin(x)), 7)).toBe(21);
    expect(flops((x) => sum(x), 10)).toBe(9);
    expect(flops((x) => matmul(x, x), 3, 3)).toBe(9 * 5);
    expect(flops((x) => x.reshape([6]).at("::2"), 2, 3)).toBe(0);
    expect(flops((x) => conv(x, ones([2, 3, 2, 2])), 1, 3, 5, 5)).toBe(2 * 16 * (2 * 12 - 1));
    expect(flops((x) => fori(0, 5, (_, c: Tensor) => mul(c, c), x), 4)).toBeGreaterThanOrEqual(20);
    expect(
      flops(
        (x) =>
          cond(
            greater(sum(x), 0),
            (y: Tensor) => sin(sin(y)),
            (y: Tensor) => y,
            x,
          ),
        4,
      ),
    ).toBe(3 + 1 + 8);
    expect(flops((x) => cumsum(x), 4)).toBe(4);
  });
  test("knows the memory of a loop that keeps its rounds", () => {
    const f = (x: Tensor) => scan((c: Tensor) => [mul(c, c), c] as const, x, null, { length: 1000 })[1];
    expect(cost(f)(1).peakBytes).toBeGreaterThan(8000);
    expect(cost((x: Tensor) => sum(x))(ones([1000])).peakBytes).toBe(8008);
  });
});

/** Programs of many inputs and one result, as the theory has them. */
const scalarFunctions: [string, (n: number) => { f: (x: Tensor) => Tensor; x: Tensor }][] = [
  ["Σ sin xᵢ + 0.1 xᵢ²", (n) => ({ f: (x) => sum(add(sin(x), mul(0.1, square(x)))), x: random(1, n) })],
  ["a product with a vector", (n) => ({ f: (x) => sum(square(matmul(random(2, 8, n), x))), x: random(1, n) })],
  [
    "a network of two layers, by its weights",
    (n) => ({
      f: (w) => sum(square(tanh(matmul(random(3, 32, 16), w)))),
      x: random(1, 16, Math.max(1, Math.round(n / 16))),
    }),
  ],
  ["softmax", (n) => ({ f: (x) => sum(square(softmax(x))), x: random(1, n) })],
  ["a recurrence", (n) => ({ f: (x) => fori(0, 10, (_, c: Tensor) => sigmoid(mul(c, x)), x).sum(), x: random(1, n) })],
];

describe("reverse mode costs at most five evaluations", () => {
  test.each(scalarFunctions)("%s, for 10 to 100,000 inputs", (_, make) => {
    const ratios = [10, 100, 1000, 10_000, 100_000].map((n) => {
      const { f, x } = make(n);
      return cost(grad(f))(x).flops / cost(f)(x).flops;
    });
    for (const r of ratios) expect(r).toBeLessThanOrEqual(5);
    expect(Math.max(...ratios) / Math.min(...ratios)).toBeLessThan(2);
  });
});

describe("forward mode costs one evaluation per direction", () => {
  test("the flops grow linearly with the number of directions", () => {
    const W = random(3, 20, 20);
    const f = (x: Tensor) => tanh(matmul(W, tanh(matmul(W, x))));
    const per = [1, 2, 4, 8].map(
      (k) =>
        cost((x: Tensor, vs: Tensor) => Array.from({ length: k }, (_, i) => jvp(f, [x], [vs.at(i)]).tangent))(
          random(1, 20),
          random(2, k, 20),
        ).flops,
    );
    const one = per[1] - per[0]; // primal values are shared between the directions
    [2, 4, 8].forEach((k, i) => expect(per[i + 1] - per[0]).toBe((k - 1) * one));
    expect(one).toBeLessThanOrEqual(2 * cost(f)(random(1, 20)).flops);
  });
});

describe("which mode when", () => {
  // f: ℝⁿ → ℝᵐ with the same work inside, whatever n and m: sin of W x, summed to m numbers
  const f = (n: number, m: number) => {
    const W = random(4, 64, n);
    const V = random(5, m, 64);
    return (x: Tensor) => matmul(V, sin(matmul(W, x)));
  };
  const flops = (n: number, m: number, mode: "forward" | "reverse" | undefined) =>
    cost(jacobian(f(n, m), { mode }))(random(1, n)).flops;

  test("n ≪ m: forward; m ≪ n: reverse; the default takes the cheaper", () => {
    for (const [n, m] of [
      [2, 64],
      [4, 32],
      [64, 2],
      [32, 4],
    ]) {
      const forward = flops(n, m, "forward");
      const reverse = flops(n, m, "reverse");
      expect(forward < reverse).toBe(n < m);
      expect(flops(n, m, undefined)).toBe(Math.min(forward, reverse));
    }
  });
  test("the matrix costs n forward or m reverse sweeps", () => {
    const sweep = (mode: "forward" | "reverse") => {
      const c = [8, 16, 32].map((k) => (mode === "forward" ? flops(k, 64, mode) : flops(64, k, mode)));
      return (c[2] - c[1]) / (c[1] - c[0]);
    };
    // work per sweep grows with k too (the product with W or V), so the second difference is between 2 and 4
    for (const mode of ["forward", "reverse"] as const) {
      expect(sweep(mode)).toBeGreaterThan(1.9);
      expect(sweep(mode)).toBeLessThanOrEqual(4);
    }
  });
  test("a linearisation serves many directions without running the function again", () => {
    let runs = 0;
    const { pushforward } = linearize(
      (x: Tensor) => {
        runs++;
        return sin(matmul(random(3, 20, 20), x));
      },
      random(1, 20),
    );
    for (let k = 0; k < 5; k++) pushforward(random(k, 20));
    expect(runs).toBe(1);
  });
});
