import type { Solver } from "@ansatz/experiments";
import type { DigitBackend } from "./digits-backend";

/** What a run is made from: its numbers depend on these only. */
export interface DigitsConfig {
  readonly seed: number;
  readonly width: number;
  readonly learningRate: number;
  readonly batch: number;
  readonly backend: DigitBackend;
}

/** How the reader looks at it; changing it does not touch the training. */
export interface DigitsLook {
  readonly method: Solver;
  readonly steps: number;
  /** Samples of each class. */
  readonly rows: number;
}

/** Grey images in bytes, 0 is paper. */
export interface DigitGrid {
  readonly side: number;
  readonly rows: number;
  readonly columns: number;
  /** Moments of the flow, evenly spaced from noise to data. */
  readonly moments: number;
  /** [moments, rows, columns, side, side] */
  readonly pixels: Uint8Array;
}

export interface DigitsFrame {
  /** Losses of the steps since the last frame. */
  readonly losses: Float32Array;
  /** One digit of the training data per class, as [1, 1, 10, side, side]; with the first frame only. */
  readonly real: DigitGrid | undefined;
  readonly samples: DigitGrid;
  /** Digits generated per second, as measured for this frame. */
  readonly generated: number;
}
