import { resolve } from "node:path";
import { beforeAll, describe, expect } from "vitest";
import { browserTest, chromiumPath } from "../../../../tools/browser";
import { bundleJob, type Job } from "../../../../tools/browser/job";

const from = (path: string): string => JSON.stringify(resolve(import.meta.dirname, path));
/** A product and a softmax-like chain, alone and on three threads. */
const source = `
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
    // on a busy machine the first rounds may be over before another thread wakes
    for (const end = Date.now() + 20000; Date.now() < end && !b.stats().chunksTaken.slice(1).some((n) => n > 0); ) shared = run(b);
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
  let job: Job<Answer>;
  const isolated = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "content-security-policy": "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:",
  };

  beforeAll(async () => {
    if (chromiumPath !== undefined) job = await bundleJob(source);
  });

  browserTest("a Worker of an isolated page shares its work, and gives the same bits", async () => {
    const answer = await job.there(isolated, "worker");
    expect(answer).toMatchObject({ equal: true });
    expect(answer.jobsShared).toBeGreaterThan(0);
    expect(answer.chunksTaken?.slice(1).some((n) => n > 0)).toBe(true);
  });

  browserTest("a page that may not wait, or not share memory, is told what to do", async () => {
    const page = await job.there(isolated, "page");
    expect(page).toMatchObject({ code: "unavailable" });
    expect(page.message).toContain("run the backend in a Worker");
    const open = await job.there({}, "worker");
    expect(open).toMatchObject({ code: "unavailable" });
    expect(open.message).toContain("Cross-Origin-Opener-Policy");
  });
});
