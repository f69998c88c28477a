import { printProgram } from "@ansatz/backend";
import { explain as explainWasm } from "@ansatz/backend-wasm/explain";
import { currentBackend } from "../core/backends";
import type { Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import { traceFunction } from "./jit";
import type { Likes } from "./types";

/**
 * What a function becomes when it is compiled for the given arguments: the program, and what the backend makes of it (fusion, memory, work
 * sent to the host).
 *
 * @example console.log(explain((x) => sum(exp(x)))([1, 2, 3]))
 */
export function explain(f: (x: Tensor) => unknown): (x: TensorLike) => string;
export function explain<A extends readonly unknown[]>(f: (...args: A) => unknown): (...args: Likes<A>) => string;
export function explain(f: (...args: never[]) => unknown): (...args: never[]) => string {
  return (...args: readonly unknown[]) => {
    const t = traceFunction(f, args, [], `explain(${f.name === "" ? "function" : f.name})`);
    const backend = currentBackend();
    const hidden = t.captured.length === 0 ? "" : `${t.captured.length} captured tensors lead the inputs\n`;
    const details = backend.explain?.(t.program) ?? explainWasm(backend, t.program) ?? `${backend.name}: no details`;
    return `${hidden}${printProgram(t.program)}\n${details}`;
  };
}
