import { existsSync } from "node:fs";
import type { Command } from "commander";
import { backendNames } from "../backend";
import { machine } from "../machine";
import { openCheckpoint } from "../run-folder";
import { version } from "../version";
import type { Context } from "./context";
import { kindOf } from "./context";

type Facts = Readonly<Record<string, unknown>>;

const checkpointFacts = async (path: string, state: "best" | "last"): Promise<Facts> => {
  const { path: file, checkpoint } = await openCheckpoint(path, state);
  const { arrays, config, position, average, best, ...rest } = checkpoint;
  const list = Object.entries(arrays).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    file,
    ...rest,
    epoch: position.epoch,
    loss: average.weight > 0 ? average.sum / average.weight : null,
    bestHeldOutLoss: best?.loss ?? null,
    bestStep: best?.step ?? null,
    config,
    numbers: list.reduce((n, [, a]) => n + a.data.length, 0),
    arrays: Object.fromEntries(list.map(([name, a]) => [name, `${a.dtype} [${a.shape.join(", ")}]`])),
  };
};

const lines = (facts: Facts, indent = ""): string =>
  Object.entries(facts)
    .map(([name, value]) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? `${indent}${name}:\n${lines(value as Facts, `${indent}  `)}`
        : `${indent}${name}: ${Array.isArray(value) ? value.join(", ") : value}\n`,
    )
    .join("");

export const addInfo = (program: Command, context: Context): void => {
  program
    .command("info")
    .description("Tell about a data set, a checkpoint, or (without argument) this machine.")
    .argument("[what]", "a data set's name, a run's folder or a .safetensors file")
    .option("--last", "of a run's folder, the last state and not the best")
    .option("--json", "as one JSON object")
    .action(async (what: string | undefined, flags: { json?: boolean; last?: boolean }) => {
      const facts: Facts =
        what === undefined
          ? { ansatz: version, ...machine(), backends: backendNames, datasets: Object.keys(context.kinds) }
          : Object.hasOwn(context.kinds, what)
            ? await kindOf(context, what).describe()
            : existsSync(what) || /[./\\]/.test(what)
              ? await checkpointFacts(what, flags.last ? "last" : "best")
              : await kindOf(context, what).describe();
      context.stdout.write(flags.json ? `${JSON.stringify(facts)}\n` : lines(facts));
    });
};
