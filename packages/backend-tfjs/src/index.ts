export { type TfjsBackend, type TfjsOptions, tfjsBackend } from "./backend";
export { type Answer, tfjsAnswer } from "./kernels";
export type { Tf } from "./tf";
