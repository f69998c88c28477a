import { cost, grad, hessian, jvp } from "@ansatz/autodiff";
import { add, exp, index, linspace, mul, ones, sin, square, sub, sum, type Tensor, tensor } from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { costlyFunctions, gradientFlops, modeCosts } from "./costs";
import { sinOver } from "./examples";
import {
  differentiateFormula,
  evaluateFormula,
  type Formula,
  formulaFunctions,
  parseFormula,
  showFormula,
} from "./formula";
import { formulaCurves } from "./formula-curves";
import { formulaSweeps, sweeps } from "./sweeps";

const at = (text: string, inputs: Record<string, number>): number =>
  evaluateFormula(
    parseFormula(text, Object.keys(inputs)),
    Object.fromEntries(Object.entries(inputs).map(([k, v]) => [k, tensor(v, { dtype: "float64" })])),
  ).item() as number;

describe("formulas", () => {
  test.each<[string, number]>([
    ["1 + 2 * 3 - 4 / 2", 5],
    ["-x^2", -9],
    ["2^3^2", 512],
    ["2x + x/3", 7],
    ["2 sin x cos x", Math.sin(6)],
    ["sin(x)^2 + cos(x)^2", 1],
    ["e^(-x^2/5)", Math.exp(-1.8)],
    ["(x - 1)(x + 1)", 8],
    ["ln(e^x) − π·0", 3],
    ["--x", 3],
    ["1e-3 x", 0.003],
    ["x^-1", 1 / 3],
    ["(-x)^3", -27],
  ])("%s", (text, want) => {
    expect(at(text, { x: 3 })).toBeCloseTo(want, 12);
  });
  test.each<[string, RegExp]>([
    ["sin(x", /a parenthesis is not closed.*position: 5/],
    ["x + ", /expects a number, a name or a parenthesis.*the end/],
    ["x $ 2", /does not understand a character.*\$.*position: 2/],
    ["foo(x)", /does not know a name.*foo.*variables are x; functions sin/],
    ["x )", /has something left over/],
    ["", /expects a number/],
  ])("%j is refused", (text, law) => {
    expect(() => parseFormula(text, ["x"])).toThrow(law);
  });
  test("what is shown parses to the same values", () => {
    const { formula } = fc.letrec<{ formula: Formula }>((tie) => ({
      formula: fc.oneof(
        { maxDepth: 4 },
        fc.constant<Formula>({ kind: "name", name: "x" }),
        fc.integer({ min: -4, max: 9 }).map((v): Formula => ({ kind: "number", value: v / 2 })),
        fc.record({ kind: fc.constant("neg" as const), of: tie("formula") }),
        fc.record({
          kind: fc.constant("call" as const),
          name: fc.constantFrom(...formulaFunctions),
          of: tie("formula"),
        }),
        fc.record({
          kind: fc.constantFrom("add" as const, "sub" as const, "mul" as const, "div" as const, "pow" as const),
          left: tie("formula"),
          right: tie("formula"),
        }),
      ) as fc.Arbitrary<Formula>,
    }));
    const x = tensor([0.3, 1.7], { dtype: "float64" });
    fc.assert(
      fc.property(formula, (f) => {
        const again = parseFormula(showFormula(f), ["x"]);
        assertClose(evaluateFormula(again, { x }), evaluateFormula(f, { x }), { rtol: 1e-12 });
      }),
      { numRuns: 200 },
    );
  });
});

describe("2.2.1-symbolic", () => {
  test("the symbolic derivative, evaluated, is the automatic one", () => {
    for (const text of [
      "sin(x) e^(-x^2/5)",
      "x^3 - 2x + 1",
      "x^x",
      "1/(1 + x^2)",
      "log(x^2 + 1) + sin((x + 1)^2)",
      ...formulaFunctions.map((f) => `${f}(x/4) x`),
    ]) {
      const { curves, symbolic } = formulaCurves(text, { from: 0.5, to: 2.5, points: 9, order: 3 });
      curves.forEach((c, k) => assertClose(c, symbolic[k], { rtol: 1e-11, atol: 1e-12 }));
    }
  });
  test("it is a formula, readable, and grows faster than the program does", () => {
    expect(formulaCurves("x^3").formulas[1].text).toBe("3 * x^2");
    expect(formulaCurves("sin(x) e^(-x^2/5)").formulas[1].text).toBe(
      "cos(x) * e^(-x^2 / 5) - sin(x) * (e^(-x^2 / 5) * (2 * x / 5))",
    );
    const sizes = formulaCurves("sin(x) e^(-x^2/5)", { order: 4 }).formulas.map((f) => f.size);
    expect(sizes[4] / sizes[0]).toBeGreaterThan(10);
    expect(showFormula(differentiateFormula(parseFormula("x y^2", ["x", "y"]), "y"))).toBe("x * (2 * y)");
  });
});

describe("2.1-computational-graph", () => {
  test("is the list of assignments with both sweeps: sin(x₁ + x₂)/x₁ at (1, 2)", () => {
    const s = formulaSweeps("sin(x1 + x2) / x1", { x1: 1, x2: 2 }, { x1: 1 });
    expect(s.lines.map((l) => l.op ?? l.label)).toEqual(["x1", "x2", "add", "sin", "div"]);
    expect(s.lines.flatMap((l) => l.parents.map((p) => `${p}→${l.name}`))).toEqual(["a→c", "b→c", "c→d", "d→e", "a→e"]);
    expect(s.lines[2].text).toBe("c:float64[] = add a b");
    assertClose(
      s.lines.map((l) => l.value),
      [1, 2, 3, Math.sin(3), Math.sin(3)],
      { rtol: 1e-15 },
    );
    const g = [-1.131112504660313, -0.9899924966004454];
    assertClose(
      s.lines.map((l) => l.adjoint),
      [g[0], g[1], Math.cos(3), 1, 1],
      { rtol: 1e-14 },
    );
    assertClose(
      s.lines.map((l) => l.tangent),
      [1, 0, 1, Math.cos(3), g[0]],
      { rtol: 1e-14 },
    );
    expect(s.reverse.map((r) => `${r.from}→${r.to}`)).toEqual(["e→d", "e→a", "d→c", "c→a", "c→b"]);
    // the direct partial along e → a is -w₄/w₁²; the total at a grows to the gradient
    assertClose(s.reverse[1].partial, -Math.sin(3), { rtol: 1e-14 });
    assertClose(s.reverse[3].total, g[0], { rtol: 1e-14 });
    assertClose([s.gradient.x1, s.gradient.x2, s.tangent, s.value], [g[0], g[1], g[0], Math.sin(3)], { rtol: 1e-14 });
  });
  test("the two sweeps agree on every formula: ⟨∇f, v⟩ is the tangent", () => {
    for (const text of ["x y + log(x^2 + y^2)", "x^y sin(x y)", "sigmoid(x) / (1 + tanh(y)^2)", "3", "x"]) {
      const s = formulaSweeps(text, { x: 1.3, y: 0.4 }, { x: 0.7, y: -2 });
      assertClose(s.tangent, 0.7 * s.gradient.x - 2 * s.gradient.y, { rtol: 1e-13, atol: 1e-15 });
    }
  });
  test("control flow is followed along the branch that ran, and one number must come out", () => {
    const s = sweeps(({ x }) => mul(x, square(x)), { x: 2 });
    expect([s.value, s.gradient.x]).toEqual([8, 12]);
    const f = (x: Tensor): Tensor => ((x.item() as number) > 0 ? square(x) : sin(x));
    expect([grad(f)(3).item(), grad(f)(0).item()]).toEqual([6, 1]);
    expect(() => sweeps(({ x }) => add(x, ones([2])), { x: 1 })).toThrow(/one number.*float64\[2\]/);
  });
});

describe("P0-1-autodiff", () => {
  const dimensions = [10, 100, 1000, 10_000, 100_000, 1_000_000];
  test.each(Object.entries(costlyFunctions))(
    "the gradient of the %s function costs at most 5 evaluations, differences D + 1",
    (_name, f) => {
      for (const c of gradientFlops(f, dimensions)) {
        expect(c.reverse / c.function).toBeLessThanOrEqual(5);
        expect(c.differences / c.function).toBeGreaterThan(c.dimension);
        expect(c.forward / c.function).toBeGreaterThanOrEqual(c.dimension);
      }
    },
  );
  test("so the slopes on a log-log plot are 2, 2 and 1", () => {
    const rows = gradientFlops(costlyFunctions.separable, [1000, 10_000]);
    const slope = (k: "differences" | "forward" | "reverse"): number => Math.log10(rows[1][k] / rows[0][k]);
    expect([slope("differences"), slope("forward"), slope("reverse")].map((s) => Math.round(100 * s) / 100)).toEqual([
      2, 2, 1,
    ]);
    expect(() => gradientFlops(costlyFunctions.separable, [0])).toThrow(/at least 1/);
  });
});

describe("2.1.1-jacobian", () => {
  test("the table of the text, measured: n ≪ m forward, m ≪ n reverse", () => {
    const rows = modeCosts([
      { inputs: 2, outputs: 100 },
      { inputs: 100, outputs: 2 },
      { inputs: 10, outputs: 30 },
      { inputs: 30, outputs: 10 },
    ]);
    expect(rows.map((r) => r.cheaper)).toEqual(["forward", "reverse", "forward", "reverse"]);
    // n and m sweeps: far from the diagonal the dear one costs many times the other
    expect(rows[0].reverse / rows[0].forward).toBeGreaterThan(10);
    expect(rows[1].forward / rows[1].reverse).toBeGreaterThan(10);
  });
});

describe("P2-1.3-backprop", () => {
  test("the gradient of a two-layer loss is that of central differences", () => {
    const x = linspace(-1, 1, 8, { dtype: "float64" });
    const loss = (w: Tensor): Tensor =>
      sum(square(sub(mul(index(w, 0), sin(add(mul(index(w, 1), x), index(w, 2)))), exp(x))));
    const w = tensor([0.7, 1.3, -0.2], { dtype: "float64" });
    const g = grad(loss)(w).toArray() as number[];
    g.forEach((gi, i) => {
      const h = 1e-5;
      const e = tensor(
        [0, 1, 2].map((k) => (k === i ? h : 0)),
        { dtype: "float64" },
      );
      const d = ((loss(add(w, e)).item() as number) - (loss(sub(w, e)).item() as number)) / (2 * h);
      expect(Math.abs(gi - d)).toBeLessThan(1e-8 * (1 + Math.abs(d)));
    });
    assertClose(jvp(loss, [w], [[1, 0, 0]]).tangent, g[0], { rtol: 1e-13 });
    expect(hessian(sinOver)([1, 2]).shape).toEqual([2, 2]);
  });
});

describe("3.5.2-backprop-sgd", () => {
  test("a training step costs a bounded number of evaluations, whatever the number of parameters", () => {
    for (const d of [10, 1000, 100_000]) {
      const loss = (w: Tensor): Tensor => sum(square(sub(sin(w), 0.5)));
      const w = ones([d]);
      const step = (p: Tensor): Tensor => sub(p, mul(0.1, grad(loss)(p)));
      expect(cost(step)(w).flops / cost(loss)(w).flops).toBeLessThanOrEqual(5);
    }
  });
});
