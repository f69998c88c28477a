import { buildRuntime, runtimeTableBytes } from "./index";

/** A runtime over a memory of its own, for tests; the first free address follows its tables. */
export function testRuntime(pages = 16) {
  const memory = new WebAssembly.Memory({ initial: pages });
  const module = new WebAssembly.Module(buildRuntime(1024, { names: true }) as BufferSource);
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
