import { SingleBar } from "cli-progress";

export interface Progress {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  /** Training examples per second, lately. */
  readonly samplesPerSecond: number;
  readonly etaSeconds: number;
}

export type Event =
  | { readonly event: "start"; readonly step: number; readonly steps: number; readonly text: string }
  | ({ readonly event: "progress" } & Progress)
  | {
      readonly event: "checkpoint";
      readonly step: number;
      readonly heldOut: number;
      readonly best: boolean;
      readonly file: string;
    }
  | { readonly event: "note"; readonly text: string }
  | { readonly event: "done"; readonly step: number; readonly seconds: number; readonly text: string };

/** Where a long command tells what it is doing. */
export interface Reporter {
  /** Called often (about 20 times a second); decides itself what to show. */
  tick(progress: Progress): void;
  /** Called for what should stay on record. */
  tell(event: Event): void;
  close(): void;
}

export interface Output {
  write(text: string): unknown;
}

const two = (n: number): string => String(n).padStart(2, "0");

/** 75 → "1m15s" */
export const duration = (seconds: number): string => {
  if (!Number.isFinite(seconds)) return "?";
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m${two(s % 60)}s`;
  return `${Math.floor(s / 3600)}h${two(Math.floor((s % 3600) / 60))}m`;
};

const number = (x: number): string => (x >= 1e4 ? x.toExponential(3) : x.toFixed(4));

/** An event as a line for people. */
export const lineOf = (e: Event): string => {
  switch (e.event) {
    case "start":
    case "note":
    case "done":
      return e.text;
    case "progress":
      return `step ${e.step}/${e.steps}  loss ${number(e.loss)}  ${Math.round(e.samplesPerSecond)} samples/s  ETA ${duration(e.etaSeconds)}`;
    case "checkpoint":
      return `step ${e.step}  held-out loss ${number(e.heldOut)}${e.best ? "  (best)" : ""}  saved ${e.file}`;
  }
};

/** One JSON object per line, for programs. */
export const jsonReporter = (out: Output): Reporter => ({
  tick: () => undefined,
  tell: (event) => out.write(`${JSON.stringify(event)}\n`),
  close: () => undefined,
});

/** Plain lines, for files and pipes: no cursor, no colour, and progress not more often than every few seconds. */
export const lineReporter = (out: Output, everyMs = 5000): Reporter => {
  let last = performance.now();
  return {
    tick: () => undefined,
    tell: (event) => {
      if (event.event === "progress" && performance.now() - last < everyMs) return;
      last = performance.now();
      out.write(`${lineOf(event)}\n`);
    },
    close: () => undefined,
  };
};

/** Nothing but the end. */
export const quietReporter = (out: Output): Reporter => ({
  tick: () => undefined,
  tell: (event) => event.event === "done" && out.write(`${lineOf(event)}\n`),
  close: () => undefined,
});

/** A bar that stays at the bottom of the terminal, checkpoints as lines above it. */
export const barReporter = (stream: NodeJS.WriteStream): Reporter => {
  let bar: SingleBar | null = null;
  const stop = (): void => {
    bar?.stop();
    bar = null;
  };
  return {
    tick: (p) => {
      const payload = {
        shown: number(p.loss),
        speed: Math.round(p.samplesPerSecond),
        left: duration(p.etaSeconds),
      };
      if (!bar) {
        bar = new SingleBar({
          stream,
          format: "{bar} {percentage}%  {value}/{total}  loss {shown}  {speed} samples/s  ETA {left}",
          hideCursor: true,
          clearOnComplete: true,
          fps: 10,
          barsize: 24,
          // Our own listeners save first; cli-progress would put the cursor back and exit.
          gracefulExit: false,
        });
        bar.start(p.steps, p.step, payload);
      } else bar.update(p.step, payload);
    },
    tell: (event) => {
      if (event.event === "progress") return;
      stop();
      stream.write(`${lineOf(event)}\n`);
    },
    close: stop,
  };
};
