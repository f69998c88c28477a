export { type GpujsBackend, type GpujsOptions, gpujsBackend } from "./backend";
