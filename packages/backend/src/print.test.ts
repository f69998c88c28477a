import { expect, test } from "vitest";
import { aval, buildProgram, core, literal, printProgram } from "./index";

const x = aval([3], "float32");

test("a program prints as equations in order, with shapes, params and literals", () => {
  const p = buildProgram([x, x], (emit, a, b) => {
    const [s] = emit(core.add, {}, a, b);
    const [total] = emit(core.reduceSum, { axes: [0] }, s);
    return [emit(core.mul, {}, total, literal(-0, "float32"))[0], s, literal(1, "bool")];
  });
  expect(printProgram(p)).toBe(
    [
      "{ in a:float32[3] b:float32[3]",
      "  c:float32[3] = add a b",
      "  d:float32[] = reduceSum[axes=[0]] c",
      "  e:float32[] = mul d -0",
      "  out e c true }",
    ].join("\n"),
  );
});

test("nested programs are indented and go on with the names", () => {
  const body = buildProgram([x, x], (emit, c, e) => [emit(core.add, {}, c, e)[0], c]);
  const p = buildProgram([x, aval([2, 3], "float32")], (emit, c, xs) =>
    emit(core.scan, { body, length: 2, consts: 0, carry: 1, reverse: false }, c, xs),
  );
  expect(printProgram(p)).toBe(
    [
      "{ in a:float32[3] b:float32[2, 3]",
      "  c:float32[3] d:float32[2, 3] = scan[body={ in e:float32[3] f:float32[3]",
      "      g:float32[3] = add e f",
      "      out g e } length=2 consts=0 carry=1 reverse=false] a b",
      "  out c d }",
    ].join("\n"),
  );
});

test("the twenty-seventh variable is aa", () => {
  const p = buildProgram([x], (emit, a) => {
    let s = a;
    for (let k = 0; k < 26; k++) [s] = emit(core.neg, {}, s);
    return [s];
  });
  expect(printProgram(p)).toMatch(/ {2}aa:float32\[3\] = neg z\n {2}out aa \}$/);
});

test("callbacks print by name, records by field", () => {
  const callback = function heard() {};
  const p = buildProgram([x], (emit, a) => emit(core.tap, { callback }, a));
  expect(printProgram(p)).toContain("b:float32[3] = tap[callback=heard] a");
});
