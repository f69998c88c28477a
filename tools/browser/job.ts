// One job in three places: in Node, on a page and in a module Worker.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle, launchChromium, openPage, serve } from "./index";

export interface Job<T> {
  here(): Promise<T>;
  /** What the page and its Worker answer when served with these headers. */
  there(headers: Record<string, string>, where: "page" | "worker"): Promise<T>;
}

/** Bundles a module, given as text, that exports an asynchronous function `job` of no arguments whose answer can be cloned. */
export async function bundleJob<T>(source: string): Promise<Job<T>> {
  const folder = mkdtempSync(join(tmpdir(), "job-"));
  try {
    const bundled = async (name: string, text: string): Promise<string> => {
      writeFileSync(join(folder, name), text);
      return bundle(join(folder, name));
    };
    writeFileSync(join(folder, "job.js"), source);
    const files = {
      "/": `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>`,
      "/page.js": await bundled("page.js", `import { job } from "./job.js"; window.job = job;`),
      "/worker.js": await bundled(
        "worker.js",
        `import { job } from "./job.js"; onmessage = async () => postMessage(await job());`,
      ),
    };
    const node = await bundle(join(folder, "job.js"));
    return {
      here: async () => (await import(`data:text/javascript,${encodeURIComponent(node)}`)).job(),
      there: async (headers, where) => {
        const site = await serve({ files, headers });
        const browser = await launchChromium();
        try {
          const { page } = await openPage(browser, site.url);
          return await page.evaluate(
            (at) =>
              at === "page"
                ? (window as unknown as { job(): Promise<T> }).job()
                : new Promise<T>((done) => {
                    const w = new Worker("/worker.js", { type: "module" });
                    w.onmessage = (m) => done(m.data);
                    w.postMessage(0);
                  }),
            where,
          );
        } finally {
          await browser.close();
          await site.close();
        }
      },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
