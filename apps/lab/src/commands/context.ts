import { LabError } from "../errors";
import type { JobKind } from "../job";

/** What the commands get from outside: streams and data sets. */
export interface Context {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly kinds: Readonly<Record<string, JobKind>>;
  exitCode: number;
}

export const kindOf = (context: Context, dataset: string): JobKind => {
  const kind = Object.hasOwn(context.kinds, dataset) ? context.kinds[dataset] : undefined;
  if (!kind)
    throw new LabError(
      "usage",
      `there is no data set called ${dataset}; there is ${Object.keys(context.kinds).join(", ")}`,
    );
  return kind;
};
