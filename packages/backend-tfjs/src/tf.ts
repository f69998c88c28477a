import type * as module from "@tensorflow/tfjs";

/** The injected module: `@tensorflow/tfjs`, `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu`, whole. */
export type Tf = typeof module;
export type Tensor = module.Tensor;

/** What of a WebGL engine runs a fragment program of ours (MathBackendWebGL.compileAndRun). */
export interface FragmentProgram {
  readonly variableNames: string[];
  readonly outputShape: number[];
  readonly userCode: string;
}
