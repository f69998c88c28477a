import util from "node:util";
import { BackendError } from "@ansatz/backend";
import { type TfjsBackend, type TfjsOptions, tfjsBackend } from "./backend";
import type { Tf } from "./tf";

/** One package that was tried, in the order of preference. */
export interface Attempt {
  readonly package: string;
  readonly ok: boolean;
  /** What runs, or why this does not, in a sentence. */
  readonly reason: string;
}

export interface LoadedTf {
  readonly tf: Tf;
  /** "tensorflow on CUDA", "tensorflow on the CPU", "wasm", "cpu" */
  readonly engine: string;
  readonly attempts: readonly Attempt[];
}

export interface LoadOptions {
  /** Packages to try, best first. */
  readonly packages?: readonly string[];
  /** How a package is imported; a bundler or a test may have its own way. */
  readonly load?: (name: string) => Promise<unknown>;
}

export const packages = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node", "@tensorflow/tfjs"] as const;

/** Node 23 took these two out of `util`; tfjs-node 4.22 still calls them. */
export const shimUtil = (target: { isNullOrUndefined?: unknown; isArray?: unknown } = util as never): void => {
  target.isNullOrUndefined ??= (x: unknown): boolean => x === null || x === undefined;
  target.isArray ??= Array.isArray;
};

/** A failed import in words: what is missing, and what would help. */
export const explainFailure = (name: string, error: unknown): string => {
  const e = error as { code?: string; message?: string };
  const text = String(e?.message ?? error);
  const line = text.split("\n")[0].trim();
  if ((e?.code === "ERR_MODULE_NOT_FOUND" || e?.code === "MODULE_NOT_FOUND") && text.includes(`'${name}'`))
    return `not installed (npm install ${name})`;
  if (/native addon|tfjs_binding/.test(text))
    return `its native addon is missing, since install scripts did not run (npm rebuild ${name}; needs the network)`;
  if (/libcud|cudart|cudnn|CUDA/.test(text))
    return `CUDA is missing: it needs an NVIDIA driver, CUDA 11.2 and cuDNN 8.1 (${line})`;
  if (/libtensorflow|GLIBC|\.so|\.dll|\.dylib/i.test(text)) return `libtensorflow could not be loaded (${line})`;
  if (/isNullOrUndefined|isArray|is not a function/.test(text))
    return `it does not run on Node ${process.versions.node} (${line})`;
  return line;
};

/** A half-loaded package leaves its kernels registered, and the next one says so 150 times. */
const quietly = async <T>(action: () => Promise<T>): Promise<T> => {
  const { warn } = console;
  console.warn = (...args: unknown[]) => {
    if (!/already registered/.test(String(args[0]))) warn(...args);
  };
  try {
    return await action();
  } finally {
    console.warn = warn;
  }
};

type Native = { isGPUPackage?: boolean; isUsingGpuDevice?: boolean };

const describe = (tf: Tf): string => {
  const engine = tf.getBackend();
  if (engine !== "tensorflow") return engine;
  return (tf.backend() as unknown as Native).isUsingGpuDevice ? "tensorflow on CUDA" : "tensorflow on the CPU";
};

const hint = (name: string, engine: string): string =>
  name.endsWith("-gpu") && engine === "tensorflow on the CPU"
    ? "runs on the CPU: TensorFlow found no CUDA device (it needs an NVIDIA driver, CUDA 11.2 and cuDNN 8.1)"
    : `runs (${engine})`;

/**
 * Imports the best TensorFlow.js there is: tfjs-node-gpu, tfjs-node, tfjs (on its wasm engine where that package is installed).
 * All are optional; `attempts` says why the better ones do not run.
 * @throws {BackendError} "unavailable" if none can be loaded; the message lists every attempt
 */
export const loadTf = async (options: LoadOptions = {}): Promise<LoadedTf> => {
  const load = options.load ?? ((name: string) => import(/* @vite-ignore */ name));
  const attempts: Attempt[] = [];
  shimUtil();
  for (const name of options.packages ?? packages) {
    try {
      const module = (await quietly(() => load(name))) as Tf & { default?: Tf };
      const tf = typeof module.getBackend === "function" ? module : (module.default as Tf);
      await tf.ready();
      if (tf.getBackend() === "cpu") await preferWasm(tf, load);
      const engine = describe(tf);
      attempts.push({ package: name, ok: true, reason: hint(name, engine) });
      return { tf, engine, attempts };
    } catch (error) {
      attempts.push({ package: name, ok: false, reason: explainFailure(name, error) });
    }
  }
  throw new BackendError(
    "loadTf",
    `no TensorFlow.js can be loaded:\n${explainAttempts(attempts)}`,
    undefined,
    "npm install @tensorflow/tfjs-node-gpu (CUDA), @tensorflow/tfjs-node (CPU) or @tensorflow/tfjs",
    "unavailable",
  );
};

const preferWasm = async (tf: Tf, load: (name: string) => Promise<unknown>): Promise<void> => {
  try {
    await load("@tensorflow/tfjs-backend-wasm");
    if (!(await tf.setBackend("wasm"))) await tf.setBackend("cpu");
  } catch {
    // an optional package: the plain engine serves
  }
};

export const explainAttempts = (attempts: readonly Attempt[]): string =>
  attempts.map((a) => `${a.package}: ${a.reason}`).join("\n");

/** The best TensorFlow.js there is, as a backend. */
export const tfjsNodeBackend = async (
  options: TfjsOptions & LoadOptions,
): Promise<TfjsBackend & { readonly attempts: readonly Attempt[] }> => {
  const { tf, attempts } = await loadTf(options);
  return Object.assign(tfjsBackend(tf, options), { attempts });
};
