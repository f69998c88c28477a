import { resolve } from "node:path";
import { beforeAll, describe, expect } from "vitest";
import { browserTest, chromiumPath } from "../../../tools/browser";
import { bundleJob, type Job } from "../../../tools/browser/job";

/** Runs a scan of products and a few eager ops, and says what came out or what went wrong. */
const source = `
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
  let job: Job<Result>;
  beforeAll(async () => {
    if (chromiumPath !== undefined) job = await bundleJob(source);
  });
  const under = (policy: string, where: "page" | "worker"): Promise<Result> =>
    job.there({ "content-security-policy": policy }, where);

  browserTest(
    "runs on the page and in a Worker with the numbers of Node, where the policy allows 'wasm-unsafe-eval'",
    async () => {
      const here = await job.here();
      expect(here.sum).toBeGreaterThan(4096);
      for (const where of ["page", "worker"] as const)
        expect(await under("script-src 'self' 'wasm-unsafe-eval'", where)).toEqual(here);
    },
  );

  browserTest("says what the policy lacks, and what to use instead, where it does not", async () => {
    for (const where of ["page", "worker"] as const) {
      const r = await under("script-src 'self'", where);
      expect(r.code).toBe("unavailable");
      expect(r.message).toMatch(/may not compile WebAssembly.*'wasm-unsafe-eval'.*reference backend/);
    }
  });
});
