import { formulaSweeps } from "@ansatz/experiments";
import { expect, test } from "vitest";
import { readable } from "./lines";

test("lines read as in the text, with numbers, and edges lead to what is made of them", () => {
  const { lines, edges } = readable(formulaSweeps("sin(x1 + x2)/x1 - 0.5 x2", { x1: 1, x2: 2 }));
  expect(lines.map(({ name, text }) => `${name} = ${text}`)).toEqual([
    "w₁ = x1",
    "w₂ = x2",
    "w₃ = w₁ + w₂",
    "w₄ = sin(w₃)",
    "w₅ = w₄ / w₁",
    "w₆ = 0.5 · w₂",
    "w₇ = w₅ − w₆",
  ]);
  expect(edges.map(({ from, to }) => from + to).sort()).toEqual(
    ["w₁w₃", "w₂w₃", "w₃w₄", "w₄w₅", "w₁w₅", "w₂w₆", "w₅w₇", "w₆w₇"].sort(),
  );
  expect(edges.find(({ from, to }) => from + to === "w₁w₅")?.partial).toBeCloseTo(-Math.sin(3), 14);
});
