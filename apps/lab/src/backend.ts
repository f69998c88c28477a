import type { Backend } from "@ansatz/backend";
import { wasmBackend } from "@ansatz/backend-wasm";
import { LabError } from "./errors";

/** What computes a run: its name on the command line, and the engine that name led to here. Equal ones give equal bits. */
export interface BackendId {
  readonly name: string;
  readonly engine: string;
}

export interface OpenBackend {
  /** undefined: the built-in one. */
  readonly id?: BackendId;
  readonly backend: Backend;
  /** The built-in one, which has float64. */
  readonly exact: Backend;
  /** What was found, and why better ones do not run, line by line. */
  readonly found: readonly string[];
}

/** The packages that may serve a name, best first. */
const packages: { readonly [name: string]: readonly string[] } = {
  "tfjs-node-gpu": ["@tensorflow/tfjs-node-gpu"],
  "tfjs-node": ["@tensorflow/tfjs-node"],
  tfjs: ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node", "@tensorflow/tfjs"],
};

export const backendNames: readonly string[] = ["wasm", ...Object.keys(packages)];

/** The backend of a name. `tfjs` is the best TensorFlow.js there is; the longer names are that package and no other. */
export const openBackend = async (name: string): Promise<OpenBackend> => {
  const exact = wasmBackend();
  if (name === "wasm") return { backend: exact, exact, found: [] };
  if (!Object.hasOwn(packages, name))
    throw new LabError("usage", `there is no backend called ${name}; there is ${backendNames.join(", ")}`);
  const { explainAttempts, loadTf } = await import("@ansatz/backend-tfjs/node");
  const { tfjsBackend } = await import("@ansatz/backend-tfjs");
  const { tf, engine, attempts } = await loadTf({ packages: packages[name] }).catch((error: unknown) => {
    throw new LabError("usage", `--backend ${name} does not run here: ${(error as Error).message}`, { cause: error });
  });
  return {
    id: { name, engine },
    backend: tfjsBackend(tf, { host: exact }),
    exact,
    found: [`backend ${name}: ${engine}`, ...explainAttempts(attempts).split("\n")],
  };
};

/** A run goes on where it was begun: elsewhere its numbers would be others. */
export const checkSameBackend = (before: BackendId | undefined, now: BackendId | undefined): void => {
  const told = (id: BackendId | undefined): string => (id ? `${id.name} (${id.engine})` : "wasm");
  if (told(before) !== told(now))
    throw new LabError(
      "usage",
      `the run was computed by ${told(before)} and would go on by ${told(now)}, with other numbers; resume it where the former runs, or start a new run`,
    );
};
