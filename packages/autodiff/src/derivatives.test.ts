import { isFloat, type Params, sizeOf } from "@ansatz/backend";
import * as ansatz from "@ansatz/tensor";
import { add, jit, mul, sum, type Tensor, tensor } from "@ansatz/tensor";
import { generator, type RuleCase, randomPlain, rawOps, ruleCases, tensorOf } from "@ansatz/tensor/testing";
import { bind } from "@ansatz/tensor/transforms";
import { describe, expect, test } from "vitest";
import { grad, hvp, jvp } from "./index";

/**
 * Every rule through the interpreters, in float64, against central differences: forward, reverse, and second order in both ways, in one
 * random direction. The scalar function is s(x) = Σ w·y² of the op's results y, so that second derivatives of linear ops count, too.
 */
const number = (x: Tensor): number => x.item() as number;
const close = (seen: number, expected: number, tolerance: number): void =>
  expect(Math.abs(seen - expected) / (1 + Math.abs(expected))).toBeLessThan(tolerance);
const direction = (x: Tensor, next: () => number): Tensor => tensorOf(randomPlain(x.shape, next));
const dot = (xs: readonly Tensor[], ys: readonly Tensor[]): number =>
  xs.reduce((s, x, i) => s + number(sum(mul(x, ys[i]))), 0);
const moved = (xs: readonly Tensor[], vs: readonly Tensor[], h: number): Tensor[] =>
  xs.map((x, i) => add(x, mul(h, vs[i])));

const checkAt = (s: (xs: Tensor[]) => Tensor, xs: Tensor[], tolerance = 1e-6): void => {
  const next = generator(5);
  const vs = xs.map((x) => direction(x, next));
  const h = 1e-5;
  const first = (number(s(moved(xs, vs, h))) - number(s(moved(xs, vs, -h)))) / (2 * h);
  close(number(jvp(s, [xs], [vs]).tangent), first, tolerance);
  const g = grad(s);
  close(dot(g(xs), vs), first, tolerance);
  close(dot(jit(g)(xs), vs), first, tolerance);
  // Second order: the gradient's own differences, against forward over reverse and reverse over reverse.
  const us = xs.map((x) => direction(x, next));
  const second = (dot(g(moved(xs, vs, h)), us) - dot(g(moved(xs, vs, -h)), us)) / (2 * h);
  close(dot(hvp(s)(xs, vs), us), second, 10 * tolerance);
  const along = (ys: Tensor[]): Tensor => g(ys).reduce<Tensor>((a, y, i) => add(a, sum(mul(y, us[i]))), tensor(0));
  close(dot(grad(along)(xs), vs), second, 10 * tolerance);
};

/** The scalar function of a case's float inputs, the others fixed. */
const scalarOf = (c: RuleCase): { s: (xs: Tensor[]) => Tensor; xs: Tensor[] } => {
  const all = c.inputs();
  const floats = all.map((x) => isFloat(x.dtype));
  const s = (xs: Tensor[]): Tensor => {
    let k = 0;
    const next = generator(3);
    const ys = bind(
      c.op as typeof rawOps.addOp,
      all.map((x, i) => (floats[i] ? xs[k++] : x)),
      c.params as Params as Record<never, never>,
    );
    return ys
      .filter((y) => isFloat(y.dtype))
      .reduce<Tensor>((a, y) => add(a, sum(mul(direction(y, next), mul(y, y)))), tensor(0));
  };
  return { s, xs: all.filter((_, i) => floats[i]) };
};

type Kinds = { derivative: { kind: string } };
const smooth = ruleCases.filter((c) => (c.op as Kinds).derivative.kind !== "never" && scalarOf(c).xs.length > 0);

describe("every op of tensor", () => {
  const ops = Object.entries(rawOps).filter(([name]) => name.endsWith("Op"));
  test("is in the table, or has no derivative", () => {
    expect(ops.length).toBeGreaterThan(80);
    const covered = new Set(ruleCases.map((c) => c.op));
    const missing = ops
      .filter(([, op]) => !covered.has(op) && !["zero", "never"].includes((op as unknown as Kinds).derivative.kind))
      .map(([name]) => name);
    expect(missing).toEqual([]);
  });
  test.each(smooth)("$name has the derivatives of central differences, to second order", (c) => {
    const { s, xs } = scalarOf(c);
    if (xs.some((x) => sizeOf(x.shape) === 0)) return;
    checkAt(s, xs, c.tolerance ?? 1e-6);
  });
});

// Functions that are ops of their own or choose between formulas, at points on each side of the choice.
const special: Record<string, readonly (readonly number[])[]> = {
  lgamma: [[0.3, 1.5, 4, 20, -1.5]],
  gammaln: [[0.3, 1.5, 4, 20]],
  digamma: [[0.3, 1.5, 4, 20]], // its second derivative is NaN below 0
  betaln: [
    [0.5, 2, 30],
    [1.5, 0.7, 12],
  ],
  expit: [[-30, -1, 0, 2, 30]],
  sigmoid: [[-30, -1, 0, 2, 30]],
  logSigmoid: [[-30, -1, 0, 2, 30]],
  softplus: [[-30, -1, 0, 2, 30]],
  logit: [[0.1, 0.5, 0.9]],
  erfinv: [[-0.9, -0.1, 0.3, 0.99]],
  erfcinv: [[0.1, 0.9, 1.5]],
  logErfc: [[-1, 0.5, 3, 8]],
  ndtr: [[-3, -0.5, 0.7, 3]],
  logNdtr: [[-8, -3, -0.5, 0.7, 3]],
  ndtri: [[0.01, 0.3, 0.9]],
  xlogy: [
    [0.5, 2],
    [0.3, 4],
  ],
  xlog1py: [
    [0.5, 2],
    [0.3, 4],
  ],
  entr: [[0.2, 0.9, 3]],
  relEntr: [
    [0.2, 0.9],
    [0.5, 2],
  ],
  logsumexp: [[-1, 2, 0.5]],
  softmax: [[-1, 2, 0.5]],
  logSoftmax: [[-1, 2, 0.5]],
  logaddexp: [
    [-1, 2, 20],
    [0, 2.5, -20],
  ],
  hypot: [
    [3, -1],
    [4, 0.5],
  ],
};

describe("functions with formulas of their own", () => {
  test.each(Object.entries(special))("%s", (name, points) => {
    const f = (ansatz as unknown as Record<string, (...xs: Tensor[]) => Tensor>)[name];
    const s = (xs: Tensor[]): Tensor => sum(mul(f(...xs), f(...xs)));
    checkAt(
      s,
      points.map((p) => tensor(p)),
      1e-5,
    );
  });
});
