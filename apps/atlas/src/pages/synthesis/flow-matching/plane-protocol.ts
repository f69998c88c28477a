import type { PlaneOptions, Solver } from "@ansatz/experiments";
import type { FieldGrid, Paths } from "./plane-view";

/** What a run is made from: its numbers depend on these only. */
export interface PlaneConfig extends PlaneOptions {
  readonly backend: string;
}

/** How the reader looks at it; changing it does not touch the training. */
export interface PlaneLook {
  readonly method: Solver;
  readonly steps: number;
  readonly particles: number;
  readonly field: boolean;
  readonly own: readonly [x: number, y: number];
}

export interface PlaneFrame {
  /** Losses of the steps since the last frame. */
  readonly losses: Float32Array;
  /** Energy distances measured since the last frame. */
  readonly distances: readonly { readonly step: number; readonly value: number }[];
  /** Energy distance between two samples of the target. */
  readonly floor: number;
  /** Samples of the target; with the first frame only. */
  readonly target: Float32Array | undefined;
  readonly paths: Paths;
  readonly field: FieldGrid | undefined;
}
