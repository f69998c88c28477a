import { expect } from "vitest";
import { browserTest, launchChromium, openPage, serve } from "./index";

const page = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/main.js"></script>`;

browserTest("a served page runs, under the policy it is served with", async () => {
  const site = await serve({
    files: { "/": page, "/main.js": `try { Function("1")(); window.ran = true } catch (e) { window.ran = e.name }` },
    headers: { "content-security-policy": "script-src 'self'" },
  });
  const browser = await launchChromium();
  try {
    const { page } = await openPage(browser, site.url);
    expect(await page.evaluate(() => (window as unknown as { ran: unknown }).ran)).toBe("EvalError");
  } finally {
    await browser.close();
    await site.close();
  }
});
