import { transform } from "esbuild";
import { expect, test } from "vitest";
import { markPure } from "../build/pure";

const source = `
const table = [1, 2];
const made = make({ inner: also(table) });
const worked = [...table, Math.PI * 2];
const later = () => effect(table[0] + 1);
let counted = start();
export const kept = worked;
`;

test("calls in initialisers of constants are marked, in bodies and elsewhere they are not", () => {
  const marked = markPure(source);
  expect(marked).toContain("const made = /* @__PURE__ */ make({ inner: /* @__PURE__ */ also(table) });");
  expect(marked).toContain("const later = () => effect(table[0] + 1);");
  expect(marked).toContain("let counted = start();");
});

test("a bundler drops what is marked and not read, and unwraps what is read", async () => {
  const { code } = await transform(markPure(source.replace("let counted = start();", "")), {
    minify: true,
    format: "esm",
    treeShaking: true,
  });
  expect(code).not.toMatch(/make|also|effect/);
  expect(code).toMatch(/\[\.\.\.\w+,Math\.PI\*2\]/);
  const unread = await transform(markPure("const a = [1]; const b = [...a, 2 ** 21];"), {
    minify: true,
    format: "esm",
    treeShaking: true,
  });
  expect(unread.code.trim()).toBe("");
});
