import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { browserTest, bundle, launchWithWebGL, openPage, serve } from "../../browser/index";
import type { LoopCosts } from "./loops";

browserTest("loops cost what docs/backends.md says on WebGL (vitest -u writes it)", async () => {
  const html = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/main.js"></script>`;
  const main = await bundle(fileURLToPath(new URL("./loops.page.ts", import.meta.url)));
  const site = await serve({ files: { "/": html, "/main.js": main } });
  const browser = await launchWithWebGL();
  try {
    const { page, errors } = await openPage(browser, site.url);
    const costs = await page.evaluate(() =>
      (globalThis as unknown as { loops: () => Promise<{ [device: string]: LoopCosts }> }).loops(),
    );
    await expect(`${JSON.stringify(costs, null, 2)}\n`).toMatchFileSnapshot("../loops-on-webgl.json");
    for (const device of Object.values(costs))
      for (const [name, c] of Object.entries(device)) {
        expect(c.warnings, name).toBe(Number(name.includes("sort")));
        expect(c.fallbacks, name).toBe(name.includes("sort") ? 100 : 0);
        if (name.includes("1,000")) expect(c.reads, name).toBe(0);
      }
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
    await site.close();
  }
});
