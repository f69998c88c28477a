import { expect, test } from "vitest";
import { codeBlocks, docExamples, freeNames } from "./extract";

test("only the ts blocks of a Markdown text are code to run", () => {
  const text = "a\n```ts\nrun(1);\n```\n```sh\nno\n```\n```ts no-run\nno\n```\n````md\n```ts\nno\n```\n````\n";
  expect(codeBlocks(text)).toEqual([{ code: "run(1);", line: 3 }]);
});

test("an @example is found as plain text and as a fenced block, up to the next tag", () => {
  const source = [
    "/**",
    " * What it does.",
    " * @example const x = f(1);",
    " *   g(x);",
    " * @returns nothing",
    " * @example",
    " * ```ts",
    " * h(2);",
    " * ```",
    " */",
    "export const f = 1;",
    "/** @example k(3); */",
  ].join("\n");
  expect(docExamples(source)).toEqual([
    { code: "const x = f(1);\n  g(x);", line: 3 },
    { code: "h(2);", line: 8 },
    { code: "k(3);", line: 12 },
  ]);
});

test("free names are those used and not declared", () => {
  const code = `import { a } from "m"; const { b, c: d } = f({ g: a, h }); const k = (x: T) => x.y + b; k(d);`;
  expect(freeNames(code).sort()).toEqual(["f", "h"]);
});
