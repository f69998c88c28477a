import { type ReadonlySignal, useSignal } from "@preact/signals";
import { type Phase, useLive } from "./session";

export interface Answered<Frame> {
  /** The latest answer; the one before stays until the next comes. */
  readonly frame: ReadonlySignal<Frame | undefined>;
  readonly phase: ReadonlySignal<Phase>;
  readonly error: ReadonlySignal<Error | undefined>;
  retry(): void;
}

/** Asks a Worker that serves `answers`: anew when the configuration changes, again when the view does (views that come too fast are skipped). */
export const useAnswer = <Config, View, Frame>(asked: {
  spawn(): Worker;
  readonly config: Config;
  readonly view: View;
}): Answered<Frame> => {
  const frame = useSignal<Frame | undefined>(undefined);
  const live = useLive<Config, View, Frame>({
    ...asked,
    onReset: () => {},
    onFrame: (answer) => {
      frame.value = answer;
    },
  });
  return { frame, phase: live.phase, error: live.error, retry: () => live.reset() };
};
