import { Command, CommanderError } from "commander";
import type { Context } from "./commands/context";
import { addInfo } from "./commands/info";
import { addSample } from "./commands/sample";
import { addTrain } from "./commands/train";
import { exitCodes, LabError } from "./errors";
import type { JobKind } from "./job";
import { version } from "./version";

/** The `lab` command: reads arguments, runs one command, returns the exit code (see `exitCodes`). */
export const main = async (argv: readonly string[], kinds: Readonly<Record<string, JobKind>>): Promise<number> => {
  const context: Context = { stdout: process.stdout, stderr: process.stderr, kinds, exitCode: exitCodes.ok };
  const program = new Command("lab")
    .description("Train, sample and inspect generative models from the command line.")
    .version(version)
    .exitOverride()
    .showHelpAfterError("(add --help for what there is)")
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      "after",
      `
Exit codes: 0 done, 1 a defect, 2 bad usage, 3 would overwrite something, 4 unreadable input,
5 cannot write, 6 the numbers failed, 130 interrupted (state saved), 143 terminated (state saved).`,
    );
  addTrain(program, context);
  addSample(program, context);
  addInfo(program, context);
  for (const command of program.commands) command.exitOverride().showHelpAfterError("(add --help for what there is)");
  try {
    await program.parseAsync([...argv]);
    return context.exitCode;
  } catch (error) {
    // Commander has told what was wrong, or printed the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (error instanceof LabError) {
      process.stderr.write(`lab: ${error.message}\n`);
      return error.exitCode;
    }
    process.stderr.write(`lab: unexpected failure\n${error instanceof Error ? error.stack : String(error)}\n`);
    return exitCodes.failure;
  }
};
