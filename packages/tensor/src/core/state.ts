import type { Backend } from "@ansatz/backend";
import { AnsatzError } from "@ansatz/backend";
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
  backend: Backend | null;
  /** Per-backend data of this package (executable caches, residency lists), made on demand. */
  readonly perBackend: WeakMap<Backend, unknown>;
}

export const version = "0.1.0";
const protocol = 1;
const slot = Symbol.for("@ansatz/tensor");

const shared = globalThis as unknown as Record<symbol, State | undefined>;

const found = shared[slot];
if (found && found.protocol !== protocol)
  throw new AnsatzError(
    "duplicate",
    "@ansatz/tensor",
    `two copies that cannot share tensors are loaded: ${found.version} (protocol ${found.protocol}) and ${version} (protocol ${protocol})`,
    undefined,
    "deduplicate @ansatz/tensor in your application (npm ls @ansatz/tensor)",
  );

const adopt = (): State => {
  const mine: State = { protocol, version, trace: null, backend: null, perBackend: new WeakMap() };
  const theirs = shared[slot];
  if (!theirs) shared[slot] = mine;
  return theirs ?? mine;
};

export const state: State = adopt();
