import { fmod } from "./fmod";
import {
  argsortFunction,
  gemmFunction,
  gemmPackFunction,
  mathFunction,
  type RuntimeFunction,
  RuntimeModule,
  runtimeTableBytes,
  sortFunction,
  sortKeys,
} from "./index";
import type { Formula, Lane } from "./lanes";
import * as math from "./math";

/** The formulas that are functions of their own. */
export const formulas: readonly Formula[] = Object.values(math).filter((f) => f.made().own);
const lanes: readonly Lane[] = ["f64", "f64x2", "f32", "f32x4"];

/** Every function of the runtime. */
export const runtimeFunctions: readonly RuntimeFunction[] = [
  // The long reductions exist for numbers only.
  ...formulas.flatMap((f) =>
    lanes.filter((l) => l === "f64" || !f.name.endsWith("Far")).map((lane) => mathFunction(f, lane)),
  ),
  { ...fmod, add: (r) => r.helper(fmod) },
  ...(["f32", "f64"] as const).flatMap((type) => [gemmFunction(type), gemmPackFunction(type)]),
  ...sortKeys.flatMap((key) => [sortFunction(key), argsortFunction(key)]),
];

export const runtimeFunction = (name: string): RuntimeFunction => {
  const found = runtimeFunctions.find((f) => f.name === name);
  if (!found) throw new Error(`the runtime has no ${name}`);
  return found;
};

/** All of them in one module. */
export const wholeRuntime = (tables: number, options?: { readonly names?: boolean }): Uint8Array => {
  const r = new RuntimeModule(tables, options);
  for (const f of runtimeFunctions) r.export(f);
  return r.module.finish();
};

/** A runtime over a memory of its own, for tests; the first free address follows its tables. */
export function testRuntime(pages = 16) {
  const memory = new WebAssembly.Memory({ initial: pages });
  const module = new WebAssembly.Module(wholeRuntime(1024, { names: true }) as BufferSource);
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as never as {
    readonly [name: string]: (...args: number[]) => number;
  };
  const call = (name: string, ...args: number[]): number => {
    const f = exports[name];
    if (!f) throw new Error(`the runtime exports no ${name}`);
    return f(...args);
  };
  return { memory, exports, call, heap: 1024 + Math.ceil(runtimeTableBytes / 64) * 64 };
}
