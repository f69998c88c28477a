/** What a page's Worker computes: an experiment that advances step by step and can be looked at between steps. */
export interface LiveExperiment<Config, View, Frame> {
  /** Backends it can run on here, the default first. */
  readonly backends: readonly string[];
  /** Builds a run from its configuration, at step 0. The numbers of a run depend on the configuration only. */
  start(config: Config): LiveRun<View, Frame> | Promise<LiveRun<View, Frame>>;
}

export interface LiveRun<View, Frame> {
  readonly backend: string;
  /** Steps made. */
  readonly step: number;
  /** The last step has been made. */
  readonly done: boolean;
  /** Makes one step. */
  advance(): void | Promise<void>;
  /** What to show now, seen through the reader's view; `transfer` lists buffers that may be handed over. */
  frame(view: View): Promise<FrameOf<Frame>> | FrameOf<Frame>;
  dispose(): void;
}

export interface FrameOf<Frame> {
  readonly frame: Frame;
  readonly transfer: Transferable[];
}

/** What the Worker reports. `run` counts the runs asked for: reports of an earlier run are stale. */
export type Report<Frame> =
  | { readonly kind: "ready"; readonly run: number; readonly backend: string; readonly backends: readonly string[] }
  | {
      readonly kind: "frame";
      readonly run: number;
      readonly frame: Frame;
      readonly step: number;
      /** Steps per second of this session of running, and only while it runs. */
      readonly rate: number | undefined;
    }
  | { readonly kind: "done"; readonly run: number }
  | { readonly kind: "failed"; readonly run: number; readonly error: PlainError };

export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

export const plainError = (reason: unknown): PlainError =>
  reason instanceof Error
    ? { name: reason.name, message: reason.message, stack: reason.stack }
    : { name: "Error", message: String(reason), stack: undefined };

/** The Worker as the page sees it (through comlink). */
export interface LiveWorker<Config, View, Frame> {
  connect(listener: (report: Report<Frame>) => void): void;
  init(run: number, config: Config, view: View): Promise<void>;
  play(): void;
  pause(): void;
  step(): Promise<void>;
  look(view: View): Promise<void>;
}
