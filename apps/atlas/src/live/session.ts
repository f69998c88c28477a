import { type ReadonlySignal, signal } from "@preact/signals";
import * as Comlink from "comlink";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { LiveWorker, PlainError, Report } from "./protocol";

/** The Worker through comlink: every method answers with a promise. (comlink's own type loses itself in generic arguments.) */
type Remote<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never;
};

export type Phase = "loading" | "ready" | "running" | "done" | "failed";

/** A run in a Worker, from the page's side. */
export interface Live {
  readonly phase: ReadonlySignal<Phase>;
  readonly step: ReadonlySignal<number>;
  /** Steps per second while it runs. */
  readonly rate: ReadonlySignal<number | undefined>;
  readonly backend: ReadonlySignal<string | undefined>;
  readonly backends: ReadonlySignal<readonly string[]>;
  readonly error: ReadonlySignal<Error | undefined>;
  start(): void;
  pause(): void;
  /** One step; pauses first. */
  single(): void;
  /** Back to step 0, paused. */
  reset(): void;
}

interface Options<Config, View, Frame> {
  spawn(): Worker;
  readonly config: Config;
  readonly view: View;
  /** A run begins: forget what was drawn. */
  onReset(): void;
  onFrame(frame: Frame): void;
}

const toError = ({ name, message, stack }: PlainError): Error => Object.assign(new Error(message), { name, stack });

// Long: a GPU's driver may compile the first programs of a run for half a minute.
const silenceMs = 60_000;

class Session<Config, View, Frame> implements Live {
  readonly phase = signal<Phase>("loading");
  readonly step = signal(0);
  readonly rate = signal<number | undefined>(undefined);
  readonly backend = signal<string | undefined>(undefined);
  readonly backends = signal<readonly string[]>([]);
  readonly error = signal<Error | undefined>(undefined);
  #worker: Worker | undefined;
  #remote: Remote<LiveWorker<Config, View, Frame>> | undefined;
  #run = 0;
  #wanted = false;
  /** The view the Worker knows, as text. */
  #told = "";
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(public options: Options<Config, View, Frame>) {}

  /** Begins a run with the configuration in `options`; goes on running if the one before did. */
  begin(run: boolean): void {
    this.#run++;
    this.#wanted = run;
    this.phase.value = "loading";
    this.error.value = undefined;
    this.rate.value = undefined;
    this.step.value = 0;
    this.options.onReset();
    try {
      this.#remote ??= this.#spawn();
    } catch (reason) {
      this.#fail(reason instanceof Error ? reason : new Error(String(reason)));
      return;
    }
    clearTimeout(this.#silence);
    this.#silence = setTimeout(
      () => this.#fail(new Error(`the Worker has not answered for ${silenceMs / 1000} seconds`)),
      silenceMs,
    );
    this.#told = JSON.stringify(this.options.view);
    void this.#remote.init(this.#run, this.options.config, this.options.view);
  }

  look(): void {
    const phase = this.phase.peek();
    if (phase === "loading" || phase === "failed") return; // told when the run is ready
    const view = JSON.stringify(this.options.view);
    if (view === this.#told) return;
    this.#told = view;
    void this.#remote?.look(this.options.view);
  }

  start(): void {
    const phase = this.phase.peek();
    // Asked for while it loads: it begins when it can.
    if (phase === "loading" || phase === "ready") this.#wanted = true;
    if (phase !== "ready") return;
    this.phase.value = "running";
    void this.#remote?.play();
  }

  pause(): void {
    this.#wanted = false;
    if (this.phase.peek() !== "running") return;
    this.phase.value = "ready";
    this.rate.value = undefined;
    void this.#remote?.pause();
  }

  single(): void {
    this.pause();
    if (this.phase.peek() === "ready") void this.#remote?.step();
  }

  reset(): void {
    this.begin(false);
  }

  dispose(): void {
    this.#run++;
    clearTimeout(this.#silence);
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#remote = undefined;
  }

  wantsToRun(): boolean {
    return this.#wanted;
  }

  #spawn(): Remote<LiveWorker<Config, View, Frame>> {
    const worker = this.options.spawn();
    this.#worker = worker;
    // A module that does not load or parse, or is forbidden by the policy, says so here and nowhere else.
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(new Error(event.message || "the Worker's script could not be loaded"));
    };
    worker.onmessageerror = () => this.#fail(new Error("a message of the Worker could not be read"));
    const remote = Comlink.wrap(worker) as unknown as Remote<LiveWorker<Config, View, Frame>>;
    void remote.connect(Comlink.proxy((report: Report<Frame>) => this.#hear(report)));
    return remote;
  }

  #hear(report: Report<Frame>): void {
    if (report.run !== this.#run) return;
    clearTimeout(this.#silence);
    if (report.kind === "ready") {
      this.backend.value = report.backend;
      this.backends.value = report.backends;
    } else if (report.kind === "frame") {
      this.step.value = report.step;
      this.rate.value = this.phase.peek() === "running" ? report.rate : undefined;
      this.options.onFrame(report.frame);
      if (this.phase.peek() === "loading") {
        this.phase.value = "ready"; // there is something to see
        this.look(); // the reader may have turned meanwhile
        if (this.#wanted) this.start();
      }
    } else if (report.kind === "done") {
      this.#wanted = false;
      this.rate.value = undefined;
      this.phase.value = "done";
    } else this.#fail(toError(report.error));
  }

  #fail(error: Error): void {
    this.dispose(); // a Worker that failed is not trusted again; "try again" starts a fresh one
    this.#wanted = false;
    this.rate.value = undefined;
    this.error.value = error;
    this.phase.value = "failed";
  }
}

/** A live run for a page: begins anew when the configuration changes, looks again when the view does, ends with the page. */
export const useLive = <Config, View, Frame>(options: Options<Config, View, Frame>): Live => {
  const first = useRef(options);
  const session = useMemo(() => new Session(first.current), []);
  session.options = options;
  const config = JSON.stringify(options.config);
  const view = JSON.stringify(options.view);
  // The configuration is compared by content
  useEffect(() => session.begin(session.wantsToRun()), [config]);
  // The view is compared by content
  useEffect(() => session.look(), [view]);
  useEffect(() => () => session.dispose(), [session]);
  return session;
};
