import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryProgram } from "./conformance";
import {
  aval,
  buildProgram,
  checkProgram,
  core,
  dtypes,
  lower,
  type Op,
  type Program,
  printProgram,
  subprograms,
} from "./index";
import { evaluate } from "./reference";

const x = aval([3], "float64");
const square: Op = {
  name: "square",
  core: false,
  abstract: ([a]) => [a],
  compose: ([a]) => buildProgram([a], (emit, q) => emit(core.mul, {}, q, q)),
};
const quartic: Op = {
  ...square,
  name: "quartic",
  compose: ([a]) => buildProgram([a], (emit, q) => emit(square, {}, emit(square, {}, q)[0])),
};
const names = (p: Program): string[] =>
  p.equations.flatMap((eq) => [eq.op.name, ...subprograms(eq.params).flatMap(names)]);

describe("lower", () => {
  test("replaces extension ops by their bodies, however deep, and inlines calls", () => {
    const body = buildProgram([x], (emit, a) => emit(quartic, {}, a));
    const p = buildProgram([x], (emit, a) =>
      emit(core.call, { body, name: "f" }, emit(core.call, { body, name: "f" }, a)[0]),
    );
    const low = lower(p, () => false);
    expect(names(low)).toEqual(["mul", "mul", "mul", "mul"]);
    checkProgram(low);
  });
  test("keeps what the backend has kernels for, and what only the host can do", () => {
    const onHost: Op = { name: "onHost", core: false, abstract: ([a]) => [a], host: ([a]) => [a.data.slice()] };
    const p = buildProgram([x], (emit, a) => emit(onHost, {}, emit(quartic, {}, a)[0]));
    expect(names(lower(p, (op) => op.name === "square"))).toEqual(["square", "square", "onHost"]);
  });
  test("reaches into bodies of control flow", () => {
    const body = buildProgram([x], (emit, a) => emit(square, {}, a));
    const p = buildProgram([x], (emit, a) =>
      emit(core.scan, { body, length: 2, consts: 0, carry: 1, reverse: false }, a),
    );
    expect(names(lower(p, () => false))).toEqual(["scan", "mul"]);
  });
  test("an op that has no way to be run is named", () => {
    const empty: Op = { name: "nothing", core: false, abstract: ([a]) => [a] };
    expect(() =>
      lower(
        buildProgram([x], (emit, a) => emit(empty, {}, a)),
        () => false,
      ),
    ).toThrow(/nothing has neither compose nor host/);
  });
  test("leaves the meaning of random programs as it is", () => {
    fc.assert(
      fc.property(arbitraryProgram(fc, { dtypes }), (c) => {
        const low = lower(c.program, () => false);
        checkProgram(low);
        expect(printProgram(low)).not.toMatch(/ = (call|magnitude)\b/);
        expect(evaluate(low, c.inputs)).toEqual(evaluate(c.program, c.inputs));
      }),
    );
  });
});
