import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { wasmBackend } from "@ansatz/backend-wasm";
import { type Command, Option } from "commander";
import { exitCodes, LabError } from "../errors";
import { explain, writeAtomic } from "../files";
import { classList, positiveInteger, seed } from "../flags";
import { Interruption } from "../interruption";
import { pngGrid } from "../png";
import { openCheckpoint } from "../run-folder";
import { type Context, kindOf } from "./context";

interface Flags {
  readonly classes?: readonly number[];
  readonly count: number;
  readonly steps: number;
  readonly solver: "euler" | "heun";
  readonly seed: number;
  readonly out?: string;
  readonly force?: boolean;
  readonly state: "best" | "last";
  readonly columns?: number;
  readonly scale: number;
  readonly json?: boolean;
}

const exists = async (path: string): Promise<boolean> => {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return false;
    throw new LabError("output", `cannot write ${path}: ${explain(error)}`, { cause: error });
  }
};

const run = async (path: string, flags: Flags, context: Context): Promise<number> => {
  const { path: file, checkpoint } = await openCheckpoint(path, flags.state);
  const kind = kindOf(context, checkpoint.config.dataset);
  const classes = flags.classes ?? Array.from({ length: kind.classes }, (_, i) => i);
  const strange = classes.find((c) => c >= kind.classes);
  if (strange !== undefined)
    throw new LabError("usage", `--classes: ${kind.dataset} has the classes 0 to ${kind.classes - 1}, not ${strange}`);
  const out = flags.out ?? join(dirname(file), "samples.png");
  // Asked before the work and not after it.
  if (!flags.force && (await exists(out)))
    throw new LabError("exists", `${out} is there already; replace it with --force, or choose another --out`);
  using interruption = new Interruption(() => undefined);
  const job = await kind.create(checkpoint.config, wasmBackend());
  if (job.model !== checkpoint.model)
    throw new LabError("input", `${file} holds another model: ${checkpoint.model || "(unnamed)"}, not ${job.model}`);
  const labels = classes.flatMap((c) => new Array<number>(flags.count).fill(c));
  const start = performance.now();
  const tty = context.stderr.isTTY && !flags.json;
  const images = await job.sample(await job.load(checkpoint.arrays), {
    labels,
    steps: flags.steps,
    solver: flags.solver,
    seed: flags.seed,
    signal: interruption.signal,
    onProgress: (done) => tty && context.stderr.write(`\r${done}/${labels.length} images`),
  });
  if (tty) context.stderr.write("\r\u001b[K");
  if (interruption.signal.aborted) return interruption.exitCode;
  await writeAtomic(out, pngGrid(images, { columns: flags.columns ?? flags.count, scale: flags.scale }));
  const seconds = (performance.now() - start) / 1000;
  context.stdout.write(
    flags.json
      ? `${JSON.stringify({ event: "sampled", images: images.count, seconds, file: out, step: checkpoint.step })}\n`
      : `${images.count} images (step ${checkpoint.step}, ${flags.solver}, ${flags.steps} steps) in ${seconds.toFixed(1)} s: ${out}\n`,
  );
  return exitCodes.ok;
};

export const addSample = (program: Command, context: Context): void => {
  program
    .command("sample")
    .description("Draw images from a trained model into one PNG: a row per class.")
    .argument("<checkpoint>", "a run's folder, or a .safetensors file in it")
    .option("--classes <list>", "such as 0-9 or 3,5 (default: all)", classList)
    .option("--count <n>", "images per class", positiveInteger, 8)
    .option("--steps <n>", "steps of the solver", positiveInteger, 50)
    .addOption(new Option("--solver <name>", "of the flow's equation").choices(["euler", "heun"]).default("heun"))
    .option("--seed <n>", "key of the noise that the flow starts from", seed, 0)
    .addOption(new Option("--state <which>", "of a run's folder").choices(["best", "last"]).default("best"))
    .option("--out <file>", "the PNG (default: samples.png beside the checkpoint)")
    .option("--force", "replace the PNG")
    .option("--columns <n>", "images per row (default: --count)", positiveInteger)
    .option("--scale <n>", "screen pixels per pixel", positiveInteger, 3)
    .option("--json", "one JSON object on standard output")
    .action(async (path: string, flags: Flags) => {
      context.exitCode = await run(path, flags, context);
    });
};
