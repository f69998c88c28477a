import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { browserTest, bundle, chromiumPath, launchChromium, openPage, serve } from "../../../tools/browser";

/** Runs a scan of products and a few eager ops, and says what came out or what went wrong. */
const job = `
import { aval, buildProgram, core, singleton } from ${JSON.stringify(resolve(import.meta.dirname, "../../backend/src/index.ts"))};
import { wasmBackend } from ${JSON.stringify(resolve(import.meta.dirname, "index.ts"))};
import { allLowerings } from ${JSON.stringify(resolve(import.meta.dirname, "lowerings.ts"))};

export const job = async () => {
  try {
    const b = wasmBackend({ lowerings: allLowerings });
    const a = aval([64, 64], "float64");
    const m = b.upload(Float64Array.from({ length: 4096 }, (_, i) => (i % 65 === 0 ? 0.5 : 0.001)), a);
    const dot = { lhsContract: [1], rhsContract: [0], lhsBatch: [], rhsBatch: [] };
    const body = buildProgram([a, a], (emit, w, c) => emit(core.tanh, {}, emit(core.dotGeneral, dot, c, w)[0]));
    const p = buildProgram([a, a], (emit, w, c) => emit(core.scan, { body, length: 5, consts: 1, carry: 1, reverse: false }, w, c));
    const exe = await b.prepare(p);
    const [y] = exe.run([m, m]);
    const [e] = b.compile(singleton(core.exp, {}, [a])).run([y]);
    return { sum: b.readSync(e).reduce((s, v) => s + v, 0), modules: b.stats().modulesMade };
  } catch (e) {
    return { code: e.code, message: String(e.message) };
  }
};
`;

type Result = { sum?: number; modules?: number; code?: string; message?: string };

describe("the wasm backend in a browser", () => {
  let folder = "";
  let files: Record<string, string> = {};
  let here: Result = {};

  beforeAll(async () => {
    if (chromiumPath === undefined) return;
    folder = mkdtempSync(join(tmpdir(), "wasm-page-"));
    writeFileSync(join(folder, "job.js"), job);
    writeFileSync(join(folder, "page.js"), `import { job } from "./job.js"; window.job = job;`);
    writeFileSync(
      join(folder, "worker.js"),
      `import { job } from "./job.js"; onmessage = async () => postMessage(await job());`,
    );
    files = {
      "/": `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>`,
      "/page.js": await bundle(join(folder, "page.js")),
      "/worker.js": await bundle(join(folder, "worker.js")),
    };
    const node = join(folder, "node.mjs");
    writeFileSync(node, files["/page.js"].replace("window.job", "globalThis.job"));
    await import(/* @vite-ignore */ node);
    here = await (globalThis as unknown as { job(): Promise<Result> }).job();
  });
  afterAll(() => {
    if (folder) rmSync(folder, { recursive: true });
  });

  /** What the page and its Worker answer under a policy. */
  const ask = async (policy: string): Promise<{ page: Result; worker: Result }> => {
    const site = await serve({ files, headers: { "content-security-policy": policy } });
    const browser = await launchChromium();
    try {
      const { page } = await openPage(browser, site.url);
      return {
        page: await page.evaluate(() => (window as unknown as { job(): Promise<Result> }).job()),
        worker: await page.evaluate(
          () =>
            new Promise<Result>((done) => {
              const w = new Worker("/worker.js", { type: "module" });
              w.onmessage = (m) => done(m.data);
              w.postMessage(0);
            }),
        ),
      };
    } finally {
      await browser.close();
      await site.close();
    }
  };

  browserTest(
    "runs on the page and in a Worker with the numbers of Node, where the policy allows 'wasm-unsafe-eval'",
    async () => {
      const { page, worker } = await ask("script-src 'self' 'wasm-unsafe-eval'");
      expect(here.sum).toBeGreaterThan(4096);
      expect(page).toEqual(here);
      expect(worker).toEqual(here);
    },
  );

  browserTest("says what the policy lacks, and what to use instead, where it does not", async () => {
    const { page, worker } = await ask("script-src 'self'");
    for (const r of [page, worker]) {
      expect(r.code).toBe("unavailable");
      expect(r.message).toMatch(/may not compile WebAssembly.*'wasm-unsafe-eval'.*reference backend/);
    }
  });
});
