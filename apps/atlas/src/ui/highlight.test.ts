import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { highlight } from "./highlight";

const own = readFileSync(new URL("./highlight.ts", import.meta.url), "utf8");

test("the pieces joined are the source", () => {
  const joined = highlight(own)
    .map(({ text }) => text)
    .join("");
  expect(joined).toBe(own);
});

test("comments, strings, numbers, keywords, types and calls are told apart", () => {
  const kinds = highlight(`const x: Tensor = exp(1.5e-3, "a // b"); // said`).filter(({ kind }) => kind !== "plain");
  expect(kinds).toEqual([
    { kind: "keyword", text: "const" },
    { kind: "type", text: "Tensor" },
    { kind: "call", text: "exp" },
    { kind: "number", text: "1.5e-3" },
    { kind: "string", text: `"a // b"` },
    { kind: "comment", text: "// said" },
  ]);
});

test("a member named like a keyword is no keyword", () => {
  expect(highlight("a.delete(b)").map(({ kind }) => kind)).toEqual(["plain", "call", "plain"]);
});
