import { expect, test } from "vitest";
import { blemishes } from "./hygiene";

test("a machine's path is named by its line, a URL's path is not one", () => {
  const path = ["", "home", "someone", "x"].join("/");
  expect(blemishes("a.md", `fine\nsee ${path}\n`)).toEqual(["a.md:2: an absolute path of somebody's machine"]);
  expect(blemishes("a.md", `https://example.org${path} src${path}\n`)).toEqual([]);
});

test("a registry address is refused", () => {
  expect(blemishes("a.yaml", `tarball: https://registry.${"npmjs"}.org/x`)).toHaveLength(1);
});

test("a focused test and an endless file are refused", () => {
  expect(blemishes("a.test.ts", `test.${"only"}("x", f)`)).toHaveLength(1);
  expect(blemishes("a.ts", "x\n".repeat(701))).toHaveLength(1);
  expect(blemishes("a.ts", "x\n".repeat(700))).toEqual([]);
});
