import { type Backend, DomainError } from "@ansatz/backend";
import { wasmBackend } from "@ansatz/backend-wasm";
import { state } from "./state";

/** The backend for tensors that are not committed to one: WebAssembly, unless another was chosen. */
export const currentBackend = (): Backend => {
  state.backend ??= wasmBackend();
  return state.backend;
};

/** Makes `backend` the one where new tensors go; committed tensors stay where they are. */
export const useBackend = (backend: Backend): void => {
  state.backend = backend;
};

/** Runs `f` with another default backend; synchronous. */
export const withBackend = <T>(backend: Backend, f: () => T): T => {
  const before = state.backend;
  state.backend = backend;
  try {
    return synchronous("withBackend", f());
  } finally {
    state.backend = before;
  }
};

/** Refuses a promise from a callback whose surroundings end when it returns. */
export const synchronous = <T>(caller: string, result: T): T => {
  if (typeof result === "object" && result !== null && typeof (result as { then?: unknown }).then === "function")
    throw new DomainError(
      caller,
      "the callback must be synchronous",
      { returned: "a promise" },
      "do the awaiting outside: return tensors and await their data() after",
    );
  return result;
};
