import * as nodeFs from "node:fs/promises";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint";
import { LabError } from "./errors";
import { explain, type FileSystem, listFolder, makeFolder, readBytes, removeLeftovers, writeAtomic } from "./files";
import type { Metrics } from "./metrics";

/** The files of a run. */
export const files = { last: "last.safetensors", best: "best.safetensors", metrics: "metrics.json" } as const;

/** A folder that holds one run: its last and best states and its metrics. Nothing in it is ever half written. */
export class RunFolder {
  constructor(
    readonly path: string,
    private readonly fs: FileSystem = nodeFs,
  ) {}

  /** Makes the folder ready for a new run: new, empty, or (by force) holding an older run, which is then deleted. */
  async prepare(options: { readonly force: boolean }): Promise<void> {
    const present = await listFolder(this.path, this.fs);
    if (present === null) await makeFolder(this.path, this.fs);
    else if (present.length > 0) {
      const ours = present.filter((name) => Object.values(files).some((f) => f === name));
      if (!options.force)
        throw new LabError(
          "exists",
          ours.length > 0
            ? `${this.path} already holds a run (${ours.join(", ")}); continue it with --resume, replace it with --force, or choose another --out`
            : `${this.path} is not empty; choose another --out, or use it anyway with --force`,
        );
      for (const name of ours) await this.fs.unlink(join(this.path, name));
    }
    // Found out now, not after the first thousand steps.
    const probe = join(this.path, `.probe.${process.pid}.tmp`);
    try {
      await (await this.fs.open(probe, "w")).close();
      await this.fs.unlink(probe);
    } catch (error) {
      throw new LabError("output", `cannot write in ${this.path}: ${explain(error)}`, { cause: error });
    }
  }

  /** The state to continue from. */
  async resume(): Promise<{ readonly checkpoint: Checkpoint; readonly metrics: Metrics | null }> {
    const present = await listFolder(this.path, this.fs);
    if (!present?.includes(files.last))
      throw new LabError(
        "input",
        `there is nothing to resume: ${join(this.path, files.last)} does not exist; start a run without --resume`,
      );
    const path = join(this.path, files.last);
    const checkpoint = decodeCheckpoint(await readBytes(path, this.fs), path);
    await removeLeftovers(this.path, this.fs);
    if (!present.includes(files.metrics)) return { checkpoint, metrics: null };
    try {
      const text = new TextDecoder().decode(await readBytes(join(this.path, files.metrics), this.fs));
      return { checkpoint, metrics: JSON.parse(text) as Metrics };
    } catch (error) {
      throw new LabError(
        "input",
        `${join(this.path, files.metrics)} cannot be read (${(error as Error).message}); move it away to resume without the history`,
      );
    }
  }

  save(which: "last" | "best", checkpoint: Omit<Checkpoint, "version">): Promise<void> {
    return writeAtomic(join(this.path, files[which]), encodeCheckpoint(checkpoint), this.fs);
  }

  saveMetrics(metrics: Metrics): Promise<void> {
    return writeAtomic(join(this.path, files.metrics), `${JSON.stringify(metrics, null, 1)}\n`, this.fs);
  }
}

/** The checkpoint at a path: a file, or a run's folder, of which the best state is taken unless the last is asked for. */
export const openCheckpoint = async (
  path: string,
  prefer: "best" | "last" = "best",
): Promise<{ readonly path: string; readonly checkpoint: Checkpoint }> => {
  const found = await stat(path).catch((error: unknown) => {
    throw new LabError("input", `cannot read ${path}: ${explain(error)}`, { cause: error });
  });
  let file = path;
  if (found.isDirectory()) {
    const present = (await listFolder(path)) ?? [];
    const order = prefer === "best" ? [files.best, files.last] : [files.last];
    const name = order.find((n) => present.includes(n));
    if (!name) throw new LabError("input", `${path} holds no checkpoint (${order.join(" or ")})`);
    file = join(path, name);
  }
  return { path: file, checkpoint: decodeCheckpoint(await readBytes(file), file) };
};
