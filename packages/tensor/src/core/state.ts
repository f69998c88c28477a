import type { Backend } from "@ansatz/backend";
import { AnsatzError } from "@ansatz/backend";
import type { Cell } from "./cell";
import type { Trace } from "./trace";

/**
 * All mutable state of Ansatz in one place, shared by every copy of this package in a realm: a second copy adopts it when the protocol
 * agrees, and otherwise says so by name instead of mixing tensors that do not understand each other.
 */
export interface State {
  readonly protocol: number;
  readonly version: string;
  /** The interpreter that processes ops now; null is evaluation. */
  trace: Trace | null;
  /** Set by useBackend and withBackend; null until the default is first needed. */
  backend: Backend | null;
  /** Per-backend data of this package (executable caches, residency lists), made on demand. */
  readonly perBackend: WeakMap<Backend, unknown>;
  /** Cells made inside the innermost scope, or null outside scopes. */
  scope: Cell[] | null;
  /** Counts runs: pins of cells, ages of executables. */
  clock: number;
  /** The clock of the outermost run in progress, 0 outside: what it and the runs inside it (of a tap's callback) use is not spilled. */
  running: number;
  /** Programs compiled so far, for tests and reports. */
  compiles: number;
  debugNaNs: boolean;
  /** Numbers for things compared by identity in cache keys. */
  readonly ids: WeakMap<object, number>;
  nextId: number;
}

export const version = "0.1.0";
const protocol = 1;
const slot = Symbol.for("@ansatz/tensor");

const adopt = (): State => {
  const shared = globalThis as unknown as Record<symbol, State | undefined>;
  const theirs = shared[slot];
  if (theirs === undefined) {
    const mine: State = {
      protocol,
      version,
      trace: null,
      backend: null,
      perBackend: new WeakMap(),
      scope: null,
      clock: 0,
      running: 0,
      compiles: 0,
      debugNaNs: false,
      ids: new WeakMap(),
      nextId: 1,
    };
    shared[slot] = mine;
    return mine;
  }
  if (theirs.protocol !== protocol)
    throw new AnsatzError(
      "duplicate",
      "@ansatz/tensor",
      `two copies that cannot share tensors are loaded: ${theirs.version} (protocol ${theirs.protocol}) and ${version} (protocol ${protocol})`,
      undefined,
      "deduplicate @ansatz/tensor in your application (npm ls @ansatz/tensor)",
    );
  return theirs;
};

export const state: State = /* @__PURE__ */ adopt();

/** A number that stands for an object's identity. */
export const idOf = (x: object): number => {
  let id = state.ids.get(x);
  if (id === undefined) {
    id = state.nextId++;
    state.ids.set(x, id);
  }
  return id;
};
