export { type WasmBackend, type WasmOptions, type WasmStats, wasmBackend } from "./backend";
export type { KernelContext, WasmKernel } from "./kernel";
export type { CoreLowering } from "./lower/rule";
export { addGemm, type Formula, gemmFunction, gemmScratchBytes, type RuntimeFunction } from "./runtime";
