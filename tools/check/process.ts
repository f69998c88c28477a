import { spawn } from "node:child_process";
import { delimiter, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "../..");
const path = [resolve(root, "node_modules/.bin"), process.env.PATH].join(delimiter);
const env = { ...process.env, PATH: path, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };

/** Runs a program from the workspace's root; `live` shows its output as it comes instead of returning it. */
export function run(program: string, args: readonly string[], live = false): Promise<{ code: number; output: string }> {
  return new Promise((done, fail) => {
    const stdio = live ? "inherit" : (["ignore", "pipe", "pipe"] as const);
    const child = spawn(program, args, { cwd: root, env, stdio: stdio as "pipe" });
    let output = "";
    child.stdout?.on("data", (chunk) => (output += chunk));
    child.stderr?.on("data", (chunk) => (output += chunk));
    child.on("error", fail);
    child.on("close", (code) => done({ code: code ?? 1, output }));
  });
}

/** The output of a program, line by line, if it failed; nothing if it did well. */
export async function command(program: string, ...args: string[]): Promise<string[]> {
  const { code, output } = await run(program, args);
  return code === 0 ? [] : [...output.trimEnd().split("\n"), `${program} ended with code ${code}`];
}

/** Files git tracks or would track, as paths from the root. */
export async function trackedFiles(...patterns: string[]): Promise<string[]> {
  const { code, output } = await run("git", ["ls-files", "-co", "--exclude-standard", "-z", "--", ...patterns]);
  if (code !== 0) throw new Error(`git ls-files failed: ${output}`);
  return output.split("\0").filter(Boolean);
}
