import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build, defaultClientConditions } from "vite";
import { expect } from "vitest";
import { browserTest, launchChromium, openPage, serve } from "../../../tools/browser";
import { digitArrays } from "./digits";

browserTest("a page bundled by Vite carries the digits along and reads the same ones as Node", async () => {
  const root = mkdtempSync(join(tmpdir(), "digits-page-"));
  const source = resolve(import.meta.dirname, "digits.ts");
  writeFileSync(
    join(root, "index.html"),
    `<link rel="icon" href="data:,"><script type="module" src="./main.js"></script>`,
  );
  writeFileSync(
    join(root, "main.js"),
    `import { digitArrays } from ${JSON.stringify(source)};
     window.load = async (options) => {
       const { count, images, labels } = await digitArrays(options);
       let weighted = 0;
       images.forEach((v, i) => { weighted += v * (1 + (i % 1009)); });
       return { count, weighted, labels: Array.from(labels) };
     };`,
  );
  await build({
    root,
    base: "./",
    logLevel: "silent",
    resolve: { conditions: ["@ansatz/source", ...defaultClientConditions] },
    build: { target: "es2022" },
  });
  expect(readdirSync(join(root, "dist/assets")).some((name) => /^digits-.*\.npz$/.test(name))).toBe(true);
  const site = await serve({ folder: join(root, "dist") });
  const browser = await launchChromium();
  try {
    const { page, errors } = await openPage(browser, `${site.url}/`);
    for (const options of [{ split: "test" }, { size: 14, count: 700 }] as const) {
      const there = await page.evaluate(
        (o) => (window as unknown as { load(o: unknown): Promise<unknown> }).load(o),
        options,
      );
      const here = await digitArrays(options);
      let weighted = 0;
      here.images.forEach((v, i) => {
        weighted += v * (1 + (i % 1009));
      });
      expect(there).toEqual({ count: here.count, weighted, labels: Array.from(here.labels) });
    }
    const refused = await page.evaluate(() =>
      (window as unknown as { load(o: unknown): Promise<unknown> })
        .load({ source: "/no/digits.npz" })
        .catch((e: Error) => e.message),
    );
    expect(refused).toMatch(/the server refused, got url: .*\/no\/digits\.npz, status: 404; .*\{ source \}/);
    expect(errors.filter((e) => !/404/.test(e))).toEqual([]);
  } finally {
    await browser.close();
    await site.close();
    rmSync(root, { recursive: true });
  }
});
