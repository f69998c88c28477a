import { bundle, launchChromium, openPage, serve } from "../../tools/browser/index";

const code = await bundle(new URL("./src/conformance.page.ts", import.meta.url).pathname);
const site = await serve({
  files: { "/": `<!doctype html><script type="module" src="/main.js"></script>`, "/main.js": code },
});
const browser = await launchChromium(
  ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"],
  ["--disable-gpu"],
);
try {
  const { page, errors } = await openPage(browser, site.url);
  await page
    .waitForFunction(() => "conformance" in globalThis, undefined, { timeout: 10000 })
    .catch(() => console.log(errors));
  const groups = (await page.evaluate(() => (globalThis as any).conformance.groups)) as string[];
  const filter = process.argv[2] ? new RegExp(process.argv[2]) : /./;
  const t0 = Date.now();
  let bad = 0;
  for (const g of groups.filter((g) => filter.test(g))) {
    const t = Date.now();
    const r = (await Promise.race([
      page.evaluate((g) => (globalThis as any).conformance.group(g), g),
      new Promise((r) => setTimeout(() => r(["TIMEOUT"]), 60000)),
    ])) as string[];
    if (r.length) {
      bad++;
      console.log(`× ${g} (${Date.now() - t} ms) ${r.length}`);
      for (const m of r.slice(0, Number(process.argv[3] ?? 2)))
        console.log("   ", m.split("\n").slice(0, 4).join("\n      ").slice(0, 900));
    }
    if (r[0] === "TIMEOUT") break;
  }
  for (const l of (await page.evaluate(() => (globalThis as any).conformance.laws)) as string[]) {
    if (process.argv[2]) break;
    const e = await page.evaluate((l) => (globalThis as any).conformance.law(l), l);
    if (e) {
      bad++;
      console.log("× law", l, e);
    }
  }
  console.log(
    bad,
    "bad groups",
    Date.now() - t0,
    "ms",
    await page.evaluate(() => (globalThis as any).conformance.statistics()),
    errors.slice(0, 3),
  );
} finally {
  await browser.close();
  await site.close();
}
