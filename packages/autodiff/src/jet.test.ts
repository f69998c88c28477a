import { isFloat, type Params, sizeOf } from "@ansatz/backend";
import * as T from "@ansatz/tensor";
import {
  add,
  cond,
  cos,
  div,
  exp,
  greater,
  jit,
  less,
  log,
  log1p,
  matmul,
  mul,
  scan,
  sin,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  vmap,
  whileLoop,
} from "@ansatz/tensor";
import { assertClose, generator, type ops, randomPlain, ruleCases, tensorOf } from "@ansatz/tensor/testing";
import { bind, state } from "@ansatz/tensor/transforms";
import { describe, expect, test } from "vitest";
import {
  checkpoint,
  customJvp,
  customRoot,
  grad,
  jet,
  jvp,
  nthDerivative,
  odeSeries,
  stopGradient,
  taylor,
} from "./index";

/** Coefficients of f(x(t)) by jvp in jvp, at the cost that Taylor mode avoids. */
const nested = (f: (xs: Tensor[]) => Tensor[], xs: Tensor[], series: Tensor[][]): Tensor[][] => {
  const curve = (t: Tensor): Tensor[] =>
    f(
      xs.map((x, i) => {
        let p: Tensor = tensor(0, { dtype: "float64" });
        for (let k = series.length - 1; k >= 0; k--) p = mul(t, add(series[k][i], p));
        return add(x, p);
      }),
    );
  const out: Tensor[][] = [];
  let g = curve;
  let factorial = 1;
  for (let k = 1; k <= series.length; k++) {
    const before = g;
    g = (t: Tensor) => jvp(before, [t], [1]).tangent;
    factorial *= k;
    out.push(g(tensor(0, { dtype: "float64" })).map((y) => div(y, factorial)));
  }
  return out;
};

const order = 3;
const compare = (f: (xs: Tensor[]) => Tensor[], xs: Tensor[], rtol = 1e-9): void => {
  const next = generator(11);
  const series = Array.from({ length: order }, () => xs.map((x) => tensorOf(randomPlain(x.shape, next, -0.5, 0.5))));
  const got = jet(f, [xs], series.map((s) => [s]) as never);
  const want = nested(f, xs, series);
  got.value.forEach((y, i) => assertClose(y, f(xs)[i], { rtol: 1e-14 }));
  want.forEach((row, k) => {
    row.forEach((y, i) => {
      assertClose(got.series[k][i], y, { rtol, atol: rtol });
    });
  });
};

type Kinds = { derivative: { kind: string } };
const rows = ruleCases
  .map((c) => {
    const all = c.inputs();
    const floats = all.map((x) => isFloat(x.dtype));
    const f = (xs: Tensor[]): Tensor[] => {
      let k = 0;
      return bind(
        c.op as typeof ops.addOp,
        all.map((x, i) => (floats[i] ? xs[k++] : x)),
        c.params as Params as Record<never, never>,
      ).filter((y) => isFloat(y.dtype));
    };
    return { name: c.name, kind: (c.op as Kinds).derivative.kind, f, xs: all.filter((_, i) => floats[i]) };
  })
  .filter((c) => c.kind !== "never" && c.xs.length > 0 && c.xs.every((x) => sizeOf(x.shape) > 0));

describe("every op of tensor takes series", () => {
  test("there are many", () => expect(rows.length).toBeGreaterThan(80));
  test.each(rows)("$name, as jvp in jvp in jvp", ({ f, xs }) => compare(f, xs));
});

describe("functions built on ops", () => {
  const x = tensor([0.3, 0.7, 1.2]);
  const W = tensor([
    [0.5, -1, 0.2],
    [1, 0.3, -0.7],
  ]);
  test.each<[string, (x: Tensor) => Tensor]>([
    ["softmax", (u) => T.softmax(u)],
    ["logsumexp", (u) => T.logsumexp(u)],
    ["lgamma", T.lgamma],
    ["digamma", T.digamma],
    ["sigmoid", T.sigmoid],
    ["softplus", T.softplus],
    ["erfinv", (u) => T.erfinv(mul(0.5, u))],
    ["ndtri", (u) => T.ndtri(mul(0.5, u))],
    ["x^x", (u) => T.pow(u, u)],
    ["x³ at 0", (u) => T.pow(sub(u, tensor([0.3, 0.7, 1.2])), 3)],
    ["norm", (u) => T.norm(u)],
    ["a network", (u) => matmul(W, tanh(mul(u, u)))],
    ["xlogy", (u) => T.xlogy(u, add(u, 1))],
    ["betaln", (u) => T.betaln(u, add(1, u))],
    ["cumprod", (u) => T.cumprod(u, 0)],
  ])("%s", (_, f) => compare(([u]) => [f(u)], [x], 1e-8));

  test("loops, branches, calls, checkpoints and custom rules", () => {
    compare(
      ([u]) => {
        const [c, ys] = scan(
          (s: Tensor, v: Tensor) => [sin(add(mul(s, v), u)), mul(s, s)] as const,
          u,
          tensor([0.5, 2]),
        );
        return [c, ys];
      },
      [x],
    );
    compare(([u]) => [scan((s: Tensor, v: Tensor) => [mul(s, v), null] as const, 1, u)[0]], [x]);
    const loop = (u: Tensor) =>
      whileLoop(
        (c: { k: Tensor; y: Tensor }) => less(c.k, 3),
        (c) => ({ k: add(c.k, 1), y: mul(c.y, cos(c.y)) }),
        { k: tensor(0, { dtype: "int32" }), y: u },
      ).y;
    compare(([u]) => [loop(u)], [x]);
    for (const s of [1, -1])
      compare(
        ([u]) => [
          cond(
            greater(mul(s, sum(u)), 0),
            (v: Tensor) => exp(v),
            (v: Tensor) => mul(v, sin(v)),
            u,
          ),
        ],
        [x],
      );
    compare(([u]) => [jit((v: Tensor) => mul(v, exp(v)))(u)], [x]);
    compare(([u]) => [checkpoint((v: Tensor) => mul(v, exp(sin(v))))(u)], [x]);
    compare(([u]) => [mul(u, stopGradient(sin(u)))], [x]);
    // not the derivative of sin, to see that the rule is used; it names itself, so that all orders mean the same
    const twice: (v: Tensor) => Tensor = customJvp(
      (v: Tensor) => sin(v),
      ([v], [dv]) => ({ value: twice(v), tangent: mul(2, mul(dv, cos(v))) }),
    );
    compare(([u]) => [mul(u, twice(u))], [x]);
    const newton = (f: (v: Tensor) => Tensor, v0: Tensor) =>
      T.fori(0, 20, (_, v: Tensor) => sub(v, div(f(v), mul(3, square(v)))), v0);
    compare(
      ([a]) => [customRoot((v: Tensor) => sub(mul(v, mul(v, v)), a), 1.5, newton)],
      [tensor(2, { dtype: "float64" })],
    );
  }, 30_000);
});

describe("closed forms", () => {
  const n = 12;
  const factorials = Array.from({ length: n + 1 }, (_, k) =>
    Array.from({ length: k }, (_v, i) => i + 1).reduce((a, b) => a * b, 1),
  );
  const coefficients = (f: (x: Tensor) => Tensor, x: number): number[] =>
    taylor(f, x, n).map((c) => c.item() as number);
  const ks = Array.from({ length: n + 1 }, (_, k) => k);
  test.each<[string, (x: Tensor) => Tensor, number, (k: number) => number]>([
    ["e^x", exp, 0, (k) => 1 / factorials[k]],
    ["sin x", sin, 0, (k) => (k % 2 ? (k % 4 === 1 ? 1 : -1) / factorials[k] : 0)],
    ["log(1 + x)", log1p, 0, (k) => (k === 0 ? 0 : (k % 2 ? 1 : -1) / k)],
    ["log x at 2", log, 2, (k) => (k === 0 ? Math.LN2 : (k % 2 ? 1 : -1) / (k * 2 ** k))],
    ["1/(1 - x)", (x) => div(1, sub(1, x)), 0, () => 1],
    ["√x at 1", sqrt, 1, (k) => ks.slice(0, k).reduce((c, j) => (c * (0.5 - j)) / (j + 1), 1)],
    ["atan x", T.atan, 0, (k) => (k % 2 ? (k % 4 === 1 ? 1 : -1) / k : 0)],
    // tan x = x + x³/3 + 2x⁵/15 + 17x⁷/315 + 62x⁹/2835 + 1382x¹¹/155925
    ["tan x", T.tan, 0, (k) => ({ 1: 1, 3: 1 / 3, 5: 2 / 15, 7: 17 / 315, 9: 62 / 2835, 11: 1382 / 155925 })[k] ?? 0],
    [
      "erf x",
      T.erf,
      0,
      (k) => (k % 2 ? ((2 / Math.sqrt(Math.PI)) * (k % 4 === 1 ? 1 : -1)) / (factorials[(k - 1) / 2] * k) : 0),
    ],
    ["x⁵", (x) => T.pow(x, 5), 0, (k) => (k === 5 ? 1 : 0)],
  ])("%s", (_, f, x, want) => {
    assertClose(coefficients(f, x), ks.map(want), { rtol: 1e-13, atol: 1e-15 });
  });
  test("n-th derivatives: moments of Poisson's law from its generating function", () => {
    const m = (t: Tensor): Tensor => exp(mul(3, sub(exp(t), 1)));
    // Touchard polynomials at 3: 3, 12, 57, 309, 1866, 12351
    assertClose(
      [1, 2, 3, 4, 5, 6].map((k) => nthDerivative(m, 0, k).item() as number),
      [3, 12, 57, 309, 1866, 12351],
      { rtol: 1e-12 },
    );
    assertClose(nthDerivative(m, 0, 0), 1);
    expect(() => nthDerivative(m, 0, -1)).toThrow(/whole number/);
  });
  test("series of differential equations", () => {
    assertClose(
      odeSeries((x: Tensor) => mul(x, x), 1, 8).map((c) => c.item() as number),
      new Array(9).fill(1),
    );
    // (q, p)' = (p, -q): cos and -sin
    const s = odeSeries(({ q, p }: { q: Tensor; p: Tensor }) => ({ q: p, p: mul(-1, q) }), { q: 1, p: 0 }, 6);
    assertClose(
      s.map((c) => c.q.item() as number),
      [1, 0, -1 / 2, 0, 1 / 24, 0, -1 / 720],
      { rtol: 1e-14 },
    );
    // ẋ = x sin t with t among the unknowns: e^(1 - cos t) = 1 + t²/2 + t⁴/12 + …
    const driven = odeSeries(
      ({ x, t }: { x: Tensor; t: Tensor }) => ({ x: mul(x, sin(t)), t: T.onesLike(t) }),
      { x: 1, t: 0 },
      4,
    );
    assertClose(
      driven.map((c) => c.x.item() as number),
      [1, 0, 1 / 2, 0, 1 / 12],
      { rtol: 1e-14, atol: 1e-16 },
    );
  });
});

describe("jet", () => {
  const f = (x: Tensor): Tensor => sum(mul(exp(sin(x)), x));
  const at = (x: Tensor): Tensor => jet(f, [x], [[tensor([1, 2])], [tensor([0, 0])]]).series[1];
  const x = tensor([0.2, -0.4]);
  test("composes: inside jit and vmap, under and over grad", () => {
    const half = (y: Tensor): Tensor =>
      mul(0.5, jvp((u: Tensor) => jvp(f, [u], [tensor([1, 2])]).tangent, [y], [tensor([1, 2])]).tangent);
    assertClose(at(x), half(x), { rtol: 1e-13 });
    assertClose(jit(at)(x), half(x), { rtol: 1e-13 });
    assertClose(grad(at)(x), grad(half)(x), { rtol: 1e-12 });
    assertClose(vmap(at)(T.stack([x, mul(2, x)])), [half(x).item() as number, half(mul(2, x)).item() as number], {
      rtol: 1e-13,
    });
    const g = jet(grad(f), [x], [[tensor([1, 2])], [tensor([0, 0])]]).series[1];
    assertClose(g, grad(half)(x), { rtol: 1e-12 });
  });
  test("is jvp for one coefficient, and knows values outside jit", () => {
    const branching = (y: Tensor): Tensor => ((sum(y).item() as number) < 0 ? sin(y) : exp(y));
    const v = tensor([1, 3]);
    assertClose(jet(branching, [x], [[v]]).series[0], jvp(branching, [x], [v]).tangent);
  });
  test("does work that grows polynomially with the order where jvp in jvp doubles", () => {
    const g = (y: Tensor): Tensor => tanh(sin(mul(y, exp(y))));
    const y = tensor(0.3);
    const work = (f: () => unknown): number => {
      const before = state.clock; // counts the runs of ops outside jit
      f();
      return state.clock - before;
    };
    const jets = [2, 4, 8, 16].map((k) => work(() => taylor(g, y, k)));
    // tanh goes by its tangent rule, so the law is K³ at most
    jets.slice(1).forEach((n, i) => expect(n / jets[i]).toBeLessThan(8));
    const nested = [6, 7, 8].map((k) =>
      work(() => {
        let h = g;
        for (let i = 0; i < k; i++) {
          const before = h;
          h = (u) => jvp(before, [u], [1]).tangent;
        }
        h(y);
      }),
    );
    expect(nested[2] / nested[1]).toBeGreaterThan(1.9);
    expect(nested[1] / nested[0]).toBeGreaterThan(1.9);
    expect(nested[2]).toBeGreaterThan(3 * jets[2]);
  }, 30_000);
  test("refuses what does not fit", () => {
    expect(() => jet(sin, [1], [[[1, 2]]] as never)).toThrow(/series\[0\]/);
    expect(() => taylor(sin, 0, 1.5)).toThrow(/whole number/);
  });
});
