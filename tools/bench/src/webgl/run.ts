import { fileURLToPath } from "node:url";
import { bundle, chromiumPath, launchWithWebGL, openPage, serve } from "../../../browser/index";
import type { RowResult, Timing } from "../harness";
import type { BenchPage } from "./page";

type Global = { bench: BenchPage };

/** Measures the WebGL rows whose names match, in Chromium; `report` hears each. Without Chromium there are none. */
export const measureWebgl = async (
  only: RegExp,
  timing: Timing,
  report: (r: RowResult) => void,
): Promise<RowResult[]> => {
  if (chromiumPath === undefined) return [];
  const main = await bundle(fileURLToPath(new URL("./page.ts", import.meta.url)));
  const html = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/main.js"></script>`;
  const site = await serve({ files: { "/": html, "/main.js": main } });
  const browser = await launchWithWebGL();
  const results: RowResult[] = [];
  try {
    const { page } = await openPage(browser, site.url);
    const names = await page.evaluate(() => (globalThis as unknown as Global).bench.names);
    for (const name of names.filter((n) => only.test(n))) {
      const result = await page.evaluate(([n, t]) => (globalThis as unknown as Global).bench.measure(n, t), [
        name,
        timing,
      ] as const);
      results.push(result);
      report(result);
    }
  } finally {
    await browser.close();
    await site.close();
  }
  return results;
};
