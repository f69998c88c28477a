import type { BackendId } from "./backend";
import type { Checkpoint } from "./checkpoint";
import { LabError } from "./errors";
import type { TrainConfig, TrainJob } from "./job";
import { machine } from "./machine";
import { type Metrics, type MetricsRow, rowEvery } from "./metrics";
import type { Reporter } from "./reporter";
import { duration } from "./reporter";
import type { RunFolder } from "./run-folder";
import { files } from "./run-folder";
import { version } from "./version";

export interface TrainRequest<S> {
  readonly job: TrainJob<S>;
  readonly config: TrainConfig;
  readonly folder: RunFolder;
  readonly from: { readonly checkpoint: Checkpoint; readonly metrics: Metrics | null } | null;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  /** What computes, where that is not the built-in backend. */
  readonly backend?: BackendId;
  /** The loop gives way to timers and signals after about so many milliseconds. */
  readonly chunkMs?: number;
}

export interface TrainResult {
  readonly step: number;
  readonly finished: boolean;
  readonly heldOut: number | null;
}

const decay = 0.99;

/** The loop around a job: chunks of steps, checkpoints, metrics, a request to stop. None of it has a say in the numbers. */
export const train = async <S>(request: TrainRequest<S>): Promise<TrainResult> => {
  const { job, config, folder, from, reporter, signal, chunkMs = 50 } = request;
  const perEpoch = Math.floor(job.count / config.batch);
  let state: S = from ? await job.load(from.checkpoint.arrays) : await job.init();
  let step = from?.checkpoint.step ?? 0;
  let average = from?.checkpoint.average ?? { sum: 0, weight: 0 };
  let best = from?.checkpoint.best ?? null;
  const history: MetricsRow[] = (from?.metrics?.history ?? []).filter((row) => row.step <= step);
  // Seconds are scaled back with the steps that a crash lost.
  const before =
    from?.metrics && from.metrics.step > 0 ? from.metrics.seconds * Math.min(1, step / from.metrics.step) : 0;
  const every = rowEvery(config.steps);
  let spent = 0;
  let rate = 0;
  let heldOut: number | null = null;
  let saved = from ? step : -1;

  const loss = (): number => (average.weight > 0 ? average.sum / average.weight : Number.NaN);
  const progress = () => ({
    step,
    steps: config.steps,
    loss: loss(),
    samplesPerSecond: rate * config.batch,
    etaSeconds: (config.steps - step) / rate,
  });
  const snapshot = async (): Promise<Omit<Checkpoint, "version">> => ({
    model: job.model,
    config,
    step,
    position: { epoch: Math.floor(step / perEpoch), batch: step % perEpoch },
    average,
    best,
    ...(request.backend && { backend: request.backend }),
    arrays: await job.save(state),
  });
  const metrics = (): Metrics => {
    const seconds = before + spent;
    return {
      model: job.model,
      config,
      ...(request.backend && { backend: request.backend }),
      version,
      machine: machine(),
      step,
      seconds: Math.round(seconds * 100) / 100,
      samplesPerSecond: seconds > 0 ? Math.round((step * config.batch) / seconds) : 0,
      best,
      history,
    };
  };
  const save = async (): Promise<void> => {
    // The metrics first: rows beyond the state that a run is resumed from are dropped, missing ones could not be made again.
    await folder.saveMetrics(metrics());
    await folder.save("last", await snapshot());
    saved = step;
  };
  const checkpoint = async (): Promise<void> => {
    heldOut = job.evaluate(state);
    const improved = Number.isFinite(heldOut) && (best === null || heldOut < best.loss);
    if (improved) best = { loss: heldOut, step };
    if (history.at(-1)?.step === step) history[history.length - 1] = { step, loss: loss(), heldOut };
    else history.push({ step, loss: loss(), heldOut });
    // The best first: if we are killed between the two, the last still leads here again.
    if (improved) await folder.save("best", await snapshot());
    await save();
    reporter.tell({ event: "checkpoint", step, heldOut, best: improved, file: files.last });
  };

  reporter.tell({
    event: "start",
    step,
    steps: config.steps,
    text: `${from ? `resuming ${job.model} at step ${step}` : `training ${job.model}`} of ${config.steps} steps, ${job.count} examples, batches of ${config.batch}`,
  });
  while (step < config.steps && !signal.aborted) {
    const start = performance.now();
    const first = step;
    let due = false;
    do {
      const done = job.step(state);
      state = done.state;
      step++;
      average = { sum: decay * average.sum + (1 - decay) * done.loss, weight: decay * average.weight + (1 - decay) };
      if (!Number.isFinite(done.loss))
        throw new LabError(
          "diverged",
          `the loss became ${done.loss} at step ${step}; the last checkpoint is unharmed; resume from it with a lower --lr`,
        );
      if (step % every === 0) history.push({ step, loss: loss() });
      due = step % config.checkpointEvery === 0 || step === config.steps;
    } while (!due && performance.now() - start < chunkMs && step % every !== 0);
    const seconds = (performance.now() - start) / 1000;
    spent += seconds;
    const now = (step - first) / seconds;
    rate = rate === 0 ? now : 0.9 * rate + 0.1 * now;
    reporter.tick(progress());
    if (step % every === 0) reporter.tell({ event: "progress", ...progress() });
    if (due) await checkpoint();
    // A turn of the event loop: timers, signals, the terminal.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const finished = step >= config.steps;
  if (saved !== step) await save();
  reporter.close();
  const seconds = before + spent;
  reporter.tell({
    event: "done",
    step,
    seconds,
    text: finished
      ? `done: ${step} steps in ${duration(seconds)}${best ? `, held-out loss ${best.loss.toFixed(4)} (best, step ${best.step})` : ""}, saved in ${folder.path}`
      : `stopped at step ${step} of ${config.steps}, saved in ${folder.path}; continue with --resume`,
  });
  return { step, finished, heldOut };
};
