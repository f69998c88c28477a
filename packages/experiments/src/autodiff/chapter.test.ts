import { checkpoint, grad, hessian, jacobian, jvp, vjp } from "@ansatz/autodiff";
import {
  add,
  cos,
  exp,
  fori,
  full,
  index,
  jit,
  key,
  linspace,
  matmul,
  mul,
  normal,
  sin,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
} from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import {
  cubic,
  cubicWithExponential,
  cubicWithSine,
  derivativeCurves,
  growthSensitivity,
  ownGraphs,
  sinOver,
  sinOverGraph,
  solvedGrowth,
  wavePacket,
  wavePacketSlope,
} from "./examples";
import { finiteDifferences, gradientCost, separable } from "./finite-differences";
import { adjointFlow } from "./graph";

const random = (seed: number, ...shape: number[]): Tensor => normal(key(seed), shape, { dtype: "float64" });
const f64 = (x: readonly unknown[]): Tensor => tensor(x as number[], { dtype: "float64" });
const adjoints = (flow: ReturnType<typeof adjointFlow>): Record<string, number> =>
  Object.fromEntries(flow.nodes.map((n) => [n.name, n.adjoint.item() as number]));

describe("2.1-eg2.1.1-sin-over-x", () => {
  test("has the values, gradients and the Hessian worked out", () => {
    assertClose(sinOver(f64([1, 2])), 0.1411200080598672, { rtol: 1e-15 });
    assertClose(grad(sinOver)([1, 2]), [-1.131112504660313, -0.9899924966004454], { rtol: 1e-15 });
    assertClose(sinOver(f64([Math.PI / 2, 0])), 0.6366197723675813, { rtol: 1e-15 });
    assertClose(grad(sinOver)([Math.PI / 2, 0]), [-0.4052847345693511, 0], { rtol: 1e-15, atol: 1e-16 });
    assertClose(sinOver(f64([2, -1])), 0.42073549240394825, { rtol: 1e-15 });
    assertClose(grad(sinOver)([2, -1]), [0.0597834067320957, 0.2701511529340699], { rtol: 1e-14 });
    assertClose(
      hessian(sinOver)([1, 2]),
      [
        [2.121105001260758, 0.8488724885405782],
        [0.8488724885405782, -0.1411200080598672],
      ],
      { rtol: 1e-14 },
    );
  });
  test("divides by zero without an exception", () => {
    expect(Number.isFinite(sinOver(f64([0, 1])).item())).toBe(false);
    expect((grad(sinOver)([0, 1]).toArray() as number[]).some(Number.isFinite)).toBe(false);
  });
});

describe("2.1-fig2.1-forward-reverse", () => {
  const flow = adjointFlow(sinOverGraph, { w1: 1, w2: 2 });

  test("five nodes and five edges carry values forwards", () => {
    expect(flow.edges.map((e) => `${e.from}→${e.to}`)).toEqual(["w1→w3", "w2→w3", "w3→w4", "w4→w5", "w1→w5"]);
    assertClose(
      flow.nodes.map((n) => n.value.item() as number),
      [1, 2, 3, Math.sin(3), Math.sin(3)],
      { rtol: 1e-15 },
    );
  });
  test("and adjoints back: w̄₅ = w̄₄ = 1, w̄₃ = cos 3, w̄₁ = −sin 3 + cos 3", () => {
    const w = adjoints(flow);
    assertClose([w.w5, w.w4, w.w3, w.w2], [1, 1, Math.cos(3), Math.cos(3)], { rtol: 1e-15 });
    assertClose(w.w1, -0.1411200080598672 - 0.9899924966004454, { rtol: 1e-15 });
    // the partial along w1 → w5 alone is −w4/w1²
    assertClose(flow.edges[4].partial, -Math.sin(3), { rtol: 1e-15 });
  });
  test("a graph out of order, or without its inputs, is refused", () => {
    expect(() => adjointFlow([...sinOverGraph].reverse(), { w1: 1, w2: 2 })).toThrow(/parents must stand before/);
    expect(() => adjointFlow(sinOverGraph, { w1: 1 })).toThrow(/no value.*w2/);
  });
});

describe("2.1.1-jvp", () => {
  const W = random(1, 4, 3);
  const f = (x: Tensor): Tensor => tanh(matmul(W, mul(x, cos(x))));
  const [x, v, u] = [random(2, 3), random(3, 3), random(4, 3)];

  test("is the directional derivative, to the order of the difference", () => {
    const { value, tangent } = jvp(f, [x], [v]);
    assertClose(value, f(x));
    const error = (h: number): number => {
      const d = mul(1 / (2 * h), sub(f(add(x, mul(h, v))), f(sub(x, mul(h, v)))));
      return Math.max(...(sub(d, tangent).toArray() as number[]).map(Math.abs));
    };
    expect(Math.abs(Math.log10(error(1e-2) / error(1e-3)) - 2)).toBeLessThan(0.05);
  });
  test("is linear in the direction", () => {
    const at = (d: Tensor): Tensor => jvp(f, [x], [d]).tangent;
    assertClose(at(add(mul(2, v), u)), add(mul(2, at(v)), at(u)), { rtol: 1e-13, atol: 1e-14 });
  });
});

describe("2.1.1-vjp", () => {
  test("⟨ȳ, Jẋ⟩ = ⟨Jᵀȳ, ẋ⟩", () => {
    const W = random(1, 4, 3);
    const f = (x: Tensor): Tensor => exp(sin(matmul(W, square(x))));
    for (let s = 0; s < 10; s++) {
      const [x, v, w] = [random(3 * s + 10, 3), random(3 * s + 11, 3), random(3 * s + 12, 4)];
      const [pulled] = vjp(f, x).pullback(w);
      assertClose(sum(mul(pulled, v)), sum(mul(w, jvp(f, [x], [v]).tangent)), { rtol: 1e-12, atol: 1e-13 });
    }
  });
  test("a value used twice collects both ways, one not used gets 0, and a vector needs a cotangent", () => {
    const g = grad((p: { a: Tensor; b: Tensor }) => mul(p.a, p.a))({ a: 3, b: 5 });
    assertClose(g.a, 6);
    assertClose(g.b, 0);
    expect(() => grad((x: Tensor) => x)([1, 2])).toThrow(/scalar/);
  });
});

describe("2.1.1-jacobian", () => {
  test("both modes agree; a wide and a tall function", () => {
    for (const [m, n] of [
      [2, 6],
      [6, 2],
    ]) {
      const W = random(m, m, n);
      const f = (x: Tensor): Tensor => tanh(matmul(W, mul(x, x)));
      const x = random(9, n);
      const forward = jacobian(f, { mode: "forward" })(x);
      expect(forward.shape).toEqual([m, n]);
      assertClose(jacobian(f, { mode: "reverse" })(x), forward, { rtol: 1e-13, atol: 1e-14 });
      assertClose(jacobian(f)(x), forward, { rtol: 1e-13, atol: 1e-14 });
    }
  });
});

describe("2.1.1-finite-difference", () => {
  const exact = 0.166786844539176;
  const error = (h: number, central: boolean): number =>
    Math.abs(
      (finiteDifferences((x) => sum(wavePacket(x)), f64([1]), { h, central }).gradient.toArray() as number[])[0] -
        exact,
    );

  test("errors fall with h, then rise with rounding: the V of truncation and rounding", () => {
    assertClose(
      [1e-1, 1e-2, 1e-4, 1e-6].map((h) => error(h, false)),
      [5.97e-2, 6.03e-3, 6.04e-5, 6.04e-7],
      { rtol: 5e-3 },
    );
    assertClose(
      [1e-1, 1e-2].map((h) => error(h, true)),
      [5.85e-4, 5.87e-6],
      { rtol: 5e-3 },
    );
    assertClose(error(1e-4, true), 5.87e-10, { rtol: 0.02 });
    // from here on rounding rules: orders of magnitude only
    expect(error(1e-8, false)).toBeLessThan(5e-8);
    expect(error(1e-12, false)).toBeGreaterThan(1e-6);
  });
  test("forward differences cost d + 1 evaluations, central ones 2d; h = 0 is refused", () => {
    expect(finiteDifferences(separable, random(1, 5), { h: 1e-4 }).evaluations).toBe(6);
    expect(finiteDifferences(separable, random(1, 5), { h: 1e-4, central: true }).evaluations).toBe(10);
    expect(() => finiteDifferences(separable, [1], { h: 0 })).toThrow(/h must be/);
  });
});

describe("2.1.1-checkpointing", () => {
  test("recomputing gives the same gradient, bit for bit", () => {
    const W = mul(0.5, random(1, 6, 6));
    const block = (x: Tensor): Tensor => fori(0, 5, (_i, y: Tensor) => tanh(matmul(W, y)), x);
    const chain =
      (f: (x: Tensor) => Tensor) =>
      (x: Tensor): Tensor =>
        sum(square(f(f(f(x)))));
    const x = random(2, 6);
    const want = grad(chain(block))(x).toArray();
    expect(grad(chain(checkpoint(block)))(x).toArray()).toEqual(want);
    expect(jit(grad(chain(checkpoint(block))))(x).toArray()).toEqual(jit(grad(chain(block)))(x).toArray());
  });
});

describe("2.1.1-grad-through-solver", () => {
  test("through 40 Runge–Kutta steps comes the exact gradient of the discrete solution", () => {
    assertClose(solvedGrowth(tensor(0.7), 1.3, 2, 40), 5.27175986725574, { rtol: 1e-13 });
    assertClose(growthSensitivity(0.7, 1.3, 2, 40), 10.54351909794137, { rtol: 1e-12 });
    // and near that of the flow: T x₀ e^{θT}, e^{θT}
    assertClose(growthSensitivity(0.7, 1.3, 2, 40), 10.543519913796155, { rtol: 1e-7 });
    assertClose(grad((x0: Tensor) => solvedGrowth(tensor(0.7), x0, 2, 40))(1.3), 4.0551999668446745, { rtol: 1e-7 });
  });
  test("in forward mode, compiled and for many θ at once it is the same", () => {
    const f = (p: Tensor): Tensor => solvedGrowth(p, 1.3, 2, 40);
    assertClose(jvp(f, [0.7], [1]).tangent, 10.54351909794137, { rtol: 1e-12 });
    assertClose(jit(grad(f))(0.7), 10.54351909794137, { rtol: 1e-12 });
  });
});

describe("2.1.1-eg2.1.2a-scalar-derivative", () => {
  test("has the values and slopes worked out", () => {
    const x = [0, 0.5, 1, 2, 3];
    assertClose(
      wavePacket(f64(x)),
      [0, 0.4560436791774209, 0.6889381730850401, 0.408573670870039, 0.023326980438117383],
      { rtol: 1e-14 },
    );
    const slope = grad((t: Tensor) => sum(wavePacket(t)));
    const slopes = [1, 0.7435736194633573, 0.166786844539176, -0.5138457636824172, -0.19163703556150727];
    assertClose(slope(f64(x)), slopes, { rtol: 1e-14 });
    assertClose(wavePacketSlope(f64(x)), slopes, { rtol: 1e-14 });
    assertClose(slope(f64([-6, 6])), [0.0012175078590680938, 0.0012175078590680938], { rtol: 1e-13 });
    assertClose(grad(grad((t: Tensor) => wavePacket(t)))(1), -1.2081730256440035, { rtol: 1e-14 });
  });
  test("is greatest at 1.1422, with the next critical point at 3.7318", () => {
    const at = f64([1.1422268547823513, 3.7318380860148603]);
    assertClose(wavePacket(at), [0.7006621448221163, -0.034345148387504], { rtol: 1e-13 });
    assertClose(grad((t: Tensor) => sum(wavePacket(t)))(at), [0, 0], { atol: 1e-15 });
  });
  test("one reverse sweep draws the figure; f is odd, f′ even", () => {
    const { x, value, slope } = derivativeCurves();
    expect([x.shape, value.shape, slope.shape]).toEqual([[400], [400], [400]]);
    assertClose(slope, wavePacketSlope(x), { rtol: 1e-12, atol: 1e-16 });
    assertClose(value, mul(-1, index(value, "::-1")), { rtol: 1e-12, atol: 1e-15 });
    assertClose(slope, index(slope, "::-1"), { rtol: 1e-11, atol: 1e-15 });
  });
});

describe("2.1.1-eg2.1.2b-grad3", () => {
  test.each(["float32", "float64"] as const)("at (1, 2, 3) the gradient is (4, 4, 29) exactly, in %s", (dtype) => {
    const x = tensor([1, 2, 3], { dtype });
    assertClose(cubic(x), 35, { dtype });
    assertClose(grad(cubic)(x), [4, 4, 29], { dtype });
    assertClose(
      hessian(cubic)(x),
      [
        [4, 2, 0],
        [2, 0, 1],
        [0, 1, 18],
      ],
      { dtype },
    );
  });
});

describe("2.1.1-eg2.1.2c-runtime", () => {
  const costs = gradientCost(
    [4, 8, 16, 32, 64, 128, 256],
    (d) => random(d, d),
    () => performance.now(),
  );

  test("differences evaluate d + 1 times, reverse mode once", () => {
    expect(costs.map((c) => c.differences.evaluations)).toEqual([5, 9, 17, 33, 65, 129, 257]);
    for (const c of costs) {
      expect(c.reverse.evaluations).toBe(1);
      expect(c.disagreement).toBeLessThan(2e-4);
      expect(c.differences.seconds).toBeGreaterThan(0);
    }
  });
  test("at xᵢ = 1 each partial is cos 1 + 0.2", () => {
    assertClose(grad(separable)(full([5], 1)), full([5], 0.7403023058681397), { rtol: 1e-15 });
  });
});

describe("2.1.1-ex2.1.1-1-grad-check", () => {
  test("k₁ = x²y + yz + sin z³ and k₂ = x²y + yz + z³ + xeʸ at (1, 2, 3)", () => {
    const x = f64([1, 2, 3]);
    assertClose(cubicWithSine(x), 8.956375928404503, { rtol: 1e-15 });
    assertClose(grad(cubicWithSine)(x), [4, 4, -5.887747835813577], { rtol: 1e-14 });
    assertClose(cubicWithExponential(x), 42.38905609893065, { rtol: 1e-15 });
    assertClose(grad(cubicWithExponential)(x), [11.38905609893065, 11.38905609893065, 29], { rtol: 1e-15 });
    for (const f of [cubicWithSine, cubicWithExponential])
      assertClose(finiteDifferences(f, x, { h: 1e-5, central: true }).gradient, grad(f)(x), { rtol: 1e-6 });
  });
});

describe("2.1.1-ex2.1.1-2-scaling", () => {
  test("at d = 512, 1024, 2048 differences evaluate 513, 1025, 2049 times, reverse mode once", () => {
    const costs = gradientCost(
      [512, 1024, 2048],
      (d) => linspace(-1, 1, d),
      () => performance.now(),
    );
    expect(costs.map((c) => [c.differences.evaluations, c.reverse.evaluations])).toEqual([
      [513, 1],
      [1025, 1],
      [2049, 1],
    ]);
  }, 120_000);
});

describe("2.1.1-ex2.1.1-3-own-graph", () => {
  test("the cuts need 11, 12 and 6 local partials", () => {
    const edges = (g: keyof typeof ownGraphs): number => adjointFlow(ownGraphs[g], { x: 1, y: 2 }).edges.length;
    expect([edges("fine"), edges("shared"), edges("coarse")]).toEqual([11, 12, 6]);
  });
  test.each(Object.entries(ownGraphs))("the gradient by the %s cut is that worked out", (_name, graph) => {
    const table: [number, number, number, number, number][] = [
      [1, 1, -0.06365531474798294, -1.6145744834544478, -1.6145744834544478],
      [1, 2, 2.021556397675857, -5.066781571308062, -4.666781571308062],
      [1, 0, 0.8414709848078965, 3.0806046117362795, 1.0806046117362793],
      [0.5, -0.5, -Math.LN2, 2, -2],
    ];
    for (const [x, y, h, dx, dy] of table) {
      const flow = adjointFlow(graph, { x, y });
      const w = adjoints(flow);
      assertClose([flow.nodes[flow.nodes.length - 1].value.item() as number, w.x, w.y], [h, dx, dy], {
        rtol: 1e-13,
        atol: 1e-15,
      });
    }
  });
  test("at the origin it is −∞, with no gradient", () => {
    const flow = adjointFlow(ownGraphs.fine, { x: 0, y: 0 });
    expect(flow.nodes[flow.nodes.length - 1].value.item()).toBe(Number.NEGATIVE_INFINITY);
    expect(adjoints(flow).x).toBeNaN();
  });
});
