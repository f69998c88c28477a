import type { LiveExperiment, LiveRun, LiveWorker, Report } from "./protocol";
import { plainError } from "./protocol";

/** Steps are made in chunks of about this long; between chunks the Worker listens. */
const chunkMs = 50;
/** No more often than this is the page given something to draw. */
const frameMs = 100;

type Breathe = () => Promise<void>;

/** Lets the messages that wait be handled. Not a timer: nested timers are held back by 4 ms. */
export const messageBreath = (): Breathe => {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      port2.postMessage(null);
    });
};

type Send<Frame> = (report: Report<Frame>, transfer: Transferable[]) => void | Promise<void>;

/**
 * Runs an experiment inside a Worker. The page's wishes arrive between chunks of steps; what a run computes does not depend
 * on where the chunks end, for frames only look.
 */
export class LiveHost<Config, View, Frame> implements LiveWorker<Config, View, Frame> {
  #send: Send<Frame> = () => {};
  #run: LiveRun<View, Frame> | undefined;
  #number = -1;
  #view: View | undefined;
  #playing = false;
  /** Advancing and looking take turns: both await. */
  #turn: Promise<unknown> = Promise.resolve();
  #looking = false;

  constructor(
    private readonly experiment: LiveExperiment<Config, View, Frame>,
    private readonly transferring: <T>(value: T, transfer: Transferable[]) => T,
    private readonly breathe: Breathe,
  ) {}

  connect(listener: (report: Report<Frame>) => void): void {
    this.#send = (report, transfer) => listener(this.transferring(report, transfer));
  }

  async init(number: number, config: Config, view: View): Promise<void> {
    this.#number = number;
    this.#view = view;
    this.#playing = false;
    await this.#inTurn(number, async () => {
      this.#run?.dispose();
      this.#run = undefined;
      const run = await this.experiment.start(config);
      if (number !== this.#number) return run.dispose();
      this.#run = run;
      await this.#send({ kind: "ready", run: number, backend: run.backend, backends: this.experiment.backends }, []);
      await this.#show(number, run, undefined);
    });
  }

  play(): void {
    if (this.#playing || !this.#run || this.#run.done) return;
    this.#playing = true;
    void this.#loop(this.#number, this.#run);
  }

  pause(): void {
    this.#playing = false;
  }

  async step(): Promise<void> {
    this.#playing = false;
    const number = this.#number;
    await this.#inTurn(number, async () => {
      const run = this.#run;
      if (!run || run.done) return;
      await run.advance();
      await this.#show(number, run, undefined);
      if (run.done) await this.#send({ kind: "done", run: number }, []);
    });
  }

  async look(view: View): Promise<void> {
    this.#view = view;
    if (this.#playing || this.#looking) return; // the next frame shows it
    this.#looking = true;
    const number = this.#number;
    await this.breathe();
    await this.#inTurn(number, async () => {
      this.#looking = false;
      if (this.#run) await this.#show(number, this.#run, undefined);
    });
    this.#looking = false;
  }

  async #loop(number: number, run: LiveRun<View, Frame>): Promise<void> {
    let shown = performance.now();
    let steps = run.step;
    let rate: number | undefined;
    let wait = frameMs;
    while (this.#playing && number === this.#number) {
      await this.#inTurn(number, async () => {
        const until = performance.now() + chunkMs;
        do {
          await run.advance();
        } while (!run.done && performance.now() < until);
        const now = performance.now();
        if (now - shown >= wait || run.done) {
          const measured = ((run.step - steps) * 1000) / (now - shown);
          rate = rate === undefined ? measured : 0.7 * rate + 0.3 * measured;
          await this.#show(number, run, rate);
          // A costly picture comes more rarely: looking takes no more than a third of the time.
          wait = Math.max(frameMs, 3 * (performance.now() - now));
          shown = now;
          steps = run.step;
        }
        if (run.done) {
          this.#playing = false;
          await this.#send({ kind: "done", run: number }, []);
        }
      });
      await this.breathe();
    }
    // The steps since the last frame.
    if (this.#run === run && run.step > steps) await this.#inTurn(number, () => this.#show(number, run, undefined));
  }

  async #show(number: number, run: LiveRun<View, Frame>, rate: number | undefined): Promise<void> {
    const { frame, transfer } = await run.frame(this.#view as View);
    // Awaits the page's answer: a page that falls behind is not buried in frames.
    if (number === this.#number)
      await this.#send({ kind: "frame", run: number, frame, step: run.step, rate }, transfer);
  }

  #inTurn(number: number, work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(async () => {
      if (number !== this.#number) return;
      try {
        await work();
      } catch (reason) {
        this.#playing = false;
        this.#run?.dispose();
        this.#run = undefined;
        await this.#send({ kind: "failed", run: number, error: plainError(reason) }, []);
      }
    });
    this.#turn = mine;
    return mine;
  }
}
