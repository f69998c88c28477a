import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { browserTest, bundle, launchWithWebGL, openPage, serve } from "../../browser/index";
import { differences, type Results } from "./same-program";
import type { Moves, Name } from "./same-program.page";

browserTest(
  "one program gives the same numbers on wasm, gpu.js and TensorFlow.js in Chromium; trees move between them unchanged",
  async () => {
    const html = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/main.js"></script>`;
    const main = await bundle(fileURLToPath(new URL("./same-program.page.ts", import.meta.url)));
    const site = await serve({ files: { "/": html, "/main.js": main } });
    const browser = await launchWithWebGL();
    try {
      const { page, errors } = await openPage(browser, site.url);
      const run = (name: Name): Promise<Results> =>
        page.evaluate(
          (n) => (globalThis as unknown as { sameProgram: (x: string) => Promise<Results> }).sameProgram(n),
          name,
        );
      const expected = await run("wasm");
      expect(differences(await run("gpujs"), expected)).toEqual([]);
      expect(differences(await run("tfjs-webgl"), expected)).toEqual([]);
      const moved = await page.evaluate(() => (globalThis as unknown as { moves: () => Promise<Moves> }).moves());
      expect(moved.changed).toEqual([]);
      expect(moved.sums).toEqual(moved.doubled);
      expect(moved.refusals).toHaveLength(4);
      for (const message of moved.refusals) expect(message).toMatch(/float64.*wasm/);
      expect(errors).toEqual([]);
    } finally {
      await browser.close();
      await site.close();
    }
  },
);
