import { bundle, launchChromium, openPage, serve } from "../../tools/browser/index";

const code = await bundle(new URL("./dbg.page.ts", import.meta.url).pathname);
const site = await serve({
  files: { "/": `<!doctype html><script type="module" src="/main.js"></script>`, "/main.js": code },
});
const browser = await launchChromium(
  ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"],
  ["--disable-gpu"],
);
try {
  const { page, errors } = await openPage(browser, site.url);
  await page.waitForFunction(() => "dbg" in globalThis, undefined, { timeout: 10000 }).catch(() => console.log(errors));
  const run = (xs: number[], body: string, v: string[]) =>
    page.evaluate(([a, b, c]) => (globalThis as any).dbg(a, b, c), [xs, body, v] as const);

  const { erfc } = await import("../backend/src/reference/special");
  for (let x = 4; x < 9; x += 0.4) {
    const xs = [x, x + 0.1, x + 0.2, x + 0.3].map(Math.fround);
    const r = await run(xs, "return erfc_(x0(o));", ["erfc_"]);
    const g = await run(xs, "return erfTail(x0(o));", ["erfTail"]);
    console.log(
      xs.map((v, i) =>
        [v, ((r[i] / erfc(v) - 1) / 2 ** -23).toFixed(1), ((g[i] / erfc(v) - 1) / 2 ** -23).toFixed(1)].join(" "),
      ),
    );
  }
} finally {
  await browser.close();
  await site.close();
}
