import { BackendError } from "@ansatz/backend";
import type { Heap } from "../memory/heap";
import type { Start } from "./control";
import { Crew } from "./crew";
import { work } from "./worker";

/** Threads for one wasm backend. */
export interface Threads {
  /** Threads that work together, the caller's included. */
  readonly count: number;
  /** @internal */
  attach(heap: Heap): Crew;
  /** Ends the threads; their backend goes on alone. */
  dispose(): void;
}

interface Thread {
  readonly ready: Promise<unknown>;
  post(s: Start): void;
  end(): void;
}

/**
 * Starts threads for a backend to come: `wasmBackend({ threads: await startThreads(4) })`. The memory of that backend is shared by them;
 * large loops and products are divided among them, each element computed by one thread just as it would be by one alone, so that
 * results do not depend on their number, bit for bit. Small work never leaves the caller's thread.
 *
 * The caller waits while others finish: in a browser that is allowed in a Worker only, on a page that is cross-origin isolated
 * (headers `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`), under a policy that lets
 * workers come from `blob:`. In Node threads are `worker_threads`, and the process may end while they sleep.
 *
 * @param count threads that work, the caller's included: an integer from 1 to 256; cores of the machine is a good choice
 * @throws {BackendError} "unavailable" where memory cannot be shared, or where the caller may not wait
 * @example
 * import { wasmBackend } from "@ansatz/backend-wasm";
 * import { startThreads } from "@ansatz/backend-wasm/threads";
 * const backend = wasmBackend({ threads: await startThreads(2) });
 */
export const startThreads = async (count: number): Promise<Threads> => {
  if (!Number.isInteger(count) || count < 1 || count > 256)
    throw new BackendError("startThreads", "takes an integer from 1 to 256", { count });
  refuseWhereUnavailable();
  const start = starter();
  const threads = Array.from({ length: count - 1 }, start);
  await Promise.all(threads.map((t) => t.ready));
  let attached = false;
  return {
    count,
    attach(heap) {
      if (attached)
        throw new BackendError(
          "wasm",
          "these threads serve another backend",
          undefined,
          "start threads for each backend",
        );
      attached = true;
      return new Crew(heap, count, (to) => threads.forEach((t, i) => t.post(to(i))));
    },
    dispose: () => {
      for (const t of threads) t.end();
    },
  };
};

const refuseWhereUnavailable = (): void => {
  const refuse = (law: string, advice: string): never => {
    throw new BackendError("startThreads", law, undefined, advice, "unavailable");
  };
  const { crossOriginIsolated, document } = globalThis as { crossOriginIsolated?: boolean; document?: unknown };
  if (typeof SharedArrayBuffer === "undefined" || crossOriginIsolated === false)
    refuse(
      "this page may not share memory between threads",
      'serve it with the headers "Cross-Origin-Opener-Policy: same-origin" and "Cross-Origin-Embedder-Policy: require-corp"',
    );
  if (document !== undefined) refuse("a page may not wait for threads", "run the backend in a Worker");
};

/** The thread's program as text; `__name` is what some compilers wrap around functions to keep their names. */
const source = (listen: string): string => `const __name = (f) => f; (${work.toString()})(${listen});`;

const starter = (): (() => Thread) => {
  if (typeof process === "object" && process.versions?.node) {
    const { Worker } = process.getBuiltinModule("node:worker_threads"); // no import, which bundlers would follow
    const text = source(
      `(start) => { const { parentPort } = require("node:worker_threads"); parentPort.once("message", start); parentPort.postMessage("ready"); }`,
    );
    return () => {
      const w = new Worker(text, { eval: true });
      const ready = new Promise((done, fail) => w.once("message", done).once("error", fail));
      return { ready: ready.finally(() => w.unref()), post: (s) => w.postMessage(s), end: () => void w.terminate() };
    };
  }
  // Browsers keep messages to a thread back until they have heard, between two tasks of ours, that its script was run. A thread that has
  // answered one gets those that follow at once, however long we work without a pause.
  const text = source(
    `(start) => { onmessage = () => { onmessage = ({ data }) => start(data); postMessage("ready"); }; }`,
  );
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  return () => {
    const w = new Worker(url);
    const ready = new Promise((done, fail) => {
      w.onmessage = done;
      w.onerror = ({ message }) =>
        fail(new BackendError("startThreads", "a thread did not start", { reason: message }));
    });
    w.postMessage(0);
    return { ready, post: (s) => w.postMessage(s), end: () => w.terminate() };
  };
};
