import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { browserTest, bundle, chromiumPath, launchChromium, openPage, serve } from "../../../../tools/browser";

const from = (path: string): string => JSON.stringify(resolve(import.meta.dirname, path));
/** A product and a softmax-like chain, alone and on three threads. */
const job = `
import { aval, buildProgram, core } from ${from("../../../backend/src/index.ts")};
import { wasmBackend } from ${from("../index.ts")};
import { allLowerings } from ${from("../lowerings.ts")};
import { startThreads } from ${from("./index.ts")};

const a = aval([400, 400], "float32");
const dot = { lhsContract: [1], rhsContract: [0], lhsBatch: [], rhsBatch: [] };
const program = buildProgram([a, a], (emit, x, y) => emit(core.tanh, {}, emit(core.dotGeneral, dot, x, y)[0]));
const run = (b) => {
  const x = b.upload(Float32Array.from({ length: 160000 }, (_, i) => ((i * 7919) % 10007) / 5003.5 - 1), a);
  const [z] = b.compile(program).run([x, x]);
  return b.readSync(z);
};
export const job = async () => {
  try {
    const alone = run(wasmBackend({ lowerings: allLowerings }));
    const threads = await startThreads(3);
    const b = wasmBackend({ lowerings: allLowerings, threads });
    let shared = run(b);
    for (let turn = 0; turn < 30 && !b.stats().chunksTaken.slice(1).some((n) => n > 0); turn++) shared = run(b);
    const { jobsShared, chunksTaken } = b.stats();
    return { equal: shared.every((v, i) => Object.is(v, alone[i])), jobsShared, chunksTaken };
  } catch (e) {
    return { code: e.code, message: String(e.message) };
  }
};
`;

interface Answer {
  equal?: boolean;
  jobsShared?: number;
  chunksTaken?: number[];
  code?: string;
  message?: string;
}

describe("threads in a browser", () => {
  let folder = "";
  let files: Record<string, string> = {};
  const isolated = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "content-security-policy": "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:",
  };

  beforeAll(async () => {
    if (chromiumPath === undefined) return;
    folder = mkdtempSync(join(tmpdir(), "wasm-threads-"));
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
  });
  afterAll(() => {
    if (folder) rmSync(folder, { recursive: true });
  });

  const ask = async (headers: Record<string, string>, where: "page" | "worker"): Promise<Answer> => {
    const site = await serve({ files, headers });
    const browser = await launchChromium();
    try {
      const { page } = await openPage(browser, site.url);
      if (where === "page") return await page.evaluate(() => (window as unknown as { job(): Promise<Answer> }).job());
      return await page.evaluate(
        () =>
          new Promise<Answer>((done) => {
            const w = new Worker("/worker.js", { type: "module" });
            w.onmessage = (m) => done(m.data);
            w.postMessage(0);
          }),
      );
    } finally {
      await browser.close();
      await site.close();
    }
  };

  browserTest("a Worker of an isolated page shares its work, and gives the same bits", async () => {
    const answer = await ask(isolated, "worker");
    expect(answer).toMatchObject({ equal: true });
    expect(answer.jobsShared).toBeGreaterThan(0);
    expect(answer.chunksTaken?.slice(1).some((n) => n > 0)).toBe(true);
  });

  browserTest("a page that may not wait, or not share memory, is told what to do", async () => {
    const page = await ask(isolated, "page");
    expect(page).toMatchObject({ code: "unavailable" });
    expect(page.message).toContain("run the backend in a Worker");
    const open = await ask({}, "worker");
    expect(open).toMatchObject({ code: "unavailable" });
    expect(open.message).toContain("Cross-Origin-Opener-Policy");
  });
});
