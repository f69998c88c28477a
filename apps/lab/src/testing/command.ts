import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, beforeEach, vi } from "vitest";

/** Bundles an entry of this package from its sources into one script; returns its path. */
const bundleEntry = async (entry: URL, folder: string): Promise<string> => {
  const outfile = join(folder, "cli.mjs");
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["@ansatz/source"],
    logLevel: "error",
    // Dependencies in CommonJS ask for Node's modules by require.
    banner: {
      js: `import { createRequire as requireMaker } from "node:module"; const require = requireMaker(import.meta.url);`,
    },
  });
  return outfile;
};

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when standard output holds the text. */
  shows(text: string): Promise<void>;
}

const start = (command: string, args: readonly string[], options: { cwd: string }): Started => {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  const waiting: { text: string; resolve: () => void; reject: (e: Error) => void }[] = [];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
    for (const w of waiting) if (stdout.includes(w.text)) w.resolve();
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve({ code, signal, stdout, stderr });
      for (const w of waiting) w.reject(new Error(`the command ended without showing ${w.text}\n${stdout}\n${stderr}`));
    });
  });
  return {
    child,
    ended,
    shows: (text) =>
      new Promise((resolve, reject) => {
        if (stdout.includes(text)) resolve();
        else waiting.push({ text, resolve, reject });
      }),
  };
};

/**
 * For a test file: the command, and a fresh folder to run it in for each test. Bundled once it starts in a tenth of a second; unbundled
 * it finds the files that packages bring along.
 */
export const commandLine = (entry: URL, options: { readonly bundled: boolean } = { bundled: true }) => {
  let base = "";
  let node: readonly string[] = [];
  let folder = "";
  vi.setConfig({ testTimeout: options.bundled ? 60_000 : 300_000 });
  beforeAll(async () => {
    base = mkdtempSync(join(tmpdir(), "lab-"));
    node = options.bundled
      ? [await bundleEntry(entry, base)]
      : ["--conditions=@ansatz/source", "--import", import.meta.resolve("tsx"), fileURLToPath(entry)];
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));
  beforeEach(() => {
    folder = mkdtempSync(join(base, "case-"));
  });
  const lab = (...args: string[]): Started => start(process.execPath, [...node, ...args], { cwd: folder });
  return {
    cwd: (): string => folder,
    bytes: (path: string): Buffer => readFileSync(join(folder, path)),
    lab,
    ran: (...args: string[]): Promise<Ended> => lab(...args).ended,
    /** Runs the command as `"$@"` of a bash script. */
    script: (text: string, ...args: string[]): Started =>
      start("bash", ["-c", text, "bash", process.execPath, ...node, ...args], { cwd: folder }),
  };
};
