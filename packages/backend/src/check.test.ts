import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryProgram } from "./conformance";
import {
  aval,
  buildProgram,
  checkProgram,
  core,
  dtypes,
  type Equation,
  equation,
  literal,
  newVar,
  type Program,
  ProgramError,
} from "./index";

const x = aval([2], "float32");
const double = (a = newVar(x)) => equation(core.add, {}, [a, a]) as unknown as Equation;
const good = (): Program => buildProgram([x], (emit, a) => emit(core.neg, {}, emit(core.add, {}, a, a)[0]));
const broken = (p: Program, sentence: RegExp): void => {
  expect(() => checkProgram(p)).toThrow(ProgramError);
  expect(() => checkProgram(p)).toThrow(sentence);
};

test("a program made by its own rules passes", () => checkProgram(good()));

describe("a broken law is located", () => {
  test("a variable used before it is defined", () => {
    const p = good();
    broken(
      { ...p, equations: p.equations.toReversed() },
      /^program, equation 0 \(.* = neg b\): a variable is used before it is defined, got variable: b:float32\[2\]/,
    );
  });
  test("an output nobody defined", () => {
    broken({ ...good(), outputs: [newVar(x)] }, /^program, outputs: a variable is used before it is defined/);
  });
  test("a variable defined twice", () => {
    const p = good();
    broken(
      { ...p, equations: [p.equations[0], p.equations[0]], outputs: [] },
      /^program, equation 1 \(b:float32\[2\] = add a a\): a variable is defined once, got variable: b/,
    );
    const [a] = p.inputs;
    broken({ inputs: [a, a], equations: [], outputs: [] }, /^program: a variable is defined once/);
  });
  test("a result that is not what the op makes", () => {
    const a = newVar(x);
    const eq: Equation = { ...double(a), outputs: [newVar(aval([3], "float32"))] };
    broken(
      { inputs: [a], equations: [eq], outputs: [] },
      /equation 0 .*results must have the op's abstract values, got expected: \[float32\[2\]\], seen: \[float32\[3\]\]/,
    );
  });
  test("too few results", () => {
    const a = newVar(x);
    broken(
      { inputs: [a], equations: [{ ...double(a), outputs: [] }], outputs: [] },
      /results must have the op's abstract values/,
    );
  });
  test("operands the op refuses, in the op's own words", () => {
    const [a, b] = [newVar(x), newVar(aval([3], "float32"))];
    const eq = { ...double(a), inputs: [a, b] };
    broken({ inputs: [a, b], equations: [eq], outputs: [] }, /equation 0 .*: add: operands must share one shape/);
  });
  test("a body that is wrong inside, by its path", () => {
    const a = newVar(aval([], "float32"));
    const lost: Program = { inputs: [a], equations: [], outputs: [newVar(aval([], "float32"))] };
    const p = good();
    const scan = equation(core.scan, { body: lost, length: 2, consts: 0, carry: 1, reverse: false }, [
      literal(1, "float32"),
    ]);
    broken(
      { ...p, equations: [...p.equations, scan as unknown as Equation] },
      /^program, equation 2 \(.*scan.*\), body 0, outputs: a variable is used before it is defined/s,
    );
  });
  test("a body that reaches for a variable outside", () => {
    const outer = newVar(x);
    const body: Program = { inputs: [], equations: [double(outer)], outputs: [] };
    const call = equation(core.call, { body, name: "f" }, []) as unknown as Equation;
    broken({ inputs: [outer], equations: [call], outputs: [] }, /body 0, equation 0 .*used before it is defined/s);
  });
  test("literals that are no scalars, keys, or beyond their dtype", () => {
    const out = (l: object) => ({ ...good(), outputs: [l as ReturnType<typeof literal>] });
    broken(out({ kind: "literal", aval: x, value: 1 }), /a literal is a scalar number, got literal: float32\[2\]/);
    broken(out(literal(1, "key")), /a literal is a scalar number/);
    broken(out(literal(0.5, "int32")), /a literal must be a value of its dtype, got value: 0.5, dtype: int32/);
    broken(out(literal(-1, "uint32")), /a literal must be a value of its dtype/);
    broken(out({ ...literal(0, "float32"), value: 0.1 }), /a literal must be a value of its dtype/);
    checkProgram(out(literal(0.1, "float32")));
    checkProgram(out(literal(Number.NaN, "float64")));
  });
});

test("dropping any equation whose result is used breaks a random program", () => {
  fc.assert(
    fc.property(arbitraryProgram(fc, { dtypes }), fc.nat(), (c, k) => {
      const p = c.program;
      const used = new Set([...p.outputs, ...p.equations.flatMap((eq) => eq.inputs)]);
      const needed = p.equations.filter((eq) => eq.outputs.some((v) => used.has(v)));
      fc.pre(needed.length > 0);
      const gone = needed[k % needed.length];
      broken({ ...p, equations: p.equations.filter((eq) => eq !== gone) }, /used before it is defined/);
    }),
  );
});
