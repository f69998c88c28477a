import type { Backend } from "@ansatz/backend";
import { type ProfileOptions, profile as profileWasm } from "@ansatz/backend-wasm/profile";
import { currentBackend } from "../core/backends";
import { readRaw } from "../core/read";
import type { Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import { flattenInto } from "../trees/structure";
import { traceFunction } from "./jit";
import { leafTensor } from "./signature";
import type { Likes } from "./types";

/**
 * Where the time of a compiled function goes: the steps that `explain` shows, each with its calls, its time and its share. The function
 * is compiled anew with a mark behind every step and run with these arguments, twenty times to warm up and twenty times measured.
 *
 * @throws {BackendError} the current backend is not the wasm one
 * @example console.log(await profile((x) => sum(exp(x)))(linspace(0, 1, 1000)))
 */
export function profile(f: (x: Tensor) => unknown, o?: ProfileOptions): (x: TensorLike) => Promise<string>;
export function profile<A extends readonly unknown[]>(
  f: (...args: A) => unknown,
  o?: ProfileOptions,
): (...args: Likes<A>) => Promise<string>;
export function profile(
  f: (...args: never[]) => unknown,
  options?: ProfileOptions,
): (...args: never[]) => Promise<string> {
  return async (...args: readonly unknown[]) => {
    const origin = `profile(${f.name === "" ? "function" : f.name})`;
    const backend: Backend = currentBackend();
    const { program, captured } = traceFunction(f, args, [], origin);
    const leaves: unknown[] = [];
    for (const a of args) flattenInto(a, leaves, origin);
    const values = [...captured, ...leaves.map((x) => leafTensor(x, origin))];
    const data = await Promise.all(values.map((x) => readRaw(x, origin)));
    const inputs = values.map((x, i) => backend.upload(data[i], { shape: x.shape, dtype: x.dtype }));
    try {
      return profileWasm(backend, program, inputs, options).text;
    } finally {
      for (const b of inputs) backend.free(b);
    }
  };
}
