import type { BackendId } from "./backend";
import type { TrainConfig } from "./job";

/** What `metrics.json` holds: for plots and for the record. Times differ from run to run; everything else is reproducible. */
export interface Metrics {
  readonly model: string;
  readonly config: TrainConfig;
  readonly backend?: BackendId;
  readonly version: string;
  readonly machine: Readonly<Record<string, string | number>>;
  /** Steps done. */
  readonly step: number;
  /** Seconds spent training, over all sessions, loading and compiling not counted. */
  readonly seconds: number;
  /** Training examples seen per second of those. */
  readonly samplesPerSecond: number;
  readonly best: { readonly loss: number; readonly step: number } | null;
  /** Averaged training loss at regular steps; at checkpoints also the held-out loss. */
  readonly history: readonly MetricsRow[];
}

export interface MetricsRow {
  readonly step: number;
  readonly loss: number;
  readonly heldOut?: number;
}

/** About 200 rows, whatever the length of the run. */
export const rowEvery = (steps: number): number => Math.max(1, Math.round(steps / 200));
