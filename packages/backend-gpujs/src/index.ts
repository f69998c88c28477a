export { type GpujsBackend, type GpujsOptions, gpujsBackend } from "./backend";
export { gpujsAnswer } from "./kernels";
