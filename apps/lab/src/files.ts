import * as nodeFs from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { LabError } from "./errors";

/** What writing needs of a file system; tests put one in that fails. */
export type FileSystem = Pick<typeof nodeFs, "open" | "rename" | "unlink" | "mkdir" | "readdir" | "readFile">;

interface SystemError extends Error {
  readonly code?: string;
}

const sentences: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than allowed here",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOENT: "there is no such file or folder",
  ENOTDIR: "a part of the path is no folder",
  EISDIR: "it is a folder",
  EMFILE: "too many open files",
};

export const explain = (error: unknown): string => {
  const { code, message } = error as SystemError;
  return (code && sentences[code]) ?? message;
};

const isCode = (error: unknown, ...codes: readonly string[]): boolean =>
  codes.includes((error as SystemError).code ?? "");

/** Makes sure that a rename outlives a power cut. Windows cannot open folders, and does not need to. */
const syncFolder = async (folder: string, fs: FileSystem): Promise<void> => {
  if (process.platform === "win32") return;
  const handle = await fs.open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const temporary = (path: string): string => join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);

/**
 * Writes a file whole or not at all: the bytes go to a temporary file in the same folder, are forced to the disk, and take the
 * name by a rename. Whatever fails, what bore the name before is untouched and the temporary file is removed.
 */
export const writeAtomic = async (path: string, bytes: Uint8Array | string, fs: FileSystem = nodeFs): Promise<void> => {
  const aside = temporary(path);
  try {
    const handle = await fs.open(aside, "w");
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.rename(aside, path);
    await syncFolder(dirname(path), fs);
  } catch (error) {
    await fs.unlink(aside).catch(() => undefined);
    throw new LabError("output", `cannot write ${path}: ${explain(error)}; what was there before is unchanged`, {
      cause: error,
    });
  }
};

/** Removes what a killed writer left behind: temporary files, by their pattern, and nothing else. */
export const removeLeftovers = async (folder: string, fs: FileSystem = nodeFs): Promise<void> => {
  for (const name of await fs.readdir(folder))
    if (/^\..+\.\d+\.tmp$/.test(name)) await fs.unlink(join(folder, name)).catch(() => undefined);
};

/** The names in a folder, or null where there is none. */
export const listFolder = async (path: string, fs: FileSystem = nodeFs): Promise<readonly string[] | null> => {
  try {
    return await fs.readdir(path);
  } catch (error) {
    if (isCode(error, "ENOENT")) return null;
    if (isCode(error, "ENOTDIR")) throw new LabError("exists", `${path} is a file, a folder was expected`);
    throw new LabError("output", `cannot use ${path}: ${explain(error)}`, { cause: error });
  }
};

export const makeFolder = async (path: string, fs: FileSystem = nodeFs): Promise<void> => {
  try {
    await fs.mkdir(path, { recursive: true });
  } catch (error) {
    throw new LabError("output", `cannot make the folder ${path}: ${explain(error)}`, { cause: error });
  }
};

export const readBytes = async (path: string, fs: FileSystem = nodeFs): Promise<Uint8Array> => {
  try {
    return await fs.readFile(path);
  } catch (error) {
    throw new LabError("input", `cannot read ${path}: ${explain(error)}`, { cause: error });
  }
};
