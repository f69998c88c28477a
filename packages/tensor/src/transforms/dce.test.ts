import type { Equation, Program } from "@ansatz/backend";
import { describe, expect, test } from "vitest";
import { add, cond, exp, greater, jit, mul, scan, sin, sum, type Tensor, tap, tensor } from "../index";
import { traceFunction } from "../jit/jit";

const program = (f: (x: Tensor) => unknown): Program => traceFunction(f, [tensor([1, 2])], [], "test").program;
const names = (p: Program): string[] => p.equations.map((eq) => eq.op.name);
const bodyOf = (p: Program, op: string): Program => {
  const params = (p.equations.find((eq) => eq.op.name === op) as Equation).params as Record<string, never>;
  return (params.body ?? (params.branches as Program[])[0]) as Program;
};

describe("dead code", () => {
  test("goes, effects stay", () => {
    expect(
      names(
        program((x) => {
          exp(x);
          return sin(x);
        }),
      ),
    ).toEqual(["sin"]);
    expect(
      names(
        program((x) => {
          tap(exp(x), () => undefined);
          return sin(x);
        }),
      ),
    ).toEqual(["exp", "tap", "sin"]);
  });
  test("goes from loops: unused ys, and carries that only feed themselves", () => {
    const p = program((x) => {
      const [c] = scan(
        (s: { a: Tensor; b: Tensor }, v: Tensor) => [{ a: add(s.a, v), b: mul(s.b, exp(v)) }, sin(v)] as const,
        { a: 0, b: 1 },
        x,
      );
      return c.a;
    });
    const body = bodyOf(p, "scan");
    expect([names(body), body.inputs.length, body.outputs.length]).toEqual([["add"], 2, 1]);
    const f = (x: Tensor): Tensor =>
      scan(
        (s: { a: Tensor; b: Tensor }, v: Tensor) => [{ a: add(s.a, s.b), b: mul(s.b, exp(v)) }, sin(v)] as const,
        { a: 0, b: 1 },
        x,
      )[0].a;
    expect(names(bodyOf(program(f), "scan")).sort()).toEqual(["add", "exp", "mul"]); // a needs b
    expect(jit(f)([0, 0, 0]).item()).toBe(3);
  });
  test("goes from branches and calls, with the operands it needed", () => {
    const p = program(
      (x) =>
        cond(
          greater(sum(x), 0),
          (y: Tensor, z: Tensor) => ({ a: sin(y), b: exp(z) }),
          (y: Tensor, z: Tensor) => ({ a: y, b: z }),
          x,
          mul(x, 2),
        ).a,
    );
    expect(names(p)).not.toContain("mul");
    expect(bodyOf(p, "cond").inputs.length).toBe(1);
    const inner = jit((x: Tensor) => ({ a: sin(x), b: exp(x) }));
    expect(
      names(
        bodyOf(
          program((x) => inner(x).a),
          "call",
        ),
      ),
    ).toEqual(["sin"]);
  });
});

test("equal work is done once, whatever the order of commuting operands", () => {
  expect(names(program((x) => [add(x, sin(x)), add(sin(x), x)]))).toEqual(["sin", "add"]);
  const run: number[] = [];
  const f = jit((x: Tensor) => [tap(x, () => run.push(1)), tap(x, () => run.push(2))]);
  f(1);
  expect(run).toEqual([1, 2]);
});
