import { isFloat, type Params, sizeOf } from "@ansatz/backend";
import { add, jit, mul, sum, type Tensor, tensor } from "@ansatz/tensor";
import { generator, ops, type RuleCase, randomPlain, ruleCases, tensorOf } from "@ansatz/tensor/testing";
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
      c.op as typeof ops.addOp,
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
  const all = Object.entries(ops).filter(([name]) => name.endsWith("Op"));
  test("is in the table, or has no derivative", () => {
    expect(all.length).toBeGreaterThan(80);
    const covered = new Set(ruleCases.map((c) => c.op));
    const missing = all
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
