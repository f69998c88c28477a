import * as nodeFs from "node:fs/promises";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FileSystem, removeLeftovers, writeAtomic } from "./files";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "files-"));
  path = join(folder, "state");
  await writeFile(path, "old");
});
afterEach(() => rm(folder, { recursive: true }));

const failure = (code: string): Error => Object.assign(new Error(`${code}: no`), { code });

/** A file system on which one operation fails, after `bytes` bytes have been written. */
const failing = (operation: "open" | "writeFile" | "sync" | "rename", code: string): FileSystem => ({
  ...nodeFs,
  open: (async (...args: Parameters<typeof nodeFs.open>) => {
    if (operation === "open") throw failure(code);
    const handle = await nodeFs.open(...args);
    return new Proxy(handle, {
      get: (target, name) => {
        if (name === "writeFile" && operation === "writeFile")
          return async (data: string) => {
            await target.write(data.slice(0, 2));
            throw failure(code);
          };
        if (name === "sync" && operation === "sync") return () => Promise.reject(failure(code));
        const value = Reflect.get(target, name, target) as unknown;
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }) as FileSystem["open"],
  rename: (...args) => (operation === "rename" ? Promise.reject(failure(code)) : nodeFs.rename(...args)),
});

test("a file is replaced whole, and no temporary file stays", async () => {
  await writeAtomic(path, "new");
  expect(await readFile(path, "utf8")).toBe("new");
  expect(await readdir(folder)).toEqual(["state"]);
});

test.each([
  ["open", "EACCES", /permission denied/],
  ["writeFile", "ENOSPC", /the disk is full/],
  ["writeFile", "EDQUOT", /quota/],
  ["sync", "EIO", /EIO/],
  ["rename", "EROFS", /read-only/],
] as const)(
  "when %s fails with %s the old file stays and nothing is left behind",
  async (operation, code, sentence) => {
    const writing = writeAtomic(path, "new", failing(operation, code));
    await expect(writing).rejects.toThrow(sentence);
    await expect(writing).rejects.toMatchObject({ exitCode: 5 });
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["state"]);
  },
);

test("the bytes are on the disk before the name is given, and the name before the writer returns", async () => {
  const order: string[] = [];
  const watched: FileSystem = {
    ...nodeFs,
    open: (async (...args: Parameters<typeof nodeFs.open>) => {
      const handle = await nodeFs.open(...args);
      const what = args[0] === folder ? "folder" : "file";
      return new Proxy(handle, {
        get: (target, name) => {
          if (name === "sync" || name === "writeFile") order.push(`${String(name)} ${what}`);
          const value = Reflect.get(target, name, target) as unknown;
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    }) as FileSystem["open"],
    rename: (...args) => {
      order.push("rename");
      return nodeFs.rename(...args);
    },
  };
  await writeAtomic(path, "new", watched);
  expect(order).toEqual([
    "writeFile file",
    "sync file",
    "rename",
    ...(process.platform === "win32" ? [] : ["sync folder"]),
  ]);
});

test("only what a killed writer left is removed", async () => {
  for (const name of [".state.123.tmp", ".hidden", "a.tmp", ".notes.tmp"]) await writeFile(join(folder, name), "x");
  await removeLeftovers(folder);
  expect((await readdir(folder)).sort()).toEqual([".hidden", ".notes.tmp", "a.tmp", "state"]);
});
