import { expect, test } from "vitest";
import { parseFormula } from "./formula";
import { formulaNames, formulaTex } from "./formula-tex";

const tex = (text: string): string => formulaTex(parseFormula(text, ["x", "y", "x1", "x2"]));

test("a formula names its variables once, in order", () => {
  expect(formulaNames(parseFormula("y sin(x) + x^y - 2", ["x", "y"]))).toEqual(["y", "x"]);
});
test("is set in TeX with the parentheses it needs and no others", () => {
  expect(tex("sin(x1 + x2)/x1 - 2x2^2")).toBe(String.raw`\frac{\sin\left(x_{1} + x_{2}\right)}{x_{1}} - 2\,x_{2}^{2}`);
  expect(tex("(x+1)*2*exp(-x)")).toBe(String.raw`\left(x + 1\right) \cdot 2\,e^{-x}`);
  expect(tex("x - (y - 1) - (-x)")).toBe(String.raw`x - \left(y - 1\right) - \left(-x\right)`);
  expect(tex("(x + y)^2 (-y)")).toBe(String.raw`\left(x + y\right)^{2}\,\left(-y\right)`);
  expect(tex("(x/y)^2 + atan(x) sigmoid(pi)")).toBe(
    String.raw`\left(\frac{x}{y}\right)^{2} + \arctan\left(x\right)\,\operatorname{sigmoid}\left(\pi\right)`,
  );
});
