export * as asm from "./asm";
export { type WasmBackend, type WasmOptions, wasmBackend } from "./backend";
export type { KernelContext, WasmKernel } from "./kernel";
export { gemmScratchBytes } from "./runtime";
