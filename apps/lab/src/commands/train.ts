import { useBackend } from "@ansatz/tensor";
import type { Command } from "commander";
import { backendNames, checkSameBackend, openBackend } from "../backend";
import { exitCodes, LabError } from "../errors";
import { positiveInteger, positiveNumber, seed } from "../flags";
import { Interruption } from "../interruption";
import type { JobKind, TrainConfig } from "../job";
import { barReporter, jsonReporter, lineReporter, quietReporter, type Reporter } from "../reporter";
import { RunFolder } from "../run-folder";
import { train } from "../train";
import type { Context } from "./context";
import { kindOf } from "./context";

interface Flags {
  readonly steps?: number;
  readonly epochs?: number;
  readonly batch?: number;
  readonly lr?: number;
  readonly size?: number;
  readonly components?: number;
  readonly hidden?: number;
  readonly layers?: number;
  readonly seed?: number;
  readonly checkpointEvery?: number;
  readonly out?: string;
  readonly resume?: boolean;
  readonly force?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
  readonly backend?: string;
}

/** What a resumed run may change: how long it goes on, how fast it learns, how often it saves. */
const changeable = ["steps", "lr", "checkpointEvery"] as const;
const fixed = ["size", "components", "hidden", "layers", "batch", "seed"] as const;

const stepsOf = (flags: Flags, batch: number, count: number): number | undefined => {
  if (flags.steps !== undefined && flags.epochs !== undefined)
    throw new LabError("usage", "--steps and --epochs say the same thing; give one of them");
  return flags.epochs === undefined ? flags.steps : flags.epochs * Math.floor(count / batch);
};

const newConfig = (kind: JobKind, flags: Flags): TrainConfig => {
  const given = Object.fromEntries(
    [...changeable, ...fixed].filter((k) => flags[k] !== undefined).map((k) => [k, flags[k]]),
  ) as Partial<TrainConfig>;
  const config = { dataset: kind.dataset, ...kind.defaults, ...given };
  if (config.batch > kind.count)
    throw new LabError("usage", `--batch ${config.batch} is more than the ${kind.count} training examples`);
  if (!kind.sizes.includes(config.size))
    throw new LabError("usage", `--size must be ${kind.sizes.join(" or ")} for ${kind.dataset}, not ${config.size}`);
  if (config.components > config.size ** 2)
    throw new LabError(
      "usage",
      `--components ${config.components} is more than the ${config.size ** 2} pixels of an image`,
    );
  return { ...config, steps: stepsOf(flags, config.batch, kind.count) ?? config.steps };
};

const resumedConfig = (kind: JobKind, flags: Flags, old: TrainConfig, step: number): TrainConfig => {
  if (old.dataset !== kind.dataset)
    throw new LabError("usage", `the checkpoint was trained on ${old.dataset}, not on ${kind.dataset}`);
  for (const name of fixed)
    if (flags[name] !== undefined && flags[name] !== old[name])
      throw new LabError(
        "usage",
        `a resumed run goes on as it began: --${name} is ${old[name]} there, not ${flags[name]}; leave the flag out, or start a new run`,
      );
  const steps = stepsOf(flags, old.batch, kind.count) ?? old.steps;
  if (steps < step)
    throw new LabError("usage", `the run has done ${step} steps already, more than the ${steps} asked for`);
  return {
    ...old,
    steps,
    lr: flags.lr ?? old.lr,
    checkpointEvery: flags.checkpointEvery ?? old.checkpointEvery,
  };
};

const reporterOf = (flags: Flags, context: Context): Reporter => {
  if (flags.json) return jsonReporter(context.stdout);
  if (flags.quiet) return quietReporter(context.stdout);
  return context.stderr.isTTY && context.stdout.isTTY ? barReporter(context.stderr) : lineReporter(context.stdout);
};

const run = async (dataset: string, flags: Flags, context: Context): Promise<number> => {
  if (flags.resume && flags.force)
    throw new LabError("usage", "--resume continues a run and --force replaces it; give one of them");
  const kind = kindOf(context, dataset);
  const folder = new RunFolder(flags.out ?? `runs/${dataset}`);
  const from = flags.resume ? await folder.resume() : null;
  const config = from
    ? resumedConfig(kind, flags, from.checkpoint.config, from.checkpoint.step)
    : newConfig(kind, flags);
  const before = from?.checkpoint.backend;
  const opened = await openBackend(flags.backend ?? before?.name ?? "wasm");
  if (from) checkSameBackend(before, opened.id);
  useBackend(opened.backend);
  if (!from) await folder.prepare({ force: flags.force ?? false });
  const reporter = reporterOf(flags, context);
  using interruption = new Interruption(() => {
    reporter.tell({ event: "note", text: "stopping after this step and saving (again to stop at once)" });
  });
  for (const text of opened.found) reporter.tell({ event: "note", text });
  reporter.tell({ event: "note", text: `loading ${dataset}` });
  const job = await kind.create(config, opened.exact);
  if (from && from.checkpoint.model !== job.model)
    throw new LabError(
      "input",
      `the checkpoint holds another model: ${from.checkpoint.model || "(unnamed)"}, not ${job.model}`,
    );
  try {
    const result = await train({
      job,
      config,
      folder,
      from,
      reporter,
      signal: interruption.signal,
      ...(opened.id && { backend: opened.id }),
    });
    return result.finished ? exitCodes.ok : interruption.exitCode;
  } finally {
    reporter.close();
  }
};

export const addTrain = (program: Command, context: Context): void => {
  const kinds = Object.values(context.kinds);
  const defaults = kinds[0]?.defaults;
  const also = (text: string, value: unknown): string => `${text} (default: ${value})`;
  program
    .command("train")
    .description("Train a generative model; safe to interrupt, kill and resume at any time.")
    .argument("<dataset>", kinds.map((k) => `${k.dataset}: ${k.description}`).join("; "))
    .option("--steps <n>", also("training steps", defaults?.steps), positiveInteger)
    .option("--epochs <n>", "instead of --steps: passes through the data", positiveInteger)
    .option("--batch <n>", also("examples per step", defaults?.batch), positiveInteger)
    .option("--lr <x>", also("peak learning rate", defaults?.lr), positiveNumber)
    .option("--size <n>", also("side of the images", defaults?.size), positiveInteger)
    .option("--components <n>", also("principal components to work in", defaults?.components), positiveInteger)
    .option("--hidden <n>", also("width of the hidden layers", defaults?.hidden), positiveInteger)
    .option("--layers <n>", also("number of hidden layers", defaults?.layers), positiveInteger)
    .option("--seed <n>", also("key of all randomness", defaults?.seed), seed)
    .option("--out <dir>", "folder of the run (default: runs/<dataset>)")
    .option("--checkpoint-every <n>", also("steps between checkpoints", defaults?.checkpointEvery), positiveInteger)
    .option("--resume", "continue the run in --out, with the same numbers as if it had never stopped")
    .option("--force", "replace the run in --out")
    .option(
      "--backend <name>",
      `where to compute: ${backendNames.join(", ")} (default: wasm, or that of the run resumed)`,
    )
    .option("--json", "one JSON object per line on standard output")
    .option("--quiet", "only the last line")
    .action(async (dataset: string, flags: Flags) => {
      context.exitCode = await run(dataset, flags, context);
    });
};
