import { PauseIcon, PlayIcon, ResetIcon, StepIcon } from "../app/icons";
import type { Phase } from "../live/session";
import { useShortcuts } from "../state/shortcuts";

export interface TransportProps {
  readonly phase: Phase;
  /** What it starts, as in "Start training". */
  readonly what: string;
  start(): void;
  pause(): void;
  step(): void;
  reset(): void;
}

/** Start, pause, single step and reset, with their keys. */
export function Transport({ phase, what, start, pause, step, reset }: TransportProps) {
  const running = phase === "running";
  const can = phase === "ready" || running;
  const toggle = (): void => {
    if (running) pause();
    else if (can || phase === "loading") start();
  };
  useShortcuts([
    { key: " ", label: `Start or pause ${what}`, run: toggle },
    { key: ".", label: "A single step", run: () => can && step() },
    { key: "r", label: "Reset", run: () => phase !== "loading" && reset() },
  ]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a toolbar has no element of its own
    <div class="transport" role="group" aria-label="Run">
      <button type="button" class="button primary" disabled={!can && phase !== "loading"} onClick={toggle}>
        {running ? <PauseIcon /> : <PlayIcon />}
        {running ? "Pause" : `Start ${what}`}
      </button>
      <button type="button" class="button" disabled={!can} onClick={step} title="A single step (.)">
        <StepIcon />
        Step
      </button>
      <button type="button" class="button" disabled={phase === "loading"} onClick={reset} title="Reset (r)">
        <ResetIcon />
        Reset
      </button>
    </div>
  );
}
