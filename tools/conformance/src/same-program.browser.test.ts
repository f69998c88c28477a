import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { browserTest, bundle, launchWithWebGL, openPage, serve } from "../../browser/index";
import { differences, type Results } from "./same-program";
import type { Name } from "./same-program.page";

browserTest("one program gives the same numbers on wasm, gpu.js and TensorFlow.js in Chromium", async () => {
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
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
    await site.close();
  }
});
