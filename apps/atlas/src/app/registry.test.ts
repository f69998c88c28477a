import { expect, test } from "vitest";
import { collect, type PageMeta, pages } from "./registry";

const meta = (title: string, order?: number): { default: PageMeta } => ({
  default: { title, summary: "s", formula: "x", spec: ["1.1.1-dot"], order },
});
const load = async () => ({ default: () => null });

test("pages come in the order of the chapters, then of their own, then of their titles", () => {
  const found = collect({
    metas: {
      "../pages/synthesis/b/meta.ts": meta("B"),
      "../pages/synthesis/a/meta.ts": meta("A"),
      "../pages/synthesis/z/meta.ts": meta("Z", -1),
      "../pages/linear-algebra/svd/meta.ts": meta("SVD"),
    },
    pages: Object.fromEntries(
      ["synthesis/a", "synthesis/b", "synthesis/z", "linear-algebra/svd"].map((f) => [`../pages/${f}/page.tsx`, load]),
    ),
    thumbnails: {},
  });
  expect(found.map(({ path }) => path)).toEqual([
    "/linear-algebra/svd",
    "/synthesis/z",
    "/synthesis/a",
    "/synthesis/b",
  ]);
});

test("a folder of no chapter, a page without its meta and a meta without its page are refused by name", () => {
  const none = { metas: {}, pages: {}, thumbnails: {} };
  expect(() => collect({ ...none, metas: { "../pages/algebra/a/meta.ts": meta("A") } })).toThrow(/no chapter algebra/);
  expect(() => collect({ ...none, metas: { "../pages/synthesis/a/meta.ts": meta("A") } })).toThrow(/no page.tsx/);
  expect(() => collect({ ...none, pages: { "../pages/synthesis/a/page.tsx": load } })).toThrow(/no meta.ts/);
});

test("every page names what it realises", () => {
  expect(pages.length).toBeGreaterThan(0);
  for (const { path, meta } of pages) expect(meta.spec.length, path).toBeGreaterThan(0);
});
